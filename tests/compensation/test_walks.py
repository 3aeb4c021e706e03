"""Whatever happens to a claim: what is shown is its fold, nothing is waited for in vain, and no more is paid than was decided."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from services.compensation.deciders.claims.state import APPEALED, DECIDED, FINAL, PAID, REOPENED, WITHDRAWN
from services.compensation.events.claim import ClaimOpened
from services.volunteers.projections.claims import Claims as OfVolunteers
from shared.kernel.events import family, type_of
from tests.compensation.walks import walks
from tests.compensation.world import Town


class Held:
    """The one row of a table."""

    def __init__(self) -> None:
        self.row: dict[str, Any] | None = None

    def put(self, table: Any, **row: Any) -> None:
        self.row = row

    def get(self, table: Any, key: str) -> dict[str, Any] | None:
        return self.row

    def change(self, table: Any, key: str, **changed: Any) -> None:
        assert self.row is not None
        self.row |= changed


def shown(facts: list[Any]) -> dict[str, Any]:
    """The row of volunteers after these facts of a claim."""
    held: Any = Held()
    made = OfVolunteers()
    for fact in facts:
        if family(type_of(fact)) in made.listens:
            envelope: Any = SimpleNamespace(division="150722")
            made.apply(held, fact, envelope)
    row: dict[str, Any] = held.row
    return row


def test_the_record_of_a_person_shows_what_was_decided_and_paid():
    statuses = set()
    for walk in walks():
        for town in walk:
            claim, row = town.claim(), shown(town.past["claim-CL-A"])
            assert isinstance(town.past["claim-CL-A"][0], ClaimOpened)
            assert Decimal(row["paid"] or 0) == claim.paid, claim
            if claim.decided is not None:
                assert Decimal(row["amount"]) == claim.decided, claim
            for name in (APPEALED, REOPENED, WITHDRAWN):
                assert (row["state"] == name) == (claim.status == name), (row, claim)
            if row["state"] in ("paid", "final"):
                assert claim.over and claim.status in (PAID, FINAL, "served", "settled"), (row, claim)
            statuses.add(claim.status)
    assert {APPEALED, REOPENED, WITHDRAWN, PAID, FINAL} <= statuses


def test_no_term_runs_for_what_is_over_and_what_is_owed_has_one():
    for walk in walks():
        for town in walk:
            _terms(town)


def _terms(town: Town) -> None:
    claim = town.claim()
    running = {due.key for due in claim.clocks.open()}
    if claim.final:
        assert "K-28.apply" not in running, claim
    if claim.over and claim.status != DECIDED:
        assert not running & {"claim.pay_wait", "claim.serve_wait"}, claim
    if claim.owed > 0 and claim.decided is not None and claim.status not in (DECIDED, APPEALED):
        assert ("claim.pay_wait" if claim.doubt is None else "claim.look_wait") in running, claim
    if claim.doubt is not None:
        assert "claim.pay_wait" not in running and not (claim.status == APPEALED and "claim.look_wait" in running), claim
    if claim.status not in (APPEALED,):
        assert not running & {"K-28.admit", "K-28.decide"}, claim
