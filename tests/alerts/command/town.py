"""A node in memory: every policy of the service, its clocks, and what neighbours tell it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.alerts.deciders.incidents.commands import RegisterIncident, VerifyIncident
from services.alerts.deciders.orders.work_state import OVER, Task
from services.alerts.events.incident import IncidentType
from services.alerts.events.task import TaskOverdue
from services.alerts.policies import POLICIES
from shared.handling.declare import Policy
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, type_of
from tests.alerts.command.incidents import OFF
from tests.alerts.command.reporting import Room
from tests.alerts.command.responding import adopt
from tests.alerts.world import DUTY, at


class Town(Room):
    """Everything the alerts service does of itself, without durability or order of threads."""

    policies: Sequence[Policy] = POLICIES

    def __init__(self, *commands: Command) -> None:
        super().__init__()
        for command in commands:
            self.do(command)

    def tell(self, stream: str, fact: Any, division: str, now: datetime) -> None:
        """A fact of a neighbour's log."""
        named: dict[str, Any] = {"streamid": stream, "partitionkey": stream, "streamversion": 1, "division": division}
        envelope = Envelope(specversion="1.0", id="n:1", source="", type=type_of(fact), time=now, log="n", position=1, **named)
        for policy in self.policies:
            if family(envelope.type) in policy.listens:
                self._follow(policy.react(fact, envelope))
        self.settle(now)

    def task(self, task: str) -> Task:
        """A piece of work."""
        found: Task = self.state(f"task-{task}")
        return found

    def open_work(self, kind: str = "") -> set[str]:
        """What nobody has done yet."""
        names = [stream.removeprefix("task-") for stream in self.past if stream.startswith("task-")]
        kinds = {name: self.past[f"task-{name}"][0].kind for name in names}
        return {name for name in names if self.task(name).status not in OVER and kind in ("", kinds[name])}

    def told_above(self, task: str) -> int:
        """How many levels above were told that it is overdue."""
        return max((event.steps for event in self.facts(TaskOverdue) if event.task == task), default=0)


def registered(type: IncidentType = IncidentType.DAM, **changed: Any) -> RegisterIncident:
    """INC-1 in Morin Dawa, known at 13:50."""
    named: dict[str, Any] = {"by": DUTY, "now": at("13:52"), "incident": "INC-1", "type": type, "division": "150722"}
    return RegisterIncident(**(named | {"known_at": at("13:50"), "occurred_at": at("13:48")} | changed))


VERIFIED = VerifyIncident(by=OFF, now=at("13:58"), incident="INC-1")


def planned(*commands: Command) -> Town:
    """A town with the banner's flood plan and an incident found true."""
    return Town(adopt(), registered(), VERIFIED, *commands)
