"""An isolation is reported to the government above at once, which decides; what it does not approve is lifted at once (IDL art. 41)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.alerts.deciders.orders.commands import AmendOrder, DecideOrderAbove, EndOrder
from services.alerts.deciders.orders.order import ORDER
from services.alerts.deciders.orders.state import ABOVE, REVOKED
from services.alerts.deciders.orders.task import AcceptTask, CompleteTask
from services.alerts.deciders.orders.work import TASK
from services.alerts.events.order import OrderAmended, OrderDecidedAbove, OrderIssued, OrderRevoked
from services.alerts.events.task import TaskAccepted
from services.alerts.projections.orders import ORDER as ROW
from services.alerts.projections.orders import Orders
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.command.responding import C_GOV, R_GOV
from tests.alerts.command.test_orders import issue, scene
from tests.alerts.command.town import Town, registered
from tests.alerts.projections.test_board import Rows
from tests.alerts.world import GOV, HQ, RULES, at
from tests.hosts.alert_work import directory

ISOLATE = issue(measure_type="close place", basis="IDL-41", above="150700")


def decide(**said: Any) -> DecideOrderAbove:
    return DecideOrderAbove(**({"by": C_GOV, "now": at("15:10"), "order": "OR-1", "approved": True} | said))


def issued() -> OrderIssued:
    fact = given(ORDER, rules=RULES, others=scene()).when(ISOLATE).then_types(OrderIssued).events[0][1]
    assert isinstance(fact, OrderIssued)
    return fact


def order(*past: Any) -> Given:
    return given(ORDER, issued(), *past, rules=RULES, others=scene())


def amend(**said: Any) -> AmendOrder:
    return AmendOrder(by=HQ, now=at("15:20"), order="OR-1", reason="more houses", **said)


def test_only_what_the_law_puts_before_the_level_above_is():
    assert [due.due_at for due in issued().clocks if due.key == ABOVE] == [at("15:22")]
    of_region = replace(R_GOV, actor="R.GOV")
    for other in (issue(), issue(basis="IDL-42", measure_type="close place"), replace(ISOLATE, by=of_region)):
        fact = given(ORDER, rules=RULES, others=scene()).when(other).then_types(OrderIssued).events[0][1]
        assert ABOVE not in {due.key for due in fact.clocks}, other


def test_it_is_approved_once():
    approved = OrderDecidedAbove("OR-1", True, "", False, "C.GOV", "150700", at("15:10"), "INC-1", (ABOVE,))
    order().when(decide()).then(approved)
    order(approved).when(decide()).refused(WrongState, "IDL-41")
    order().when(decide(approved=None)).refused(RuleBroken, "IDL-41")
    assert order().when(decide(now=at("15:23"))).then_types(OrderDecidedAbove).flags == ("A-LATE",)
    given(ORDER, rules=RULES, others=scene()).when(decide()).refused(WrongState)


def test_an_isolation_without_a_deadline_is_decided_too_and_once():
    old = replace(issued(), clocks=())
    before = given(ORDER, old, rules=RULES, others=scene())
    approved = before.when(decide()).then_types(OrderDecidedAbove).events[0]
    assert approved.met == ()
    given(ORDER, old, approved, rules=RULES, others=scene()).when(decide()).refused(WrongState, "IDL-41")
    changed = replace(before.when(amend(areas=("150722", "150722106"))).then_types(OrderAmended).events[0][1], clocks=())
    given(ORDER, old, approved, changed, rules=RULES, others=scene()).when(decide(now=at("15:25"))).then_types(OrderDecidedAbove)
    before.when(decide(approved=False, reason="one house suffices")).then_types(OrderDecidedAbove, OrderRevoked)
    other = replace(old, content=replace(old.content, basis="ERL-73.4"))
    given(ORDER, other, rules=RULES, others=scene()).when(decide()).refused(WrongState, "IDL-41")


def test_what_is_not_approved_is_lifted_in_the_same_act():
    order().when(decide(approved=False)).refused(RuleBroken, "IDL-41")
    refused, lifted = order().when(decide(approved=False, reason="one house suffices")).then_types(OrderDecidedAbove, OrderRevoked).events
    assert (refused.approved, lifted.reason, lifted.stopped) == (False, "one house suffices", ("K-19", "ack"))
    state = ORDER.fold([issued(), refused, lifted])
    assert state.status == REVOKED and [due.key for due in state.clocks.open()] == ["K-21"]  # it is filed all the same


def test_what_is_changed_is_decided_anew_and_what_rests_on_another_basis_is_not():
    approved = order().when(decide()).then_types(OrderDecidedAbove).events[0]
    wider = order(approved).when(amend(areas=("150722", "150722106"))).then_types(OrderAmended).events[0][1]
    assert [due.due_at for due in wider.clocks if due.key == ABOVE] == [at("15:50")]
    order(approved, wider).when(decide(now=at("15:25"))).then_types(OrderDecidedAbove)
    other = order().when(amend(basis="ERL-73.4")).then_types(OrderAmended).events[0][1]
    assert other.stopped == (ABOVE,) and not ORDER.fold([issued(), other]).clocks.runs(ABOVE)


def test_the_level_above_is_told_at_once_and_asked_no_more_once_it_is_settled():
    for settles in (
        decide(),
        decide(approved=False, reason="no"),
        amend(basis="ERL-73.4"),
        EndOrder(by=HQ, now=at("15:10"), order="OR-1", reason="well"),
    ):
        town = Town(registered(), ISOLATE)
        town.until(at("14:52"))
        assert town.open_work("decide_above") == {"above-OR-1"}
        town.do(settles)
        assert town.open_work("decide_above") == set(), settles
    assert Town(registered(), issue()).open_work("decide_above") == set()


def test_the_question_goes_to_the_government_that_decides_and_not_to_the_one_that_ordered():
    town = Town(registered(), ISOLATE)
    asked = town.task("above-OR-1")
    assert (asked.division, asked.roles, [due.due_at for due in asked.clocks.open()]) == ("150700", ("GOV",), [at("15:22")])
    said: dict[str, Any] = {"now": at("15:00"), "task": "above-OR-1"}
    given(TASK, *town.past["task-above-OR-1"], rules=RULES).when(CompleteTask(by=GOV, line=("150722", "150700", "150000"), **said)).refused(
        NotAllowed, "matrix.3.27"
    )
    given(TASK, *town.past["task-above-OR-1"], rules=RULES).when(AcceptTask(by=C_GOV, line=("150700", "150000"), **said)).then_types(
        TaskAccepted
    )
    town.until(at("15:22"))  # not decided in time, those above it are told
    assert town.told_above("above-OR-1") == 1
    town.do(amend(areas=("150722", "150722106")))
    assert town.task("above-OR-1").division == "150700"
    unknown = Town(registered(), replace(ISOLATE, above=None))
    unknown.until(at("15:22"))
    assert unknown.open_work("decide_above") == set() and "late-order-OR-1.K-20" in unknown.open_work("missed_deadline")


def test_nobody_of_its_own_level_or_beside_it_decides():
    directory().may("DecideOrderAbove", C_GOV, ("150722",))
    directory().may("DecideOrderAbove", R_GOV, ("150722",))
    for by in (GOV, replace(C_GOV, roles=("HQ",)), replace(C_GOV, division="150600")):
        try:
            directory().may("DecideOrderAbove", by, ("150722",))
        except NotAllowed:
            continue
        raise AssertionError(by)


def test_the_board_of_orders_shows_by_when_and_how_it_was_decided():
    town, rows = Town(registered(), ISOLATE), Rows()
    town.do(decide())
    for stream, fact in town.log:
        if stream == "order-OR-1":
            Orders().apply(rows, fact, town.envelope(stream, "alerts.order.x.v1", fact.at))
    row = rows.get(ROW, "OR-1")
    assert row is not None and (row["approved"], row["above_due"]) == (1, None)
