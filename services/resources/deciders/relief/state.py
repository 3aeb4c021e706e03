"""A claim for relief as its facts make it, and which command fits which status (domain 3.14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_never

from services.resources.deciders.relief import commands as c
from services.resources.events import relief as r
from services.resources.events.clock import ClockMissed
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, APPLIED, APPRAISED, POSTED, REVIEWED, DECIDED = "new", "applied", "appraised", "posted", "reviewed", "decided"
SERVED, PAID, DISCLOSED, RETURNED, DENIED, TOLD_NO = "served", "paid", "disclosed", "returned", "denied", "denied and served"
URGENT, PAPERED, RECOVERING, RECOVERED = "paid urgently", "papered", "to be given back", "recovered"
VILLAGE, TOWNSHIP = "village", "township"
ZERO = Decimal("0.00")

_COMMON: tuple[tuple[type[Any], str, str], ...] = (
    *((kind, one, APPLIED) for kind in (c.ApplyRelief, c.NominateRelief) for one in (NEW, RETURNED)),
    *((c.DenyRelief, one, DENIED) for one in (APPLIED, APPRAISED, POSTED, REVIEWED)),
    *((c.ReturnApplication, one, RETURNED) for one in (APPLIED, APPRAISED, POSTED, REVIEWED)),
    (c.ServeRelief, DECIDED, SERVED),
    (c.ServeRelief, DENIED, TOLD_NO),
    (c.PayRelief, SERVED, PAID),
    (c.PayUrgentRelief, NEW, URGENT),
    (c.PaperRelief, URGENT, PAPERED),
    (c.DiscloseUse, PAID, DISCLOSED),
    *((c.DiscloseUse, one, one) for one in (URGENT, PAPERED, RECOVERING, RECOVERED)),
    *((c.RecoverRelief, one, RECOVERING) for one in (PAID, DISCLOSED, URGENT, PAPERED)),
    (c.RecordRecovery, RECOVERING, RECOVERED),
)
_STEPS: Mapping[str, tuple[tuple[type[Any], str, str], ...]] = {
    VILLAGE: (  # NDR-20: appraised and posted in the village, then reviewed above
        (c.RecordAppraisal, APPLIED, APPRAISED),
        (c.PostList, APPRAISED, POSTED),
        (c.ReviewAtTownship, POSTED, REVIEWED),
        (c.DecideRelief, REVIEWED, DECIDED),
    ),
    TOWNSHIP: (  # SAR-48: reviewed by the township, which then posts
        (c.ReviewAtTownship, APPLIED, REVIEWED),
        (c.PostList, REVIEWED, POSTED),
        (c.DecideRelief, POSTED, DECIDED),
    ),
}
FLOWS: Mapping[str, Flow] = {
    chain: Flow("relief.state", {(status, kind): after for kind, status, after in (*_COMMON, *steps)}) for chain, steps in _STEPS.items()
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim for relief. `amount` is what was decided, or paid urgently; None before."""

    status: str = NEW
    relief: str = ""
    household: str = ""
    kind: str = ""
    chain: str = VILLAGE
    incident: str = ""
    village: str | None = None
    purpose: str | None = None
    person: str | None = None
    fields: tuple[str, ...] = ()
    votes: tuple[int, int] | None = None  # of the village: for, against
    posting: str = ""  # what hangs in the village, nobody's number in it
    until: datetime | None = None  # of the posting
    objections: Mapping[str, bool] = field(default_factory=dict)  # id -> still open
    objectors: Mapping[str, str] = field(default_factory=dict)  # id -> whose
    amount: Decimal | None = None
    payer: str = ""
    asked_by: str = ""
    decided_by: str = ""
    manner: r.ServedHow = r.ServedHow.PAPER
    paid: Decimal = ZERO
    fund: str = ""
    disclosed: bool = False
    clocks: Clocks = STILL

    @property
    def flow(self) -> Flow:
        """The steps of its chain."""
        return FLOWS[self.chain]

    def hangs(self, now: datetime) -> bool:
        """Whether it hangs in the village now, for everybody there to read (NDR-20)."""
        return self.status == POSTED and self.until is not None and now < self.until

    @property
    def contested(self) -> tuple[str, ...]:
        """Objections that nobody resolved yet."""
        return tuple(one for one, open_ in self.objections.items() if open_)


Fact = (
    r.ReliefApplied
    | r.ReliefNominated
    | r.ReliefAppraised
    | r.ReliefPosted
    | r.ObjectionFiled
    | r.ObjectionResolved
    | r.TownshipReviewed
    | r.ReliefReturned
    | r.ReliefDecided
    | r.ReliefDenied
    | r.ReliefServed
    | r.ReliefPaid
    | r.ReliefPapered
    | r.ReliefDisclosed
    | r.RecoveryOrdered
    | r.ReliefRecovered
    | ClockMissed
)
NAMED = ("relief", "household", "kind", "incident", "village", "purpose", "person", "fields")


def about(claim: Claim) -> About:
    """A claim lies in the household's village; staff of that line look into it."""
    return About(claim.village, "restricted", claim.incident or None)


def evolve(claim: Claim, event: Fact) -> Claim:
    """The claim after the event."""
    clocks = claim.clocks.end(event.at, *getattr(event, "met", ())).start(*getattr(event, "clocks", ()))
    claim = replace(claim, clocks=clocks)
    match event:
        case r.ReliefApplied() | r.ReliefNominated():
            named: dict[str, Any] = {name: getattr(event, name) for name in (*NAMED, "chain")}
            return replace(claim, status=APPLIED, votes=None, posting="", until=None, asked_by=event.by, **named)
        case r.ReliefAppraised(passed=passed):
            votes = event.votes_for, event.votes_against
            return replace(claim, status=APPRAISED if passed else RETURNED, votes=votes)
        case r.ReliefPosted(until=until, text=text):
            return replace(claim, status=POSTED, until=until, posting=text)
        case r.ObjectionFiled(objection=one, by=by):
            return replace(claim, objections={**claim.objections, one: True}, objectors={**claim.objectors, one: by})
        case r.ObjectionResolved(objection=objection):
            after = replace(claim, objections={**claim.objections, objection: False})
            begun = replace(after, status=APPLIED, votes=None, posting="", until=None)
            return replace(begun, amount=None, payer="", decided_by="") if event.anew else after
        case r.TownshipReviewed():
            return replace(claim, status=REVIEWED)
        case r.ReliefReturned():
            return replace(claim, status=RETURNED, posting="", until=None)
        case _:
            return _after_review(claim, event)


def _after_review(
    claim: Claim,
    event: r.ReliefDecided
    | r.ReliefDenied
    | r.ReliefServed
    | r.ReliefPaid
    | r.ReliefPapered
    | r.ReliefDisclosed
    | r.RecoveryOrdered
    | r.ReliefRecovered
    | ClockMissed,
) -> Claim:
    match event:
        case r.ReliefDecided():
            said: dict[str, Any] = {"amount": event.amount, "payer": event.payer, "decided_by": event.by, "manner": event.manner}
            return replace(claim, status=DECIDED, **said)
        case r.ReliefDenied():
            return replace(claim, status=DENIED, decided_by=event.by, manner=event.manner)
        case r.ReliefServed():
            return replace(claim, status=SERVED if claim.status == DECIDED else TOLD_NO)
        case r.ReliefPaid():
            named: dict[str, Any] = {name: getattr(event, name) for name in (*NAMED, "amount", "payer", "fund")}
            return replace(claim, status=URGENT if event.urgent else PAID, paid=event.amount, **named)
        case r.ReliefPapered():
            return replace(claim, status=PAPERED)
        case r.ReliefDisclosed():
            return replace(claim, disclosed=True, status=DISCLOSED if claim.status == PAID else claim.status)
        case r.RecoveryOrdered():
            return replace(claim, status=RECOVERING)
        case r.ReliefRecovered():
            return replace(claim, status=RECOVERED)
        case ClockMissed(key=key):
            return replace(claim, clocks=claim.clocks.miss(key))
        case _:
            assert_never(event)
