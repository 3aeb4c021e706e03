"""Whom a call-up concerns, and since when no more: for so long who leads there has a task with them (ERL art. 84)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.privacy.deciders.records.commands import NoteTaskBegan, NoteTaskEnded
from services.privacy.deciders.streams import SHIFT, UNCALLED
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
from services.volunteers.events.service import HoursCorrected, ServiceEnded, ServiceStarted
from services.volunteers.events.volunteer import SelfArrivalRegistered
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

Called = CallUpOffered | CallUpReserved
Gone = CallUpDeclined | OfferClosed
Over = CallUpStoodDown | CallUpCancelled
Closed = ServiceEnded | HoursCorrected


def when_called_then_whoever_leads_has_a_task_with_them(event: Called, at: Envelope) -> Iterable[Command]:
    if event.volunteer is not None:
        yield from _began((event.volunteer,), _of(event), at)


def when_they_come_then_whoever_leads_has_a_task_with_them(event: CallUpAccepted, at: Envelope) -> Iterable[Command]:
    yield from _began(_people(event), _of(event), at)


def when_they_do_not_come_then_the_task_with_them_is_over(event: Gone, at: Envelope) -> Iterable[Command]:
    """Unless they had accepted before and may be on the way: then they have to get home first."""
    if event.volunteer is not None:
        yield from _ended((event.volunteer,), _of(event), at, returning=bool(event.out))


def when_they_withdraw_then_the_task_with_them_is_over(event: CallUpWithdrawn, at: Envelope) -> Iterable[Command]:
    """Who was out there already has to get home first."""
    yield from _ended(_people(event), _of(event), at, returning=event.out)


def when_a_member_leaves_then_the_task_with_them_is_over(event: CallUpMemberLeft, at: Envelope) -> Iterable[Command]:
    """Through this force; what they are called for themself goes on."""
    yield from _ended((event.member,), _of(event), at, returning=event.out)


def when_a_call_up_ends_then_the_task_with_who_waited_is_over(event: Over, at: Envelope) -> Iterable[Command]:
    """Whoever may have set out, though nobody noted it, has to get home first."""
    out = frozenset(event.released_out)
    for subject, holder in zip(event.released, event.released_of or event.released, strict=True):
        yield from _ended((subject,), _Task(event.incident, event.call_up, holder), at, returning=subject in out, over=True)


def when_they_are_checked_out_then_the_task_ends_when_they_are_home(event: CallUpCheckedOut, at: Envelope) -> Iterable[Command]:
    yield from _ended(_people(event), _of(event), at, returning=True, over=True)


def when_somebody_arrives_uncalled_then_whoever_leads_has_a_task_with_them(event: SelfArrivalRegistered, at: Envelope) -> Iterable[Command]:
    """Also with who declined before. It ends with the response: nobody says when they leave."""
    yield from _began((event.volunteer,), _Task(event.incident, UNCALLED, None), at)


def when_they_work_then_whoever_leads_has_a_task_with_them(event: ServiceStarted, at: Envelope) -> Iterable[Command]:
    """Whatever becomes of the call-up: it may be stood down while they are still out."""
    yield from _began((event.person,), _shift(event), at)


def when_their_shift_is_closed_then_the_task_ends_when_they_are_home(event: Closed, at: Envelope) -> Iterable[Command]:
    """From when that is noted: of whom nobody checked out nobody knows since when they are on the way."""
    yield from _ended((event.person,), _shift(event), at, returning=True)


@dataclass(frozen=True, slots=True)
class _Task:
    incident: str | None
    call_up: str
    holder: str | None  # each way to be called ends by itself


def _of(event: Called | Gone | CallUpAccepted | CallUpWithdrawn | CallUpMemberLeft | CallUpCheckedOut) -> _Task:
    return _Task(event.incident, event.call_up, event.volunteer or event.force)


def _shift(event: ServiceStarted | Closed) -> _Task:
    return _Task(event.incident, event.call_up or UNCALLED, f"{SHIFT}{event.shift}")


def _people(event: CallUpAccepted | CallUpWithdrawn | CallUpCheckedOut) -> tuple[str, ...]:
    return event.members if event.volunteer is None else (event.volunteer,)


def _began(people: Iterable[str], of: _Task, at: Envelope) -> Iterable[Command]:
    for one in people if of.incident else ():
        yield NoteTaskBegan(by=system(at), now=at.time, subject=one, incident=str(of.incident), task=of.call_up, holder=of.holder)


def _ended(people: Iterable[str], of: _Task, at: Envelope, returning: bool, over: bool = False) -> Iterable[Command]:
    for one in people if of.incident else ():
        yield NoteTaskEnded(
            by=system(at),
            now=at.time,
            subject=one,
            incident=str(of.incident),
            task=of.call_up,
            holder=of.holder,
            returning=returning,
            over=over,
        )


C, S = "volunteers.callup.", "volunteers.service."
TASKS: tuple[Policy, ...] = (
    policy(C + "offered.v1", when_called_then_whoever_leads_has_a_task_with_them, C + "reserved.v1"),
    policy(C + "accepted.v1", when_they_come_then_whoever_leads_has_a_task_with_them),
    policy(C + "declined.v1", when_they_do_not_come_then_the_task_with_them_is_over, C + "offer_closed.v1"),
    policy(C + "withdrawn.v1", when_they_withdraw_then_the_task_with_them_is_over),
    policy(C + "member_left.v1", when_a_member_leaves_then_the_task_with_them_is_over),
    policy(C + "stood_down.v1", when_a_call_up_ends_then_the_task_with_who_waited_is_over, C + "cancelled.v1"),
    policy(C + "checked_out.v1", when_they_are_checked_out_then_the_task_ends_when_they_are_home),
    policy("volunteers.volunteer.self_arrival_registered.v1", when_somebody_arrives_uncalled_then_whoever_leads_has_a_task_with_them),
    policy(S + "started.v1", when_they_work_then_whoever_leads_has_a_task_with_them),
    policy(S + "ended.v1", when_their_shift_is_closed_then_the_task_ends_when_they_are_home, S + "hours_corrected.v1"),
)
