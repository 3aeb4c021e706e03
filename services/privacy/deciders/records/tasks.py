"""Somebody is called for an incident, and later is not: what the call-up needs of them is read in between (ERL art. 84; PIPL art. 6)."""

from __future__ import annotations

from collections.abc import Sequence

from services.privacy.deciders.records.commands import NoteTaskBegan, NoteTaskEnded
from services.privacy.deciders.records.state import Person
from services.privacy.events.record import TaskBegan, TaskEnded
from shared.kernel.decider import Rules

HOME = "privacy.after_task"


def note(command: NoteTaskBegan | NoteTaskEnded, person: Person, rules: Rules) -> Sequence[TaskBegan | TaskEnded]:
    """What is known already changes nothing; who was out there can be reached until they are home."""
    of = (command.incident, command.task)
    holder = command.holder or ""
    runs = (*of, holder) in person.tasks
    if isinstance(command, NoteTaskBegan):
        return [] if runs else [TaskBegan(command.subject, *of, command.by.division, command.now, holder)]
    until = command.now + rules.value(HOME) if command.returning else command.now
    return [TaskEnded(command.subject, *of, until, command.now, holder)] if runs else []
