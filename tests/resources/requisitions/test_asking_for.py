"""What is asked of whom is said whole before anything is taken; the owner is told; others may refuse or revoke it (RQ-01, RQ-03)."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.register import RegisterRequisitionableProperty, RetireRequisitionableProperty
from services.resources.events.requisition import RequisitionRefused, RequisitionRevoked
from services.resources.events.wanted import NoticeManner
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.resources.requisitions.taken import approve, open_town, period, refused, request, requested, revoke, serve, served, take, taken
from tests.resources.world import APP, GOV, HQ, OFF, at, money


def refuse(**changed: Any) -> c.RefuseRequisition:
    return c.RefuseRequisition(**{"by": HQ, "now": at("16:30"), "requisition": "RE-1", "reason": "our own boats do"} | changed)


def register(**changed: Any) -> RegisterRequisitionableProperty:
    said: dict[str, Any] = {"property": "PP-1", "item": "TENT", "owner": "OW-1", "place": "150722106", "quantity": 3, "name": "marquee"}
    return RegisterRequisitionableProperty(**{"by": OFF, "now": at("08:00")} | said | changed)


def retire(**changed: Any) -> RetireRequisitionableProperty:
    return RetireRequisitionableProperty(**{"by": OFF, "now": at("08:00"), "property": "PP-1", "reason": "sold"} | changed)


def test_a_request_takes_nothing_and_says_what_the_certificate_will_say():
    [fact] = open_town().do(request()).events
    wanted = fact.wanted
    assert (wanted.kind, wanted.tariff, wanted.quantity, wanted.value) == ("boat", "requisition_boat", 1, money("30000.00"))
    assert (wanted.executor, wanted.exempt, fact.subject, fact.division) == ("B.OFF", False, "OW-1", "150722")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"subject": None}, "RQ-03"),
        ({"item": None}, "RQ-03"),
        ({"item": ""}, "RQ-03"),
        ({"value": None}, "RQ-03"),
        ({"purpose": None}, "RQ-03"),
        ({"value": money("0.001")}, "amount.form"),
        ({"basis": None}, "RQ-02"),
        ({"basis": "FCL-44"}, "RQ-02"),
        ({"basis": "RQ-07"}, "RQ-02"),
        ({"incident": None}, "incident.open"),
        ({"incident": "INC-9"}, "incident.open"),
        ({"kind": "spaceship"}, "requisition.kind"),
        ({"quantity": 0}, "stock.quantity"),
        ({"until": at("16:20")}, "RQ-03"),
        ({"kind": "troops"}, "RQ-01"),
        ({"item": "military truck"}, "RQ-01"),
        ({"item": "部队冲锋舟"}, "RQ-01"),
    ],
)
def test_a_request_that_lacks_what_the_law_asks_is_refused(changed: dict[str, Any], rule: str):
    assert refused(open_town(), request(**changed), RuleBroken, rule)


def test_every_fault_is_told_at_once():
    cure = refused(open_town(), request(subject=None, item=None, basis=None, value=None, purpose=None), RuleBroken, "RQ-02")
    assert all(name in cure for name in ("basis", "subject", "item", "value", "purpose"))


def test_an_id_is_used_once():
    assert refused(requested(), request(), WrongState, "requisition.state")


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("冲锋舟和船", "boat"),
        ("Truck TEST-0001", "vehicle"),
        ("挖掘机两台", "machine"),
        ("warehouse yard", "site"),
        ("a thing", "equipment"),
    ],
)
def test_the_kind_is_read_from_the_words_unless_it_is_named(item: str, kind: str):
    assert open_town().do(request(item=item)).events[0].wanted.kind == kind
    assert open_town().do(request(item=item, kind="site")).events[0].wanted.tariff == "requisition_site"


def test_registered_property_says_whose_and_what():
    town = open_town()
    town.do(register())
    [fact] = town.do(request(property="PP-1", subject=None, item=None)).events
    assert (fact.subject, fact.wanted.item, fact.wanted.property) == ("OW-1", "marquee", "PP-1")
    assert town.do(request("RE-3", property="PP-1", item="marquee")).events
    for other in ({"subject": "OW-2", "item": None}, {"subject": None, "item": "the same marquee, white"}):
        assert "marquee of OW-1" in refused(town, request("RE-2", property="PP-1", **other), RuleBroken, "property.registered")
    more = {"property": "PP-1", "subject": None, "item": None, "quantity": 4}
    assert refused(town, request("RE-2", **more), RuleBroken, "stock.quantity")
    assert refused(town, request("RE-2", property="PP-9"), NotFound, "reference")
    town.do(retire())
    assert refused(town, request("RE-2", property="PP-1"), NotFound, "reference")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [({"item": "NOTHING"}, "item.known"), ({"quantity": 0}, "stock.quantity"), ({"owner": None}, "RQ-03"), ({"place": None}, "RQ-03")],
)
def test_the_register_says_whose_what_where_and_how_much(changed: dict[str, Any], rule: str):
    assert refused(open_town(), register(**changed), RuleBroken, rule)


def test_the_register_is_as_said_last():
    town = open_town()
    town.do(register())
    assert not town.do(register()).events
    assert town.do(register(quantity=2)).events[0].quantity == 2
    assert refused(town, retire(reason=None), RuleBroken, "property.reason")
    assert town.do(retire()).events and not town.do(retire()).events
    assert town.do(register(quantity=2)).events


def test_the_owner_is_told_once_with_the_remedy():
    town = requested()
    town.do(period())
    town.do(approve())
    [notice] = town.do(serve()).events
    remedy = notice.remedy
    assert (remedy.days, remedy.article, remedy.until) == (60, "ARC-20", at("16:26").replace(month=9, day=16))
    assert remedy.organ == "the government of 150722" and "60" in remedy.text
    assert not town.do(serve()).events
    assert refused(served(), serve(by=OFF, manner=NoticeManner.PAPER, proof="receipt 1"), WrongState, "requisition.state")
    assert "told already" in refused(taken(), serve(by=OFF, proof="receipt 1", manner=NoticeManner.PAPER), WrongState, "requisition.state")


def test_the_government_above_reviews_what_a_government_took():
    town = requested(basis="ERL-12", necessity="no other boat")
    town.do(approve(by=GOV))
    assert town.do(serve()).events[0].remedy.organ == "the government above 150722"


def test_on_paper_the_notice_needs_a_proof_and_is_not_served_by_the_app():
    town = requested()
    town.do(period())
    town.do(approve(manner=NoticeManner.PAPER))
    assert not town.do(serve()).events
    assert refused(town, take(), WrongState, "requisition.state")
    for manner in NoticeManner:
        assert refused(town, serve(by=OFF, manner=manner), RuleBroken, "ARC-20")
    assert town.do(serve(by=OFF, manner=NoticeManner.PAPER, proof="receipt 1")).events
    assert town.do(take()).events


def test_nothing_is_taken_that_was_not_approved():
    assert refused(requested(), take(), WrongState, "requisition.state")


def test_the_organ_that_might_approve_may_refuse():
    town = requested()
    assert refused(town, refuse(by=APP), NotAllowed, "RQ-02")
    assert refused(town, refuse(reason=None), RuleBroken, "requisition.reason")
    [fact] = town.do(refuse()).events
    assert isinstance(fact, RequisitionRefused)
    assert refused(town, approve(), WrongState, "requisition.state")


def test_a_notice_that_comes_after_the_end_of_it_says_nothing():
    town = requested()
    town.do(period())
    town.do(approve())
    town.do(revoke())
    assert not town.do(serve()).events


@pytest.mark.parametrize("town", [requested, served])
def test_before_it_is_taken_a_revocation_ends_it(town: Any):
    there = town()
    assert refused(there, revoke(reason=None), RuleBroken, "requisition.reason")
    [fact] = there.do(revoke()).events
    assert isinstance(fact, RequisitionRevoked) and fact.over and not fact.clocks
    assert refused(there, take(), WrongState, "requisition.state")
    assert refused(there, revoke(), WrongState, "requisition.state")
