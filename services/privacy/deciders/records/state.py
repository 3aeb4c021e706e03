"""The data of one person as they are held: which records, where they stand, what locks them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any, assert_never

from services.privacy.deciders.streams import STANDING, UNCALLED, again, module_of, report_register, unclaimed_key
from services.privacy.events.clock import ClockMissed
from services.privacy.events.record import (
    ConsentWithdrawn,
    DeferredNoticeGiven,
    PersonalDataAccessed,
    PersonalDataAttached,
    PersonalDataCollected,
    PersonalDataCorrected,
    PersonalDataDestroyed,
    PersonalDataDisclosed,
    PersonalDataJoined,
    PersonalDataLocked,
    PersonalDataLockReleased,
    PersonalDataRestricted,
    PersonalDataUnclaimed,
    RecordEvent,
    RestrictionLifted,
    TaskBegan,
    TaskEnded,
)
from services.privacy.events.told import CalledPersonTold
from services.privacy.events.words import RightsWordsHeld
from shared.blocks.clocks import STILL, Clocks
from shared.kernel.decider import About

Key = tuple[str, str]  # register of the vault, purpose
Task = tuple[str, str, str]  # incident, call-up, and through whom: one way to be called ends without the other
CALLED, CONTACT = ("callup", "hours"), "callup.contact"  # modules that collect of who is there


@dataclass(frozen=True, slots=True)
class Held:
    """One record: what is held under one key of the vault."""

    register: str
    purpose: str
    owner: str
    incident: str | None
    basis: str
    contents: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (ref, fields), in the order they came
    sensitive: tuple[str, ...] = ()
    owes_notice: bool = False
    withdrawn: bool = False
    destroyed: bool = False
    restricted: str | None = None  # the request for deletion that is being decided
    since: datetime | None = None  # when it was collected first
    copies: frozenset[str] = frozenset()  # which of its references hold what was copied from the standing record

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for _, names in self.contents for name in names))

    @property
    def refs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(ref for ref, _ in self.contents))

    def ref_of(self, name: str) -> str | None:
        """Where the value that came last lies."""
        return next((ref for ref, names in reversed(self.contents) if name in names), None)


@dataclass(frozen=True, slots=True)
class Person:
    """Everything held of one person."""

    subject: str | None = None
    division: str | None = None
    records: Mapping[Key, Held] = field(default_factory=dict)
    locks: Mapping[str, datetime] = field(default_factory=dict)  # lock -> until
    words: frozenset[str] = frozenset()  # rights requests whose words are kept for those locks alone
    exported: frozenset[str] = frozenset()  # rights requests that were answered with an export
    given: frozenset[tuple[str, str, str]] = frozenset()  # register and purpose of what was given on, and to whom
    tasks: frozenset[Task] = frozenset()  # those that last
    until: Mapping[str, datetime] = field(default_factory=dict)  # incident -> the latest end of one that is over
    clocks: Clocks = STILL

    def live(self) -> tuple[Held, ...]:
        return tuple(one for one in self.records.values() if not one.destroyed)

    def of(self, purpose: str, incident: str | None = None) -> tuple[Held, ...]:
        """Records of this purpose; of one incident, or one report, if named, where a standing one counts for every incident."""
        found = tuple(one for one in self.records.values() if one.purpose == purpose)
        if incident is None:
            return found
        named = (incident, report_register(incident), STANDING)
        return tuple(one for one in found if one.incident == incident or one.register in named)

    def loose(self, purpose: str | None = None, owner: str | None = None) -> tuple[Held, ...]:
        """What was taken before an incident was known and belongs to none yet, of a purpose or an owner if named."""
        return tuple(
            one
            for one in self.live()
            if one.incident is None and one.register != STANDING and purpose in (None, one.purpose) and owner in (None, one.owner)
        )

    def given_to(self, division: str | None, purpose: str | None, incident: str | None) -> bool:
        """All that is held for this, and asked for, was given to that division."""
        asked = [one for one in self.of(purpose or "", incident) if not one.destroyed]
        return bool(asked) and all((one.register, one.purpose, division) in self.given for one in asked)

    def unclaimed(self, *records: Held) -> tuple[str, ...]:
        """The clocks that run of these, because no incident has them."""
        return tuple(key for one in records if self.clocks.runs(key := unclaimed_key(one.register, one.purpose)))

    def task_over(self, incident: str | None, now: datetime) -> datetime | None:
        """Since when nobody has a task with them for the incident; None while somebody has, or who was never called for it."""
        until = self.until.get(incident or "")
        return until if until is not None and until <= now and not self.has_task(incident) else None

    def has_task(self, incident: str | None) -> bool:
        """Somebody has a task with them for the incident, that lasts."""
        return any(named == incident for named, _, _ in self.tasks)

    def out_for(self, incident: str | None, now: datetime) -> str | None:
        """For what they may still be out there for the incident; of a task without through whom nobody knows when it ends (it ends with
        the response)."""
        lasting = sorted({task for named, task, through in self.tasks if named == incident and through})
        if lasting:
            return f"{', '.join(lasting)} has not ended for them"
        until = self.until.get(incident or "")
        return f"they are on the way home until {until:%Y-%m-%d %H:%M %Z}" if until is not None and until > now else None

    def register_of(self, first: str, purpose: str) -> str:
        """What the vault's key is of: what was destroyed stays so, and who is called again gets a key of their own."""
        rounds = (again(first, n) for n in count(1))
        return next(name for name in rounds if (held := self.records.get((name, purpose))) is None or not held.destroyed)

    def lock(self) -> tuple[str, datetime] | None:
        """A lock that holds."""
        return next(iter(self.locks.items()), None)


def evolve(person: Person, event: RecordEvent | ClockMissed) -> Person:
    """The person's records after the event."""
    match event:
        case PersonalDataCollected():
            return _collected(person, event)
        case PersonalDataAttached() | PersonalDataJoined():
            attached = _changed(person, (event.register, event.purpose), incident=event.incident)
            return replace(attached, clocks=person.clocks.end(event.at, *event.met))
        case PersonalDataUnclaimed():
            return replace(person, clocks=person.clocks.start(*event.clocks))
        case TaskBegan():
            return _began(person, event)
        case TaskEnded(incident=incident, until=until):
            latest = {**person.until, incident: max(until, person.until.get(incident, until))}
            return replace(person, tasks=person.tasks - {(incident, event.task, event.holder)}, until=latest)
        case DeferredNoticeGiven():
            return _each(person, event.purpose, event.incident, owes_notice=False)
        case PersonalDataRestricted(request=request, purposes=purposes):
            return _marked(person, [key for key in person.records if key[0] == STANDING and key[1] in purposes], request)
        case RestrictionLifted(request=request):
            return _marked(person, [key for key, one in person.records.items() if one.restricted == request], None)
        case ConsentWithdrawn():
            return _each(person, event.purpose, event.incident, withdrawn=True)
        case PersonalDataLocked(lock=lock, until=until):
            locked = replace(person, locks={**person.locks, lock: until}, clocks=person.clocks.start(*event.clocks))
            return replace(locked, division=person.division or event.division)
        case RightsWordsHeld(request=request):
            return replace(person, words=person.words | {request})
        case PersonalDataLockReleased(lock=lock):
            left = {name: until for name, until in person.locks.items() if name != lock}
            return replace(person, locks=left, words=person.words - {*event.requests}, clocks=person.clocks.end(event.at, *event.stopped))
        case PersonalDataDestroyed():
            for key in zip(event.registers, event.purposes, strict=True):
                person = _changed(person, key, destroyed=True, contents=(), owes_notice=False)
            return replace(person, clocks=person.clocks.end(event.at, *event.met))
        case ClockMissed(key=key):
            return replace(person, clocks=person.clocks.miss(key))
        case PersonalDataAccessed(request=str() as request):
            return replace(person, exported=person.exported | {request})
        case PersonalDataCorrected(replaced=replaced, ref=ref, fields=fields) if replaced:
            key = next(key for key, one in person.records.items() if replaced[0] in one.refs)
            copies = person.records[key].copies | ({ref} if event.copied_from is not None else frozenset())
            return _changed(person, key, contents=(*person.records[key].contents, (ref, fields)), copies=copies)
        case PersonalDataDisclosed(to_division=str() as to):
            return replace(person, given=person.given | {(event.register, event.purpose, to)})
        case PersonalDataDisclosed() | PersonalDataAccessed() | PersonalDataCorrected() | CalledPersonTold():
            return person
        case _:
            assert_never(event)


def uncalled(incident: str) -> Task:
    """Somebody is there whom no call-up brought, or none that is noted: that ends with the response."""
    return (incident, UNCALLED, "")


def _began(person: Person, event: TaskBegan) -> Person:
    """Who was held for the incident before the first task is there for another cause than that task, and stays when it ends."""
    tasks = {(event.incident, event.task, event.holder)}
    first = event.incident not in person.until and not person.has_task(event.incident)
    theirs = [one for one in person.live() if one.incident == event.incident and module_of(one.purpose) in CALLED]
    if first and any(one.since is not None and one.since < event.at for one in theirs):
        tasks.add(uncalled(event.incident))
    return replace(person, division=person.division or event.division, tasks=person.tasks | tasks)


def _collected(person: Person, event: PersonalDataCollected) -> Person:
    key = (event.register, event.purpose)
    before = person.records.get(key)
    content = ((event.ref, event.fields),) if event.ref is not None else ()
    now = Held(
        event.register,
        event.purpose,
        event.owner,
        before.incident if before else event.incident,
        event.basis,
        (*(before.contents if before else ()), *content),
        tuple(dict.fromkeys((*(before.sensitive if before else ()), *event.sensitive))),
        owes_notice=event.deferred is not None or (before is not None and before.owes_notice),  # until it is given
        withdrawn=before is not None and before.withdrawn,
        restricted=before.restricted if before else None,
        since=before.since if before else event.at,
        copies=(before.copies if before else frozenset()) | ({event.ref} if event.ref and event.copied_from is not None else frozenset()),
    )
    records = {**person.records, key: now}
    tasks = person.tasks | {uncalled(event.incident)} if event.incident and _entered(person, event) else person.tasks
    return replace(person, subject=event.subject, division=person.division or event.division, records=records, tasks=tasks)


def _entered(person: Person, event: PersonalDataCollected) -> bool:
    """Values copied from no registration, of whom a call-up concerned before: a contact, or anything once all of that was over."""
    if event.ref is None or event.copied_from is not None or module_of(event.purpose) not in CALLED:
        return False
    lasts = person.has_task(event.incident)
    return (lasts and event.purpose == CONTACT) or (not lasts and event.incident in person.until)


def _each(person: Person, purpose: str, incident: str | None, **changed: Any) -> Person:
    for key, one in person.records.items():
        if one.purpose == purpose and one.incident == incident and not one.destroyed:
            person = _changed(person, key, **changed)
    return person


def _marked(person: Person, keys: Iterable[Key], request: str | None) -> Person:
    for key in keys:
        person = _changed(person, key, restricted=request)
    return person


def _changed(person: Person, key: Key, **changed: Any) -> Person:
    one = person.records.get(key)
    return replace(person, records={**person.records, key: replace(one, **changed)}) if one else person


def about(person: Person) -> About:
    """Restricted: that data of somebody are held is nobody's business but the organs'."""
    return About(person.division, "restricted")
