"""Closing an incident waits for a claim as long as anything is owed or under review, however the claim ends; and no longer."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from services.alerts.deciders.incidents.closure import CLOSURE, Closure
from services.alerts.deciders.incidents.commands import OpenClosureItem
from services.alerts.deciders.incidents.state import CLOSED
from services.alerts.events.closure import ClosureItemOpened
from services.alerts.events.incident import IncidentReopened
from services.alerts.policies.neighbours import NEIGHBOURS
from services.compensation.deciders.claims.state import WITHDRAWN
from shared.kernel.decider import Decided
from shared.kernel.events import family, type_of
from tests.alerts.command.incidents import SYS, Node, register
from tests.alerts.world import RULES, at
from tests.compensation.walks import ENDINGS, ended, walks
from tests.compensation.world import Town

STREAM = "claim-CL-A"


class Closing:
    """The closure of INC-1, following what happens to a claim in a town."""

    def __init__(self) -> None:
        self.node = Node()
        self.node.do(register())
        self.node.about[STREAM] = "INC-1"
        self.heard = 0

    def waits_for(self, town: Town) -> tuple[str, ...]:
        facts = town.past[STREAM]
        for fact in facts[self.heard :]:
            for one in NEIGHBOURS:
                if family(type_of(fact)) in one.listens:
                    self.node._react(one, STREAM, fact)
        self.heard = len(facts)
        closure: Closure = self.node.state("closure-INC-1")
        return closure.open("claim")


@pytest.mark.parametrize("name", ENDINGS)
def test_closing_waits_as_long_as_anything_is_owed_or_under_review(name: str):
    assert bool(Closing().waits_for(ended(name))) is ENDINGS[name][1]


def test_whatever_happens_to_a_claim_closing_waits_exactly_while_it_is_not_over():
    ends = set()
    for walk in walks():
        closing = Closing()
        for town in walk:
            claim = town.claim()
            over = claim.over or claim.status == WITHDRAWN
            assert bool(closing.waits_for(town)) is not over, claim
            ends.add((claim.status, over))
    assert len(ends) > 12  # the walks get about


@pytest.mark.parametrize(("kind", "reopens"), [("claim", False), ("order", True), ("call_up", True)])
def test_a_claim_does_not_reopen_what_is_closed(kind: str, reopens: bool):
    node = Node()
    node.do(register())
    closed = replace(node.incident(), status=CLOSED)
    command = OpenClosureItem(by=SYS, now=at("18:00"), incident="INC-1", item="X-1", kind=kind)
    decided = CLOSURE.decide(command, {"closure-INC-1": Closure(), "incident-INC-1": closed}, RULES)
    assert isinstance(decided, Decided)
    assert [type(fact) for _, fact in decided.events] == [ClosureItemOpened, *([IncidentReopened] if reopens else [])]
