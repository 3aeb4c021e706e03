"""Work that somebody should do next: given, taken or refused, reported, checked, ended (domain 3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("alerts.task.assigned.v1")
@dataclass(frozen=True, slots=True)
class TaskAssigned:
    """A role in a division, or one post, has something to do; `subject` is the stream it is about."""

    task: str
    kind: str
    roles: tuple[str, ...]
    subject: str
    division: str | None
    at: datetime
    hazard: str = ""
    colour: str = ""
    incident: str | None = None
    executor: str = ""  # the post whose work it is; any with one of the roles when empty
    due: datetime | None = None
    feedback: str = ""  # when and how to report back (SEED-9)
    text: str = ""
    by: str = ""  # the post that gave it; nobody of what follows from a fact
    restricted: bool = False
    clocks: tuple[Due, ...] = ()
    areas: tuple[str, ...] = ()  # where it is done; empty: anywhere in the division


@event("alerts.task.accepted.v1")
@dataclass(frozen=True, slots=True)
class TaskAccepted:
    """Somebody whose work it is took it on."""

    task: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.task.refused.v1")
@dataclass(frozen=True, slots=True)
class TaskRefused:
    """Those asked said no. Of an official team it is a matter for whoever gave the task, never an error (domain 3.5)."""

    task: str
    reason: str
    by: str
    official: bool
    at: datetime
    incident: str | None = None


@event("alerts.task.delegated.v1")
@dataclass(frozen=True, slots=True)
class TaskDelegated:
    """The task has another executor from now on; the deadline stays."""

    task: str
    executor: str
    before: str
    reason: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.task.progress_reported.v1")
@dataclass(frozen=True, slots=True)
class TaskProgressReported:
    """How far it is; `finished` says that it waits to be checked."""

    task: str
    text: str
    finished: bool
    by: str
    at: datetime
    percent: int | None = None
    incident: str | None = None
    met: tuple[str, ...] = ()


@event("alerts.task.verified.v1")
@dataclass(frozen=True, slots=True)
class TaskVerified:
    """Another than who did it looked: done as asked, or to be gone on with."""

    task: str
    passed: bool
    note: str
    by: str
    at: datetime
    incident: str | None = None
    clocks: tuple[Due, ...] = ()  # its deadline runs again when it did not pass


@event("alerts.task.completed.v1")
@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """Done."""

    task: str
    by: str
    at: datetime
    outcome: str = ""
    met: tuple[str, ...] = ()


@event("alerts.task.aborted.v1")
@dataclass(frozen=True, slots=True)
class TaskAborted:
    """Given up, and why."""

    task: str
    reason: str
    by: str
    at: datetime
    incident: str | None = None
    stopped: tuple[str, ...] = ()


@event("alerts.task.withdrawn.v1")
@dataclass(frozen=True, slots=True)
class TaskWithdrawn:
    """What it was for fell away: a level was lowered, an order ended."""

    task: str
    reason: str
    at: datetime
    incident: str | None = None
    stopped: tuple[str, ...] = ()


@event("alerts.task.suspended.v1")
@dataclass(frozen=True, slots=True)
class TaskSuspended:
    """Its teams were withdrawn from danger (PSER art. 22); taken up again by accepting it again."""

    task: str
    withdrawal: str
    by: str
    at: datetime
    incident: str | None = None


@event("alerts.task.overdue.v1")
@dataclass(frozen=True, slots=True)
class TaskOverdue:
    """Nobody reported it finished in time. `steps` levels above its division are told; each step has its own deadline."""

    task: str
    due: datetime
    steps: int
    at: datetime
    incident: str | None = None
    clocks: tuple[Due, ...] = ()


@event("alerts.teams.withdrawn.v1")
@dataclass(frozen=True, slots=True)
class TeamsWithdrawn:
    """Teams leave a place of direct danger at once, without anybody's approval (PSER art. 22)."""

    withdrawal: str
    reason: str
    place: str
    tasks: tuple[str, ...]
    by: str
    division: str | None  # where the incident is; of who withdrew them where there is none
    at: datetime
    incident: str | None = None
    restricted: bool = False


TaskEvent = (
    TaskAssigned
    | TaskAccepted
    | TaskRefused
    | TaskDelegated
    | TaskProgressReported
    | TaskVerified
    | TaskCompleted
    | TaskAborted
    | TaskWithdrawn
    | TaskSuspended
    | TaskOverdue
)
