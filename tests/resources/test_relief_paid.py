"""Relief is decided by the tariff, served, paid once, published, recovered (NDR art. 20, 26, 30; SAR art. 48)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.resources.deciders.relief import commands as c
from services.resources.deciders.relief.household import RegisterHousehold
from services.resources.deciders.relief.tariff import SetReliefTariff
from services.resources.events import relief as r
from services.resources.events.relief_tariff import Per
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.resources.relief_world import (
    CIVIL,
    FIN2,
    GACHA,
    POSTED,
    REPAIR,
    TEXT,
    VILLAGE,
    money,
    nominated,
    paid,
    posted,
    refused,
    said,
    served,
    urgent,
    village,
    with_tariff,
)
from tests.resources.world import APP, AREA, CITY, DIGEST, FIN, SYS, TOWN, Town, at


def test_each_kind_is_decided_by_its_department():
    town = village()
    posted(town)
    town.do(said(c.ReviewAtTownship, TOWN))
    refused(town, said(c.DecideRelief, CIVIL), NotAllowed, "NDR-20")


def test_the_amount_is_the_tariffs():
    town = village()
    posted(town)
    town.do(said(c.ReviewAtTownship, TOWN))
    refused(town, said(c.DecideRelief, APP, amount=money("2000.01")), RuleBroken, "relief.tariff", "2000.00")
    refused(town, said(c.DecideRelief, APP, amount=money("0")), RuleBroken, "relief.tariff")
    refused(town, said(c.DecideRelief, APP, amount=money("1")), RuleBroken, "relief.reason")
    refused(town, said(c.DecideRelief, APP, amount=money("1.001")), RuleBroken, "amount.form")
    tariff = {"division": AREA, "kind": REPAIR, "year": 2021, "amount": money("700"), "per": Per.PERSON, "source": "notice 1"}
    town.do(SetReliefTariff(by=FIN, now=at("09:00", 28), **tariff))
    assert not town.do(SetReliefTariff(by=FIN, now=at("09:00", 28), **tariff)).events
    assert town.do(said(c.DecideRelief, APP)).events[0].amount == money("2800.00")


def test_without_a_tariff_nothing_is_decided():
    town = village()
    nominated(town, kind="relief_house_rebuild")
    town.do(said(c.RecordAppraisal, GACHA, votes_for=7, votes_against=0))
    town.do(said(c.PostList, GACHA, POSTED, text=TEXT))
    town.do(said(c.ReviewAtTownship, TOWN))
    refused(town, said(c.DecideRelief, APP), RuleBroken, "relief.tariff", "SetReliefTariff")


def test_a_tariff_says_what_for_when_and_why():
    with pytest.raises(RuleBroken) as error:
        Town().do(SetReliefTariff(by=FIN, now=at("09:00"), division=AREA, kind="nothing"))
    assert [fault.rule for fault in error.value.failures] == ["relief.kind", "relief.tariff", "relief.tariff", "relief.tariff"]


def test_denied_with_a_reason_and_served_on_paper():
    town = village()
    posted(town)
    refused(town, said(c.DenyRelief, APP), RuleBroken, "relief.reason")
    town.do(said(c.DenyRelief, APP, reason="the house is whole"))
    refused(town, said(c.ServeRelief, APP), RuleBroken, "ARC-20")
    assert not town.do(said(c.ServeRelief, SYS)).events
    town.do(said(c.ServeRelief, APP, proof="receipt 1"))
    assert town.state("relief-RF-1").status == "denied and served"


def test_returned_to_be_put_right():
    town = village()
    nominated(town)
    refused(town, said(c.ReturnApplication, TOWN), RuleBroken, "relief.reason")
    town.do(said(c.ReturnApplication, TOWN, reason="which house?"))
    town.do(RegisterHousehold(by=GACHA, now=at("08:00"), household="HH-2", village=VILLAGE, persons=1))
    with pytest.raises(RuleBroken):
        nominated(town, household="HH-2")
    assert nominated(town).events


def test_nothing_is_paid_above_the_decision_nor_twice_nor_by_who_decided():
    town = village()
    served(town)
    refused(town, said(c.PayRelief, FIN, amount=money("2000.01")), RuleBroken, "amount")
    refused(town, said(c.PayRelief, FIN, amount=money("1999.99")), RuleBroken, "amount")
    refused(town, said(c.PayRelief, APP), NotAllowed, "relief.apart")
    refused(town, said(c.PayRelief, Signature("C.FIN", ("FIN",), CITY, 2)), NotAllowed, "relief.payer", AREA)
    assert isinstance(town.do(said(c.PayRelief, FIN)).events[1], r.PaidOnce)
    refused(town, said(c.PayRelief, FIN), WrongState, "relief.state")
    with pytest.raises(WrongState) as error:
        nominated(town, relief="RF-2")
    assert error.value.rule == "relief.once"


def test_two_claims_side_by_side_are_paid_once():
    town = village()
    other = {"relief": "RF-2"}
    nominated(town, **other)
    town.do(said(c.RecordAppraisal, GACHA, votes_for=7, votes_against=0, **other))
    town.do(said(c.PostList, GACHA, POSTED, text=TEXT, **other))
    town.do(said(c.ReviewAtTownship, TOWN, **other))
    town.do(said(c.DecideRelief, APP, **other))
    town.do(said(c.ServeRelief, SYS, manner=r.ServedHow.IN_APP, **other))
    paid(town)
    refused(town, said(c.PayRelief, FIN, **other), WrongState, "relief.once", "RF-1")


def test_urgent_relief_is_paid_by_two_and_papered_later():
    town = with_tariff()
    refused(town, urgent(cosigner=None), NotAllowed, "two.persons")
    refused(town, urgent(cosigner=CIVIL), NotAllowed, "two.persons")
    refused(town, urgent(kind=REPAIR), RuleBroken, "SAR-48")
    refused(town, urgent(reason=None), RuleBroken, "SAR-48")
    refused(town, urgent(amount=money("500.01")), RuleBroken, "relief.tariff")
    first = town.do(urgent()).events[0]
    assert (first.urgent, first.second, [due.key for due in first.clocks]) == (True, "B.FIN", ["K-32", "relief.paper"])
    refused(town, urgent(relief="RF-2"), WrongState, "relief.once")
    missed = town.do(c.EscalateReliefClock(by=SYS, now=at("09:00", 28) + timedelta(days=11), relief="RF-1", key="relief.paper"))
    assert missed.events
    refused(town, said(c.PaperRelief, CIVIL), RuleBroken, "SAR-48")
    refused(town, said(c.PaperRelief, CIVIL, document="in the cupboard"), RuleBroken, "PIPL-5")
    assert town.do(said(c.PaperRelief, CIVIL, document=DIGEST)).events[0].met == ("relief.paper",)


def test_urgent_relief_without_a_tariff_is_not_paid():
    refused(village(), urgent(), RuleBroken, "relief.tariff")


def test_temporary_relief_is_reviewed_before_it_is_posted():
    town = with_tariff()
    nominated(town, kind="temporary")
    refused(town, said(c.RecordAppraisal, GACHA, votes_for=7, votes_against=0), WrongState, "relief.state")
    town.do(said(c.ReviewAtTownship, TOWN, at("10:00", 20)))
    town.do(said(c.PostList, TOWN, POSTED, text=TEXT))
    refused(town, said(c.DecideRelief, CIVIL, at("11:00", 22)), RuleBroken, "NDR-20")
    refused(town, said(c.DecideRelief, APP), NotAllowed, "SAR-48")
    assert town.do(said(c.DecideRelief, CIVIL)).events[0].amount == money("500.00")


def test_what_was_got_by_fraud_is_given_back():
    town = village()
    paid(town)
    refused(town, said(c.RecoverRelief, APP, reason="no such house"), NotAllowed, "two.persons")
    refused(town, said(c.RecoverRelief, APP, cosigner=CIVIL), RuleBroken, "NDR-30")
    ordered = town.do(said(c.RecoverRelief, APP, cosigner=CIVIL, reason="no such house")).events[0]
    assert (ordered.amount, ordered.clocks[0].key) == (money("2000.00"), "relief.recovery")
    refused(town, said(c.RecordRecovery, FIN2, amount=money("1")), RuleBroken, "amount")
    assert town.do(said(c.RecordRecovery, FIN2)).events[0].met == ("relief.recovery",)


def test_a_household_has_a_village_and_persons():
    town = Town()
    with pytest.raises(RuleBroken) as error:
        town.do(RegisterHousehold(by=GACHA, now=at("08:00"), household="HH-3"))
    assert len(error.value.failures) == 2
    many = RegisterHousehold(by=GACHA, now=at("08:00"), household="HH-3", village=VILLAGE, persons=101)
    refused(town, many, RuleBroken, "RL-03", "1 to 100")
    town.do(RegisterHousehold(by=GACHA, now=at("08:00"), household="HH-3", village=VILLAGE, persons=2, person="ref", fields=("name",)))
    assert not town.do(RegisterHousehold(by=GACHA, now=at("08:00"), household="HH-3")).events
    changed = town.do(RegisterHousehold(by=GACHA, now=at("08:00"), household="HH-3", persons=3)).events[0]
    assert (changed.persons, changed.person, changed.version) == (3, "ref", 2)


def test_who_asked_for_it_does_not_decide():
    town = with_tariff()
    named = {"household": "HH-1", "kind": "temporary", "incident": "INC-1"}
    town.do(said(c.ApplyRelief, CIVIL, at("09:00", 20), **named))
    town.do(said(c.ReviewAtTownship, TOWN, at("10:00", 20)))
    town.do(said(c.PostList, TOWN, POSTED, text=TEXT))
    for command in (said(c.DecideRelief, CIVIL), said(c.DenyRelief, CIVIL, reason="none")):
        refused(town, command, NotAllowed, "relief.apart")
    assert town.do(said(c.DecideRelief, Signature("B.CIV2", ("CIV",), AREA, 3))).events


def test_what_is_told_on_paper_is_not_told_in_the_app_without_a_proof():
    town = village()
    posted(town)
    town.do(said(c.DenyRelief, APP, reason="the house is whole"))
    refused(town, said(c.ServeRelief, APP, manner=r.ServedHow.IN_APP), RuleBroken, "ARC-20")


def test_the_year_of_a_tariff_is_that_of_the_calendar():
    town = with_tariff()
    midnight = datetime(2021, 12, 31, 17, tzinfo=UTC)
    refused(town, urgent(now=midnight, amount=None), RuleBroken, "relief.tariff", "2022")


def test_a_tariff_of_nothing_is_none():
    tariff = {"division": AREA, "kind": REPAIR, "year": 2021, "amount": money("0"), "source": "notice 1"}
    refused(Town(), SetReliefTariff(by=FIN, now=at("09:00", 28), **tariff), RuleBroken, "relief.tariff")


def test_a_payment_is_published_also_when_it_is_to_be_given_back_and_needs_no_papers_after_that():
    town = with_tariff()
    town.do(urgent())
    town.do(said(c.RecoverRelief, CIVIL, cosigner=APP, reason="no such house"))
    assert town.do(said(c.DiscloseUse, SYS)).events
    town.do(said(c.RecordRecovery, FIN2))
    claim = town.state("relief-RF-1")
    assert (claim.status, claim.clocks.open()) == ("recovered", ())
