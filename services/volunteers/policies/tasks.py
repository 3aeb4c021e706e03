"""The work that policies give to the volunteers' desks."""

from __future__ import annotations

from services.volunteers.deciders.tasks.task import AssignVolunteerTask
from shared.handling.sentence import system
from shared.kernel.envelope import Envelope


def task(at: Envelope, name: str, kind: str, roles: tuple[str, ...], text: str, incident: str | None) -> AssignVolunteerTask:
    """One task for each fact, about its stream."""
    return AssignVolunteerTask(
        by=system(at), now=at.time, task=name, kind=kind, roles=roles, subject=at.streamid, incident=incident or None, text=text
    )
