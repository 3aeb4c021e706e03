"""What is known of a piece of work, folded from its facts, and which command fits which state (domain 3.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from services.alerts.deciders.orders.task import (
    AbortTask,
    AcceptTask,
    AssignTask,
    CompleteTask,
    DelegateTask,
    RefuseTask,
    ReportProgress,
    VerifyTask,
    WithdrawTask,
)
from services.alerts.events.clock import ClockMissed
from services.alerts.events.task import (
    TaskAborted,
    TaskAccepted,
    TaskAssigned,
    TaskCompleted,
    TaskDelegated,
    TaskEvent,
    TaskOverdue,
    TaskProgressReported,
    TaskRefused,
    TaskSuspended,
    TaskVerified,
    TaskWithdrawn,
)
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.commands import Signature
from shared.kernel.decider import About

NEW, OPEN, ACCEPTED, RUNNING, REPORTED, VERIFIED = "new", "open", "accepted", "in progress", "reported", "verified"
REFUSED, SUSPENDED, DONE, ABORTED, WITHDRAWN = "refused", "suspended", "done", "aborted", "withdrawn"
OVER = frozenset({DONE, ABORTED, WITHDRAWN})
DUE = "due"  # the key of a task's first deadline; those of further steps follow it
FROM_OUTSIDE = ("TEAM", "ENT", "CHA")  # their role alone gives them no work elsewhere: it names them
TOWNSHIP, VILLAGE = "L4", "L5"  # roles that there are only below who gives them work
COUNTY = 3


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work. `worked` are the posts that took part: none of them checks it."""

    status: str = NEW
    roles: tuple[str, ...] = ()
    division: str | None = None
    incident: str | None = None
    executor: str = ""
    worked: frozenset[str] = frozenset()
    restricted: bool = False
    clocks: Clocks = STILL
    steps: int = 0
    areas: tuple[str, ...] = ()
    checked: bool = False  # somebody gave it, or it names who does it: it is done once another looked (domain 3.5)


FLOW = Flow(
    "task.life",
    {
        (NEW, AssignTask): OPEN,
        (OPEN, AcceptTask): ACCEPTED,
        (REFUSED, AcceptTask): ACCEPTED,
        (SUSPENDED, AcceptTask): ACCEPTED,
        **{(status, RefuseTask): REFUSED for status in (OPEN, ACCEPTED, RUNNING, SUSPENDED)},
        **{(status, DelegateTask): OPEN for status in (OPEN, ACCEPTED, RUNNING, REFUSED, SUSPENDED)},
        **{(status, ReportProgress): RUNNING for status in (OPEN, ACCEPTED, RUNNING, REPORTED)},
        (REPORTED, VerifyTask): VERIFIED,
        **{
            (status, end): after
            for status in (OPEN, ACCEPTED, RUNNING, REPORTED, VERIFIED, REFUSED, SUSPENDED)
            for end, after in ((CompleteTask, DONE), (AbortTask, ABORTED), (WithdrawTask, WITHDRAWN))
        },
    },
)


def evolve(task: Task, event: TaskEvent | ClockMissed) -> Task:
    """The task after the event."""
    match event:
        case TaskAssigned():
            clocks = task.clocks.start(*event.clocks)
            of = (event.roles, event.division, event.incident, event.executor, frozenset[str](), event.restricted, clocks)
            return Task(OPEN, *of, areas=event.areas, checked=bool(event.by or event.executor))
        case TaskAccepted(by=by):
            return replace(task, status=ACCEPTED, worked=task.worked | {by})
        case TaskRefused():
            return replace(task, status=REFUSED)
        case TaskDelegated(executor=executor):
            return replace(task, status=OPEN, executor=executor, checked=True)
        case TaskProgressReported(by=by, finished=finished):
            clocks = task.clocks.end(event.at, *event.met)
            return replace(task, status=REPORTED if finished else RUNNING, worked=task.worked | {by}, clocks=clocks)
        case TaskVerified(passed=passed):
            return replace(task, status=VERIFIED if passed else RUNNING, clocks=task.clocks.start(*event.clocks))
        case TaskSuspended():
            return replace(task, status=SUSPENDED)
        case TaskOverdue(steps=steps):
            return replace(task, steps=steps, clocks=task.clocks.start(*event.clocks))
        case ClockMissed(key=key):
            return replace(task, clocks=task.clocks.miss(key))
        case TaskCompleted() | TaskAborted() | TaskWithdrawn():
            return _over(task, event)
        case _:
            assert_never(event)


def _over(task: Task, event: TaskCompleted | TaskAborted | TaskWithdrawn) -> Task:
    match event:
        case TaskCompleted():
            status, ended = DONE, event.met
        case TaskAborted():
            status, ended = ABORTED, event.stopped
        case TaskWithdrawn():
            status, ended = WITHDRAWN, event.stopped
        case _:
            assert_never(event)
    return replace(task, status=status, clocks=task.clocks.end(event.at, *ended))


def about(task: Task) -> About:
    """Internal to the organs of the own chain, or as narrow as what it is about."""
    return About(task.division, "restricted" if task.restricted else "internal", task.incident)


def theirs(
    by: Signature,
    line: tuple[str, ...],
    roles: tuple[str, ...],
    division: str | None,
    areas: tuple[str, ...] = (),
    below: tuple[str, ...] = (),
) -> bool:
    """Whether work that names no post is the signer's (domain 3.27): of who has the role where it was given; of townships and villages
    below, in its areas if it has some, and there of a township for its villages; of the county over a township or village, which have
    no such offices. `line`: their division and those above; `below`: those below a township. That the place is of their own chain at
    all the permission row says."""
    if not by.has(*roles):
        return False
    if division is None or by.division == division:
        return True
    if by.has(*FROM_OUTSIDE):
        return False
    reach = {TOWNSHIP: (*line, *below), VILLAGE: line}  # townships carry out in their villages, which assist
    kinds = [kind for kind in reach if by.has(*(role for role in roles if role.partition(".")[0] == kind))]
    if kinds:
        return any(place in reach[kind] for kind in kinds for place in areas or (division,))
    return by.level == COUNTY and bool(line) and division not in line
