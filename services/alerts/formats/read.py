"""Bytes in, messages out: the one door for everything that claims to be a warning. Never raises for what it is given.

Every message of a body becomes an item: a `Message` with its faults, or an `Unreadable` with its reason and its bytes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timezone

from lxml import etree

from services.alerts.formats import carriers, chinese
from services.alerts.formats.cap import Walk, fits, read_alert
from services.alerts.formats.model import Fault, Item, Message, NotUnderstood, Reading, Unreadable
from services.alerts.formats.safety import LIMITS, Limits, count_elements, parse, utf8
from services.alerts.formats.schema import MOST_FAULTS
from services.alerts.formats.slim import slim
from services.alerts.formats.times import CHINA
from services.alerts.formats.upgrade import is_alert

_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.I)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it; no database keeps it in a text
_NOTHING = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"  # blanks, zeros and byte order marks


def read_messages(
    body: bytes, content_type: str | None = None, *, offset: timezone = CHINA, whole: bool = False, limits: Limits = LIMITS
) -> Reading:
    """Read CAP 1.0 to 1.2, feeds and wrappers of it, and the JSON of Chinese feeds; the first letter tells which.

    `content_type` only names the charset. `offset` is the zone of times that have none. `whole` keeps `derefUri` contents and
    large geometry, for writing a message out again; without it a message fits an event.
    """
    charset = _charset(content_type)
    try:
        if len(body) > limits.body_bytes:
            raise NotUnderstood("limit.size", f"{len(body)} bytes; at most {limits.body_bytes} are read at once")
        start = body[:1_000].lstrip(_NOTHING)[:1]
        if start == b"<":
            return _xml(body, charset, offset, whole, limits)
        if start in (b"{", b"["):
            text, found = utf8(body, charset)
            if _NUL.search(text):
                raise NotUnderstood("json.nul", "a text of it holds the character NUL, which is none")
            return Reading(tuple(chinese.read_json(text, found, offset, limits)), "json")
        raise NotUnderstood("body.empty" if not body.strip(_NOTHING) else "body.unknown", "neither XML nor JSON begins here")
    except NotUnderstood as error:
        return Reading((Unreadable(error.reason, error.code, body),), "unknown")


def _charset(content_type: str | None) -> str | None:
    found = _CHARSET.search(content_type) if content_type else None
    return found[1].lower() if found else None


def _xml(body: bytes, charset: str | None, offset: timezone, whole: bool, limits: Limits) -> Reading:
    root, found, valid = _parsed(body, charset, limits)
    form = "cap" if valid else carriers.form(root)
    if form == "cap":
        return Reading((_message(root, body, Walk(offset, whole, found, valid), limits),), form)
    items = tuple(_carried(root, found, offset, whole, limits))
    if not items and form == "wrapper":
        raise NotUnderstood("xml.no_cap", f"no CAP message in <{str(root.tag)[:100]}>")
    return Reading(items, form)


def _parsed(body: bytes, charset: str | None, limits: Limits) -> tuple[etree._Element, list[Fault], bool]:
    """The tree, and whether it is a valid message as it stands. All else is read from an exact tree: blanks were signed, lie between
    the words of a text with markup, belong to the bytes of a message in a feed."""
    root, found = parse(body, charset, limits, bare=True)
    if is_alert(root):
        count_elements(root, len(body), limits)  # before the schema is asked: that is what costs
    if fits(root):
        return root, found, True
    return *parse(body, charset, limits), False


def _carried(root: etree._Element, found: list[Fault], offset: timezone, whole: bool, limits: Limits) -> Iterator[Item]:
    """Each message of a carrier is read from its own bytes, as though it had come alone: line numbers and digest are its own."""
    end = time.monotonic() + limits.seconds
    for n, piece in enumerate(carriers.cut(root)):
        if isinstance(piece, Unreadable):
            yield piece
        elif n >= limits.messages:
            yield Unreadable(f"more than {limits.messages} messages in one body", "limit.messages", piece)
        elif time.monotonic() > end:
            yield Unreadable(f"reading took longer than {limits.seconds:g} s", "limit.time", piece)
        else:
            try:
                alert, own, valid = _parsed(piece, "utf-8", limits)
                if not (valid or is_alert(alert)):
                    raise NotUnderstood("xml.no_cap", f"<{str(alert.tag)[:100]}> is no CAP message")
                yield _message(alert, piece, Walk(offset, whole, found + own, valid), limits)
            except NotUnderstood as error:
                yield Unreadable(error.reason, error.code, piece)


def _message(root: etree._Element, raw: bytes, walk: Walk, limits: Limits) -> Item:
    try:
        alert = read_alert(root, raw, walk)
        if not walk.whole:
            alert, notes = slim(alert, len(raw))
            walk.notes += notes
    except NotUnderstood as error:
        return Unreadable(error.reason, error.code, raw)
    return Message(alert, _few(walk.found), _few(walk.notes), raw)


def _few(faults: list[Fault]) -> tuple[Fault, ...]:
    if len(faults) <= MOST_FAULTS:
        return tuple(faults)
    return (*faults[: MOST_FAULTS - 1], Fault("faults.more", f"{len(faults) - MOST_FAULTS + 1} more"))
