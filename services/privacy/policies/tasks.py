"""Whom a call-up concerns, and since when no more: for so long who leads there has a task with them (ERL art. 84)."""

from __future__ import annotations

from collections.abc import Iterable

from services.privacy.deciders.records.commands import NoteTaskBegan, NoteTaskEnded
from services.volunteers.events.callup import (
    CallUpAccepted,
    CallUpCancelled,
    CallUpCheckedOut,
    CallUpDeclined,
    CallUpMemberLeft,
    CallUpOffered,
    CallUpReserved,
    CallUpStoodDown,
    CallUpWithdrawn,
)
from services.volunteers.events.gate import OfferClosed
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

Called = CallUpOffered | CallUpReserved
Gone = CallUpDeclined | OfferClosed
Over = CallUpStoodDown | CallUpCancelled


def when_called_then_whoever_leads_has_a_task_with_them(event: Called, at: Envelope) -> Iterable[Command]:
    if event.volunteer is not None:
        yield from _began((event.volunteer,), event.incident, event.call_up, at)


def when_they_come_then_whoever_leads_has_a_task_with_them(event: CallUpAccepted, at: Envelope) -> Iterable[Command]:
    yield from _began(_people(event), event.incident, event.call_up, at)


def when_they_do_not_come_then_the_task_with_them_is_over(event: Gone, at: Envelope) -> Iterable[Command]:
    if event.volunteer is not None:
        yield from _ended((event.volunteer,), event.incident, event.call_up, at)


def when_they_withdraw_then_the_task_with_them_is_over(event: CallUpWithdrawn, at: Envelope) -> Iterable[Command]:
    yield from _ended(_people(event), event.incident, event.call_up, at)


def when_a_member_leaves_then_the_task_with_them_is_over(event: CallUpMemberLeft, at: Envelope) -> Iterable[Command]:
    yield from _ended((event.member,), event.incident, event.call_up, at)


def when_a_call_up_ends_then_the_task_with_who_waited_is_over(event: Over, at: Envelope) -> Iterable[Command]:
    yield from _ended(event.released, event.incident, event.call_up, at)


def when_they_are_checked_out_then_the_task_ends_when_they_are_home(event: CallUpCheckedOut, at: Envelope) -> Iterable[Command]:
    yield from _ended(_people(event), event.incident, event.call_up, at, returning=True)


def _people(event: CallUpAccepted | CallUpWithdrawn | CallUpCheckedOut) -> tuple[str, ...]:
    return event.members if event.volunteer is None else (event.volunteer,)


def _began(people: Iterable[str], incident: str | None, call_up: str, at: Envelope) -> Iterable[Command]:
    for subject in people if incident is not None else ():
        yield NoteTaskBegan(by=system(at), now=at.time, subject=subject, incident=str(incident), task=call_up)


def _ended(people: Iterable[str], incident: str | None, call_up: str, at: Envelope, returning: bool = False) -> Iterable[Command]:
    for subject in people if incident is not None else ():
        yield NoteTaskEnded(by=system(at), now=at.time, subject=subject, incident=str(incident), task=call_up, returning=returning)


C = "volunteers.callup."
TASKS: tuple[Policy, ...] = (
    policy(C + "offered.v1", when_called_then_whoever_leads_has_a_task_with_them, C + "reserved.v1"),
    policy(C + "accepted.v1", when_they_come_then_whoever_leads_has_a_task_with_them),
    policy(C + "declined.v1", when_they_do_not_come_then_the_task_with_them_is_over, C + "offer_closed.v1"),
    policy(C + "withdrawn.v1", when_they_withdraw_then_the_task_with_them_is_over),
    policy(C + "member_left.v1", when_a_member_leaves_then_the_task_with_them_is_over),
    policy(C + "stood_down.v1", when_a_call_up_ends_then_the_task_with_who_waited_is_over, C + "cancelled.v1"),
    policy(C + "checked_out.v1", when_they_are_checked_out_then_the_task_ends_when_they_are_home),
)
