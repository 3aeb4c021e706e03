"""The children of one CAP element, gathered by name in one pass whatever their order."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec
from lxml import etree

from services.alerts.formats import model as m
from services.alerts.formats.model import Fault, Named
from services.alerts.formats.schema import XSD
from services.alerts.formats.upgrade import NS

_NESTED = frozenset(("info", "area", "resource", "eventCode", "parameter", "geocode"))
_START = len(NS)
_LOCAL = {NS + name: name for name in re.findall(r'element name\s*=\s*"(\w+)"', XSD.read_text())}  # cheaper to look up than to cut out
_QUIET_WHEN_EMPTY = frozenset(("polygon",))  # the polygon reader says it better

NAMES = {
    name: {value.lower(): value for value in values}
    for name, values in (
        ("status", m.STATUSES), ("msgType", m.MESSAGE_TYPES), ("scope", m.SCOPES), ("category", m.CATEGORIES),
        ("responseType", m.RESPONSES), ("urgency", m.URGENCIES), ("severity", m.SEVERITIES), ("certainty", m.CERTAINTIES),
    )
}  # fmt: skip
NAMES["certainty"]["very likely"] = "Likely"  # CAP 1.0; 1.2, 3.2.2 says to read it so
_TAG = re.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*", re.I | re.ASCII)  # xs:language


class Fields(msgspec.Struct, gc=False):  # made for every element of every message
    """Texts by name, the further ones of a name that repeats, and nested elements by name."""

    texts: dict[str, str]
    more: dict[str, list[str]]
    nested: dict[str, list[etree._Element]]

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def all(self, name: str) -> tuple[str, ...]:
        if name not in self.texts:
            return ()
        return (self.texts[name], *self.more[name]) if name in self.more else (self.texts[name],)


def fields(element: etree._Element, path: str, found: list[Fault], valid: bool = False) -> Fields:
    """Gather; an element with nothing in it is a fault. In a `valid` message no text holds markup."""
    texts: dict[str, str] = {}
    more: dict[str, list[str]] = {}
    nested: dict[str, list[etree._Element]] = {}
    for child in element:
        tag = child.tag
        name = _LOCAL.get(tag) or tag[_START:]
        if name in _NESTED:
            if name in nested:
                nested[name].append(child)
            else:
                nested[name] = [child]
            continue
        text = child.text
        if not valid and len(child):
            text = "".join(map(str, child.itertext()))  # markup inside a text: keep its words
        text = text.strip() if text else ""
        if not text and name not in _QUIET_WHEN_EMPTY:
            found.append(Fault("element.empty", f"{name} is empty", f"{path}/{name}".lstrip("/")))
        if name not in texts:
            texts[name] = text
        elif name in more:
            more[name].append(text)
        else:
            more[name] = [text]
    return Fields(texts, more, nested)


def pairs(own: Fields, name: str, path: str, found: list[Fault], valid: bool = False) -> tuple[Named, ...]:
    """`valueName` and `value` of event codes, parameters or geocodes."""
    elements = own.nested.get(name)
    if not elements:
        return ()
    result = []
    for element in elements:
        if valid:  # two children in this order, says the schema
            first, second = element
            key, value = (first.text or "").strip(), (second.text or "").strip()
            if key and value:
                result.append(Named(key, value))
                continue
        pair = fields(element, f"{path}/{name}", found)
        result.append(Named(pair.text("valueName"), pair.text("value")))
    return tuple(result)


def one_of(name: str, text: str) -> str | None:
    """The standard's own spelling of a value, or None."""
    return NAMES[name].get(text.lower())


def language(text: str, path: str, found: list[Fault]) -> str:
    """The tag in the letters RFC 5646, 2.1.1 recommends (`zh-TW`, `zh-Hans-CN`); absent means en-US (CAP 1.2, 3.2.2)."""
    if not text:
        return "en-US"
    if "_" in text:
        found.append(Fault("language.underscore", f"{text[:20]} is written with an underscore", path + "/language"))
    tag = _tag(text)
    if tag is None:
        found.append(Fault("language.form", f"{text.replace('_', '-')[:20]!r} is no language tag", path + "/language"))
    return tag or "und"


@lru_cache(500)
def _tag(text: str) -> str | None:
    text = text.replace("_", "-")
    if _TAG.fullmatch(text) is None:
        return None
    first, *rest = text.split("-")
    by_length = {2: str.upper, 4: str.title}  # region, script
    return "-".join([first.lower(), *(by_length.get(len(part), str.lower)(part) for part in rest)])
