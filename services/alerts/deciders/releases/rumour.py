"""A rumour: opened, checked, put right in public or found not to be false, handed to who may act (ERL art. 7, 97; domain 2.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.releases.commands import CheckRumour, Clarify, EscalateRumourClock, OpenRumourCase, ReferRumour
from services.alerts.deciders.releases.state import PUBLISHED, Release
from services.alerts.deciders.scene import open_incident, surroundings
from services.alerts.deciders.streams import release_stream, rumour_stream
from services.alerts.events.clock import ClockMissed
from services.alerts.events.rumour import RumourChecked, RumourClarified, RumourEvent, RumourFinding, RumourOpened, RumourReferred
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.deadlines import deadline
from shared.blocks.flow import Flow
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all

NEW, SPOTTED, FALSE, NOT_FALSE, CLARIFIED, REFERRED = "new", "spotted", "false", "not_false", "clarified", "referred"
ANSWER = "answer"  # the key of its clock


@dataclass(frozen=True, slots=True)
class Rumour:
    """One rumour."""

    status: str = NEW
    evidence: tuple[str, ...] = ()
    division: str | None = None
    incident: str | None = None
    clocks: Clocks = STILL


FLOW = Flow(
    "rumour.life",
    {
        (NEW, OpenRumourCase): SPOTTED,
        (SPOTTED, CheckRumour): FALSE,
        (FALSE, Clarify): CLARIFIED,
        (REFERRED, Clarify): REFERRED,
        (FALSE, ReferRumour): REFERRED,
        (CLARIFIED, ReferRumour): REFERRED,
    },
)


def decide(
    command: OpenRumourCase | CheckRumour | Clarify | ReferRumour | EscalateRumourClock, state: Any, rules: Rules
) -> Sequence[Any] | Decided:
    """Facts that follow; of those that read an incident or a release, the states by stream."""
    match command:
        case OpenRumourCase():
            return _open(command, state, rules)
        case CheckRumour():
            return _check(command, state)
        case Clarify():
            return _clarify(command, state)
        case ReferRumour():
            return _refer(command, state)
        case EscalateRumourClock():
            return escalate(command, state.clocks)
        case _:
            assert_never(command)


def _open(command: OpenRumourCase, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = rumour_stream(command.rumour)
    open_incident(command.incident, states)
    FLOW.require(states[own].status, command)
    if not command.text:
        raise RuleBroken(Failure("ERL-97", "say what is said, never who says it", "text"))
    clock = deadline(rules, "rumour.answer", command.now, ANSWER)
    by = command.by
    opened = RumourOpened(command.rumour, command.text, command.evidence, by.actor, by.division, command.now, command.incident, (clock,))
    return Decided([(own, opened)])


def _check(command: CheckRumour, rumour: Rumour) -> Sequence[RumourChecked]:
    """What is not false needs no answer of ours: its clock ends."""
    FLOW.require(rumour.status, command)
    faults = [Failure("ERL-97", "say whether it is false", "finding")] if command.finding is None else []
    faults += [] if command.note else [Failure("ERL-97", "say how that is known", "note")]
    refuse_all(RuleBroken, faults)
    assert command.finding is not None and command.note
    met = (ANSWER,) if command.finding is RumourFinding.NOT_FALSE else ()
    return [RumourChecked(command.rumour, command.finding, command.note, command.by.actor, command.now, rumour.incident, met)]


def _clarify(command: Clarify, states: Mapping[str, Any]) -> Decided:
    own = rumour_stream(command.rumour)
    rumour: Rumour = states[own]
    release: Release | None = states[release_stream(command.release)] if command.release else None
    if release is not None and release.status == NEW:
        raise NotFound(Failure("reference", f"release {command.release} is unknown: check the id", "release"))
    FLOW.require(rumour.status, command)
    if command.release is None or release is None:
        raise RuleBroken(Failure("ERL-7", "name the release that puts it right", "release"))
    if release.status != PUBLISHED:
        raise RuleBroken(Failure("ERL-7", f"{command.release} is {release.status}: publish it first", "release"))
    late = rumour.clocks.late(ANSWER, command.now) is not None
    clarified = RumourClarified(command.rumour, command.release, late, command.by.actor, command.now, rumour.incident, (ANSWER,))
    return Decided([(own, clarified)], basis="ERL-7", flags=("A-LATE",) if late else ())


def _refer(command: ReferRumour, rumour: Rumour) -> Decided:
    FLOW.require(rumour.status, command)
    evidence = tuple(dict.fromkeys((*rumour.evidence, *command.evidence)))
    faults = [] if command.to else [Failure("ERL-97", "name the police (POL) or the cyberspace office (CAC)", "to")]
    faults += [] if evidence else [Failure("ERL-97", "add the evidence", "evidence")]
    faults += [] if command.reason else [Failure("ERL-97", "say why it is more than an error: fabricated, or knowingly spread", "reason")]
    refuse_all(RuleBroken, faults)
    assert command.to is not None and command.reason
    referred = RumourReferred(command.rumour, command.to, evidence, command.reason, command.by.actor, command.now, rumour.incident)
    return Decided([referred], basis="ERL-97")


def evolve(rumour: Rumour, event: RumourEvent | ClockMissed) -> Rumour:
    """The rumour after the event."""
    match event:
        case RumourOpened():
            clocks = rumour.clocks.start(*event.clocks)
            return Rumour(SPOTTED, event.evidence, event.division, event.incident, clocks)
        case RumourChecked(finding=finding, at=at, met=met):
            status = FALSE if finding is RumourFinding.FALSE else NOT_FALSE
            return replace(rumour, status=status, clocks=rumour.clocks.end(at, *met))
        case RumourClarified(at=at, met=met):
            status = REFERRED if rumour.status == REFERRED else CLARIFIED
            return replace(rumour, status=status, clocks=rumour.clocks.end(at, *met))
        case RumourReferred(evidence=evidence):
            return replace(rumour, status=REFERRED, evidence=evidence)
        case ClockMissed(key=key):
            return replace(rumour, clocks=rumour.clocks.miss(key))
        case _:
            assert_never(event)


def about(rumour: Rumour) -> About:
    """Internal to the organs of the own chain."""
    return About(rumour.division, "internal", rumour.incident)


RUMOUR = Decider(
    category="rumour",
    initial=Rumour(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        OpenRumourCase: Handles(lambda c: surroundings(rumour_stream(c.rumour), c.incident), creates=True),
        CheckRumour: Handles(lambda c: (rumour_stream(c.rumour),)),
        Clarify: Handles(lambda c: (rumour_stream(c.rumour), *((release_stream(c.release),) if c.release else ()))),
        ReferRumour: Handles(lambda c: (rumour_stream(c.rumour),)),
        EscalateRumourClock: Handles(lambda c: (rumour_stream(c.rumour),)),
    },
    joint=frozenset({OpenRumourCase, Clarify}),
)
