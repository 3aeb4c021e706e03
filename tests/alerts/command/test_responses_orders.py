"""A response and the orders given under it: none is ended by a stranger's response, none outlives its own unseen (ERL art. 86)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.alerts.deciders.incidents.state import CLOSED, MERGED, RESPONDING, Incident
from services.alerts.deciders.orders.commands import EndOrder
from services.alerts.deciders.orders.order import ORDER
from services.alerts.deciders.orders.state import ENDED, IN_FORCE, REVOKED, Order
from services.alerts.deciders.responses.commands import EndResponse, Kept
from services.alerts.deciders.responses.response import RESPONSE
from services.alerts.deciders.responses.state import ACTIVE, Response
from services.alerts.events.order import OrderEnded, OrderIssued
from services.alerts.events.response import KeptOrder, MeasureSettled, OrderBound, ResponseTerminated
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.command.responding import NOW, POLICY, activated, end
from tests.alerts.command.test_orders import INC, issue, past, scene
from tests.alerts.world import RULES, at

BOUND = OrderBound("ACT-B", "OR-2", NOW, "INC-1")
UNDER = Order(status=IN_FORCE, division="150722", incident="INC-1", activation="ACT-B")
FREE = replace(UNDER, activation=None)
END = (ResponseTerminated, MeasureSettled, MeasureSettled, MeasureSettled)


def response(*more: Any, **orders: Order) -> Given:
    named = {f"order-{name.replace('_', '-')}": order for name, order in orders.items()}
    return given(RESPONSE, *activated(), *more, rules=RULES, others=named)


def test_an_order_under_a_response_is_known_to_it():
    response_ = RESPONSE.fold(activated())
    others = scene() | {"response-ACT-B": response_}
    decided = given(ORDER, rules=RULES, others=others).when(issue(incident="INC-1", activation="ACT-B")).decided
    assert decided is not None and decided.events[1] == ("response-ACT-B", OrderBound("ACT-B", "OR-1", at("14:52"), "INC-1"))
    assert RESPONSE.fold([*activated(), decided.events[1][1]]).orders == ("OR-1",)
    assert ORDER.fold([decided.events[0][1]]).activation == "ACT-B"


def test_no_order_under_a_response_outlives_it_unseen():
    refusal = response(BOUND).when(end()).refused(RuleBroken, "ERL-86", times=1)
    assert refusal.cure == "order OR-2 is neither ended nor kept"
    ended = response(BOUND, OR_2=UNDER).when(end(orders_ended=("OR-2",))).then_types(*END).events[0][1]
    assert (ended.orders_ended, ended.orders_kept) == (("OR-2",), ())
    over = replace(UNDER, status=ENDED)
    assert response(BOUND, OR_2=over).when(end(orders_ended=("OR-2",))).then_types(*END).events[0][1].orders_ended == ()
    kept = (KeptOrder("OR-2", "water stands on the road"),)
    assert response(BOUND, OR_2=UNDER).when(end(orders_kept=kept)).then_types(*END).events[0][1].orders_kept == kept


def test_an_order_is_ended_or_kept_and_kept_for_a_reason():
    both = end(orders_ended=("OR-2",), orders_kept=(KeptOrder("OR-2"),))
    cures = response(BOUND, OR_2=UNDER).when(both).refused(RuleBroken, "ERL-86", times=2).cure
    assert "order OR-2 is both ended and kept" in cures and "order OR-2 is kept without a reason" in cures


def test_an_order_that_is_over_need_not_be_named_and_cannot_be_kept():
    further = RESPONSE.handles[EndResponse].further
    bound = RESPONSE.fold([*activated(), BOUND])
    assert further is not None and further(end(), {"response-ACT-B": bound}) == ("order-OR-2",)
    for status in (ENDED, REVOKED):
        over = replace(UNDER, status=status)
        response(BOUND, OR_2=over).when(end()).then_types(*END)
        kept = end(orders_kept=(KeptOrder("OR-2", "water stands on the road"),))
        assert f"OR-2 is {status}" in response(BOUND, OR_2=over).when(kept).refused(RuleBroken, "ERL-86", times=1).cure


def test_only_orders_of_the_response_or_its_incident_end_with_it():
    response(OR_3=Order()).when(end(orders_ended=("OR-3",))).refused(NotFound, "reference")
    response(OR_3=FREE).when(end(orders_ended=("OR-3",))).then_types(*END)
    for strange in (replace(FREE, incident="INC-9"), replace(FREE, activation="ACT-C"), replace(FREE, incident=None)):
        refusal = response(OR_3=strange).when(end(orders_ended=("OR-3",))).refused(RuleBroken, "ERL-86", times=1)
        assert refusal.cure == "order OR-3 is not of ACT-B or INC-1"


def test_what_another_division_ordered_is_kept_and_not_ended():
    theirs = replace(UNDER, division="150000")
    response(BOUND, OR_2=theirs).when(end(orders_ended=("OR-2",))).refused(NotAllowed, "ERL-20")
    response(BOUND, OR_2=theirs).when(end(orders_kept=(KeptOrder("OR-2", "of the region"),))).then_types(*END)


def test_the_policy_ends_no_order_of_another_response():
    of_c = given(ORDER, replace(past().past[0], activation="ACT-C"), rules=RULES)
    over = EndOrder(by=POLICY, now=at("16:00"), order="OR-1", reason="over", activation="ACT-B")
    of_c.when(over).then()
    of_c.when(replace(over, activation="ACT-C")).then_types(OrderEnded)
    past().when(replace(over, activation=None)).then()
    past().when(over).then_types(OrderEnded)


def test_the_end_takes_more_orders_than_other_commands_take_streams():
    handles = next(handles for kind, handles in RESPONSE.handles.items() if kind.__name__ == "EndResponse")
    many = end(orders_ended=tuple(f"OR-{n}" for n in range(80)), kept=(Kept("M-3", "guarded"),))
    assert handles.bulk and len(handles.streams(many)) == 81


def test_an_order_serves_an_incident_its_response_or_a_warning():
    none = given(ORDER, rules=RULES, others=scene()).when(issue(incident=None)).refused(RuleBroken, "MDP-3.2", times=1)
    assert "name the incident" in none.cure
    given(ORDER, rules=RULES, others=scene()).when(issue(incident=None, basis="ERL-67.1")).then_types(OrderIssued)
    states = scene() | {"response-ACT-B": Response(status=ACTIVE, incident=INC)}
    decided = given(ORDER, rules=RULES, others=states).when(issue(activation="ACT-B", incident=None)).then_types(OrderIssued, OrderBound)
    assert [event.incident for _, event in decided.events] == [INC, INC]
    closed = scene(status=CLOSED) | {"response-ACT-B": Response(status=ACTIVE, incident=INC)}
    given(ORDER, rules=RULES, others=closed).when(issue(activation="ACT-B", incident=None)).refused(WrongState, "incident.life")
    other = scene() | {"response-ACT-B": Response(status=ACTIVE, incident="INC-9"), "incident-INC-9": Incident("INC-9", RESPONDING)}
    given(ORDER, rules=RULES, others=other).when(issue(activation="ACT-B")).refused(RuleBroken, "reference", times=1)


def test_an_order_under_a_response_of_an_incident_that_was_merged_serves_the_one_it_went_into():
    gone = {"incident-INC-8": Incident("INC-8", MERGED, merged_into="INC-9"), "incident-INC-9": Incident("INC-9", MERGED, merged_into=INC)}
    states = scene() | gone | {"response-ACT-B": Response(status=ACTIVE, incident="INC-8")}
    for named in (INC, None):
        said = given(ORDER, rules=RULES, others=states).when(issue(activation="ACT-B", incident=named))
        decided = said.then_types(OrderIssued, OrderBound)
        assert [event.incident for _, event in decided.events] == [INC, INC]
    cure = given(ORDER, rules=RULES, others=states).when(issue(activation="ACT-B", incident="INC-8")).refused(WrongState).cure
    assert "the one it went into" in cure
