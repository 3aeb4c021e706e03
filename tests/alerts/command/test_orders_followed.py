"""What follows from orders, refusals and evacuations, through deciders and policies alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.alerts.clocks import due
from services.alerts.deciders.evacuations.commands import (
    AmendEvacuation,
    IssueEvacuation,
    RecordHeadcount,
    ReportCleared,
    ReturnEvacuees,
)
from services.alerts.deciders.orders.commands import AmendOrder, EndOrder, IssueOrder
from services.alerts.deciders.orders.task import RefuseTask
from services.alerts.events.response import ResponseTerminated
from services.alerts.events.shelter import ShelterEntry, ShelterOpened, ShelterRegistered
from services.alerts.policies.orders import ORDERS
from shared.handling.declare import Start, Stop
from shared.kernel.commands import Command
from shared.kernel.decider import category
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, type_of
from tests.alerts.world import DUTY, HQ, TXW, Streams, at


class Followed(Streams):
    """Streams whose facts the policies of orders see, as a node's would."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def do(self, command: Command) -> None:
        """A command, and all that follows."""
        self.handle(command)
        self.settle()

    def settle(self) -> None:
        while self.seen < len(self.log):
            stream, event = self.log[self.seen]
            self.seen += 1
            envelope = self.envelope(stream, event)
            for policy in ORDERS:
                if family(type_of(event)) in policy.listens:
                    for command in policy.react(event, envelope):
                        self.handle(command)

    def envelope(self, stream: str, event: Any) -> Envelope:
        about = self.deciders[category(stream)].about(self.state(stream))
        return Envelope(
            specversion="1.0",
            id=str(self.seen),
            source="",
            type=type_of(event),
            time=event.at,
            log="",
            position=self.seen,
            streamid=stream,
            streamversion=len(self.past[stream]),
            partitionkey=stream,
            division=about.division,
            visibility=about.visibility,
            correlationid=about.incident,
        )

    def status(self, task: str) -> str:
        return str(self.state(f"task-{task}").status)


@pytest.fixture
def node() -> Followed:
    return Followed()


def issue(**changed: Any) -> IssueOrder:
    said = {"measure_type": "close road", "basis": "ERL-67", "executor": "B.ICP", "due": at("16:00"), "feedback": "hourly"}
    return IssueOrder(**({"by": HQ, "now": at("14:52"), "order": "OR-1", "end_condition": "dry", "remedy": "notice 1"} | said | changed))


def test_an_order_is_a_task_of_its_executor_until_it_ends(node):
    node.do(issue())
    task = node.state("task-order-OR-1.0")
    assert (task.executor, task.clocks.get("due").due_at) == ("B.ICP", at("16:00"))
    node.do(AmendOrder(by=HQ, now=at("15:00"), order="OR-1", executor="B.POL", reason="shift"))
    assert (node.status("order-OR-1.0"), node.state("task-order-OR-1.1").executor) == ("withdrawn", "B.POL")
    node.do(EndOrder(by=HQ, now=at("15:30"), order="OR-1", reason="dry"))
    assert node.status("order-OR-1.1") == "withdrawn"


def test_orders_end_with_the_response_that_names_them(node):
    node.do(issue())
    over = ResponseTerminated("ACT-B", "INC-1", "PLAN-B", ("M-1",), (), ("OR-1",), "B.HQ", at("12:00", 23))
    for _ in range(2):  # read twice, ended once
        node.past.setdefault("response-ACT-B", []).append(over)
        node.log.append(("response-ACT-B", over))
        node.settle()
    assert node.state("order-OR-1").status == "ended"
    assert [type_of(event) for _, event in node.log].count("alerts.order.ended.v1") == 1


def test_a_refusal_comes_before_who_commands(node):
    node.do(issue(executor="TL.1"))
    team = DUTY.__class__("TL.1", ("TEAM",), "150721", 3)
    node.do(RefuseTask(by=team, now=at("15:00"), task="order-OR-1.0", reason="no boat"))
    assert node.state("task-refusal-order-OR-1.0.2").roles == ("HQ", "ICP", "GOV")


def test_what_an_evacuation_lacks_is_asked_for_and_clearing_ends_when_all_are_out(node):
    node.do(IssueEvacuation(by=HQ, now=at("12:45"), evacuation="EV-1", areas=("150722106",), route="north"))
    assert (node.status("clear-EV-1"), node.status("complete-EV-1")) == ("open", "open")
    node.do(ReportCleared(by=TXW, now=at("13:00"), evacuation="EV-1", refused=0, remaining=4))
    assert (node.status("clear-EV-1"), node.status("count-EV-1")) == ("open", "open")
    node.do(ReportCleared(by=TXW, now=at("13:30"), evacuation="EV-1", people=900, refused=0, remaining=0))
    assert node.status("clear-EV-1") == "done"
    node.do(AmendEvacuation(by=DUTY, now=at("13:40"), evacuation="EV-1", headcount=900))
    assert node.status("complete-EV-1") == "open"  # no shelter is known yet
    node.past["shelter-SH-1"] = [ShelterRegistered("SH-1", ShelterEntry("学校", "150722106", 10), at("09:00"))]
    node.do(AmendEvacuation(by=DUTY, now=at("13:45"), evacuation="EV-1", shelter="SH-1"))
    assert node.status("complete-EV-1") == "done"


def test_people_left_after_all_were_out_are_a_further_round_and_return_ends_what_was_asked(node):
    node.do(IssueEvacuation(by=HQ, now=at("12:45"), evacuation="EV-1", areas=("150722106",)))
    node.do(ReportCleared(by=TXW, now=at("13:00"), evacuation="EV-1", people=900, remaining=0))
    node.do(AmendEvacuation(by=HQ, now=at("13:10"), evacuation="EV-1", areas=("150722106", "150722100")))
    assert (node.status("clear-EV-1"), node.status("clear-EV-1.2")) == ("done", "open")
    node.do(ReportCleared(by=TXW, now=at("13:20"), evacuation="EV-1", people=40, refused=0, remaining=0, area="150722100"))
    assert node.status("clear-EV-1.2") == "done"
    for _ in range(2):
        node.do(ReportCleared(by=TXW, now=at("13:30"), evacuation="EV-1", remaining=3))
    assert node.status("clear-EV-1.3") == "open"
    node.do(ReturnEvacuees(by=HQ, now=at("18:00"), evacuation="EV-1", reason="the water fell"))
    assert {node.status(task) for task in ("clear-EV-1.3", "complete-EV-1", "count-EV-1")} == {"withdrawn"}


def test_a_full_shelter_asks_for_another_each_time(node):
    node.past["shelter-SH-1"] = [
        ShelterRegistered("SH-1", ShelterEntry("学校", "150722106", 10), at("09:00")),
        ShelterOpened("SH-1", "T.XW", at("10:00")),
    ]
    for people in (12, 4, 10):
        node.do(RecordHeadcount(by=TXW, now=at("13:00"), shelter="SH-1", people=people))
    asked = [event.task for _, event in node.log if type_of(event) == "alerts.task.assigned.v1"]
    assert asked == ["beyond-SH-1.4", "beyond-SH-1.7"]


def test_the_timer_starts_what_an_order_owes_and_stops_what_is_done(node):
    node.do(issue())
    (issued, *_) = node.past["order-OR-1"]
    started = {one.key: one for one in due(issued, node.envelope("order-OR-1", issued)) if isinstance(one, Start)}
    assert set(started) == {"K-21", "K-19", "ack"}
    assert (started["K-21"].command, started["K-21"].args) == ("EscalateOrderClock", {"order": "OR-1", "key": "K-21"})
    node.do(EndOrder(by=HQ, now=at("15:30"), order="OR-1", reason="dry"))
    ended = node.past["order-OR-1"][-1]
    assert {one.key for one in due(ended, node.envelope("order-OR-1", ended)) if isinstance(one, Stop)} == {"K-19", "ack"}
    assert datetime.fromisoformat("2021-07-22T00:00:00+08:00") == started["K-21"].due_at
