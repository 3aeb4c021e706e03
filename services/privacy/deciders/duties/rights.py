"""What somebody asks for about their data: taken always, decided with reasons, in time (PIPL art. 44-50)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, assert_never

from services.privacy.deciders.clock import escalate
from services.privacy.deciders.streams import rights_stream
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
    RightsWordsRead,
)
from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import EscalateClock, deadline
from shared.blocks.flow import Flow
from shared.blocks.working_days import working_days
from shared.kernel.commands import Command, Opaque, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Destroyed, Failure, RuleBroken, WrongState, refuse_all

CLOCK, KEPT, RUN = "K-54", "privacy.rights_words", "privacy.rights_words_run"
ONCE = timedelta(days=30)  # of KEPT when facts did not say yet how long the words of what was decided are kept
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


def decide(command: ReceiveRightsRequest | Deciding | EscalateRightsClock, request: Request, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal; what is received is never refused."""
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
            done = RightsRequestDone(command.request, *said, met=(CLOCK,), clocks=_kept(command, request, rules))
            return Decided([done], basis="PIPL-50")
        case ReadRightsRequest():
            return _read(command, request)
        case EscalateRightsClock():
            return _end(command, request, rules) if command.key == KEPT else escalate(command, request.clocks)
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


def _kept(command: DecideRightsRequest | CompleteRightsRequest, request: Request, rules: Rules) -> tuple[Due, ...]:
    """However it was decided, and whether or not anybody notes that it was carried out: its words have an end (PIPL art. 19)."""
    return (deadline(rules, KEPT, command.now),) if request.words else ()


def _end(command: EscalateRightsClock, request: Request, rules: Rules) -> Sequence[RightsWordsDestroyed]:
    """Once, when it is time."""
    if not request.clocks.passed(KEPT, command.now):
        return []
    ends = (command.by.actor, command.now, (KEPT,), _run(command.now, rules))
    return [RightsWordsDestroyed(command.request, request.words, *ends)]


def _run(now: datetime, rules: Rules) -> datetime:
    """When the vault destroys whatever is due by then: once a day, since each destruction replaces the root."""
    day = rules.value(RUN)
    local = now.astimezone(timezone(timedelta(hours=day["utc_offset_hours"])))
    today = local.replace(hour=day["hour"], minute=0, second=0, microsecond=0)
    return today if local < today else today + timedelta(days=1)


def _read(command: ReadRightsRequest, request: Request) -> Decided:
    """While there is something to answer, and no longer (PIPL art. 5, 6)."""
    if request.status == DONE:
        raise WrongState(Failure("PIPL-6", f"{command.request} is answered: its words are read no more", "request"))
    if request.ended:
        gone = f"{command.request} was decided long ago and its words are destroyed ({KEPT}): ask whoever asked, or receive another request"
        raise Destroyed(Failure("PIPL-19", gone, "request"))
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
    about = (request.subject, request.right, bool(request.words), _kept(command, request, rules))
    return Decided([RightsRequestDecided(command.request, *said, *about)], flags=("A-LATE",) if late else (), basis="PIPL-50")


def words_kept(event: RightsRequestDecided) -> tuple[Due, ...]:
    """How long the words of what was decided are kept; an older fact does not say, so it is as the rule was then."""
    return event.clocks if event.words is not None else (Due(KEPT, KEPT, event.at, event.at + ONCE),)


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
            return replace(request, status=DECIDED, outcome=outcome, decider=by, clocks=request.clocks.start(*words_kept(event)))
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
        ReadRightsRequest: Handles(_own),
        EscalateRightsClock: Handles(_own),
    },
)
