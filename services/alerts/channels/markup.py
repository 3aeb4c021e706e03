"""HTML that escapes whatever is not HTML already."""

from __future__ import annotations

from html import escape

VOID = frozenset({"meta", "link", "input"})


class Html(str):
    """Markup made by `tag`; any other text is escaped when it is put into one."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: str | bool | None) -> Html:
    """An element. `class_` is written `class`; attributes that are False or None, and children that are None, are left out."""
    written = [name]
    for key, value in attributes.items():
        key = key.rstrip("_").replace("_", "-")
        if value is True:
            written.append(key)
        elif value is not None and value is not False:
            written.append(f'{key}="{escape(value)}"')
    opening = f"<{' '.join(written)}>"
    if name in VOID:
        return Html(opening)
    return Html(f"{opening}{''.join(_safe(child) for child in children if child is not None)}</{name}>")


def document(language: str, title: str, *body: str | None) -> Html:
    """A whole page. Its one style sheet comes from this node; it needs no script."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="robots", content="noindex"),
        tag("title", title),
        tag("link", rel="stylesheet", href="/answer.css"),
    )
    return Html("<!doctype html>\n" + tag("html", head, tag("body", *body), lang=language))


def _safe(child: str) -> str:
    return child if isinstance(child, Html) else escape(child)
