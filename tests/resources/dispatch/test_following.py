"""What is overdue or does not agree is somebody's work, once, and nobody's any more when it is settled."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from services.resources.deciders.shipments import commands as c
from services.resources.deciders.task import AssignSupplyTask, CompleteSupplyTask, EscalateSupplyTaskClock
from services.resources.events.allocation import AllocationCancelled
from services.resources.events.clock import ClockMissed
from services.resources.events.task import SupplyTaskAssigned, SupplyTaskCompleted
from services.resources.policies.dispatch import DISPATCH
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.kernel.events import family, type_of
from tests.resources.dispatch.goods import resolve, short, step, under_way
from tests.resources.dispatch.test_leaving import refused, types
from tests.resources.world import CITY, CITY_OFF, KEEPER, NOW, POINT, RULES, SYS, Town, at

OFFICER = Signature("C.OFF2", ("EMD.officer",), CITY, 2)


def follow(event: Any, stream: str = "shipment-SP-2") -> list[Any]:
    """The commands of the policies of dispatch."""
    said = {"time": NOW, "division": CITY, "streamid": stream, "correlationid": "INC-1", "id": "150000.resources:1"}
    envelope: Any = SimpleNamespace(**said)
    return [command for one in DISPATCH if family(type_of(event)) in one.listens for command in one.react(event, envelope)]


def last(town: Town, stream: str = "shipment-SP-2") -> Any:
    return town.past[stream][-1]


def test_a_discrepancy_is_a_task_until_it_is_reconciled():
    town = short()
    (given,) = follow(last(town))
    assert types(town.do(given)) == [SupplyTaskAssigned]
    assert last(town, "task-discrepancy-SP-2").text == "HL-QUILT-1 4 short, HL-FOOD-1 50 short, HL-WATER-1 60 damaged"
    assert town.do(given).events == []
    town.do(resolve())
    (done,) = follow(last(town))
    assert types(town.do(done)) == [SupplyTaskCompleted]
    assert town.do(done).events == []


def test_an_overdue_shipment_raises_one_alarm_which_ends_with_its_arrival():
    town = under_way()
    due = town.state("shipment-SP-2").clocks.open()[0].due_at
    town.do(c.EscalateShipmentClock(by=SYS, now=due, shipment="SP-2", key="arrival"))
    (alarm,) = follow(last(town))
    assert types(town.do(alarm)) == [SupplyTaskAssigned]
    assert town.do(alarm).events == []
    town.do(step(c.Arrive, POINT, "06:30", 21))
    (over,) = follow(last(town))
    assert types(town.do(over)) == [SupplyTaskCompleted]


def test_deadlines_of_other_streams_raise_no_alarm_here():
    assert follow(ClockMissed("due", "K-24", NOW, NOW, NOW), "request-SR-1") == []


def test_a_shipment_that_was_in_time_leaves_no_task():
    town = under_way()
    town.do(step(c.Arrive, POINT, "06:30", 19))
    (over,) = follow(last(town))
    assert town.do(over).events == []


def test_an_allocation_cancelled_with_an_order_cancels_the_order():
    cancelled = AllocationCancelled("AC-HL", "SR-1", "SP-2", "not needed", "C.APP", NOW)
    (command,) = follow(cancelled, "allocation-AC-HL")
    assert (type(command), command.shipment) == (c.CancelDispatch, "SP-2")
    assert follow(replace(cancelled, shipment=None), "allocation-AC-HL") == []


def test_a_task_is_given_once_done_once_and_by_who_has_the_role():
    town, given = Town(), AssignSupplyTask(by=CITY_OFF, now=NOW, task="T-1", kind="look", roles=("EMD.officer",))
    done = CompleteSupplyTask(by=OFFICER, now=at("17:00"), task="T-1", outcome="found")
    refused(town, done, NotFound, "reference")
    refused(town, replace(given, roles=()), RuleBroken, "supply_task.roles")
    town.do(given)
    refused(town, given, WrongState, "supply_task.life")
    refused(town, replace(done, by=KEEPER), NotAllowed, "matrix.3.27")
    refused(town, replace(done, outcome=None), RuleBroken, "supply_task.outcome")
    town.do(done)
    refused(town, done, WrongState, "supply_task.life")


def test_a_task_nobody_did_is_told_once():
    town = Town()
    town.do(AssignSupplyTask(by=CITY_OFF, now=NOW, task="T-1", kind="look", roles=("EMD.officer",)))
    passed = EscalateSupplyTaskClock(by=SYS, now=NOW + RULES.value("supply_task.due"), task="T-1", key="due")
    assert types(town.do(passed)) == [ClockMissed]
    assert town.do(passed).events == []
