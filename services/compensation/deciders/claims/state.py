"""A claim as its facts make it, and which command fits which status (domain 3.13)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_never

from services.compensation.deciders.claims import commands as c
from services.compensation.events.appeal import AppealFiled, AppealOutcome, AppealResultRecorded
from services.compensation.events.claim import ClaimAssessed, ClaimEntitled, ClaimOpened, ClaimWithdrawn, EvidenceAdded, Prepared
from services.compensation.events.clock import ClockMissed
from services.compensation.events.decision import ClaimDecided, ClaimFinal, ClaimSettled, DecisionServed, Manner, Remedy
from services.compensation.events.figures import NOTHING_STATED, ZERO, ClaimKind, Figures, Period
from services.compensation.events.ground import ClaimDoubted, ClaimReconsidered, ClaimRestated, Ground, Grounds, Outcome
from services.compensation.events.payment import ClaimPaid, PaymentCorrected
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, OPENED, COMPLETE, ASSESSED, DECIDED, SERVED = "new", "opened", "evidence complete", "assessed", "decided", "served"
PAID, APPEALED, REOPENED, FINAL, WITHDRAWN, SETTLED = "paid", "appealed", "reopened", "final", "withdrawn", "settled"
PREPARED = (OPENED, COMPLETE, ASSESSED, REOPENED)  # not decided
OWED = (DECIDED, SERVED, SETTLED, APPEALED)  # decided; where it is to be paid may still be named
STANDING = (DECIDED, SERVED, SETTLED, PAID, FINAL)  # a decision or agreement holds
TOLD = ""  # by whom: nobody but a fact
SYSTEM = "SYS."  # how who signs for the system begins

_FITS: tuple[tuple[type[Any], str, str], ...] = (
    (c.ClaimCompensation, NEW, OPENED),
    *((c.AddEvidence, one, one) for one in (*PREPARED, *OWED)),
    *((c.NoteEntitlement, one, one) for one in (OPENED, COMPLETE)),
    *((c.AssessClaim, one, ASSESSED) for one in (OPENED, COMPLETE, ASSESSED)),
    *((c.ReassessClaim, one, ASSESSED) for one in (REOPENED, PAID, FINAL)),
    (c.DecideClaim, ASSESSED, DECIDED),
    (c.SettleClaim, ASSESSED, SETTLED),
    (c.ServeDecision, DECIDED, SERVED),
    (c.ServeDecision, APPEALED, APPEALED),
    *((c.PayClaim, one, PAID) for one in (SERVED, SETTLED)),
    (c.PayClaim, APPEALED, APPEALED),
    *((c.CorrectPayment, one, one) for one in (SETTLED, PAID, APPEALED, REOPENED, FINAL)),
    *((c.FileAppeal, one, APPEALED) for one in (DECIDED, SERVED, PAID, FINAL)),
    (c.RecordAppealResult, APPEALED, APPEALED),
    *((c.ReconsiderClaim, one, REOPENED) for one in STANDING),  # unless it stands
    *((c.WithdrawClaim, one, WITHDRAWN) for one in (OPENED, COMPLETE, ASSESSED)),
)
FLOW = Flow("claim.state", {(status, kind): after for kind, status, after in _FITS})


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim. `decided` is what is owed in all, by decision, settlement or review; None before."""

    status: str = NEW
    claim: str = ""
    claimant: str = ""
    kind: ClaimKind | None = None
    incident: str | None = None
    item: str | None = None
    covers: tuple[Period, ...] = ()
    figures: Figures = NOTHING_STATED
    tariff: str | None = None
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    entitled: bool = False
    account: str | None = None
    division: str | None = None
    payer: str | None = None
    on_behalf: bool = False  # an officer entered it
    opened: datetime | None = None
    taken_part: frozenset[str] = frozenset()  # entered it, brought proof, assessed it
    assessed: Decimal = ZERO
    round: int = 0
    revisions: tuple[tuple[str, int], ...] = ()  # of the call-ups it was counted from
    restated: bool = False  # figures were put right after it was assessed
    stated: bool = False  # its figures are those of who claims, not of a fact
    differs: bool = False  # a fact and who claims said what differs, and nobody who assesses or decides answered for that yet
    told_at: datetime | None = None  # of when the newest fact is that it heard of
    decided: Decimal | None = None
    decided_by: str = ""
    settled: bool = False
    remedy: Remedy | None = None
    manner: Manner = Manner.IN_APP
    paid: Decimal = ZERO
    final: bool = False
    doubt: Ground | None = None  # what it rests on was taken back
    heard: frozenset[tuple[str, str]] = frozenset()  # who opened it from which proof, and of which facts it was told since
    clocks: Clocks = STILL

    @property
    def owed(self) -> Decimal:
        """What is decided and not yet paid; less than nothing when too much was paid."""
        return (self.decided or ZERO) - self.paid

    @property
    def over(self) -> bool:
        """Nothing is owed, and nothing is under review or to be decided anew."""
        return self.decided is not None and self.owed <= 0 and self.status not in (APPEALED, REOPENED, ASSESSED)


Facts = (
    Prepared
    | ClaimDecided
    | DecisionServed
    | ClaimSettled
    | ClaimFinal
    | ClaimPaid
    | PaymentCorrected
    | AppealFiled
    | AppealResultRecorded
    | Grounds
    | ClockMissed
)


def about(claim: Claim) -> About:
    """A claim belongs to who pays; staff of that line look into it, and who claims."""
    return About(claim.division, "restricted", claim.incident)


def evolve(claim: Claim, event: Facts) -> Claim:
    """The claim after the event."""
    clocks = claim.clocks.end(event.at, *getattr(event, "met", ()), *getattr(event, "stopped", ())).start(*getattr(event, "clocks", ()))
    claim = replace(claim, clocks=clocks)
    match event:
        case ClaimOpened() | ClaimEntitled() | EvidenceAdded() | ClaimAssessed() | ClaimWithdrawn():
            return _prepared(claim, event)
        case ClaimDecided():
            decided: dict[str, Any] = {"decided": event.amount, "decided_by": event.by, "remedy": event.remedy, "manner": event.manner}
            return replace(claim, status=DECIDED, settled=False, final=False, **decided)
        case ClaimSettled():
            return replace(claim, status=SETTLED, decided=event.amount, decided_by=event.by, settled=True, final=True)
        case DecisionServed():
            return _rested(replace(claim, status=APPEALED if claim.status == APPEALED else SERVED))
        case ClaimFinal():
            return _rested(replace(claim, final=True))
        case ClaimPaid(amount=amount):
            return _rested(replace(claim, paid=claim.paid + amount))
        case PaymentCorrected(amount=amount):
            return _rested(replace(claim, paid=claim.paid - amount))
        case AppealFiled():
            return replace(claim, status=APPEALED)
        case AppealResultRecorded():
            return _reviewed(claim, event)
        case ClaimDoubted() | ClaimRestated() | ClaimReconsidered():
            return _doubted(claim, event)
        case ClockMissed(key=key):
            return replace(claim, clocks=claim.clocks.miss(key))
        case _:
            assert_never(event)


def told(claim: Claim, fact: Any) -> Any:
    """The fact, saying whether the claim is over after it."""
    return replace(fact, over=evolve(claim, fact).over)


def _prepared(claim: Claim, event: Prepared) -> Claim:
    said: dict[str, Any]
    match event:
        case ClaimOpened():
            names = ("claim", "claimant", "kind", "incident", "item", "covers", "figures", "tariff", "missing", "entitled", "account")
            same: dict[str, Any] = {name: getattr(event, name) for name in names}
            proofs = tuple(one.kind for one in event.evidence)
            entered: dict[str, Any] = {
                "taken_part": frozenset((event.by,)),
                "opened": event.at,
                "on_behalf": bool(event.on_behalf),
                "stated": event.figures != NOTHING_STATED and not event.by.startswith(SYSTEM),
                "told_at": event.at if event.by.startswith(SYSTEM) else None,
                "heard": frozenset((event.by, one.document) for one in event.evidence if one.document),
                "payer": event.payer,
                "division": event.payer or event.division,
            }
            return replace(claim, status=_complete(event.missing), evidence=proofs, **entered, **same)
        case ClaimEntitled():
            payer = event.payer or claim.payer
            where: dict[str, Any] = {"payer": payer, "division": payer or claim.division}
            return replace(claim, status=_complete(event.missing), missing=event.missing, entitled=True, **where)
        case EvidenceAdded():
            proofs = tuple(dict.fromkeys((*claim.evidence, *(one.kind for one in event.evidence))))
            status = _complete(event.missing) if claim.status in (OPENED, COMPLETE) else claim.status
            account = event.account or claim.account
            taken_part, restated = claim.taken_part | {event.by}, claim.restated or event.figures != claim.figures
            said = {"figures": event.figures, "account": account, "missing": event.missing}
            said |= {"stated": claim.stated or event.figures != claim.figures}
            return replace(claim, status=status, evidence=proofs, taken_part=taken_part, restated=restated, **said)
        case ClaimAssessed():
            said = {"assessed": event.amount, "round": event.round, "payer": event.payer, "revisions": event.revisions}
            said |= {"restated": False, "doubt": None, "differs": False, "taken_part": claim.taken_part | {event.by}}
            return replace(claim, status=ASSESSED, decided=None, **said)
        case ClaimWithdrawn():
            return replace(claim, status=WITHDRAWN, differs=False)
        case _:
            assert_never(event)


def _doubted(claim: Claim, event: Grounds) -> Claim:
    match event:
        case ClaimDoubted(ground=ground):
            return replace(claim, doubt=ground, told_at=_newest(claim, event.at) if ground is Ground.NOT_BACK else claim.told_at)
        case ClaimRestated():
            proofs = tuple(dict.fromkeys((*claim.evidence, *(one.kind for one in event.evidence))))
            said: dict[str, Any] = {"figures": event.figures, "covers": event.covers, "evidence": proofs, "missing": event.missing}
            said |= {"stated": claim.stated and event.figures == claim.figures, "differs": claim.differs or event.otherwise is not None}
            said |= {"heard": claim.heard | {(TOLD, one.document) for one in event.evidence if one.document}}
            said |= {"tariff": event.tariff or claim.tariff, "told_at": _newest(claim, event.at)}
            said |= {"payer": event.payer or claim.payer, "division": event.payer or claim.division}
            if claim.status in (*STANDING, APPEALED):
                return replace(claim, doubt=claim.doubt if event.late else Ground.FIGURES, **said)
            status = claim.status if claim.status in (ASSESSED, REOPENED) else _complete(event.missing)
            return replace(claim, status=status, doubt=claim.doubt if event.late else None, restated=True, **said)
        case ClaimReconsidered(outcome=Outcome.STANDS):
            return replace(claim, doubt=None, differs=False, revisions=event.revisions)
        case ClaimReconsidered():
            out = claim.doubt is Ground.NOT_BACK  # it is counted anew once it is back again
            return replace(claim, status=REOPENED, decided=None, settled=False, doubt=claim.doubt if out else None)
        case _:
            assert_never(event)


def _newest(claim: Claim, at: datetime) -> datetime:
    return at if claim.told_at is None else max(claim.told_at, at)


def _complete(missing: tuple[str, ...]) -> str:
    return OPENED if missing else COMPLETE


def _reviewed(claim: Claim, event: AppealResultRecorded) -> Claim:
    if event.outcome in (AppealOutcome.ADMITTED, AppealOutcome.EXTENDED):
        return claim
    if event.outcome is AppealOutcome.ANNULLED:
        return replace(claim, status=REOPENED, decided=None)
    amount = event.amount if event.amount is not None else claim.decided
    return _rested(replace(claim, status=SERVED, decided=amount, final=claim.final or event.final))


def _rested(claim: Claim) -> Claim:
    """Owed, it waits to be paid; paid, for the time of a review to pass."""
    if claim.status in (APPEALED, REOPENED):
        return claim
    if claim.owed > 0:
        return replace(claim, status=SETTLED if claim.settled else SERVED)
    if claim.final and not claim.settled:
        return replace(claim, status=FINAL)
    return replace(claim, status=PAID) if claim.paid else claim
