"""An agreement is signed with its terms, reported on, changed on a ground, and over at its end (domain 3.11)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.resources.deciders.agreements import commands as c
from services.resources.events.agreement import AgreementExpired, AgreementTerminated, Ground
from services.resources.events.clock import ClockMissed
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.resources.agreements.contracts import FOOD, OTHER, call, refused, sign, signed
from tests.resources.world import DIGEST, REGION_APP, at, july, money, stocked_town


def amend(**changed: Any) -> c.AmendAgreement:
    said: dict[str, Any] = {"agreement": "AG-1", "ground": Ground.PUBLIC_INTEREST, "reason": "less is needed", "capacity_per_day": 1000}
    return c.AmendAgreement(**{"by": REGION_APP, "now": at("09:00", 20)} | said | changed)


def end(**changed: Any) -> c.TerminateAgreement:
    said: dict[str, Any] = {"agreement": "AG-1", "ground": Ground.PUBLIC_INTEREST, "reason": "no more needed"}
    return c.TerminateAgreement(**{"by": REGION_APP, "now": at("09:00", 20)} | said | changed)


def report(**changed: Any) -> c.ReportCapacity:
    return c.ReportCapacity(**{"by": FOOD, "now": at("09:00", 20), "agreement": "AG-1", "per_day": 1500, "in_stock": 300} | changed)


def passes(key: str, day: int = 1) -> c.EscalateAgreementClock:
    return c.EscalateAgreementClock(by=REGION_APP, now=at("00:00", day).replace(year=2022, month=8), agreement="AG-1", key=key)


def test_what_an_agreement_does_not_say_is_said_by_our_own_defaults():
    town = stocked_town()
    [fact] = town.do(sign(pay_days=None, lead_days=None)).events
    assert (fact.terms.pay_days, fact.terms.lead_days, fact.terms.price) == (30, 0, money("12.00"))
    assert fact.terms.standard and fact.terms.breach and fact.terms.confidentiality
    assert [due.key for due in fact.clocks] == ["valid_to", "agreement.capacity_report"]
    assert fact.clocks[0].due_at.isoformat() == "2022-08-01T00:00:00+08:00"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"item": "NOTHING"}, "item.known"),
        ({"capacity_per_day": None}, "stock.quantity"),
        ({"capacity_per_day": 0}, "stock.quantity"),
        ({"with_": None}, "ERL-46.2"),
        ({"owner": None}, "ERL-46.2"),
        ({"price": None}, "ERL-46.2"),
        ({"price": money("0")}, "amount.form"),
        ({"price": money("1.005")}, "amount.form"),
        ({"valid_to": None}, "ERL-46.2"),
        ({"valid_to": july(16)}, "agreement.state"),
        ({"lead_days": -1}, "stock.quantity"),
        ({"lead_days": 10**9}, "stock.quantity"),
        ({"valid_to": date.max}, "agreement.state"),
        ({"stock_kept": -1}, "stock.quantity"),
        ({"pay_days": 61}, "SMP-9"),
        ({"pay_days": 0}, "SMP-9"),
        ({"document": "a paper"}, "PIPL-5"),
    ],
)
def test_an_agreement_without_what_the_law_asks_is_refused(changed: dict[str, Any], rule: str):
    assert refused(stocked_town(), sign(**changed), RuleBroken, rule)


def test_a_capacity_below_zero_is_told_once():
    with pytest.raises(RuleBroken) as error:
        stocked_town().do(sign(capacity_per_day=-1))
    assert [fault.cure for fault in error.value.failures] == ["capacity_per_day of FOOD is a whole number of meal, 1 to 1000000000000"]


def test_sixty_days_may_be_agreed():
    assert stocked_town().do(sign(pay_days=60)).events


def test_an_agreement_is_signed_once():
    assert refused(signed(), sign(), WrongState, "agreement.state")


def test_only_the_contracted_supplier_reports_and_a_report_starts_the_time_anew():
    town = signed()
    assert refused(town, report(by=OTHER), NotAllowed, "call_off.supplier")
    assert refused(town, report(per_day=None), RuleBroken, "stock.quantity")
    [fact] = town.do(report()).events
    assert fact.below and fact.met == ("agreement.capacity_report",)
    assert not town.do(report(per_day=2000)).events[0].below


def test_a_report_that_did_not_come_is_told_once():
    town = signed()
    [missed] = town.do(passes("agreement.capacity_report")).events
    assert isinstance(missed, ClockMissed)
    assert not town.do(passes("agreement.capacity_report")).events


def test_a_change_in_the_public_interest_opens_a_claim():
    [fact] = signed().do(amend(loss=money("5000"))).events
    assert (fact.claim, fact.loss, fact.supplier, fact.change) == ("CL-AG-1.1", money("5000.00"), "ENT.FOOD", 1)
    assert fact.terms.capacity_per_day == 1000


def test_a_change_by_consent_opens_none_and_names_the_paper():
    town = signed()
    assert "paper" in refused(town, amend(ground=Ground.AGREED), RuleBroken, "SEED-25")
    [fact] = town.do(amend(ground=Ground.AGREED, document=DIGEST, valid_to=july(31))).events
    assert (fact.claim, fact.loss) == (None, money("0.00"))
    assert [due.due_at.date() for due in fact.clocks] == [july(31).replace(month=8, day=1)]


@pytest.mark.parametrize("changed", [{"ground": None}, {"reason": None}])
def test_no_agreement_is_voided_without_a_ground(changed: dict[str, Any]):
    for command in (amend(**changed), end(**changed)):
        cure = refused(signed(), command, RuleBroken, "SEED-25")
        assert "office-holders" in cure or "why" in cure


def test_a_change_of_nothing_is_refused_and_the_same_terms_change_nothing():
    town = signed()
    assert refused(town, amend(capacity_per_day=None), RuleBroken, "agreement.terms")
    assert not town.do(amend(capacity_per_day=2000)).events
    assert refused(town, amend(loss=money("-1")), RuleBroken, "amount.form")


def test_after_its_end_nothing_is_called_off():
    town = signed()
    [fact] = town.do(end(ground=Ground.BREACH)).events
    assert isinstance(fact, AgreementTerminated) and fact.claim is None and set(fact.stopped) == {"valid_to", "agreement.capacity_report"}
    assert refused(town, call(now=at("10:00", 21)), WrongState, "agreement.state")
    assert refused(town, end(), WrongState, "agreement.state")


def test_an_expired_agreement_is_over_by_its_date_before_the_clock_says_so():
    town = signed()
    late = at("00:00", 1).replace(year=2022, month=8)
    assert "sign a new one" in refused(town, call(now=late), WrongState, "agreement.state")
    [fact] = town.do(passes("valid_to")).events
    assert isinstance(fact, AgreementExpired)
    assert refused(town, call(now=late), WrongState, "agreement.state")
    assert not town.do(passes("valid_to")).events
