"""Somebody is called for an incident, and later is not: what the call-up needs of them is read in between (ERL art. 84; PIPL art. 6)."""

from __future__ import annotations

from collections.abc import Sequence

from services.privacy.deciders.records.commands import NoteTaskBegan, NoteTaskEnded
from services.privacy.deciders.records.state import Person
from services.privacy.events.record import TaskBegan, TaskEnded
from shared.kernel.decider import Rules

HOME = "privacy.after_task"
UNSAID = ""  # through whom, in facts from before that was said


def note(command: NoteTaskBegan | NoteTaskEnded, person: Person, rules: Rules) -> Sequence[TaskBegan | TaskEnded]:
    """What is known already changes nothing; who was out there can be reached until they are home. A call-up noted in facts from before
    it was said through whom is over with the whole call-up."""
    of = (command.incident, command.task)
    holder = command.holder or UNSAID
    runs = {through for incident, task, through in person.tasks if (incident, task) == of}
    if isinstance(command, NoteTaskBegan):
        return [] if holder in runs else [TaskBegan(command.subject, *of, command.by.division, command.now, holder)]
    home = command.now + rules.value(HOME)
    until = home if command.returning else command.now
    ended = [TaskEnded(command.subject, *of, until, command.now, holder)] if holder in runs else []
    if command.over and UNSAID in runs - {holder}:  # it may have been another way, through which they are out there
        ended.append(TaskEnded(command.subject, *of, home, command.now, UNSAID))
    return ended
