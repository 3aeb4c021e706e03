"""A message as it was read becomes the short form that the event keeps; the rest stays in the raw bytes."""

from __future__ import annotations

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


def received(item: Message, digest: str, divisions: Divisions) -> ReceivedMessage:
    """The short form, personal values covered: they stay in the raw bytes. Its division is the smallest that covers every known geocode."""
    cap = item.alert
    codes = {code for info in cap.infos for area in info.areas for code in _codes(area, divisions)}
    return ReceivedMessage(
        identifier=cap.identifier,
        sender=cap.sender,
        sent=cap.sent,
        status=cap.status,
        msg_type=cap.msg_type,
        scope=cap.scope,
        digest=digest,
        meaning=sha256(msgspec.json.encode(cap)).hexdigest(),
        references=tuple(MessageReference(r.sender, r.identifier, r.sent) for r in cap.references),
        infos=tuple(_info(info) for info in cap.infos[:LANGUAGES]),
        faults=tuple(MessageFault(f.code, masked(f.message)[:300], f.path) for f in item.faults),
        source=masked(cap.source)[:100],
        division=divisions.common(codes) if codes else None,
        note=masked(cap.note)[:500],
    )


def _info(info: CapInfo) -> MessageInfo:
    return MessageInfo(
        language=info.language,
        event=masked(info.event)[:200],
        categories=info.categories,
        event_code=info.event_codes[0].value[:40] if info.event_codes else "",
        severity=info.severity,
        urgency=info.urgency,
        certainty=info.certainty,
        headline=masked(info.headline)[:500],
        sender_name=masked(info.sender_name)[:200],
        onset=info.onset or info.effective,
        expires=info.expires,
        areas=tuple(_area(area) for area in info.areas[:AREAS]),
    )


def _area(area: CapArea) -> MessageArea:
    codes = tuple((g.name[:60], g.value[:60]) for g in area.geocodes[:50])
    south_west_north_east = area.withheld.bbox if area.withheld else bbox(area)
    box = None
    if south_west_north_east is not None:
        south, west, north, east = south_west_north_east
        box = (west, south, east, north)
    return MessageArea(masked(area.desc)[:200], codes, box)


def _codes(area: CapArea, divisions: Divisions) -> list[str]:
    """Division codes among the geocodes: as they stand, or the first six digits of a twelve-digit one."""
    found = []
    for geocode in area.geocodes:
        for value in geocode.value.replace(",", " ").split():
            code = value if value in divisions else value[:6] if len(value) == 12 and value.isdigit() else ""
            if code in divisions:
                found.append(code)
    return found
