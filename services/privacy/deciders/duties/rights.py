"""What somebody asks for about their data: taken always, decided with reasons, in time (PIPL art. 44-50)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from services.privacy.deciders.clock import escalate
from services.privacy.deciders.duties.words import KEPT, kept, run_after
from services.privacy.deciders.records.state import Person
from services.privacy.deciders.streams import person_stream, rights_stream
from services.privacy.events.clock import ClockMissed
from services.privacy.events.duties import (
    Right,
    RightsEvent,
    RightsIdentityChecked,
    RightsOutcome,
    RightsRequestDecided,
    RightsRequestDone,
    RightsRequestReceived,
    RightsWordsDestroyed,
)
from services.privacy.events.words import RightsWordsHeld, RightsWordsKept, RightsWordsRead
from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import EscalateClock
from shared.blocks.flow import Flow
from shared.blocks.working_days import working_days
from shared.kernel.commands import Command, Opaque, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Destroyed, Failure, RuleBroken, WrongState, refuse_all

CLOCK = "K-54"
PUBLIC = "PUBLIC"  # signs for anybody: nobody's number


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveRightsRequest(Command):
    """Take a request, whatever is missing of it; its words lie in the vault."""

    request: PublicId
    subject: Opaque | None = None  # looked at by the edge: what is no public id stays in the words
    right: Right | None = None
    digest: Opaque = ""
    relative: bool = False  # for a dead relative (PIPL-49)
    proof: str | None = None  # of kinship, by its reference
    division: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequestIdentity(Command):
    """Say whether who asks is who may ask, how that is known, and whom it is about; never the paper itself."""

    request: PublicId
    confirmed: bool
    how: str | None = None
    subject: PublicId | None = None  # the public number, where none was proven when it was received


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRightsRequest(Command):
    """Grant it, or refuse it with reasons and the way to a remedy."""

    request: PublicId
    outcome: RightsOutcome | None = None
    reasons: str | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRightsRequest(Command):
    """It was carried out and told."""

    request: PublicId
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRightsRequest(Command):
    """Read what a request says, to answer it; the answer alone has the words."""

    request: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRightsClock(EscalateClock):
    """Not answered in time."""

    request: PublicId


Deciding = CheckRequestIdentity | DecideRightsRequest | CompleteRightsRequest | ReadRightsRequest
NEW, RECEIVED, CHECKED, DECIDED, DONE = "new", "received", "identity checked", "decided", "done"
FLOW = Flow(
    "PIPL-50",
    {
        (NEW, ReceiveRightsRequest): RECEIVED,
        (RECEIVED, CheckRequestIdentity): CHECKED,
        (CHECKED, CheckRequestIdentity): CHECKED,
        (CHECKED, DecideRightsRequest): DECIDED,
        (DECIDED, CompleteRightsRequest): DONE,
    },
)


@dataclass(frozen=True, slots=True)
class Request:
    """How far a request is."""

    status: str = NEW
    subject: str | None = None
    right: Right | None = None
    words: str = ""  # their reference in the vault
    by: str = ""
    confirmed: bool = False
    checker: str = ""
    decider: str = ""
    outcome: RightsOutcome | None = None
    division: str | None = None
    clocks: Clocks = STILL
    received_for: str | None = None  # the subject that was known when it was received
    ended: bool = False  # its words are destroyed

    def over(self, now: datetime) -> bool:
        """The time is over for which its words are kept: of what was granted that begins when it was carried out."""
        closed = self.status == DONE or self.outcome == RightsOutcome.REFUSED
        return self.ended or (closed and self.clocks.passed(KEPT, now) is not None)


def decide(command: ReceiveRightsRequest | Deciding | EscalateRightsClock, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal; what is received is never refused. Joint ones get the states by stream."""
    request: Request = state if isinstance(state, Request) else state[rights_stream(command.request)]
    match command:
        case ReceiveRightsRequest():
            return _receive(command, request, rules)
        case CheckRequestIdentity():
            return _check(command, request)
        case DecideRightsRequest():
            return _decide(command, request, rules)
        case CompleteRightsRequest():
            FLOW.require(request.status, command)
            said = (command.note or "", command.by.actor, command.now)
            done = RightsRequestDone(command.request, *said, met=(CLOCK,), clocks=_kept(command, request, request.outcome, rules))
            return Decided([done], basis="PIPL-50")
        case ReadRightsRequest():
            return _read(command, request, state)
        case EscalateRightsClock():
            return _end(command, request, state, rules) if command.key == KEPT else escalate(command, request.clocks)
        case _:
            assert_never(command)


def _receive(command: ReceiveRightsRequest, request: Request, rules: Rules) -> Decided:
    if request.status != NEW:
        if command.by.has("SYS") and (command.subject, command.right) == (request.subject, request.right):
            return Decided([])  # received by another way already
        raise WrongState(Failure("PIPL-50", f"{command.request} is the id of another request: leave it out", "request"))
    asked = {"subject": command.subject, "right": command.right, "proof": command.proof if command.relative else "-"}
    missing = tuple(name for name, said in asked.items() if not said)
    due = Due(CLOCK, CLOCK, command.now, working_days(command.now, rules.value(CLOCK), rules))
    received = RightsRequestReceived(
        request=command.request,
        subject=command.subject,
        right=command.right,
        digest=command.digest,
        relative=command.relative,
        incomplete=missing,
        division=command.division or command.by.division,
        by=command.by.actor,
        at=command.now,
        clocks=(due,),
    )
    return Decided([received], flags=("A-INCOMPLETE",) if missing else (), answer={"due_at": due.due_at.isoformat()}, basis="PIPL-50")


def _check(command: CheckRequestIdentity, request: Request) -> Sequence[RightsIdentityChecked]:
    """Whoever saw the paper names the person: what a stranger typed is nobody's number (PIPL art. 50)."""
    FLOW.require(request.status, command)
    wrong = [] if command.how else [Failure("PIPL-50", "say how it was checked", "how")]
    if command.subject is not None and not command.confirmed:
        wrong.append(Failure("PIPL-50", "name the person only where who asks was found to be who may ask", "subject"))
    if command.subject not in (None, request.subject) and request.received_for is not None:
        wrong.append(Failure("PIPL-50", f"it was received for {request.received_for}: receive another request for this one", "subject"))
    refuse_all(RuleBroken, wrong)
    said = (command.confirmed, str(command.how), command.by.actor, command.now, command.subject)
    return [RightsIdentityChecked(command.request, *said)]


def _kept(
    command: DecideRightsRequest | CompleteRightsRequest, request: Request, outcome: RightsOutcome | None, rules: Rules
) -> tuple[Due, ...]:
    return (kept(outcome, isinstance(command, CompleteRightsRequest), command.now, rules),) if request.words else ()


def _end(command: EscalateRightsClock, request: Request, states: Mapping[str, Any], rules: Rules) -> Sequence[Any]:
    """Once, when it is time. What was granted and is not carried out yet is told, and what is locked is left alone: nothing of either is
    destroyed."""
    if request.words and request.clocks.get(KEPT) is None:  # an older fact did not say: the time begins when we first look
        kept_from = kept(request.outcome, request.status == DONE, command.now, rules)
        return [RightsWordsKept(command.request, command.now, (kept_from,))] if request.outcome else []
    if not request.over(command.now) or request.ended:
        return escalate(command, request.clocks)
    if held := _held(command.request, request, states):
        return [
            (person_stream(name), RightsWordsHeld(name, command.request, command.now))
            for name, person in held.items()
            if command.request not in person.words
        ]
    ends = (command.by.actor, command.now, (KEPT,), run_after(command.now, rules))
    return [RightsWordsDestroyed(command.request, request.words, *ends)]


def _held(name: str, request: Request, states: Mapping[str, Any]) -> dict[str, Person]:
    """Under which names something locks them: the request's own, or that of whom it is about (LockPersonalData)."""
    known = {one: states[person_stream(one)] for one in (name, request.subject) if one}
    return {one: person for one, person in known.items() if person.locks}


def _read(command: ReadRightsRequest, request: Request, states: Mapping[str, Any]) -> Decided:
    """While there is something to answer, and no longer (PIPL art. 5, 6)."""
    if request.ended or (request.over(command.now) and not _held(command.request, request, states)):
        gone = f"the time is over for which the words of {command.request} are kept ({KEPT}): ask whoever asked, or receive another request"
        raise Destroyed(Failure("PIPL-19", gone, "request"))
    if request.status == DONE:
        raise WrongState(Failure("PIPL-6", f"{command.request} is answered: its words are read no more", "request"))
    role = command.by.roles[0] if command.by.roles else ""
    read = RightsWordsRead(command.request, role, command.by.actor, command.now)
    return Decided([read], answer={"ref": request.words}, basis="PIPL-50")


def _decide(command: DecideRightsRequest, request: Request, rules: Rules) -> Decided:
    FLOW.require(request.status, command)
    wrong = [] if command.outcome else [Failure("PIPL-50", "say whether it is granted, partly, or refused", "outcome")]
    if command.outcome is not None and command.outcome != RightsOutcome.GRANTED:
        needed = {"reasons": command.reasons, "remedy": command.remedy}
        wrong += [Failure("PIPL-50", f"a refusal names its {name}", name) for name, text in needed.items() if not text]
    if command.outcome in (RightsOutcome.GRANTED, RightsOutcome.PARTLY) and not request.confirmed:
        wrong.append(Failure("PIPL-50", "who asks was not found to be who may ask: check again, or refuse", "outcome"))
    refuse_all(RuleBroken, wrong)
    assert command.outcome is not None
    late = request.clocks.late(CLOCK, command.now) is not None
    said = (command.outcome, command.reasons or "", command.remedy or "", command.by.actor, command.now, late)
    about = (request.subject, request.right, bool(request.words), _kept(command, request, command.outcome, rules))
    return Decided([RightsRequestDecided(command.request, *said, *about)], flags=("A-LATE",) if late else (), basis="PIPL-50")


def evolve(request: Request, event: RightsEvent | ClockMissed) -> Request:
    """The request after the event."""
    match event:
        case RightsRequestReceived():
            clocks, known = request.clocks.start(*event.clocks), None if event.by == PUBLIC else event.subject
            said = (event.subject, event.right, event.digest, event.by)
            return Request(RECEIVED, *said, division=event.division, clocks=clocks, received_for=known)
        case RightsIdentityChecked(confirmed=confirmed, by=by, subject=subject):
            return replace(request, status=CHECKED, confirmed=confirmed, checker=by, subject=subject or request.subject)
        case RightsRequestDecided(outcome=outcome, by=by):
            return replace(request, status=DECIDED, outcome=outcome, decider=by, clocks=request.clocks.start(*event.clocks))
        case RightsWordsKept():
            return replace(request, clocks=request.clocks.start(*event.clocks))
        case RightsRequestDone():
            return replace(request, status=DONE, clocks=request.clocks.end(event.at, *event.met).start(*event.clocks))
        case RightsWordsDestroyed():
            return replace(request, words="", ended=bool(event.ref), clocks=request.clocks.end(event.at, *event.met))
        case RightsWordsRead():
            return request
        case ClockMissed(key=key):
            return replace(request, clocks=request.clocks.miss(key))
        case _:
            assert_never(event)


def _own(command: Any) -> tuple[str, ...]:
    return (rights_stream(command.request),)


def _locked(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """What may lock its words."""
    subject = states[rights_stream(command.request)].subject
    return tuple(dict.fromkeys(person_stream(name) for name in (command.request, subject) if name))


RIGHTS = Decider(
    category="rights",
    initial=Request(),
    decide=decide,
    evolve=evolve,
    about=lambda request: About(request.division, "restricted"),
    handles={
        ReceiveRightsRequest: Handles(_own, creates=True),
        CheckRequestIdentity: Handles(_own),
        DecideRightsRequest: Handles(_own),
        CompleteRightsRequest: Handles(_own),
        ReadRightsRequest: Handles(_own, further=_locked),
        EscalateRightsClock: Handles(_own, further=_locked),
    },
    joint=frozenset({ReadRightsRequest, EscalateRightsClock}),
)
