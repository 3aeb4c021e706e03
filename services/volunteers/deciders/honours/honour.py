"""Honours: proposed on the ledger, reviewed by another, told to the public, granted, revoked (ERL art. 15; VSR art. 32; domain 3.20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.volunteers.deciders.callups.ending import service_of
from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.honours.commands import (
    ConsentToHonour,
    Deciding,
    GrantHonour,
    NominateHonour,
    OpenMartyrCase,
    PostHonourNotice,
    Proposing,
    RefuseHonour,
    ReviewHonour,
    RevokeHonour,
)
from services.volunteers.deciders.honours.nominee import nominees, proposals, stands
from services.volunteers.deciders.people.changing import way_to_kept
from services.volunteers.deciders.people.merging import whose
from services.volunteers.deciders.streams import force_stream, honour_stream, service_stream, volunteer_stream
from services.volunteers.events.honour import (
    HonourConsented,
    HonourEvent,
    HonourGranted,
    HonourKind,
    HonourNominated,
    HonourNoticePosted,
    HonourRefused,
    HonourReviewed,
    HonourRevoked,
)
from shared.blocks.flow import Flow
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, OnHold, RuleBroken, WrongState, refuse_all

NEW, NOMINATED, REVIEWED, POSTED = "new", "nominated", "reviewed", "posted"
GRANTED, REFUSED, REVOKED = "granted", "refused", "revoked"
OPEN = frozenset({NOMINATED, REVIEWED, POSTED})
REGION = 1


@dataclass(frozen=True, slots=True)
class Honour:
    """An honour; `consent` is what the honoured said about their name, None when nothing yet."""

    status: str = NEW
    kind: HonourKind | None = None
    volunteer: str | None = None
    force: str | None = None
    division: str | None = None
    incident: str | None = None
    nominated_by: str = ""
    consent: bool | None = None


FLOW = Flow(
    "honour.life",
    {
        (NEW, NominateHonour): NOMINATED,
        (NEW, OpenMartyrCase): NOMINATED,
        (NOMINATED, ReviewHonour): REVIEWED,
        (REVIEWED, PostHonourNotice): POSTED,
        (POSTED, GrantHonour): GRANTED,
        **{(status, RefuseHonour): REFUSED for status in (REVIEWED, POSTED)},
        **{(status, ConsentToHonour): status for status in (NOMINATED, REVIEWED, POSTED, GRANTED)},
        (GRANTED, RevokeHonour): REVOKED,
    },
)


def decide(command: Proposing | Deciding, states: Mapping[str, Any], rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal; `states` by stream."""
    own = honour_stream(command.honour)
    honour: Honour = states[own]
    FLOW.require(honour.status, command)
    if isinstance(command, NominateHonour | OpenMartyrCase):
        said = _nominate(command, states)
        return Decided([(own, said), *stands(said)], basis="MAR-8" if isinstance(command, OpenMartyrCase) else "VSR-32")
    return Decided([(own, _decided(command, honour, states))], basis="VSR-32")


def _nominate(command: Proposing, states: Mapping[str, Any]) -> HonourNominated:
    kind, force = _asked(command)
    if force and states[force_stream(force)].status == "new":
        raise NotFound(Failure("reference", f"{force} is not registered: check the id", "force"))
    people = _people(command.volunteer, force, states)
    leader = states[force_stream(force)].leader if force else None
    if command.by.actor in (leader, *people):
        raise NotAllowed(Failure("two.persons", "nobody proposes themself, or the own force: another proposes it"))
    _undisputed(people, states)
    minutes = sum(service_of(states, person).minutes(command.incident) for person in people)
    found = [] if people else [Failure("honour.who", "name the volunteer or the force", "volunteer")]
    if kind is None or (kind is HonourKind.MARTYR and isinstance(command, NominateHonour)):
        found.append(Failure("honour.kind", "name the kind; a martyr case has its own way (OpenMartyrCase)", "kind"))
    if not command.reason:
        found.append(Failure("honour.reason", "say what it is for", "reason"))
    if people and minutes == 0:
        found.append(
            Failure(
                "VSR-19",
                "the ledger has 0 h: an honour rests on what they did; certify their hours first (CheckIn, CheckOut, CorrectHours)",
                "volunteer",
            )
        )
    refuse_all(RuleBroken, found)
    _first(command, states)
    assert kind is not None and command.reason is not None
    by = command.by
    return HonourNominated(
        command.honour,
        kind,
        command.volunteer,
        force,
        command.reason,
        minutes,
        by.division,
        by.actor,
        command.now,
        command.incident,
    )


def _first(command: Proposing, states: Mapping[str, Any]) -> None:
    """WrongState while another honour of the kind is open for the same person or force."""
    kind, force = _asked(command)
    earlier = dict.fromkeys(proposals(nominees(command.volunteer, force, states), kind, command.incident, states))
    waiting = [one for one in earlier if states[honour_stream(one)].status in OPEN]
    cure = "proposes them for this already: let it be decided first (ReviewHonour, GrantHonour, RefuseHonour), or propose another kind"
    refuse_all(WrongState, [Failure("honour.open", f"{one} {cure}", "kind") for one in waiting])


def _asked(command: Proposing) -> tuple[HonourKind | None, str | None]:
    """The kind, and the force it is for."""
    return (command.kind, command.force) if isinstance(command, NominateHonour) else (HonourKind.MARTYR, None)


def _decided(command: Deciding, honour: Honour, states: Mapping[str, Any]) -> Any:
    by, now = command.by, command.now
    match command:
        case ReviewHonour():
            if by.actor == honour.nominated_by:
                raise NotAllowed(Failure("two.persons", "another than who proposed it reviews it"))
            if command.passed is None or (not command.passed and not command.reason):
                raise RuleBroken(Failure("honour.reason", "say whether it passed, and why not", "passed"))
            return HonourReviewed(command.honour, command.passed, command.reason, by.actor, now)
        case ConsentToHonour():
            _theirs(command, honour, states)
            return HonourConsented(command.honour, command.consent, by.actor, now)
        case PostHonourNotice():
            if command.named and honour.consent is not True:
                raise RuleBroken(Failure("PIPL-25", "the name is published with their consent only: post it without", "named"))
            return HonourNoticePosted(command.honour, command.named, by.actor, now)
        case GrantHonour():
            return _grant(command, honour, states)
        case RefuseHonour():
            return HonourRefused(command.honour, _why(command.reason), by.actor, now)
        case RevokeHonour():
            return HonourRevoked(command.honour, _why(command.reason), by.actor, now)
        case _:
            assert_never(command)


def _grant(command: GrantHonour, honour: Honour, states: Mapping[str, Any]) -> HonourGranted:
    by = command.by
    if honour.kind is HonourKind.MARTYR and by.level != REGION:
        raise NotAllowed(Failure("MAR-9", "a martyr case is decided by the region"))
    _undisputed(_people(honour.volunteer, honour.force, states), states)
    if not command.document:
        raise RuleBroken(Failure("honour.document", "name the document that grants it", "document"))
    assert honour.kind is not None
    who = (honour.volunteer, honour.force)
    return HonourGranted(command.honour, honour.kind, *who, command.document, by.actor, honour.division, command.now, honour.incident)


def _undisputed(people: tuple[str, ...], states: Mapping[str, Any]) -> None:
    disputed = [person for person in people if service_of(states, person).disputed]
    refuse_all(OnHold, [Failure("VSR-19", f"hours of {one} are disputed: decide that first (ResolveOverlap)") for one in disputed])


def _theirs(command: ConsentToHonour, honour: Honour, states: Mapping[str, Any]) -> None:
    leader = states[force_stream(honour.force)].leader if honour.force else None
    if command.by.actor not in (honour.volunteer, leader):
        raise NotAllowed(Failure("PIPL-25", "only they themselves consent to their name being published"))


def _why(reason: str | None) -> str:
    if not reason:
        raise RuleBroken(Failure("honour.reason", "say why", "reason"))
    return reason


def _people(volunteer: str | None, force: str | None, states: Mapping[str, Any]) -> tuple[str, ...]:
    found = states.get(force_stream(force)) if force else None
    members = tuple(one.member for one in found.members) if isinstance(found, Force) else ()
    return (*(whose(volunteer, states) if volunteer else ()), *members)


def evolve(honour: Honour, event: HonourEvent) -> Honour:
    """The honour after the event."""
    match event:
        case HonourNominated():
            return Honour(NOMINATED, event.kind, event.volunteer, event.force, event.division, event.incident, event.by, honour.consent)
        case HonourReviewed():
            return replace(honour, status=REVIEWED if event.passed else REFUSED)
        case HonourConsented():
            return replace(honour, consent=event.consent)
        case HonourNoticePosted():
            return replace(honour, status=POSTED)
        case HonourGranted():
            return replace(honour, status=GRANTED)
        case HonourRefused():
            return replace(honour, status=REFUSED)
        case HonourRevoked():
            return replace(honour, status=REVOKED)
        case _:
            assert_never(event)


def about(honour: Honour) -> About:
    """Internal: the public is told by a notice."""
    return About(honour.division, "internal", honour.incident)


def _proposing(command: Proposing) -> tuple[str, ...]:
    force = (force_stream(command.force),) if isinstance(command, NominateHonour) and command.force else ()
    ledger = (volunteer_stream(command.volunteer), service_stream(command.volunteer)) if command.volunteer else ()
    return (honour_stream(command.honour), *force, *ledger)


def _proposed(command: Proposing, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Ledgers, and what else of the kind the person or force was proposed for."""
    kind, force = _asked(command)
    way = way_to_kept(command.volunteer, states) if command.volunteer else ()
    named = nominees(command.volunteer, force, states)
    return (*_ledgers(command, states), *way, *named, *map(honour_stream, proposals(named, kind, command.incident, states)))


def _own(command: Deciding) -> tuple[str, ...]:
    return (honour_stream(command.honour),)


def _ledgers(command: Proposing | Deciding, states: Mapping[str, Any]) -> tuple[str, ...]:
    honour: Honour = states[honour_stream(command.honour)]
    forces = {honour.force} if honour.force else set()
    if isinstance(command, NominateHonour) and command.force:
        forces.add(command.force)
    known = [states.get(force_stream(force)) for force in forces]
    members = [one.member for found in known if isinstance(found, Force) for one in found.members]
    volunteer = command.volunteer if isinstance(command, Proposing) else honour.volunteer
    own = whose(volunteer, states) if volunteer else ()
    registered = (volunteer_stream(volunteer),) if volunteer else ()
    return (*map(force_stream, sorted(forces)), *registered, *map(service_stream, (*own, *members)))


_DECIDING: tuple[type[Command], ...] = (ReviewHonour, ConsentToHonour, PostHonourNotice, GrantHonour, RefuseHonour, RevokeHonour)
HONOUR = Decider(
    category="honour",
    initial=Honour(),
    decide=decide,
    evolve=evolve,
    about=about,
    joint=frozenset({NominateHonour, OpenMartyrCase, *_DECIDING}),
    handles={
        **{kind: Handles(_proposing, creates=True, further=_proposed, bulk=True) for kind in (NominateHonour, OpenMartyrCase)},
        **{kind: Handles(_own, further=_ledgers, bulk=True) for kind in _DECIDING},
    },
)
