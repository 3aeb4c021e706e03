"""The JSON of Chinese warning feeds as CAP messages. What a feed does not say is assumed by rule and listed as a fault.

Shapes: the CMA's map API, the 12379 list, QWeather v7 and v1, Caiyun v2, a plain title with its text, the active set of
the WMO relay. Practice, not conformance: the texts of GB/T 35965.1-2018 and GB/T 34283-2017 were not available.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import msgspec

from services.alerts.formats import hazards
from services.alerts.formats.cap import Walk
from services.alerts.formats.model import CapAlert, CapArea, CapInfo, Fault, Item, Message, Named, NotUnderstood, Reference, Unreadable
from services.alerts.formats.safety import Limits
from services.alerts.formats.shapes import Draft, recognise
from services.alerts.formats.slim import slim
from services.alerts.formats.times import CHINA

EVENT_CODE = "GB/T 35965.1 eventType"
GEOCODE = "CPEAS Geographic Code"  # 12 digits, the first six are those of GB/T 2260
ASSUMED_DURATION = timedelta(hours=24)  # what feeds with an end show for a gale; own default
_WEATHER = "416"  # industry code (GB/T 4657) of every weather bureau's identifier
_IDENTIFIER = re.compile(r"\d{14}_\d{14}(_\d+)?", re.ASCII)  # division, industry, unit, serial; Beijing time
_OFFICE = re.compile(r"(中心)?气象[台局站]$")
_LISTS = ("data", "alertData", "warning", "alerts", "content")


def read_json(text: bytes, found: list[Fault], offset: timezone, limits: Limits) -> Iterator[Item]:
    """Every warning of a JSON body. NotUnderstood when it is no JSON or none of the known shapes."""
    try:
        body = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotUnderstood("json.broken", f"not readable as JSON: {error}"[:300]) from error
    except RecursionError as error:
        raise NotUnderstood("limit.depth", "the JSON is nested too deep") from error
    elements = _elements(body)
    if elements is None:
        raise NotUnderstood("json.unknown", "none of the known shapes of warnings")
    alone = len(elements) == 1 and elements[0] is body
    return (_item(element, text if alone else None, n, found, offset, limits) for n, element in enumerate(elements))


def _elements(body: Any) -> list[Any] | None:
    """The warnings of a body; None when nothing tells where they are."""
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        return None
    if recognise(body) is not None:
        return [body]
    for inner in ("result", "alert"):  # Caiyun nests its list
        if isinstance(body.get(inner), dict):
            body = body[inner]
    active = body.get("warnings")
    if isinstance(active, dict):
        return [
            {"division": code, "feed": body.get("source", ""), **warning} if isinstance(warning, dict) else warning
            for code, warnings in active.items()
            for warning in (warnings if isinstance(warnings, list) else [warnings])
        ]
    return next((body[name] for name in _LISTS if isinstance(body.get(name), list)), None)


def _item(element: Any, own: bytes | None, n: int, found: list[Fault], offset: timezone, limits: Limits) -> Item:
    raw = own if own is not None else msgspec.json.encode(element)
    if n >= limits.messages:
        return Unreadable(f"more than {limits.messages} messages in one body", "limit.messages", raw)
    shape = recognise(element) if isinstance(element, dict) else None
    if shape is None:
        return Unreadable("an element of none of the known shapes of warnings", "json.unknown", raw)
    walk = Walk(offset, False, list(found))
    try:
        alert, notes = slim(_alert(shape(element), walk), len(raw))
    except NotUnderstood as error:
        return Unreadable(error.reason, error.code, raw)
    return Message(alert, tuple(walk.found), tuple(walk.notes + notes), raw)


def _alert(draft: Draft, walk: Walk) -> CapAlert:
    said = hazards.headline(draft.headline)
    sender = "".join((said.issuer or draft.issuer).replace(",", "").split())
    if not sender:
        walk.say("sender.missing", "neither the headline nor a field names who issued it", "sender")
    sent = _time(draft.sent, "sent", walk)
    if sent is None:
        raise NotUnderstood("sent.unknown", f"the time of issue is {str(draft.sent)[:40]!r}")
    kind = draft.msg_type or said.msg_type
    references = tuple(Reference(sender, identifier) for identifier in draft.supersedes)
    if kind != "Alert" and not references:
        walk.say("references.missing", "the feed does not say which message this is about", "references")
    return CapAlert(
        _identifier(draft, sender, sent, walk), sender, sent, msg_type=kind, source=draft.feed, references=references,
        infos=(_info(draft, said, kind, sent, walk),),
    )  # fmt: skip


def _identifier(draft: Draft, sender: str, sent: datetime, walk: Walk) -> str:
    """The feed's own, or one that the same warning gets again from the same feed."""
    if draft.identifier:
        return "".join(draft.identifier.replace(",", "").split())
    walk.say("identifier.derived", "the feed gives no identifier; derived from its content", "identifier")
    told = "\x1f".join((sender, sent.isoformat(), draft.division, draft.headline, draft.hazard, draft.description))
    return "derived-" + sha256(told.encode()).hexdigest()[:32]


def _info(draft: Draft, said: hazards.Headline, kind: str, sent: datetime, walk: Walk) -> CapInfo:
    hazard = _hazard(draft, said)
    name = said.hazard or draft.hazard
    if hazard is None:
        walk.say("event.unknown", f"{(name or draft.headline)[:40]!r} is no hazard of the table", "info[1]/event")
    colour = said.colour or hazards.colour(draft.colour)
    if colour is None:
        walk.say("severity.unknown", "no warning colour is named", "info[1]/severity")
    expires = _time(draft.expires, "info[1]/expires", walk)
    if expires is None and kind != "Cancel":
        expires = sent + ASSUMED_DURATION
        walk.say("expires.assumed", "no end is named; 24 hours assumed", "info[1]/expires")
    weather = _IDENTIFIER.fullmatch(draft.identifier) is not None and draft.identifier[6:9] == _WEATHER
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in draft.headline + draft.description)
    known = (hazard.zh if chinese else hazard.en) if hazard else ""
    codes = [Named(EVENT_CODE, hazard.code)] if hazard and hazard.code else []
    if draft.vendor_code[1] and draft.vendor_code[1] != (hazard.code if hazard else ""):
        codes.append(Named(*draft.vendor_code))
    parameters = [Named("awareness_colour", colour.en.title()), Named("level_cn", f"{colour.level}级/{colour.wording}")] if colour else []
    return CapInfo(
        language="zh-CN" if chinese else "en-US",
        categories=hazard.categories if hazard else ("Met",) if weather else ("Other",), event=known or name or draft.headline,
        urgency=draft.urgency, severity=colour.severity if colour else draft.severity, certainty=draft.certainty,
        response_types=("AllClear",) if kind == "Cancel" else (), event_codes=tuple(codes),
        effective=_time(draft.effective, "info[1]/effective", walk) or sent, onset=_time(draft.onset, "info[1]/onset", walk),
        expires=expires, sender_name=said.issuer or draft.issuer, headline=draft.headline, description=draft.description,
        instruction=draft.instruction, parameters=(*parameters, *draft.parameters), areas=_areas(draft, said, walk),
    )  # fmt: skip


def _hazard(draft: Draft, said: hazards.Headline) -> hazards.Hazard | None:
    """What the headline says comes first; numbers and names of the feed after it."""
    vendor, number = draft.hazard_number
    lookups: tuple[Callable[[], hazards.Hazard | None], ...] = (
        lambda: hazards.by_name(said.hazard) if said.hazard else None,
        lambda: hazards.by_number(vendor, number),
        lambda: hazards.by_number("code", number),
        lambda: hazards.by_name(draft.hazard) if draft.hazard else None,
        lambda: hazards.by_name(draft.headline),
    )
    return next((hazard for look in lookups if (hazard := look()) is not None), None)


def _areas(draft: Draft, said: hazards.Headline, walk: Walk) -> tuple[CapArea, ...]:
    """The division the feed names; else that of the issuer, which is not always the one affected."""
    code = draft.division
    if not code and _IDENTIFIER.fullmatch(draft.identifier):
        code = draft.identifier[:6]
        walk.say("area.assumed", "no area is named; the issuer's own taken from the identifier", "info[1]/area[1]")
    elif not code:
        walk.say("area.unknown", "no area code is named", "info[1]/area[1]")
    code = code if code.isascii() and code.isdigit() and len(code) in (6, 9, 12) else ""
    desc = draft.area or _OFFICE.sub("", said.issuer or draft.issuer)
    return (CapArea(desc, geocodes=(Named(GEOCODE, code.ljust(12, "0")),) if code else ()),) if desc or code else ()


def _time(value: str | int | None, path: str, walk: Walk) -> datetime | None:
    """A text, or seconds since 1970 as Caiyun counts; these feeds mean Beijing time where they name no zone."""
    if isinstance(value, int):
        try:
            return datetime.fromtimestamp(value, CHINA)
        except (ValueError, OverflowError, OSError):
            walk.say("time.unreadable", f"{value} is no time", path)
            return None
    beijing = Walk(CHINA, False, [])
    time = beijing.time(value or "", path)
    quiet = ("time.zone_missing", "time.form", "time.zulu")  # CAP's form is no duty of theirs
    walk.found += [fault for fault in beijing.found if fault.code not in quiet]
    walk.notes += [fault for fault in beijing.found if fault.code == "time.zone_missing"]
    return time
