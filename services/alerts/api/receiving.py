"""A message as it was read becomes the short form that the event keeps; the rest stays in the raw bytes."""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec

from services.alerts.events.content import MessageReference
from services.alerts.events.message import MessageArea, MessageFault, MessageInfo, ReceivedMessage
from services.alerts.formats.geometry import bbox
from services.alerts.formats.model import CapArea, CapInfo, Message
from shared.geo.divisions import Divisions
from shared.handling.guard import masked

LANGUAGES = 20  # infos kept in the event
AREAS = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


def received(item: Message, digest: str, divisions: Divisions) -> ReceivedMessage:
    """The short form, personal values covered: they stay in the raw bytes. What names the message is kept as it came.

    Its division is the smallest that covers every known geocode.
    """
    cap = item.alert
    codes = {code for info in cap.infos for area in info.areas if area.geocodes for code in _codes(area, divisions)}
    return ReceivedMessage(
        identifier=cap.identifier,
        sender=cap.sender,
        sent=cap.sent,
        status=masked(cap.status),
        msg_type=masked(cap.msg_type),
        scope=masked(cap.scope),
        digest=digest,
        meaning=sha256(msgspec.json.encode(cap)).hexdigest(),
        references=tuple([MessageReference(r.sender, r.identifier, r.sent) for r in cap.references]),
        infos=tuple([_info(info) for info in cap.infos[:LANGUAGES]]),
        faults=tuple([MessageFault(f.code, masked(f.message)[:300], masked(f.path)) for f in item.faults]),
        source=masked(cap.source)[:100],
        division=divisions.common(codes) if codes else None,
        note=masked(cap.note)[:500],
    )


def media_type(content_type: str | None) -> str:
    """What of a Content-Type goes into an event: parameters are whatever the sender likes."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return masked(kind)[:100] if _MEDIA_TYPE.fullmatch(kind) else ""


def _info(info: CapInfo) -> MessageInfo:
    return MessageInfo(
        language=masked(info.language)[:40],
        event=masked(info.event)[:200],
        categories=tuple([masked(category)[:40] for category in info.categories[:20]]),
        event_code=masked(info.event_codes[0].value)[:40] if info.event_codes else "",
        severity=masked(info.severity)[:40],
        urgency=masked(info.urgency)[:40],
        certainty=masked(info.certainty)[:40],
        headline=masked(info.headline)[:500],
        sender_name=masked(info.sender_name)[:200],
        onset=info.onset or info.effective,
        expires=info.expires,
        areas=tuple([_area(area) for area in info.areas[:AREAS]]),
    )


def _area(area: CapArea) -> MessageArea:
    codes = tuple([(masked(g.name)[:60], masked(g.value)[:60]) for g in area.geocodes[:50]])
    south_west_north_east = area.withheld.bbox if area.withheld else bbox(area)
    box = None
    if south_west_north_east is not None:
        south, west, north, east = south_west_north_east
        box = (west, south, east, north)
    return MessageArea(masked(area.desc)[:200], codes, box)


def _codes(area: CapArea, divisions: Divisions) -> list[str]:
    """Division codes among the geocodes: as they stand, or the first six digits of a twelve-digit one."""
    known, found = divisions.units, []
    for geocode in area.geocodes:
        for value in geocode.value.replace(",", " ").split():
            code = value if value in known else value[:6] if len(value) == 12 and value.isdigit() else ""
            if code in known:
                found.append(code)
    return found
