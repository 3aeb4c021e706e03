"""Somebody is called for an incident, and later is not: what the call-up needs of them is read in between (ERL art. 84; PIPL art. 6)."""

from __future__ import annotations

from collections.abc import Sequence

from services.privacy.deciders.records.commands import NoteTaskBegan, NoteTaskEnded
from services.privacy.deciders.records.state import Person
from services.privacy.events.record import TaskBegan, TaskEnded
from shared.kernel.decider import Rules

HOME = "privacy.after_task"


def note(command: NoteTaskBegan | NoteTaskEnded, person: Person, rules: Rules) -> Sequence[TaskBegan | TaskEnded]:
    """What is known already changes nothing; who was there until the end can be reached until they are home."""
    key = (command.incident, command.task)
    runs = key in person.tasks and person.tasks[key] is None
    if isinstance(command, NoteTaskBegan):
        return [] if runs else [TaskBegan(command.subject, *key, command.by.division, command.now)]
    until = command.now + rules.value(HOME) if command.returning else command.now
    return [TaskEnded(command.subject, *key, until, command.now)] if runs else []
