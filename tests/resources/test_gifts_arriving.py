"""Gifts on their way into a store: what the donor wishes is a place and words, and nobody fills another's store on the own word."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.donations import commands as c
from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.events.stock import StockReceived
from shared.kernel.commands import Signature
from shared.kernel.errors import RuleBroken
from tests.resources.giving_world import CHA, DAY, FOOD, gift, goods, raising, refused, said
from tests.resources.world import AREA, CITY, SYS, Town, at, stocked_town

STRANGER = Signature("CHA.9", ("CHA",), CITY, 2)
KEEPER = Signature("W.FP", ("WHK",), AREA, 3)


def apart(decided: Any) -> list[bool]:
    return [fact.pending for fact in decided.events if isinstance(fact, StockReceived)]


@pytest.mark.parametrize("intent", ["for old Zhang at the bridge", "15072", "1507221060010", "１５０７２２"])
def test_where_a_gift_is_for_is_a_code_and_what_is_wished_is_words(intent: str):
    town = raising()
    refused(town, gift(intent=intent), RuleBroken, "donation.intent", cure="wish")
    refused(town, said(c.RecordPledge, donation="DO-1", donor="DN-1", money=gift().money, intent=intent), RuleBroken, "donation.intent")
    town.do(gift(intent="150722106", wish="for the school"))
    assert town.past["donation-DO-1"][0].wish == "for the school"
    changed = said(c.ChangePurpose, donation="DO-1", intent=intent, consent="0" * 64)
    refused(town, changed, RuleBroken, "donation.intent")


def test_goods_of_a_campaign_for_the_incident_of_the_store_are_expected():
    decided = raising().do(goods())
    assert (apart(decided), "apart" in decided.answer) == ([False, False], False)


def test_on_the_word_of_a_charity_alone_goods_lie_apart_until_the_keeper_passed_them():
    town = raising()
    decided = town.do(goods(FOOD, by=STRANGER, incident="INC-1"))
    assert (apart(decided), decided.answer["apart"]) == ([True], 100)
    signed = raising().do(goods(FOOD, by=STRANGER, incident="INC-1", cosigner=KEEPER))
    assert apart(signed) == [False]


def test_a_campaign_for_elsewhere_or_for_what_is_over_opens_no_store():
    town = raising()
    town.do(NoteSupplyIncident(by=SYS, now=at("10:00", 20), incident="INC-1", division="150721"))
    assert apart(town.do(goods())) == [True, True]


def test_what_a_department_receives_goes_into_its_store_at_once():
    town: Town = stocked_town()
    taken = goods(by=Signature("B.EMD", ("EMD",), AREA, 3), now=DAY, incident="INC-1", donor="DN-1")
    assert apart(town.do(taken)) == [False, False]
    assert CHA.division == CITY
