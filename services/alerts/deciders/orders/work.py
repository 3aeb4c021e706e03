"""Work that is given, taken or refused, handed on, reported, checked, ended: who may, and what follows (domain 3.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, assert_never

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.orders.executor import unfit
from services.alerts.deciders.orders.task import (
    AbortTask,
    AcceptTask,
    AssignTask,
    CompleteTask,
    DelegateTask,
    EscalateTaskClock,
    OfTask,
    RefuseTask,
    ReportProgress,
    VerifyTask,
    WithdrawTask,
)
from services.alerts.deciders.orders.work_state import DUE, FLOW, NEW, OVER, SUSPENDED, VERIFIED, Task, about, evolve, theirs
from services.alerts.deciders.scene import NO_MORE, open_incident, surroundings, visibility_of
from services.alerts.deciders.streams import incident_stream, task_stream
from services.alerts.deciders.warnings.authority import issuers
from services.alerts.events.clock import ClockMissed
from services.alerts.events.task import (
    TaskAborted,
    TaskAccepted,
    TaskAssigned,
    TaskCompleted,
    TaskDelegated,
    TaskOverdue,
    TaskProgressReported,
    TaskRefused,
    TaskVerified,
    TaskWithdrawn,
)
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

COMMANDERS = ("GOV", "HQ", "ICP", "EMD", "SYS")  # who may end and hand on work that is not their own, where they are and below

TaskCommand = AssignTask | AcceptTask | RefuseTask | DelegateTask | ReportProgress | VerifyTask
Ending = CompleteTask | AbortTask | WithdrawTask | EscalateTaskClock


def decide(command: TaskCommand | Ending, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow. What policies and timers repeat changes nothing: a task assigned twice is one task. `state` is a task; of
    `AssignTask` the states by stream."""
    if isinstance(command, AssignTask):
        return _assign(command, state, rules)
    task: Task = state
    match command:
        case CompleteTask() | AbortTask() | WithdrawTask() | EscalateTaskClock():
            return _end(command, task, rules)
        case DelegateTask():
            _require(task, command, commanders=True)
            FLOW.require(task.status, command)
            if not command.executor:
                raise RuleBroken(Failure("SEED-9", "name who carries it out from now on", "executor"))
            refuse_all(RuleBroken, unfit(command.executor, rules))
            handed = TaskDelegated(command.task, command.executor, task.executor, command.reason or "", command.by.actor, command.now)
            return [replace(handed, incident=task.incident)]
        case VerifyTask():
            if command.by.actor in task.worked:
                raise NotAllowed(Failure("task.second_person", "another than who did it checks it"))
            FLOW.require(task.status, command)
            first = task.clocks.get(DUE)
            again = () if command.passed or first is None else (first,)
            return [TaskVerified(command.task, command.passed, command.note or "", command.by.actor, command.now, task.incident, again)]
        case AcceptTask() | RefuseTask() | ReportProgress():
            return _work(command, task)
        case _:
            assert_never(command)


def _assign(command: AssignTask, states: Mapping[str, Any], rules: Rules) -> Sequence[TaskAssigned]:
    """Seen as narrowly as what it is about, and as the incident it is for (ERL art. 69)."""
    task: Task = states[task_stream(command.task)]
    of_policy = command.by.has("SYS")
    incident = states.get(incident_stream(command.incident)) if command.incident else None
    if of_policy and task.status != NEW and not _anew(command, task):
        return []
    if not of_policy:
        FLOW.require(task.status, command)
        if incident is not None:
            open_incident(command.incident, states, NO_MORE)
        refuse_all(RuleBroken, list(_lacking(command)))
    refuse_all(RuleBroken, [*unfit(command.executor, rules), *(fault for role in command.roles for fault in unfit(role, rules, "roles"))])
    executor = command.executor or ""
    within: Mapping[str, Any] = rules.value("task.within") if of_policy else {}
    due = command.due or (command.now + timedelta(hours=within[command.kind]) if command.kind in within else None)
    feedback = command.feedback or (within["feedback"] if command.kind in within else "")
    clocks = (Due(DUE, "SEED-9", command.now, due),) if due else ()
    return [
        TaskAssigned(
            command.task,
            command.kind,
            command.roles or (() if executor else issuers(command.hazard, rules)),
            command.subject,
            command.by.division,
            command.now,
            command.hazard,
            command.colour,
            command.incident,
            executor,
            due,
            feedback,
            command.text or "",
            "" if of_policy else command.by.actor,
            command.restricted or visibility_of(incident) != "internal",
            clocks,
            command.areas,
        )
    ]


def _anew(command: AssignTask, task: Task) -> bool:
    """What was over is asked for again: its deadline is a later one, or the same one passed again since."""
    before = task.clocks.by_key.get(DUE)
    if task.status not in OVER or before is None or command.due is None:
        return False
    since = before.ended is not None and command.now >= before.ended
    return command.due > before.due.due_at or (command.due == before.due.due_at and since)


def _lacking(command: AssignTask) -> list[Failure]:
    """What a person who gives work must say (SEED-9)."""
    faults = []
    if not command.executor and not command.roles:
        faults.append(Failure("SEED-9", "name who carries it out", "executor"))
    if command.due is None or command.due <= command.now:
        faults.append(Failure("SEED-9", "name a time limit that lies ahead", "due"))
    if not command.feedback:
        faults.append(Failure("SEED-9", "say when and how to report back", "feedback"))
    return faults


def _work(command: AcceptTask | RefuseTask | ReportProgress, task: Task) -> Sequence[Any] | Decided:
    by = command.by
    _require(task, command)
    FLOW.require(task.status, command)
    match command:
        case AcceptTask():
            return [TaskAccepted(command.task, by.actor, command.now, task.incident)]
        case RefuseTask():
            refused = TaskRefused(command.task, command.reason or "", by.actor, not by.has("CHA"), command.now, task.incident)
            return Decided([refused], flags=() if command.reason else ("A-INCOMPLETE",))
        case ReportProgress(percent=percent):
            if percent is not None and not 0 <= percent <= 100:
                raise RuleBroken(Failure("task.percent", "between 0 and 100", "percent"))
            met = _running(task) if command.finished else ()
            said = (command.text or "", command.finished)
            return [TaskProgressReported(command.task, *said, by.actor, command.now, percent, task.incident, met)]
        case _:
            assert_never(command)


def _end(command: Ending, task: Task, rules: Rules) -> Sequence[Any]:
    if isinstance(command, EscalateTaskClock):
        return _escalate(command, task, rules)
    if command.by.has("SYS") and task.status in (NEW, *OVER):  # nobody was asked, or nobody is any longer
        return []
    match command:
        case CompleteTask():
            _require(task, command, "SYS")
            FLOW.require(task.status, command)
            _require_checked(task, command)
            return [TaskCompleted(command.task, command.by.actor, command.now, command.outcome or "", _running(task))]
        case AbortTask():
            _require(task, command, commanders=True)
            FLOW.require(task.status, command)
            if not command.reason:
                raise RuleBroken(Failure("task.reason", "say why it is given up", "reason"))
            return [TaskAborted(command.task, command.reason, command.by.actor, command.now, task.incident, _running(task))]
        case WithdrawTask():
            FLOW.require(task.status, command)
            return [TaskWithdrawn(command.task, command.reason, command.now, task.incident, _running(task))]
        case _:
            assert_never(command)


def _escalate(command: EscalateTaskClock, task: Task, rules: Rules) -> Sequence[ClockMissed | TaskOverdue]:
    """Said once per step; the next step has its own wait, up to the top of the tree. What did not pass its check is overdue again where
    it was told last, and climbs from there after the wait."""
    missed = escalate(command, task.clocks)
    if not missed:
        return []
    top: int = rules.value("task.steps")
    steps = task.steps if command.key == DUE and task.steps else min(task.steps + 1, top)
    further = () if steps == top else (deadline(rules, "task.escalate_wait", command.now, f"{DUE}.{steps + 1}"),)
    first = task.clocks.get(DUE)
    return [*missed, TaskOverdue(command.task, first.due_at if first else command.now, steps, command.now, task.incident, further)]


def _require(task: Task, command: OfTask, *others: str, commanders: bool = False) -> None:
    """Refuse whose work it is not. Area and level are the permission row's."""
    by = command.by
    if commanders and by.has(*COMMANDERS):
        return
    if others and by.has(*others):
        return
    if task.executor:
        mine, whose = by.actor == task.executor, task.executor
    else:
        where = ", ".join(task.areas) or task.division or "any division"
        mine, whose = theirs(by, command.line, task.roles, task.division, task.areas, command.below), f"{', '.join(task.roles)} of {where}"
    if not mine:
        raise NotAllowed(Failure("matrix.3.27", f"this is the work of {whose}: who commands it hands it on (DelegateTask)"))


def _require_checked(task: Task, command: CompleteTask) -> None:
    """What was given is done once it was reported and another looked; what rests is taken up again first (domain 3.5)."""
    if command.by.has("SYS"):
        return
    if task.status == SUSPENDED:
        raise WrongState(Failure("PSER-22", f"{command.task} rests since its teams were withdrawn: accept it again first"))
    if task.checked and task.status != VERIFIED:
        cure = "report it finished (ReportProgress), and let who gave it look (VerifyTask)"
        raise WrongState(Failure("task.life", f"{command.task} is {task.status}: {cure}"))


def _handed_on(command: DelegateTask, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Who has it, named or having taken it on, hands it on from where they are; who commands it, where it lies."""
    task: Task = states[task_stream(command.task)]
    by = command.by
    has = by.actor == task.executor or (not task.executor and by.actor in task.worked)
    place = by.division if has else task.division
    return (place,) if place else ()


def _running(task: Task) -> tuple[str, ...]:
    return tuple(due.key for due in task.clocks.open())


def _own(command: Any) -> tuple[str, ...]:
    return (task_stream(command.task),)


_KINDS: tuple[type[Command], ...] = (
    AcceptTask,
    RefuseTask,
    ReportProgress,
    VerifyTask,
    CompleteTask,
    AbortTask,
    WithdrawTask,
    EscalateTaskClock,
)
TASK = Decider(
    category="task",
    initial=Task(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        AssignTask: Handles(lambda c: surroundings(task_stream(c.task), c.incident), areas=lambda c: c.areas, creates=True),
        DelegateTask: Handles(_own, state_areas=_handed_on, instead=True),
        **{kind: Handles(_own) for kind in _KINDS},
    },
    joint=frozenset({AssignTask}),
)
