"""What carries CAP messages: Atom and RSS feeds, EDXL-DE 1.0, wrappers such as `<alerts>`. Cuts out each message's bytes."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from services.alerts.formats.model import Unreadable
from services.alerts.formats.upgrade import is_alert

_FORMS = {"feed": "atom", "rss": "rss", "RDF": "rss", "EDXLDistribution": "edxl-de"}
_ENTRIES = frozenset(("entry", "item", "contentObject"))


def form(root: etree._Element) -> str:
    """The name of what the body is."""
    return "cap" if is_alert(root) else _FORMS.get(_local(root), "wrapper")


def cut(root: etree._Element) -> Iterator[bytes | Unreadable]:
    """Each message inside, as its own document; each entry without one, with the reason."""
    if is_alert(root):
        yield etree.tostring(root, encoding="utf-8", with_tail=False)
    elif _local(root) in _ENTRIES:
        yield from _entry(root)
    else:
        for child in root:
            yield from cut(child)


def _entry(entry: etree._Element) -> Iterator[bytes | Unreadable]:
    found = [element for element in entry.iter(etree.Element) if is_alert(element)]
    if found:
        for alert in found:
            yield etree.tostring(alert, encoding="utf-8", with_tail=False)
        return
    for element in entry.iter(etree.Element):  # some feeds escape the message instead of nesting it
        text = (element.text or "").strip()
        if text.startswith("<") and "alert" in text[:1_000]:
            yield text.encode()
            return
    raw = etree.tostring(entry, encoding="utf-8", with_tail=False)
    links = [link.get("href") or (link.text or "").strip() for link in entry.iter(etree.Element) if _local(link) == "link"]
    if any(links):
        reason = f"the entry only links to {next(filter(None, links))[:200]}: fetch the CAP message and import that"
        yield Unreadable(reason, "feed.link_only", raw)
    else:
        yield Unreadable(f"the {_local(entry)} holds no CAP message", "feed.no_cap", raw)


def _local(element: etree._Element) -> str:
    name = element.tag
    return name.rpartition("}")[2] if isinstance(name, str) else ""
