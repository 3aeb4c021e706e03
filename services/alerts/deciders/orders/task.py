"""What can be asked of a piece of work. Policies and commanders assign it; those named carry it out (domain 3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import OPAQUE, Code, Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfTask(Command):
    """What is asked of one piece of work."""

    task: PublicId
    line: Annotated[tuple[str, ...], OPAQUE] = ()  # the signer's division and those above it, from the tree
    below: Annotated[tuple[str, ...], OPAQUE] = ()  # of a township the villages below it


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTask(Command):
    """Give work to a post or to the named roles; by a policy, to those who issue warnings of the hazard when neither is named."""

    task: PublicId
    kind: str
    subject: str = ""
    roles: tuple[str, ...] = ()
    hazard: str = ""
    colour: str = ""
    incident: PublicId | None = None
    executor: str | None = None
    due: datetime | None = None
    feedback: str | None = None
    text: str | None = None
    restricted: bool = False  # as what it is about
    areas: tuple[Code, ...] = ()  # where it is done; empty: wherever the division has somebody with the role


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptTask(OfTask):
    """Take it on; again after a refusal that was talked over, or once the danger is past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseTask(OfTask):
    """Say no, and why. It is kept and told to whoever gave the task."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateTask(OfTask):
    """Hand it to another post, mostly further down; the deadline stays."""

    executor: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportProgress(OfTask):
    """Report back how far it is, or that it is finished."""

    text: str | None = None
    percent: int | None = None
    finished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyTask(Command):
    """Look, as another than who did it: done as asked, or to be gone on with."""

    task: PublicId
    passed: bool = True
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTask(OfTask):
    """Done, and how."""

    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortTask(OfTask):
    """Give it up, and why."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawTask(Command):
    """What it was for fell away (a level was lowered, an order ended); policies only."""

    task: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawTeams(Command):
    """Take teams out of direct danger, at once and without approval (PSER art. 22); the tasks named rest until accepted again."""

    withdrawal: PublicId
    reason: str | None = None
    place: str | None = None
    tasks: tuple[PublicId, ...] = ()
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateTaskClock(EscalateClock):
    """A task is overdue: one level more is told."""

    task: PublicId
