"""What is shown of plans, responses and urgent periods."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from services.alerts.deciders.plans.commands import DefineTrigger, RecordOpinion, RepealPlan
from services.alerts.deciders.responses.commands import ExtendResponse, HandOverCommand, RecordExternalActivation, RecordExternalEnd
from services.alerts.deciders.responses.urgent import DeclareUrgentFloodPeriod, EndUrgentPeriod, period_of
from services.alerts.events.plan_content import Metric, PlanLevel, PlanType
from services.alerts.events.scales import ResponseLevel
from services.alerts.projections import plans, responses
from services.alerts.service import ALERTS
from shared.handling.reader import schema
from shared.handling.rows import UnitOfWork
from shared.sql.ports import Connection, Databases
from tests.alerts.command.responding import (
    B_HQ,
    C_HQ,
    LEVELS,
    NATION,
    NOW,
    OFFICER,
    Followed,
    activate,
    adopt,
    begun,
    change,
    draft,
    end,
    whole,
)
from tests.alerts.world import GOV, at

FIRST, SECOND, THIRD, _ = ResponseLevel


@pytest.fixture
def node() -> Followed:
    return begun()


@pytest.fixture
def shown(databases: Databases) -> Callable[[Followed], Connection]:
    numbers = count()

    def build(node: Followed) -> Connection:
        database = databases.at(f"{next(numbers)}")
        db = database.connect()
        db.executescript(schema(ALERTS))
        rows = UnitOfWork(db)
        for place, (_, fact) in enumerate(node.log):
            at_ = node.envelope(place, fact.at)
            for projection in (plans.Plans(), responses.Responses()):
                if at_.type.rpartition(".v")[0] in projection.listens:
                    projection.apply(rows, fact, at_)
            rows.flush()
        return database.look()

    return build


def seen(row: dict[str, Any]) -> bool:
    return row["visibility"] == "internal"


def test_the_board_shows_each_level_and_every_measure_nobody_has_ended(node, shown):
    bare = tuple(PlanLevel(level) for level in LEVELS)
    node.do(adopt("PLAN-N", type=PlanType.EXTERNAL, owner=None, outside="national", levels=bare))
    node.do(activate())
    node.do(activate("ACT-C", plan="PLAN-C", by=C_HQ, level=THIRD))
    node.do(change(SECOND, C_HQ, "ACT-C"))
    node.do(RecordExternalActivation(by=NATION, now=at("20:00"), activation="ACT-N", plan="PLAN-N", incident="INC-1", level=THIRD))
    board = responses.for_board(shown(node), seen)
    assert board["activations"] == {"ACT-B": 1, "ACT-C": 2, "ACT-N": 3}
    assert board["open_measures"]["ACT-B.M-3"] == "open under PLAN-B" and len(board["open_measures"]) == 6
    node.do(end())
    node.do(RecordExternalEnd(by=NATION, now=at("11:00", 24), activation="ACT-N"))
    node.do(end("ACT-C", C_HQ, ended=("M-1", "M-2", "M-3"), kept=()))
    board = responses.for_board(shown(node), seen)
    assert board == {"activations": {}, "open_measures": {"M-3": "kept under PLAN-B, reason given"}}
    assert responses.for_board(shown(node), seen, "INC-1") == board
    for nothing in (responses.for_board(shown(node), seen, "INC-2"), responses.for_board(shown(node), lambda row: False)):
        assert nothing == {"activations": {}, "open_measures": {}}


def test_a_response_shows_its_command_its_end_and_its_measures(node, shown):
    whole(node)
    node.do(activate(plan="PLAN-S", level=THIRD, measures=("M-1 move people",)))
    node.do(change(SECOND))
    node.do(change(THIRD))
    node.do(ExtendResponse(by=B_HQ, now=at("17:00"), activation="ACT-B", expected_end=at("12:00", 25), reason="rain"))
    node.do(HandOverCommand(by=C_HQ, now=at("18:00"), activation="ACT-B", reason="means"))
    db = shown(node)
    row = responses.one(db, "ACT-B")
    assert row is not None and (row["commander"], row["level"], row["state"]) == ("150700", 3, "open")
    assert row["expected_end"].startswith("2021-07-25T04:00")
    assert {one["measure"]: one["how"] for one in responses.measures(db, "ACT-B")} == {"M-1": None, "P-ALL": None, "P-2": "withdrawn"}
    assert [one["activation"] for one in responses.listed(db, before=None, limit=9, incident="INC-1", state="open")] == ["ACT-B"]
    assert responses.listed(db, before=None, limit=9, incident="INC-2") == [] and responses.one(db, "ACT-X") is None


def test_the_library_shows_what_holds_and_what_is_worked_on(node, shown):
    node.do(draft(plan="PLAN-W", hazard="wind"))
    node.do(RecordOpinion(by=B_HQ, now=NOW, plan="PLAN-W", of="grid", opinion="agreed"))
    node.do(DefineTrigger(by=OFFICER, now=NOW, plan="PLAN-C", trigger="T-1", level=FIRST, metric=Metric.DEAD, at_least=Decimal(1)))
    node.do(RepealPlan(by=GOV, now=NOW, plan="PLAN-B", reason="replaced"))
    db = shown(node)
    states = {row["plan"]: row["state"] for row in plans.listed(db, before=None, limit=9)}
    assert states == {"PLAN-W": "consulting", "PLAN-C": "issued", "PLAN-B": "repealed"}
    assert [row["plan"] for row in plans.listed(db, before=None, limit=9, state="issued")] == ["PLAN-C"]
    drafted, held = plans.one(db, "PLAN-W"), plans.one(db, "PLAN-C")
    assert drafted and held and (drafted["in_force"], bool(drafted["draft"]), "agreed" in drafted["notes"]) == (None, True, True)
    assert "T-1" in held["triggers"] and plans.one(db, "PLAN-X") is None


def test_urgent_periods_are_shown_until_they_end(node, shown):
    flood = DeclareUrgentFloodPeriod(by=B_HQ, now=NOW, river="西瓦尔图河", until=at("20:00", 20))
    node.do(flood)
    (row,) = plans.periods(shown(node), before=None, limit=9, open=True)
    assert (row["kind"], row["what"], row["powers"]) == ("flood", "西瓦尔图河", '["FCL-45"]')
    node.do(EndUrgentPeriod(by=B_HQ, now=at("10:00", 19), period=period_of(flood), reason="falling"))
    db = shown(node)
    assert plans.periods(db, before=None, limit=9, open=True) == [] and len(plans.periods(db, before=None, limit=9)) == 1
    assert len(plans.periods(db, before=None, limit=9, open=False)) == 1
