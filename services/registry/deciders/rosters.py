"""One duty roster: day and night without a gap, and each take-over confirmed (PSER art. 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import assert_never

from services.registry.events.rosters import DutyShift, HandOverAcknowledged, HandOverMissed, RosterEvent, RosterPublished
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, refuse_all

RULE = "PSER-14"
WAIT = "registry.handover_wait"
EARLY = "registry.handover_early"
_HANDLE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class Shift:
    """A post and its hours."""

    post: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRoster(Command):
    """Say who has the duty, without a gap; again for the time that follows, or to change what lies ahead."""

    roster: PublicId
    division: str
    shifts: tuple[Shift, ...]
    organ: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeHandOver(Command):
    """Take over, as the post whose shift begins. Without a shift: the one that has begun or is about to."""

    roster: PublicId
    shift: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateHandOver(Command):
    """Nobody took over in time. Only the timer sends it."""

    roster: PublicId
    shift: str


RosterCommand = PublishRoster | AcknowledgeHandOver | EscalateHandOver


@dataclass(frozen=True, slots=True)
class Roster:
    """The shifts in their order; `taken` and `missed` hold (shift, post), so that another post in it starts anew."""

    division: str | None = None
    shifts: Mapping[str, DutyShift] = field(default_factory=dict)
    taken: frozenset[tuple[str, str]] = frozenset()
    missed: frozenset[tuple[str, str]] = frozenset()

    def before(self, shift: DutyShift) -> str | None:
        """The post that took over last before a shift."""
        earlier = [each for each in self.shifts.values() if each.starts < shift.starts and (each.shift, each.post) in self.taken]
        return max(earlier, key=lambda each: each.starts).post if earlier else None


def decide(command: RosterCommand, roster: Roster, rules: Rules) -> Sequence[RosterEvent]:
    """Facts that follow; what is already so decides nothing."""
    match command:
        case PublishRoster():
            return _published(command, roster, rules)
        case AcknowledgeHandOver(now=now):
            shift = _meant(command, roster, rules)
            if command.by.actor != shift.post:
                raise NotAllowed(Failure(RULE, f"{shift.post} takes over this shift, and nobody for it", "shift"))
            if (shift.shift, shift.post) in roster.taken:
                return []
            late = shift.due_at is not None and now > shift.due_at
            return [HandOverAcknowledged(command.roster, shift.shift, shift.post, now, late)]
        case EscalateHandOver(now=now):
            known = roster.shifts.get(command.shift)
            if known is None or known.due_at is None or now < known.due_at or (known.shift, known.post) in roster.taken | roster.missed:
                return []
            return [HandOverMissed(command.roster, known.shift, known.post, known.due_at, roster.before(known), now)]
        case _:
            assert_never(command)


def evolve(roster: Roster, event: RosterEvent) -> Roster:
    """The roster after the event."""
    match event:
        case RosterPublished(division=division, shifts=shifts):
            return replace(roster, division=division, shifts={shift.shift: shift for shift in (*_kept(roster, shifts), *shifts)})
        case HandOverAcknowledged(shift=name, post=post):
            return replace(roster, taken=roster.taken | {(name, post)})
        case HandOverMissed(shift=name, post=post):
            return replace(roster, missed=roster.missed | {(name, post)})
        case _:
            assert_never(event)


def _published(command: PublishRoster, roster: Roster, rules: Rules) -> Sequence[RosterPublished]:
    refuse_all(RuleBroken, list(_shapeless(command, roster)))
    named = sorted(command.shifts, key=lambda shift: shift.starts)
    shifts = tuple(_shift(each, command.now, roster, rules) for each in named)
    refuse_all(RuleBroken, list(_gaps((*_kept(roster, shifts), *shifts))))
    plain = [(shift.shift, shift.post, shift.ends) for shift in shifts]
    if plain == [(shift.shift, shift.post, shift.ends) for shift in roster.shifts.values() if shift.starts >= shifts[0].starts]:
        return []
    return [RosterPublished(command.roster, command.division, command.organ, shifts, command.by.actor, command.now)]


def _shift(shift: Shift, now: datetime, roster: Roster, rules: Rules) -> DutyShift:
    """Who was to take over by a time still is, however often the roster is published."""
    name = _name(shift.starts)
    known = roster.shifts.get(name)
    due = known.due_at if known is not None and known.post == shift.post else None
    if due is None and shift.ends > now:
        due = max(shift.starts, now) + rules.value(WAIT)
    return DutyShift(name, shift.post, shift.starts, shift.ends, due)


def _shapeless(command: PublishRoster, roster: Roster) -> Iterator[Failure]:
    if not command.shifts:
        yield Failure(RULE, "name at least one shift", "shifts")
    if roster.division not in (None, command.division):
        yield Failure(RULE, f"{command.roster} is a roster of {roster.division}; publish another", "division")
    for n, shift in enumerate(command.shifts):
        if not _HANDLE.fullmatch(shift.post):
            yield Failure(RULE, "a post is a handle of capital letters, digits, dot and dash; never a person's name", f"shifts.{n}.post")
        if shift.starts.tzinfo is None or shift.ends.tzinfo is None:
            yield Failure("time.offset", "starts and ends need an offset, as in +08:00", f"shifts.{n}")
        elif shift.ends <= shift.starts:
            yield Failure(RULE, "a shift ends after it starts", f"shifts.{n}.ends")


def _gaps(shifts: Sequence[DutyShift]) -> Iterator[Failure]:
    """Duty is day and night: no hour without a post, and none with two."""
    for one, other in pairwise(shifts):
        if other.starts > one.ends:
            yield Failure(RULE, f"nobody has the duty from {one.ends.isoformat()} to {other.starts.isoformat()}", "shifts")
        elif other.starts < one.ends:
            yield Failure(RULE, f"{one.post} and {other.post} both have the duty from {other.starts.isoformat()}", "shifts")


def _kept(roster: Roster, shifts: Sequence[DutyShift]) -> list[DutyShift]:
    """What lay before the first of these; the one it falls into ends there."""
    first = shifts[0].starts
    return [replace(shift, ends=min(shift.ends, first)) for shift in roster.shifts.values() if shift.starts < first]


def _meant(command: AcknowledgeHandOver, roster: Roster, rules: Rules) -> DutyShift:
    if command.shift is not None:
        named = roster.shifts.get(command.shift)
        if named is None:
            raise NotFound(Failure("reference", f"{command.roster} has no shift {command.shift}", "shift"))
        if command.now < named.starts - rules.value(EARLY):
            raise RuleBroken(Failure(RULE, f"take over from {(named.starts - rules.value(EARLY)).isoformat()} on", "shift"))
        return named
    soon = command.now + rules.value(EARLY)
    begun = [shift for shift in roster.shifts.values() if shift.starts <= soon and shift.ends > command.now]
    if not begun:
        raise NotFound(Failure("reference", f"{command.roster} has no shift now: publish it first", "shift"))
    own = [shift for shift in begun if shift.post == command.by.actor]
    return (own or begun)[-1]


def _name(starts: datetime) -> str:
    return f"{starts.astimezone(UTC):%Y%m%dT%H%MZ}"


def _about(roster: Roster) -> About:
    return About(division=roster.division)


def _stream(command: RosterCommand) -> tuple[str, ...]:
    return (f"roster-{command.roster}",)


ROSTER = Decider(
    category="roster",
    initial=Roster(),
    decide=decide,
    evolve=evolve,
    about=_about,
    handles={
        PublishRoster: Handles(_stream, areas=lambda command: (command.division,), creates=True),
        AcknowledgeHandOver: Handles(_stream),
        EscalateHandOver: Handles(_stream),
    },
)
