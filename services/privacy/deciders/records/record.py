"""The aggregate of one person's data (domain 3.25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.privacy.deciders.clock import escalate
from services.privacy.deciders.records.changing import correct, erase, lock, release, restrict, tell, withdraw
from services.privacy.deciders.records.collecting import attach, collect, note_unclaimed
from services.privacy.deciders.records.commands import (
    AttachPersonalData,
    CollectPersonalData,
    CorrectPersonalData,
    DisclosePersonalData,
    ErasePersonalData,
    EscalateRecordClock,
    GiveDeferredNotice,
    LiftRestriction,
    LockPersonalData,
    NoteTaskBegan,
    NoteTaskEnded,
    NoteUnclaimed,
    ReadPersonalData,
    RecordTold,
    ReleaseLock,
    RestrictPersonalData,
    TellCalledPerson,
    WithdrawConsent,
)
from services.privacy.deciders.records.exporting import ExportPersonalData, export
from services.privacy.deciders.records.reading import disclose, locked, parts_named, read
from services.privacy.deciders.records.state import Person, about, evolve
from services.privacy.deciders.records.tasks import note
from services.privacy.deciders.records.telling import record, write
from services.privacy.deciders.streams import (
    REGISTERS,
    assessment_stream,
    certificate_stream,
    module_of,
    person_stream,
    retention_stream,
    rights_stream,
)
from shared.kernel.decider import Decided, Decider, Handles, Rules

Joint = (
    ExportPersonalData
    | CollectPersonalData
    | AttachPersonalData
    | ReadPersonalData
    | DisclosePersonalData
    | GiveDeferredNotice
    | ErasePersonalData
    | CorrectPersonalData
    | LockPersonalData
)
Noted = NoteUnclaimed | NoteTaskBegan | NoteTaskEnded | TellCalledPerson | RecordTold
Single = Noted | ReleaseLock | RestrictPersonalData | LiftRestriction | WithdrawConsent | EscalateRecordClock


def decide(command: Joint | Single, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal; joint ones get the states by stream."""
    match command:
        case CollectPersonalData():
            return collect(command, state, rules)
        case AttachPersonalData():
            return attach(command, state, rules)
        case NoteUnclaimed():
            return note_unclaimed(command, state, rules)
        case NoteTaskBegan() | NoteTaskEnded():
            return note(command, state, rules)
        case TellCalledPerson():
            return write(command, state)
        case RecordTold():
            return record(command, state)
        case ReadPersonalData():
            found = read(command, state, rules)
            locked(command.subjects, state)
            return found
        case ExportPersonalData():
            return export(command, state, rules)
        case DisclosePersonalData():
            given = disclose(command, state, rules)
            locked((command.subject,), state)
            return given
        case GiveDeferredNotice():
            return tell(command, state, rules)
        case ErasePersonalData():
            return erase(command, state, rules)
        case CorrectPersonalData():
            return correct(command, state, rules)
        case LockPersonalData():
            return lock(command, state, rules)
        case ReleaseLock():
            return release(command, state, rules)
        case RestrictPersonalData() | LiftRestriction():
            return restrict(command, state, rules)
        case WithdrawConsent():
            return withdraw(command, state, rules)
        case EscalateRecordClock():
            return escalate(command, state.clocks)
        case _:
            assert_never(command)


def _collecting(command: CollectPersonalData) -> tuple[str, ...]:
    named = [person_stream(command.subject)]
    if command.purpose:
        named.append(assessment_stream(module_of(command.purpose)))
    if command.incident is not None:
        named += _parts(command.incident)
    return tuple(named)


def _attaching(command: AttachPersonalData) -> tuple[str, ...]:
    return (person_stream(command.subject), *_parts(command.incident))


def _parts(incident: str) -> list[str]:
    return [retention_stream(incident, register) for register in REGISTERS]


def _people(command: ReadPersonalData) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(person_stream, command.subjects))) or (person_stream("nobody"),)


def _erasing(command: ErasePersonalData) -> tuple[str, ...]:
    certificate = (certificate_stream(command.certificate),) if command.certificate else ()
    request = (rights_stream(command.request),) if command.request else ()
    return (person_stream(command.subject), *certificate, *request)


def _locking(command: LockPersonalData) -> tuple[str, ...]:
    return (person_stream(command.subject), rights_stream(command.subject))


def _asked(command: LockPersonalData, states: Mapping[str, Any]) -> tuple[str, ...]:
    division = states[rights_stream(command.subject)].division
    return (division,) if division else ()


def _exporting(command: ExportPersonalData) -> tuple[str, ...]:
    return (person_stream(command.subject), *((rights_stream(command.request),) if command.request else ()))


def _where(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Of everybody named, or where it was given to: no reading reaches further than the first of them."""
    people = [state for state in states.values() if isinstance(state, Person)]
    own, asked = command.by.division, (command.purpose, command.incident)
    where = (own if person.given_to(own, *asked) else person.division for person in people)
    return tuple(dict.fromkeys(division for division in where if division is not None))


def _own(command: Any) -> tuple[str, ...]:
    return (person_stream(command.subject),)


def _belongs(command: CollectPersonalData) -> tuple[str, ...]:
    division = command.division or command.by.division
    return (division,) if division else ()


RECORD = Decider(
    category="person",
    initial=Person(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        CollectPersonalData: Handles(_collecting, areas=_belongs, creates=True),
        AttachPersonalData: Handles(_attaching),
        NoteUnclaimed: Handles(_own, creates=True),
        NoteTaskBegan: Handles(_own, creates=True),
        NoteTaskEnded: Handles(_own, creates=True),
        TellCalledPerson: Handles(_own, creates=True),
        RecordTold: Handles(_own),
        ReadPersonalData: Handles(_people, state_areas=_where, instead=True, creates=True, bulk=True, further=parts_named),
        ExportPersonalData: Handles(_exporting, creates=True),
        DisclosePersonalData: Handles(_own, creates=True, further=parts_named),
        GiveDeferredNotice: Handles(_own, further=parts_named),
        ErasePersonalData: Handles(_erasing),
        CorrectPersonalData: Handles(_own, further=parts_named),
        LockPersonalData: Handles(_locking, state_areas=_asked, creates=True),
        ReleaseLock: Handles(_own),
        RestrictPersonalData: Handles(_own, creates=True),
        LiftRestriction: Handles(_own, creates=True),
        WithdrawConsent: Handles(_own),
        EscalateRecordClock: Handles(_own),
    },
    joint=frozenset(
        {
            ExportPersonalData,
            CollectPersonalData,
            AttachPersonalData,
            ReadPersonalData,
            DisclosePersonalData,
            GiveDeferredNotice,
            ErasePersonalData,
            CorrectPersonalData,
            LockPersonalData,
        }
    ),
)
