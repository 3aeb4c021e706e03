"""Somebody is called for an incident, and later is not: what the call-up needs of them is read in between (ERL art. 84; PIPL art. 6)."""

from __future__ import annotations

from collections.abc import Sequence

from services.privacy.deciders.records.commands import NoteTaskBegan, NoteTaskEnded
from services.privacy.deciders.records.state import Person
from services.privacy.deciders.streams import SHIFT, UNCALLED
from services.privacy.events.record import TaskBegan, TaskEnded
from shared.kernel.decider import Rules

HOME = "privacy.after_task"
UNSAID = ""  # through whom, in facts from before that was said


def note(command: NoteTaskBegan | NoteTaskEnded, person: Person, rules: Rules) -> Sequence[TaskBegan | TaskEnded]:
    """What is known already changes nothing; who was out there can be reached until they are home."""
    of = (command.incident, command.task)
    holder = command.holder or UNSAID
    runs = {through for incident, task, through in person.tasks if (incident, task) == of}
    if isinstance(command, NoteTaskBegan):
        return [] if holder in runs else [TaskBegan(command.subject, *of, command.by.division, command.now, holder)]
    home = command.now + rules.value(HOME)
    until = home if command.returning else command.now
    ended = [TaskEnded(command.subject, *of, until, command.now, holder)] if holder in runs else []
    if _last(command.task, holder, runs):
        ended.append(TaskEnded(command.subject, *of, home, command.now, UNSAID))
    return ended


def _last(task: str, holder: str, runs: set[str]) -> bool:
    """A call-up noted in facts from before is over with the last way that is known. It may have been another one, through which they are
    out there: so it counts as if they were. A shift is none, and who came uncalled has no call-up."""
    if UNSAID not in runs or task == UNCALLED or holder == UNSAID or holder.startswith(SHIFT):
        return False
    return not any(through not in (holder, UNSAID) and not through.startswith(SHIFT) for through in runs)
