"""One of our own public messages as CAP 1.2."""

from __future__ import annotations

from msgspec.structs import replace

from services.alerts.events.message import MessageIssued
from services.alerts.formats.hazards import by_number, colour
from services.alerts.formats.model import CapAlert, CapArea, CapInfo, Named, Reference
from shared.geo.divisions import Divisions
from shared.kernel.realm import REAL

PROFILE = "GB/T 2260"
MARK = "演练 EXERCISE"


def cap_of(issued: MessageIssued, divisions: Divisions, realm: str = REAL) -> CapAlert:
    """Chinese and English information of the same warning; areas by division code, since a code is what both ends know."""
    cancelled = issued.msg_type == "Cancel"
    written = CapAlert(
        identifier=issued.identifier,
        sender=issued.sender,
        sent=issued.sent,
        status=issued.status,
        msg_type=issued.msg_type,
        scope=issued.scope,
        source="Ortoo",
        note=issued.note,
        references=tuple(Reference(r.sender, r.identifier, r.sent) for r in issued.references),
        infos=(_info(issued, divisions, "zh", cancelled), _info(issued, divisions, "en", cancelled)),
    )
    return marked(written, realm)


def marked(alert: CapAlert, realm: str) -> CapAlert:
    """As a node of this realm writes it: in a drill the status is Exercise, the note names the drill (CAP 1.2, 3.2.1), headlines say so."""
    if realm == REAL:
        return alert
    infos = tuple(replace(info, headline=f"【{MARK} {realm}】{info.headline}") for info in alert.infos)
    return replace(alert, status="Exercise", note=f"{MARK} {realm}. {alert.note}".strip(), infos=infos)


def _info(issued: MessageIssued, divisions: Divisions, language: str, cancelled: bool) -> CapInfo:
    content = issued.content
    hazard = by_number("code", content.hazard)
    shade = colour(content.colour.value) if content.colour else None
    zh = language == "zh"
    event = (hazard.zh if zh else hazard.en) if hazard else content.hazard
    return CapInfo(
        language="zh-CN" if zh else "en",
        categories=hazard.categories if hazard else ("Other",),
        event=event,
        response_types=("AllClear",) if cancelled else (),
        urgency="Past" if cancelled else "Unknown",
        severity=shade.severity if shade else "Unknown",
        certainty="Unknown",
        event_codes=(Named("GB/T 35965.1 eventType", content.hazard),) if hazard else (Named("ortoo", content.hazard),),
        effective=issued.sent,
        onset=content.starts,
        expires=content.valid_to,
        sender_name=content.issuer,
        headline=content.headline or _headline(issued, event, shade.zh if shade and zh else (shade.en if shade else ""), zh, cancelled),
        description=content.cautions,
        instruction=content.measures,
        parameters=(Named("awareness_colour", content.colour.value), Named("level_cn", str(content.number))) if content.colour else (),
        areas=tuple(_area(code, divisions, zh) for code in content.areas),
    )


def _headline(issued: MessageIssued, event: str, shade: str, zh: bool, cancelled: bool) -> str:
    issuer = issued.content.issuer
    if zh:
        return (
            f"{issuer}{'解除' if cancelled else '发布'}{event}{shade}色预警"
            if shade
            else f"{issuer}{'解除' if cancelled else '发布'}{event}预警"
        )
    words = " ".join(word for word in (event, shade, "warning") if word)
    return f"{issuer}: {words} {'lifted' if cancelled else 'issued'}"


def _area(code: str, divisions: Divisions, zh: bool) -> CapArea:
    unit = divisions.units.get(code)
    name = (unit.zh if zh else unit.en) if unit else code
    return CapArea(desc=name, geocodes=(Named(PROFILE, code),))
