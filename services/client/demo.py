"""Demo data for a node on real time: a few exercise warnings, one of our own, open registration, a starter catalogue of goods; by commands.

Everything says that it is a demonstration; the received messages carry the CAP status Exercise. Nothing is loaded unless asked for,
and asking twice adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.client.catalogue import starter
from services.client.openapi import Answer, Api
from services.client.session import Mint

HAZARDS = (("11B06", "大风", "Gale", "Moderate"), ("11B04", "暴雪", "Snowstorm", "Severe"), ("11B21", "道路结冰", "Road icing", "Minor"))
NOTE = "演示 / demonstration"


@dataclass(frozen=True, slots=True)
class Done:
    """One step of the demonstration and what the node answered."""

    step: str
    answer: Answer


def load_demo(api: Api, mint: Mint, now: datetime) -> Iterator[Done]:
    """Send the demonstration to a node; each step is a command of its own, repeatable within the day."""
    places = _places(api, mint)
    day = now.date().isoformat()
    importer = {"Authorization": f"Bearer {mint('DEMO.IMPORT', 'SYS', None)}"}
    for (code, zh, en, severity), place in zip(HAZARDS, places, strict=False):
        raw = _message(f"demo-{day}-{code}", now, place, (code, zh, en, severity))
        yield Done(f"{en} ({place['code']})", api.call("ImportAlert", {"raw": raw}, importer))
    yield from _own(api, mint, places[0]["code"], now, day)
    yield from _assessed(api, mint, places[0]["code"])
    yield from _catalogue(api, mint)


def _places(api: Api, mint: Mint) -> list[Mapping[str, Any]]:
    token = mint("DEMO.READER", "SYS", None)
    answer = api.call("ListDivisions", {"limit": 200}, {"Authorization": f"Bearer {token}"})
    counties = [unit for unit in answer.body["items"] if unit["level"] == 3]
    return counties[:: max(1, len(counties) // len(HAZARDS))]


def _own(api: Api, mint: Mint, division: str, now: datetime, day: str) -> Iterator[Done]:
    """Drafted by one, approved and published by another: the weather office of a county."""
    alert = f"DEMO-{day}"
    today = _midnight(now)  # the same all day, so that a second time is a repeat
    drafted = {
        "alert": alert,
        "hazard": "11B03",
        "colour": "blue",
        "number": 4,
        "areas": [division],
        "starts": today.isoformat(),
        "valid_to": (today + timedelta(days=2)).isoformat(),
        "cautions": f"{NOTE}：强降雨，溪流上涨 / heavy rain, rising streams",
        "measures": f"{NOTE}：撤离低洼河岸 / leave low river land",
        "issuer": f"{division} weather office ({NOTE})",
    }
    author, approver = mint("DEMO.MET1", "SECT.weather", division), mint("DEMO.MET2", "SECT.weather.approver", division)
    steps = (("DraftAlert", author, drafted), ("ApproveAlert", approver, {"alert": alert}), ("PublishAlert", approver, {"alert": alert}))
    for name, token, arguments in steps:
        key = str(uuid5(NAMESPACE_URL, f"demo {name} {alert}"))
        yield Done(name, api.call(name, arguments, {"Authorization": f"Bearer {token}", "Idempotency-Key": key}))


def _assessed(api: Api, mint: Mint, division: str) -> Iterator[Done]:
    """Volunteers may register: the register's impact assessment, drafted by one and approved by another (PIPL art. 55)."""
    author, approver = mint("DEMO.DPO", "DPO", division), mint("DEMO.LEG", "LEG", division)
    named = {"module": "register", "assessment": "DEMO"}
    parts = dict.fromkeys(("lawfulness", "risks", "protection"), NOTE)
    for name, token, arguments in (("DraftImpactAssessment", author, named | parts), ("ApproveImpactAssessment", approver, named)):
        key = str(uuid5(NAMESPACE_URL, f"demo {name} register"))
        yield Done(name, api.call(name, arguments, {"Authorization": f"Bearer {token}", "Idempotency-Key": key}))


def _message(identifier: str, now: datetime, place: Mapping[str, Any], hazard: tuple[str, str, str, str]) -> str:
    code, zh, en, severity = hazard
    sent = _midnight(now).isoformat()
    infos = "".join(
        f"<info><language>{language}</language><category>Met</category><event>{event}</event><urgency>Expected</urgency>"
        f"<severity>{severity}</severity><certainty>Likely</certainty>"
        f"<eventCode><valueName>GB/T 35965.1 eventType</valueName><value>{code}</value></eventCode>"
        f"<headline>{NOTE}: {event}</headline><area><areaDesc>{name}</areaDesc>"
        f"<geocode><valueName>GB/T 2260</valueName><value>{place['code']}</value></geocode></area></info>"
        for language, event, name in (("zh-CN", zh, place["zh"]), ("en", en, place["en"]))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier>'
        f"<sender>demo</sender><sent>{sent}</sent><status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>{infos}</alert>"
    )


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _catalogue(api: Api, mint: Mint) -> Iterator[Done]:
    """Items of the province; said again the same they change nothing."""
    units = api.call("ListDivisions", {"limit": 200}, {"Authorization": f"Bearer {mint('DEMO.READER', 'SYS', None)}"}).body["items"]
    keeper = mint("DEMO.RSV", "RSV", next(unit["code"] for unit in units if unit["level"] == 1))
    for item in starter():
        yield Done(f"RegisterItem {item['item']}", api.call("RegisterItem", item, {"Authorization": f"Bearer {keeper}"}))
