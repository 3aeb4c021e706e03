"""Goods go to somebody who has to do with the store or the request, and to nobody else of the same name (SU-08)."""

from __future__ import annotations

from dataclasses import replace

from services.resources.deciders.shipments import commands as c
from shared.kernel.errors import NotAllowed, RuleBroken
from tests.resources.dispatch.goods import allocated, arrived, hand_out, order, ordered, promised, receipt, step
from tests.resources.stock.shelf import refused
from tests.resources.world import AREA, CITY, CITY_KEEPER, NEIGHBOUR, OFF, POINT, TOWN, Town, point, warehouse


def test_no_stranger_is_named_as_receiver():
    town = promised()
    refused(town, order(receiver="X.STRANGER"), RuleBroken, "receiver.named", "name W.FP")
    town.do(point(keepers=("W.FP2",)))
    assert town.do(order(receiver="W.FP2")).events


def test_a_post_of_the_same_name_elsewhere_confirms_nothing():
    town = arrived()
    refused(town, receipt(by=replace(POINT, division=NEIGHBOUR)), NotAllowed, "receiver.named", "a post of 150722")
    refused(town, receipt(by=TOWN), NotAllowed, "receiver.named", "the approver amends the dispatch")
    assert town.do(receipt()).events


def without_store() -> Town:
    """Promised to a request that names no store."""
    town = promised()
    made = town.past["allocation-AC-HL"][0]
    town.past["allocation-AC-HL"] = [allocated(made.lines, to_store=None, receiver="T.XW")]
    return town


def test_the_order_names_the_store_where_the_request_named_none():
    town = without_store()
    refused(town, order(), RuleBroken, "dispatch.store", "name the store it goes to")
    assert [town.do(order(to_store="FP-XW")).events[0].receiver] == ["T.XW"]


def test_no_order_sends_goods_to_an_authority_that_did_not_ask():
    town = without_store()
    town.do(warehouse("NW-1", by=OFF, owner=NEIGHBOUR, place=NEIGHBOUR, custodian="T.XW"))
    refused(town, order(to_store="NW-1"), RuleBroken, "store.line", "let 150721 ask for the goods itself")
    assert town.do(order(to_store="NW-1", near=True)).events  # as the edge says it of an authority above or below


def test_only_who_keeps_the_store_picks_and_hands_out_where_keepers_are_named():
    town = ordered()
    town.do(warehouse("WH-HL", by=replace(OFF, division=CITY), owner=CITY, place="150702", custodian="W.HL", level=2, keepers=("W.HL2",)))
    stranger = replace(CITY_KEEPER, actor="W.HL9")
    for command in (step(c.PickLine, stranger, lot="HL-QUILT-1"), step(c.ConfirmPick, stranger)):
        refused(town, command, NotAllowed, "store.keeper", "W.HL, W.HL2")
    assert town.do(step(c.PickLine, replace(CITY_KEEPER, actor="W.HL2"), lot="HL-QUILT-1")).events
    town.do(point(keepers=("W.FP2",)))
    refused(town, hand_out(by=replace(POINT, actor="W.X", division=AREA)), NotAllowed, "store.keeper")
    refused(town, hand_out(people=10**12), RuleBroken, "distribution.people", "1 to 10000000")
