"""What the record and the own page are told of a claim: what is missing, lines, the decision with organ, date and remedy (ARC-20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from services.compensation.events.claim import ClaimAssessed, ClaimOpened, EvidenceAdded
from services.compensation.events.decision import ClaimDecided, DecisionServed, Manner, Outcome, Remedy
from services.compensation.events.figures import NOTHING_STATED, ClaimKind, Line
from services.volunteers.pages.rendering import WORDS
from services.volunteers.projections.claims import Claims, of_claimant
from shared.handling.rows import UnitOfWork
from shared.sql.ports import Connection, Databases
from tests.volunteers.callup_world import at

NOW = at("10:00", 25)
OPENED = ClaimOpened(
    "CL-1",
    ClaimKind.VOLUNTEER,
    "V-A",
    "INC-1",
    None,
    (),
    NOTHING_STATED,
    None,
    (),
    ("receipts",),
    True,
    "150722",
    None,
    "",
    "V-A",
    "150722",
    NOW,
)
BROUGHT = EvidenceAdded("CL-1", (), NOTHING_STATED, "P-1", (), "V-A", NOW)
LINE = Line("full_day", Decimal(2), Decimal("100.00"), Decimal("200.00"))
ASSESSED = ClaimAssessed("CL-1", (LINE,), Decimal(200), Decimal("200.00"), "", "150722", None, 1, "B.ASS", NOW)
REMEDY = Remedy("150700", 60, "ask the city", "ARC-20")
DECIDED = ClaimDecided(
    "CL-1",
    "V-A",
    "INC-1",
    Outcome.PARTLY,
    Decimal("120.00"),
    Decimal("200.00"),
    "no receipts",
    "150722",
    REMEDY,
    Manner.IN_APP,
    "B.GOV",
    NOW,
)
SERVED = DecisionServed("CL-1", Manner.IN_APP, "", "B.GOV", NOW + timedelta(days=1))
Told = Callable[..., dict[str, Any]]


@pytest.fixture
def told(databases: Databases) -> Told:
    def build(*events: Any) -> dict[str, Any]:
        database = databases.at("claims")
        db: Connection = database.connect()
        db.executescript(";\n".join(statement for table in Claims.tables for statement in table.ddl()))
        rows, projection = UnitOfWork(db), Claims()
        envelope: Any = SimpleNamespace(division="150722", position=1)
        for event in events:
            projection.apply(rows, event, envelope)
            rows.flush()
        (one,) = of_claimant(database.look(), "V-A")
        return one

    return build


def test_what_is_missing_and_what_was_brought(told: Told) -> None:
    one = told(OPENED)
    assert (one["missing"], one["account"], one["decision"]) == (["receipts"], False, None) and "told" not in one


def test_nothing_is_missing_once_it_was_brought(told: Told) -> None:
    one = told(OPENED, BROUGHT)
    assert (one["missing"], one["account"]) == ([], True)


def test_the_lines_come_with_the_assessment_and_the_decision_with_its_remedy(told: Told) -> None:
    one = told(OPENED, BROUGHT, ASSESSED, DECIDED, SERVED)
    assert one["lines"] == [{"code": "full_day", "quantity": "2", "rate": "100.00", "amount": "200.00"}]
    decision = one["decision"]
    assert (decision["reason"], decision["by"], decision["division"], decision["amount"]) == ("no receipts", "B.GOV", "150722", "120.00")
    assert decision["remedy"] == {"organ": "150700", "days": 60, "text": "ask the city", "article": "ARC-20"}
    assert datetime.fromisoformat(decision["served_at"]) == SERVED.at and datetime.fromisoformat(decision["at"]) == NOW


def test_both_languages_say_the_same_of_claims() -> None:
    zh, en = WORDS["zh"], WORDS["en"]
    assert zh["claim_lines"].keys() == en["claim_lines"].keys() and zh["claim_proofs"].keys() == en["claim_proofs"].keys()
