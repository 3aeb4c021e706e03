"""The shapes of Chinese warning feeds: each field by field into one draft, by names only. What it means is decided in `chinese`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.alerts.formats.fields import one_of
from services.alerts.formats.model import Named

_CONTROL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2: not a Char
_MESSAGE_TYPES = {"active": "", "update": "Update", "cancel": "Cancel", "alert": "Alert"}
_COLOUR_ONLY = "0000"  # of the CMA's `p0000003`

Shape = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a feed says about one warning, before anything is assumed."""

    feed: str
    headline: str
    sent: str | int
    identifier: str = ""
    issuer: str = ""
    description: str = ""
    instruction: str = ""
    msg_type: str = ""
    supersedes: tuple[str, ...] = ()
    hazard: str = ""
    hazard_number: tuple[str, str] = ("", "")  # vendor of the table, number
    vendor_code: tuple[str, str] = ("", "")  # as an event code of the message
    colour: str = ""
    severity: str = "Unknown"
    urgency: str = "Unknown"
    certainty: str = "Unknown"
    effective: str = ""
    onset: str = ""
    expires: str = ""
    division: str = ""
    area: str = ""
    parameters: tuple[Named, ...] = ()


def recognise(element: Shape) -> Callable[[Shape], Draft] | None:
    """Which shape a JSON object has, by the fields only that shape has."""
    return next((read for needed, read in _SHAPES if needed <= element.keys()), None)


def text(element: Any, *names: str) -> str:
    """A text or whole number at a path of keys; anything else counts as absent. Without letters XML forbids."""
    for name in names:
        element = element.get(name) if isinstance(element, dict) else None
    if isinstance(element, bool) or not isinstance(element, (str, int)):
        return ""
    return _CONTROL.sub("", str(element)).strip()


def _cma_map(e: Shape) -> Draft:
    kind = text(e, "type")
    number, digit = (kind[1:5], kind[-1:]) if re.fullmatch(r"p\d{7}", kind, re.ASCII) else ("", "")
    area = text(e, "title").partition("发布")[0]
    lat, lon = (e.get(name) if isinstance(e.get(name), (int, float)) else None for name in ("latitude", "longitude"))
    station = (Named("station", f"{lat},{lon}"),) if lat is not None and lon is not None else ()  # of the issuer: no affected area
    return Draft(
        feed="weather.cma.cn", identifier=text(e, "id"), headline=text(e, "headline"), description=text(e, "description"),
        sent=text(e, "effective"), effective=text(e, "effective"), hazard_number=("cma", "" if number == _COLOUR_ONLY else number),
        vendor_code=("weather.cma.cn type", kind), colour="cma:" + digit, area=area, parameters=station,
    )  # fmt: skip


def _12379(e: Shape) -> Draft:
    return Draft(
        feed="12379", identifier=text(e, "identifier"), headline=text(e, "headline"), description=text(e, "description"),
        sent=text(e, "sendTime"),
    )  # fmt: skip


def _qweather_v7(e: Shape) -> Draft:
    number = text(e, "type")
    return Draft(
        feed="QWeather", identifier=text(e, "id"), issuer=text(e, "sender"), headline=text(e, "title"), description=text(e, "text"),
        sent=text(e, "pubTime"), onset=text(e, "startTime"), expires=text(e, "endTime"), hazard=text(e, "typeName"),
        msg_type=_MESSAGE_TYPES.get(text(e, "status"), ""), supersedes=tuple(filter(None, text(e, "related").split(","))),
        hazard_number=("qweather", number), vendor_code=("QWeather type", number), colour=text(e, "severityColor") or text(e, "level"),
        severity=_word("severity", text(e, "severity")), urgency=_word("urgency", text(e, "urgency")),
        certainty=_word("certainty", text(e, "certainty")),
    )  # fmt: skip


def _qweather_v1(e: Shape) -> Draft:
    number = text(e, "eventType", "code")
    kind = e.get("messageType")
    earlier = kind.get("supersedes") if isinstance(kind, dict) else None
    return Draft(
        feed="QWeather", identifier=text(e, "id"), issuer=text(e, "senderName"), headline=text(e, "headline"),
        description=text(e, "description"), instruction=text(e, "instruction"), sent=text(e, "issuedTime"),
        effective=text(e, "effectiveTime"), onset=text(e, "onsetTime"), expires=text(e, "expireTime"), hazard=text(e, "eventType", "name"),
        msg_type=_MESSAGE_TYPES.get(text(e, "messageType", "code"), ""),
        supersedes=_texts(earlier),
        hazard_number=("qweather", number), vendor_code=("QWeather type", number), colour=text(e, "color", "code"),
        severity=_word("severity", text(e, "severity")), urgency=_word("urgency", text(e, "urgency")),
        certainty=_word("certainty", text(e, "certainty")),
        parameters=(Named("criteria", text(e, "criteria")),) if text(e, "criteria") else (),
    )  # fmt: skip


def _caiyun(e: Shape) -> Draft:
    code = text(e, "code")
    return Draft(
        feed=text(e, "source") or "Caiyun", identifier=text(e, "alertId"), issuer=text(e, "source"), headline=text(e, "title"),
        description=text(e, "description"), sent=_stamp(e.get("pubtimestamp")),
        msg_type="Cancel" if "解除" in text(e, "status") else "", hazard_number=("caiyun", code[:2]), vendor_code=("Caiyun code", code),
        colour="caiyun:" + code[2:], division=text(e, "adcode"), area=text(e, "location"),
    )  # fmt: skip


def _plain(e: Shape) -> Draft:
    return Draft(
        feed="text", headline=text(e, "title"), description=text(e, "content"), instruction=text(e, "instruction"), sent=text(e, "date")
    )


def _active(e: Shape) -> Draft:
    """One line of an active set: it has no text; the headline is put together from what it says."""
    hazard, colour, name = text(e, "type"), text(e, "color"), text(e, "name")
    return Draft(
        feed=text(e, "feed"), issuer=text(e, "feed"), headline=f"{name}{hazard}{colour}预警", sent=text(e, "issued"), hazard=hazard,
        expires=text(e, "expires"), colour=colour, division=text(e, "division"), area=name,
    )  # fmt: skip


def _stamp(value: Any) -> str | int:
    """Seconds since 1970; a text is read as a time."""
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e11
    return int(value) if whole else text({"": value}, "")


def _texts(values: Any) -> tuple[str, ...]:
    listed = values if isinstance(values, list) else []
    return tuple(filter(None, (text({"": value}, "") for value in listed)))


def _word(name: str, value: str) -> str:
    return one_of(name, value) or "Unknown"


_SHAPES: tuple[tuple[frozenset[str], Callable[[Shape], Draft]], ...] = (
    (frozenset(("alertId", "pubtimestamp")), _caiyun),
    (frozenset(("eventType", "issuedTime")), _qweather_v1),
    (frozenset(("pubTime", "title")), _qweather_v7),
    (frozenset(("identifier", "sendTime")), _12379),
    (frozenset(("id", "headline", "effective")), _cma_map),
    (frozenset(("type", "color", "issued")), _active),
    (frozenset(("title", "content", "date")), _plain),
)
