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
from shared.handling.guard import Cover, masked

LANGUAGES = 20  # infos kept in the event
AREAS = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


def received(item: Message, digest: str, divisions: Divisions, cover: Cover = masked) -> ReceivedMessage:
    """The short form, personal values covered: they stay in the raw bytes. What names the message is kept as it came.

    Its division is the smallest that covers every known geocode.
    """
    cap = item.alert
    codes = {code for info in cap.infos for area in info.areas if area.geocodes for code in _codes(area, divisions)}
    return ReceivedMessage(
        identifier=cap.identifier,
        sender=cap.sender,
        sent=cap.sent,
        status=cover(cap.status),
        msg_type=cover(cap.msg_type),
        scope=cover(cap.scope),
        digest=digest,
        meaning=sha256(msgspec.json.encode(cap)).hexdigest(),
        references=tuple([MessageReference(r.sender, r.identifier, r.sent) for r in cap.references]),
        infos=tuple([_info(info, cover) for info in cap.infos[:LANGUAGES]]),
        faults=tuple([MessageFault(f.code, cover(f.message)[:300], cover(f.path)) for f in item.faults]),
        source=cover(cap.source)[:100],
        division=divisions.common(codes) if codes else None,
        note=cover(cap.note)[:500],
    )


def media_type(content_type: str | None, cover: Cover = masked) -> str:
    """What of a Content-Type goes into an event: parameters are whatever the sender likes."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return cover(kind)[:100] if _MEDIA_TYPE.fullmatch(kind) else ""


def _info(info: CapInfo, cover: Cover) -> MessageInfo:
    return MessageInfo(
        language=cover(info.language)[:40],
        event=cover(info.event)[:200],
        categories=tuple([cover(category)[:40] for category in info.categories[:20]]),
        event_code=cover(info.event_codes[0].value)[:40] if info.event_codes else "",
        severity=cover(info.severity)[:40],
        urgency=cover(info.urgency)[:40],
        certainty=cover(info.certainty)[:40],
        headline=cover(info.headline)[:500],
        sender_name=cover(info.sender_name)[:200],
        onset=info.onset or info.effective,
        expires=info.expires,
        areas=tuple([_area(area, cover) for area in info.areas[:AREAS]]),
    )


def _area(area: CapArea, cover: Cover) -> MessageArea:
    codes = tuple([(cover(g.name)[:60], cover(g.value)[:60]) for g in area.geocodes[:50]])
    south_west_north_east = area.withheld.bbox if area.withheld else bbox(area)
    box = None
    if south_west_north_east is not None:
        south, west, north, east = south_west_north_east
        box = (west, south, east, north)
    return MessageArea(cover(area.desc)[:200], codes, box)


def _codes(area: CapArea, divisions: Divisions) -> list[str]:
    """Division codes among the geocodes: as they stand, or the first six digits of a twelve-digit one."""
    known, found = divisions.units, []
    for geocode in area.geocodes:
        for value in geocode.value.replace(",", " ").split():
            code = value if value in known else value[:6] if len(value) == 12 and value.isdigit() else ""
            if code in known:
                found.append(code)
    return found
