"""What follows when goods are promised to a request, and when an approval by word of mouth is not put on paper in time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.resources.deciders.requests.approving import K24
from services.resources.deciders.requests.commands import NoteShortage
from services.resources.deciders.task import AssignSupplyTask, CompleteSupplyTask
from services.resources.events.allocation import AllocationMade
from services.resources.events.clock import ClockMissed
from services.resources.events.request import ApprovalPapered
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

PAPER = "paper_approval"


def when_allocation_made_by_the_last_level_then_the_shortage_is_said(event: AllocationMade, at: Envelope) -> Iterable[Command]:
    yield NoteShortage(by=system(at), now=at.time, request=event.request, allocation=event.allocation, owner=event.owner)


def when_no_paper_came_in_time_then_somebody_is_to_write_it(event: ClockMissed, at: Envelope) -> Iterable[Command]:
    if at.streamid.startswith("request-") and event.key == K24:
        request = at.streamid.removeprefix("request-")
        said: dict[str, Any] = {
            "subject": at.streamid,
            "incident": at.correlationid,
            "division": at.division,
            "text": f"due {event.due_at:%F %R}",
        }
        yield AssignSupplyTask(by=system(at), now=at.time, task=f"paper-{request}", kind=PAPER, roles=("EMD.approver",), **said)


def when_approval_papered_then_the_task_is_done(event: ApprovalPapered, at: Envelope) -> Iterable[Command]:
    yield CompleteSupplyTask(by=system(at), now=at.time, task=f"paper-{event.request}", outcome="on paper")


REQUESTS: tuple[Policy, ...] = (
    policy("resources.allocation.made.v1", when_allocation_made_by_the_last_level_then_the_shortage_is_said),
    policy("resources.clock.missed.v1", when_no_paper_came_in_time_then_somebody_is_to_write_it),
    policy("resources.supply_request.papered.v1", when_approval_papered_then_the_task_is_done),
)
