"""Insurance policies: what they must say, extensions without a gap, whom they cover, claims; and covers over a period."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.volunteers.deciders.forces.commands import NoteForceCover
from services.volunteers.deciders.insurance import commands as ask
from services.volunteers.deciders.insurance.cover import ending, gap
from services.volunteers.deciders.insurance.policy import POLICY
from services.volunteers.deciders.people.commands import NoteVolunteerCover
from services.volunteers.events import policy as said
from services.volunteers.events.validity import Cover
from services.volunteers.policies.covers import when_persons_linked_then_note_covers, when_policy_cancelled_then_end_covers
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.volunteers.people_world import (
    BANNER,
    CITY,
    END,
    ENVELOPE,
    LATER,
    NOW,
    OFFICER,
    RULES,
    approved,
    at,
    filed,
    force_of,
    volunteer_of,
)

HOLDERS = {"volunteer-V-A": volunteer_of(*approved()), "force-SF-2": force_of(*filed("SF-2"))}
RECORDED = said.PolicyRecorded(
    "POL-2", "an insurer", "N-2", ("V-A",), ("SF-2",), "rescue", Decimal(100000), NOW, END, CITY, CITY, CITY, OFFICER.actor, NOW
)


def past(*events: Any, **others: Any) -> Given:
    return given(POLICY, *events, others=HOLDERS | others, rules=RULES)


def record(**changed: Any) -> ask.RecordPolicy:
    whole: dict[str, Any] = {"by": OFFICER, "now": NOW, "policy": "POL-2", "insurer": "an insurer", "number": "N-2", "risk": "rescue"}
    terms: dict[str, Any] = {"amount": Decimal(100000), "from_": NOW, "to": END, "territory": CITY, "payer": CITY, "division": CITY}
    return ask.RecordPolicy(**whole | terms | {"group": ("V-A",), "forces": ("SF-2",)} | changed)


def test_a_policy_says_who_what_when_and_where() -> None:
    past().when(record()).then(RECORDED)
    nothing = dict.fromkeys(("insurer", "number", "risk", "amount", "from_", "to", "territory", "payer"))
    error = past().when(record(**nothing)).refused(RuleBroken, "policy.required", times=8)
    assert "from" in [fault.field for fault in error.failures]
    past(RECORDED).when(record()).refused(WrongState, "policy.life")


@pytest.mark.parametrize(
    ("changed", "rule"), [({"to": NOW}, "policy.period"), ({"amount": Decimal(0)}, "policy.amount"), ({"payer": ""}, "policy.required")]
)
def test_terms_that_do_not_hold_are_refused(changed: dict[str, Any], rule: str) -> None:
    past().when(record(**changed)).refused(RuleBroken, rule)


def test_whom_it_covers_is_registered() -> None:
    nobody = {"volunteer-V-Z": volunteer_of(), "force-SF-9": force_of()}
    past(**nobody).when(record(group=("V-Z",), forces=("SF-9",))).refused(NotFound, "reference", times=2)


def extend(**changed: Any) -> ask.ExtendPolicy:
    return ask.ExtendPolicy(**{"by": OFFICER, "now": LATER, "policy": "POL-2", "to": END + timedelta(days=12)} | changed)


def test_a_policy_is_extended_without_a_gap() -> None:
    extended = past(RECORDED).when(extend()).then_types(said.PolicyExtended)
    assert extended.events[0].forces == ("SF-2",)
    past(RECORDED, *extended.events).when(extend()).then()
    for to in (None, END - timedelta(days=1)):
        past(RECORDED).when(extend(to=to)).refused(RuleBroken, "policy.period")
    past(RECORDED).when(extend(now=END + timedelta(seconds=1))).refused(WrongState, "policy.life")
    past(RECORDED).when(extend(now=END)).then_types(said.PolicyExtended)


def test_further_persons_are_linked_once() -> None:
    link = ask.LinkPersons(by=OFFICER, now=LATER, policy="POL-2", group=("V-A", "V-B"))
    others = {"volunteer-V-B": volunteer_of(*approved("V-B"))}
    linked = past(RECORDED, **others).when(link).then_types(said.PersonsLinked)
    assert linked.events[0][1].group == ("V-B",)
    past(RECORDED).when(replace(link, group=("V-A",))).then()


def test_a_cancelled_policy_covers_nobody() -> None:
    cancel = ask.CancelPolicy(by=OFFICER, now=LATER, policy="POL-2", reason="not paid")
    cancelled = past(RECORDED).when(cancel).then_types(said.PolicyCancelled)
    past(RECORDED).when(replace(cancel, reason=None)).refused(RuleBroken, "policy.reason")
    past(RECORDED, *cancelled.events).when(extend()).refused(WrongState, "policy.life")
    followed = list(when_policy_cancelled_then_end_covers(cancelled.events[0], ENVELOPE))
    assert [type(one).__name__ for one in followed] == ["EndVolunteerCover", "EndForceCover"]


def test_who_is_covered_is_told() -> None:
    linked = said.PersonsLinked("POL-2", ("V-A",), ("SF-2",), "rescue", NOW, END, CITY, OFFICER.actor, NOW)
    first, second = when_persons_linked_then_note_covers(linked, ENVELOPE)
    assert isinstance(first, NoteVolunteerCover) and isinstance(second, NoteForceCover)
    assert (first.volunteer, second.force) == ("V-A", "SF-2")


def test_claims_are_opened_for_who_was_covered_and_settled_once() -> None:
    claim = ask.OpenInsuranceClaim(by=OFFICER, now=END, policy="POL-2", claim="IC-1", holder="V-A", happened=LATER)
    opened = past(RECORDED).when(claim).then_types(said.InsuranceClaimOpened)
    past(RECORDED).when(replace(claim, holder="V-B", happened=END + timedelta(days=1))).refused(RuleBroken, "policy.holder", times=2)
    past(RECORDED, *opened.events).when(claim).refused(WrongState, "policy.claim")
    settle = ask.SettleInsuranceClaim(by=OFFICER, now=END, policy="POL-2", claim="IC-1", paid=Decimal("86.50"))
    settled = past(RECORDED, *opened.events).when(settle).then_types(said.InsuranceClaimSettled)
    past(RECORDED).when(settle).refused(NotFound, "reference")
    past(RECORDED, *opened.events).when(replace(settle, paid=None)).refused(RuleBroken, "policy.reason")
    past(RECORDED, *opened.events).when(replace(settle, paid=Decimal(-1))).refused(RuleBroken, "policy.amount")
    past(RECORDED, *opened.events, *settled.events).when(settle).refused(WrongState, "policy.claim")


def cover(policy: str, first: int, last: int, territory: str = CITY) -> Cover:
    return Cover(policy, at("00:00", first), at("23:59", last) + timedelta(seconds=59), territory, "rescue")


def test_a_gap_is_named_by_where_it_begins() -> None:
    places, day = (BANNER, CITY), at("14:00", 19)
    ends = cover("POL-2", 1, 19)
    assert gap([ends], day, at("20:00", 20), places) == ends.until
    assert ending([ends], ends.until) == ends
    assert gap([cover("POL-2", 1, 31)], day, at("20:00", 20), places) is None
    assert gap([cover("B", 20, 31), ends], day, at("20:00", 20), places) is None  # one follows the other
    assert gap([cover("B", 21, 31), ends], day, at("20:00", 22), places) == ends.until
    assert gap([cover("POL-2", 1, 31, "150702")], day, at("20:00", 20), places) == day  # elsewhere
    assert gap([], day, at("20:00", 20), places) == day
