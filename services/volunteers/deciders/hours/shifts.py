"""Checking in and out: by list or card, in time or late; overlaps wait for a person, rest is kept (VSR art. 19; domain 3.17, 3.18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.volunteers.deciders.callups.engagement import Engagement, engaged
from services.volunteers.deciders.callups.terms import BACKDATED
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut, Clocking
from services.volunteers.deciders.hours.oneself import beside, registrations
from services.volunteers.deciders.hours.readiness import unready
from services.volunteers.deciders.hours.state import MINUTE, Service, Shift, shift_key, split, spoken
from services.volunteers.deciders.streams import service_stream
from services.volunteers.events.engagement import ArrivalTaken, EngagementTaken
from services.volunteers.events.service import OverlapQuarantined, ServiceEnded, ServiceStarted
from shared.blocks.deadlines import deadline
from shared.kernel.commands import PUBLIC_ID, Command
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

CARD = "ORTOO/"  # how the code of a card begins; the person's public id follows
REST, BREAK, LONGEST = "hours.rest", "hours.break", "hours.longest_shift"
OVERDUE, GRACE, ALONE = "hours.overdue", "hours.entry_grace", "hours.alone_within"
AT_ONCE = "hours.at_once"


def card_code(person: str) -> str:
    """What the card of a person says: its public id and nothing else."""
    return CARD + person


def people_of(command: Clocking) -> tuple[str, ...]:
    """Everybody on the list and on the cards, once. RuleBroken for nobody, and for a card that is not ours."""
    wrong = [Failure("card.code", f"{code[:40]!r} is no card of ours: use the list", "codes") for code in command.codes if not _card(code)]
    people = tuple(dict.fromkeys((*command.people, *(code.removeprefix(CARD) for code in command.codes if _card(code)))))
    if not people and not wrong:
        wrong = [Failure("hours.people", "name who it is", "people")]
    refuse_all(RuleBroken, wrong)
    return people


def check_in(command: CheckIn, states: Mapping[str, Any], rules: Rules) -> Decided:
    """All of them, or none; who works already is put aside for a person to look at."""
    at, late = _moment(command, rules)
    people = people_of(command)
    refuse_all(NotAllowed, _themself(command, people))
    refuse_all(RuleBroken, _same(people, states))
    works = {person: work_of(command, engaged(states, person), at) for person in people}
    ledgers: dict[str, Service] = {person: states[service_stream(person)] for person in people}
    others = {person: other for person in people if (other := _other(person, ledgers[person], at, states)) is not None}
    twice = others.keys()
    refuse_all(
        WrongState,
        [
            Failure("hours.engagement", f"{person} is in no call-up here then: offer them one, or RegisterSelfArrival", "people")
            for person, work in works.items()
            if work is None and person not in twice
        ],
    )
    begin = {person: work for person, work in works.items() if work is not None and person not in twice}
    for person, its in begin.items():
        if isinstance(its, EngagementTaken) and its.call_up not in engaged(states, person).holds:
            two_persons(command, person)  # they are free again: it is told afterwards
    refuse_all(RuleBroken, [fault for person, its in begin.items() for fault in _not_yet(person, its, at, states, rules)])
    refuse_all(RuleBroken, [fault for person, its in begin.items() for fault in unready(person, its, at, states, rules)])
    refuse_all(RuleBroken, [fault for person in begin for fault in _unrested(person, ledgers[person], at, rules)])
    facts: list[tuple[str, Any]] = []
    for person in people:
        work, ledger = works[person], ledgers[person]
        if person in twice:
            facts.append((service_stream(person), _put_aside(command, person, ledger, work, at, *others[person])))
        elif work is not None:
            facts.append((service_stream(person), _started(command, person, ledger, work, at, late, rules)))
    flags = (*(("Q-TRIAGE",) if twice else ()), *(("A-LATE",) if late else ()))
    return Decided(facts, basis="VSR-19", flags=flags, answer={"not_counted": sorted(twice)})


def check_out(command: CheckOut, states: Mapping[str, Any], rules: Rules) -> Decided:
    """All of them, or none."""
    at, late = _moment(command, rules)
    people = people_of(command)
    refuse_all(NotAllowed, _themself(command, people))
    running: dict[str, Shift] = {}
    closed, early, alone = [], [], []
    for person in people:
        ledger: Service = states[service_stream(person)]
        shift = ledger.running
        if shift is None or not _meant(command, shift):
            works = f" for {command.call_up or command.incident}" if shift is not None else ""
            closed.append(Failure("hours.open", f"{person} is not checked in{works}", "people"))
        elif at < shift.started:
            early.append(Failure("hours.order", f"{person} came at {shift.started:%H:%M}: the end is after that", "at"))
        elif twice := _twice(person, ledger, shift, at, states):
            whose, other = twice
            said = f"{whose}: shift {other.shift} was worked from {other.started:%H:%M}: name an end before that, or CorrectHours"
            early.append(Failure("hours.overlap", said, "at"))
        elif over := too_long(shift.started, at, rules):
            early.append(Failure(AT_ONCE, f"{person}: {over}", "at"))
        else:
            running[person] = shift
            alone += _unseen(command, person, at - shift.started, rules)
    refuse_all(WrongState, closed)
    refuse_all(RuleBroken, early)
    refuse_all(NotAllowed, alone)
    facts = [(service_stream(person), _ended(command, person, shift, at, late)) for person, shift in running.items()]
    return Decided(facts, basis="VSR-19", flags=("A-LATE",) if late else ())


def _themself(command: Clocking, people: tuple[str, ...]) -> list[Failure]:
    """Nobody writes down the own hours (VSR art. 19: records are true)."""
    if command.by.actor not in people:
        return []
    return [Failure("two.persons", f"{command.by.actor} is on the list: another who leads the work writes down these hours", "people")]


def _not_yet(person: str, work: EngagementTaken | ArrivalTaken, at: datetime, states: Mapping[str, Any], rules: Rules) -> list[Failure]:
    """Hours before anybody knew of them: they were asked, or came, later."""
    begun = work.at if isinstance(work, ArrivalTaken) else engaged(states, person).begun.get(work.call_up, work.at)
    if at >= begun - rules.value(BACKDATED):
        return []
    return [Failure(BACKDATED, f"{person} was first asked, or came, on {begun:%Y-%m-%d %H:%M}: name a time from then on", "at")]


def too_long(started: datetime, ended: datetime, rules: Rules) -> str | None:
    """What is wrong with a shift that nobody can have worked at one go (VSR art. 19: records are true)."""
    most = rules.value(AT_ONCE)
    if ended - started <= most:
        return None
    return f"from {started:%m-%d %H:%M} it would be more than {spoken(most // MINUTE)} h at once: say when they stopped, two sign it"


def _unseen(command: CheckOut, person: str, worked: timedelta, rules: Rules) -> list[Failure]:
    """Who should have been checked out long ago: what one person says now is no record of it (domain 3.17)."""
    if worked <= rules.value(OVERDUE) or (command.cosigner is not None and command.cosigner.actor != command.by.actor):
        return []
    said = f"{person} is checked in for {spoken(worked // MINUTE)} h: a second person signs too, for this or for an earlier end (at)"
    return [Failure("two.persons", said, "people")]


def _same(people: tuple[str, ...], states: Mapping[str, Any]) -> list[Failure]:
    """The fault of a list that names somebody by two registrations."""
    pairs = ((person, other) for person in people for other in registrations(person, states) if person < other and other in people)
    return [Failure("hours.people", f"{person} and {other} are the same person: name one", "people") for person, other in pairs]


def _twice(person: str, ledger: Service, shift: Shift, at: datetime, states: Mapping[str, Any]) -> tuple[str, Shift] | None:
    """A shift that was worked between the start of this one, told late, and its end, with whose it is: no minute counts twice."""
    own = ((person, one) for one in ledger.shifts.values() if one.shift != shift.shift)
    return next(((whose, one) for whose, one in (*own, *beside(person, states)) if one.overlaps(shift.started, at)), None)


def two_persons(command: Command, whose: str) -> str:
    """The second signer; nobody signs for the own hours. NotAllowed."""
    second = command.cosigner
    if second is None or second.actor == command.by.actor:
        raise NotAllowed(Failure("two.persons", "a second person signs too"))
    if whose in (command.by.actor, second.actor):
        raise NotAllowed(Failure("two.persons", "a second person signs too, and none for the own hours"))
    return second.actor


def _moment(command: Clocking, rules: Rules) -> tuple[datetime, bool]:
    """When it was, at the offset of the place, and whether it is told late. Long afterwards two persons tell it."""
    if command.at is None:
        return command.now, False
    at = command.at.astimezone(command.now.tzinfo)
    if at > command.now:
        raise RuleBroken(Failure("hours.time", "it has been already", "at"))
    after = command.now - at
    if after > rules.value(ALONE) and (command.cosigner is None or command.cosigner.actor == command.by.actor):
        raise NotAllowed(Failure("two.persons", "what is so long ago a second person signs too"))
    return at, after > rules.value(GRACE)


def work_of(command: CheckIn, engagement: Engagement, at: datetime) -> EngagementTaken | ArrivalTaken | None:
    """What somebody works for: a call-up that holds them, else the incident they came to."""
    hold = engagement.at(at, command.call_up, command.incident)
    if hold is not None or command.call_up is not None:
        return hold
    arrivals = engagement.arrivals
    if command.incident is not None:
        return arrivals.get(command.incident) or arrivals.get("")
    return [*arrivals.values()][-1] if arrivals else None


def _unrested(person: str, ledger: Service, at: datetime, rules: Rules) -> list[Failure]:
    """Rest since the last shift; a short break within the longest shift needs none."""
    last = ledger.last_before(at)
    if last is None or last.ended is None:
        return []
    gap, rest = at - last.ended, rules.value(REST)
    if gap >= rest or (gap <= rules.value(BREAK) and at - _begun(ledger, last, rules) < rules.value(LONGEST)):
        return []
    free = (last.ended + rest).astimezone(at.tzinfo)
    said = f"{spoken(gap // MINUTE)} h since the last shift, {spoken(rest // MINUTE)} h needed: from {free:%H:%M}"
    return [Failure("rest.time", f"{person}: {said}", "people")]


def _begun(ledger: Service, shift: Shift, rules: Rules) -> datetime:
    """When the work began that only breaks have interrupted since."""
    before = ledger.last_before(shift.started)
    if before is None or before.ended is None or shift.started - before.ended > rules.value(BREAK):
        return shift.started
    return _begun(ledger, before, rules)


def _started(
    command: CheckIn, person: str, ledger: Service, work: EngagementTaken | ArrivalTaken, at: datetime, late: bool, rules: Rules
) -> ServiceStarted:
    number = ledger.next_shift
    return ServiceStarted(
        person,
        number,
        work.call_up if isinstance(work, EngagementTaken) else None,
        work.incident or command.incident,
        command.task or (work.task if isinstance(work, EngagementTaken) else ""),
        work.division or command.by.division,
        at,
        command.by.actor,
        late,
        person not in command.people,
        command.cosigner.actor if command.cosigner else None,
        (deadline(rules, OVERDUE, at, shift_key(number)),),
    )


def _other(person: str, ledger: Service, at: datetime, states: Mapping[str, Any]) -> tuple[str, Shift] | None:
    """The shift that a check-in would overlap, with whose it is: one that runs, or one that was worked then."""
    if ledger.running is not None:
        return person, ledger.running
    known = (*((person, shift) for shift in ledger.shifts.values()), *beside(person, states))
    return next(((whose, shift) for whose, shift in known if shift.overlaps(at, at + MINUTE)), None)


def _put_aside(
    command: CheckIn,
    person: str,
    ledger: Service,
    work: EngagementTaken | ArrivalTaken | None,
    at: datetime,
    whose: str,
    other: Shift,
) -> OverlapQuarantined:
    return OverlapQuarantined(
        person,
        ledger.overlaps + 1,
        other.shift,
        command.call_up or (work.call_up if isinstance(work, EngagementTaken) else None),
        command.incident or other.incident,
        command.task,
        command.by.division,
        at,
        command.by.actor,
        whose=whose if whose != person else None,
    )


def _ended(command: CheckOut, person: str, shift: Shift, at: datetime, late: bool) -> ServiceEnded:
    days = split(shift.started, at)
    return ServiceEnded(
        person,
        shift.shift,
        shift.call_up,
        shift.incident,
        shift.started,
        at,
        sum(day.minutes for day in days),
        days,
        command.by.actor,
        late,
        person not in command.people,
        command.cosigner.actor if command.cosigner else None,
        (shift_key(shift.shift),),
    )


def _meant(command: CheckOut, shift: Shift) -> bool:
    other_call = command.call_up is not None and shift.call_up != command.call_up
    other_incident = command.incident is not None and shift.incident not in (None, "", command.incident)
    return not other_call and not other_incident


def _card(code: str) -> bool:
    return code.startswith(CARD) and PUBLIC_ID.fullmatch(code.removeprefix(CARD)) is not None
