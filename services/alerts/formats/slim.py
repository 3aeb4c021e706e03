"""Keep a message fit for an event (DESIGN 2: an event is at most 256 KB, geometry over 64 KB is blob content).

Nothing is lost: what leaves the values stays in the raw message, and a note says so.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from services.alerts.formats.geometry import bbox
from services.alerts.formats.model import CapAlert, CapArea, CapInfo, CapResource, Fault, Named, NotUnderstood, Withheld

MOST_GEOMETRY = 64_000  # characters of all polygons of one message
MOST_NAME = 500  # characters of an identifier, a sender, each part of a reference; real ones have up to 110
MOST_BYTES = 200_000  # of the message as JSON; leaves room for faults and the event's own fields
_ALWAYS_FITS = 30_000  # raw bytes; a message only grows by escapes and field names, up to sixfold
_LONG_TEXT = 8_000  # characters
_encode = msgspec.json.Encoder(decimal_format="string").encode


def slim(alert: CapAlert, raw_size: int) -> tuple[CapAlert, list[Fault]]:
    """The message within its budget, and what was left in the raw message. NotUnderstood when its name alone is too long."""
    if max(len(alert.identifier), len(alert.sender)) > MOST_NAME:
        raise NotUnderstood("limit.identifier", f"identifier and sender have at most {MOST_NAME} characters each")
    if raw_size < _ALWAYS_FITS:
        return alert, []
    notes: list[Fault] = []
    size = sum(len(polygon) for info in alert.infos for area in info.areas for polygon in area.polygons)
    if size > MOST_GEOMETRY:
        alert = _each_area(alert, _withhold)
        notes.append(Fault("geometry.in_raw", f"{size} characters of polygons stay in the raw message; digest and box are kept"))
    for code, cut in _CUTS:
        if len(_encode(alert)) <= MOST_BYTES:
            break
        alert = cut(alert)
        notes.append(Fault(code, "too much for an event; the rest stays in the raw message"))
    return alert, notes


def _withhold(area: CapArea) -> CapArea:
    box = bbox(area)
    if not area.polygons or box is None:
        return area
    text = "".join(polygon + "\n" for polygon in area.polygons).encode()
    return replace(area, polygons=(), withheld=Withheld(sha256(text).hexdigest(), len(text), box))


def _each_info(alert: CapAlert, change: Callable[[CapInfo], CapInfo]) -> CapAlert:
    return replace(alert, infos=tuple(map(change, alert.infos)))


def _each_area(alert: CapAlert, change: Callable[[CapArea], CapArea]) -> CapAlert:
    return _each_info(alert, lambda info: replace(info, areas=tuple(map(change, info.areas))))


def _shorter(text: str, most: int = _LONG_TEXT) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _short_names(pairs: tuple[Named, ...]) -> tuple[Named, ...]:
    return tuple(Named(_shorter(pair.name, 500), _shorter(pair.value, 500)) for pair in pairs)


def _cut_texts(alert: CapAlert) -> CapAlert:
    """Long texts end with an ellipsis."""
    alert = replace(
        alert, source=_shorter(alert.source), restriction=_shorter(alert.restriction), addresses=_shorter(alert.addresses),
        note=_shorter(alert.note), incidents=_shorter(alert.incidents), code=tuple(_shorter(code, 500) for code in alert.code[:100]),
    )  # fmt: skip
    return _each_info(
        alert,
        lambda info: replace(
            info, event=_shorter(info.event, 500), audience=_shorter(info.audience), sender_name=_shorter(info.sender_name, 500),
            headline=_shorter(info.headline, 1_000), description=_shorter(info.description), instruction=_shorter(info.instruction),
            contact=_shorter(info.contact), event_codes=_short_names(info.event_codes), parameters=_short_names(info.parameters),
            areas=tuple(replace(area, desc=_shorter(area.desc, 2_000), geocodes=_short_names(area.geocodes)) for area in info.areas),
        ),
    )  # fmt: skip


def _cut_extras(alert: CapAlert) -> CapAlert:
    """The first parameters, resources and codes of each language."""
    keep: Callable[[CapResource], CapResource] = lambda r: replace(r, desc=_shorter(r.desc, 500), digest=_shorter(r.digest, 200))  # noqa: E731
    return _each_info(
        alert,
        lambda info: replace(
            info, parameters=info.parameters[:50], event_codes=info.event_codes[:20], resources=tuple(map(keep, info.resources[:10])),
            categories=info.categories[:12], response_types=info.response_types[:12],
        ),
    )  # fmt: skip


def _cut_shapes(alert: CapAlert) -> CapAlert:
    return _each_area(alert, lambda area: replace(_withhold(area), circles=area.circles[:20], geocodes=area.geocodes[:200]))


def _cut_areas(alert: CapAlert) -> CapAlert:
    few: Callable[[CapArea], CapArea] = lambda area: replace(area, desc=_shorter(area.desc, 200), geocodes=area.geocodes[:20])  # noqa: E731
    return _each_info(alert, lambda info: replace(info, areas=tuple(map(few, info.areas[:20]))))


def _cut_infos(alert: CapAlert) -> CapAlert:
    """The first two languages without their areas' details; identity and references whole as far as they fit."""
    bare: Callable[[CapInfo], CapInfo] = lambda info: CapInfo(  # noqa: E731
        language=_shorter(info.language, 40), categories=info.categories, event=info.event, urgency=info.urgency, severity=info.severity,
        certainty=info.certainty, effective=info.effective, onset=info.onset, expires=info.expires, headline=info.headline,
        description=_shorter(info.description, 2_000),
    )  # fmt: skip
    return replace(alert, infos=tuple(map(bare, alert.infos[:2])), references=alert.references[:50], code=alert.code[:10])


_CUTS = (
    ("texts.in_raw", _cut_texts), ("extras.in_raw", _cut_extras), ("geometry.in_raw", _cut_shapes),
    ("areas.in_raw", _cut_areas), ("infos.in_raw", _cut_infos),
)  # fmt: skip
