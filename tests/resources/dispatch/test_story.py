"""The story's shipments and distributions, step by step out of its file: events, lots, refusals, and what is shown."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from services.resources.deciders.distributions.distribution import DISTRIBUTION
from services.resources.deciders.masters.vehicle import RegisterVehicle
from services.resources.deciders.requests.commands import CloseRequest
from services.resources.deciders.shipments.shipment import SHIPMENT
from services.resources.deciders.stock.commands import ReceiveLot
from services.resources.events.request import RequestClosed
from services.resources.events.stock import Source
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import DomainError
from shared.kernel.events import is_guard, type_of
from shared.web.commands import body_of
from tests.resources.dispatch.goods import transit
from tests.resources.requests.test_story import whole
from tests.resources.world import OFF, POINT, Town, at

STORY = yaml.safe_load((Path(__file__).parents[3] / "stories/hulunbuir-2021.yaml").read_text(encoding="utf-8"))
LEVELS = {one["code"]: int(one["level"][1]) for one in STORY["divisions"]}
ACTORS = {one["id"]: Signature(one["id"], (one["role"],), one["division"], LEVELS.get(one["division"])) for one in STORY["actors"]}
KINDS = {command.__name__: command for command in (*SHIPMENT.handles, *DISTRIBUTION.handles)}
ELSEWHERE = ("ship-17",)  # a drill's token is refused at the edge


def command_of(step: dict[str, Any], entry: dict[str, Any]) -> Command:
    """As the edge makes it of the body."""
    kind = KINDS[step["do"]]
    said = {name: value for name, value in (step["with"] | entry).items() if name not in ("actor", "expect")}
    body = body_of(kind)(**said)
    fields = {name: getattr(body, name) for name in said}
    signed = {"by": ACTORS[entry.get("actor", step["actor"])], "cosigner": ACTORS.get(step.get("cosigner", ""))}
    return kind(**signed, now=datetime.fromisoformat(step["at"]), **fields)


def play(town: Town, step: dict[str, Any]) -> None:
    for entry in step.get("each", [{}]):
        expected = step["expect"] | entry.get("expect", {})
        try:
            decided = town.do(command_of(step, entry))
        except DomainError as refusal:
            assert refusal.rule == expected.get("rule"), (step["id"], refusal)
            assert expected["cure"] in refusal.cure
            continue
        assert "refused" not in expected, step["id"]
        got = [name for fact in decided.events if not is_guard(name := type_of(fact))]
        named = [part.partition("*") for part in expected["events"]]
        wanted = [name for name, _, times in named for _ in range(int(times) if times else 1)]
        assert got == wanted, step["id"]
        if lots := step["expect"].get("lots"):
            assert decided.answer["lots"] == lots, step["id"]


def start() -> Town:
    town = whole()
    for one in STORY["vehicles"]:
        town.do(RegisterVehicle(by=ACTORS["R.APP"], now=at("08:00", 17), vehicle=one["id"], plate=one["plate"], owner=one["owner"]))
    return town


def brought(town: Town, lot: str, item: str, qty: int, moment: datetime, expires: str, **more: Any) -> None:
    """What others brought to the point in between: the agreement and a donor."""
    said = {"store": "FP-XW", "item": item, "cause": "CO-1", "expires": date.fromisoformat(expires)}
    town.do(ReceiveLot(by=POINT, now=moment, lot=lot, qty=qty, **{"source": Source.AGREEMENT} | said | more))


def in_between(town: Town, step: str) -> None:
    given = {"source": Source.DONATION, "cause": "DO-2", "intent": "150722106"}
    if step == "ship-21":
        brought(town, "AG-FOOD-1", "FOOD", 2000, at("10:00", 20), "2021-08-20")
        brought(town, "DN-WATER-1", "WATER", 588, at("11:30", 20), "2021-12-01", **given)
        brought(town, "DN-FOOD-1", "FOOD", 100, at("11:30", 20), "2021-11-30", **given)
    if step == "ship-26":
        brought(town, "AG-FOOD-2", "FOOD", 460, at("10:30", 21), "2021-08-21")


def test_every_step_of_the_story_comes_to_what_it_says():
    town = start()
    for step in STORY["steps"]:
        in_between(town, step["id"])
        if step["id"].startswith("ship-") and step.get("do") in KINDS and step["id"] not in ELSEWHERE:
            play(town, step)
    lines = town.state("request-SR-1").lines
    handed_out = {item: line.distributed for item, line in lines.items()}
    assert handed_out == {"TENT": 300, "BED": 1200, "QUILT": 1196, "WATER": 10800, "FOOD": 10800}
    assert town.state("request-SR-1").unmet == {"QUILT": 4}
    assert transit(town) == {}
    assert town.state("stock-WH-HL.FOOD").available("HL-FOOD-1") == 50
    left = town.state("stock-FP-XW.WATER")
    assert (left.available("HL-WATER-2"), left.quarantined("HL-WATER-1")) == (528, 60)
    assert town.state("stock-FP-XW.FOOD").available("RG-FOOD-1") == 10
    closing = CloseRequest(by=OFF, now=at("11:10", 23), request="SR-1", unmet={"QUILT": 4}, reason="lost on the way, no longer needed")
    assert type(town.do(closing).events[0]) is RequestClosed
    assert [town.state(f"vehicle-{one['id']}").shipment for one in STORY["vehicles"]] == [None] * 4
