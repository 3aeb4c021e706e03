"""A requisition as its facts make it, and which command fits which status (domain 3.12)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from services.resources.deciders.requisitions import commands as c
from services.resources.events import requisition as r
from services.resources.events.clock import ClockMissed
from services.resources.events.wanted import Mode, NoticeManner, Wanted
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, REQUESTED, APPROVED, SERVED, TAKEN, IN_USE = "new", "requested", "approved", "served", "taken", "in_use"
RETURNED, LOST, REFUSED, REVOKED, CLOSED = "returned", "lost", "refused", "revoked", "closed"
HERE, BACK = (TAKEN, IN_USE), (RETURNED, LOST)
_FITS: tuple[tuple[type[Any], str, str], ...] = (
    (c.RequestRequisition, NEW, REQUESTED),
    (c.TakeOrally, NEW, TAKEN),
    (c.BorrowProperty, NEW, TAKEN),
    (c.ApproveRequisition, REQUESTED, APPROVED),
    (c.RefuseRequisition, REQUESTED, REFUSED),
    (c.ServeNotice, APPROVED, SERVED),
    (c.RecordTaking, SERVED, TAKEN),
    *((c.RevokeRequisition, one, REVOKED) for one in (REQUESTED, APPROVED, SERVED)),
    *((c.RevokeRequisition, one, one) for one in HERE),
    *((kind, one, one) for kind in (c.PaperRequisition, c.ServeNotice) for one in (*HERE, *BACK)),
    *((c.RecordUse, one, IN_USE) for one in HERE),
    *((c.ReturnProperty, one, RETURNED) for one in HERE),
    *((c.DeclareLoss, one, LOST) for one in HERE),
    *((c.CorrectReturn, one, TAKEN) for one in (*BACK, CLOSED)),
    *((c.CloseRequisition, one, CLOSED) for one in BACK),
)
FLOW = Flow("requisition.state", {(status, kind): after for kind, status, after in _FITS})


@dataclass(frozen=True, slots=True)
class Requisition:
    """`papered`: a competent organ signed it; `served`: the owner was told; `claim`: what its return asked for, or has in its place."""

    status: str = NEW
    requisition: str = ""
    mode: Mode = Mode.REQUISITION
    incident: str = ""
    wanted: Wanted | None = None
    division: str | None = None
    requested_by: str = ""
    organ: str = ""
    manner: NoticeManner = NoticeManner.IN_APP
    declaration: str = ""  # the decision by which a state of emergency was declared, or the period it rested on
    papered: bool = False
    served: bool = False
    since: datetime | None = None
    claim: str | None = None
    undecided: tuple[str, ...] = ()  # every claim for it that is still to be decided, or that was asked for and is not heard of yet
    again: str | None = None  # the claim of a return that was corrected, or what stands in for it: of the next one too
    gone: tuple[str, ...] = ()  # claims that were withdrawn: the next return has another
    clocks: Clocks = STILL

    @property
    def decided(self) -> bool:
        """Whether what is paid for it is decided, in every claim."""
        return self.claim is not None and not self.undecided


def about(requisition: Requisition) -> About:
    """Restricted to the staff of the line: it says what an owner has; the owner sees the own."""
    return About(requisition.division, "restricted", requisition.incident or None)


def evolve(state: Requisition, event: r.RequisitionEvent | ClockMissed) -> Requisition:
    """The requisition after the event."""
    clocks = state.clocks.end(event.at, *getattr(event, "met", ()), *getattr(event, "stopped", ())).start(*getattr(event, "clocks", ()))
    state = replace(state, clocks=clocks)
    match event:
        case r.RequisitionRequested() | r.RequisitionTakenOrally() | r.PropertyLent():
            return _begun(state, event)
        case r.RequisitionApproved() | r.RequisitionPapered():
            state = replace(state, papered=True, organ=event.organ, manner=event.manner)
            return replace(state, status=APPROVED, declaration=event.precondition) if isinstance(event, r.RequisitionApproved) else state
        case r.RequisitionNoticeServed():
            return replace(state, status=SERVED if state.status == APPROVED else state.status, served=True)
        case r.RequisitionRefused():
            return replace(state, status=REFUSED)
        case r.RequisitionRevoked():
            return replace(state, status=REVOKED if event.over else state.status)
        case r.PropertyTaken():
            return replace(state, status=TAKEN, since=event.at)
        case r.UseRecorded():
            return replace(state, status=IN_USE)
        case r.ReturnDue():
            return state
        case r.PropertyReturned() | r.PropertyLost():
            undecided = also(state.undecided, event.claim)
            status = RETURNED if isinstance(event, r.PropertyReturned) else LOST
            return replace(state, status=status, claim=event.claim or next(iter(undecided), None), undecided=undecided)
        case r.ReturnCorrected():
            return replace(state, status=TAKEN, again=None if state.claim in state.gone else state.claim)
        case r.CompensationNoted():
            return _noted(state, event)
        case r.RequisitionClosed():
            return replace(state, status=CLOSED)
        case ClockMissed(key=key):
            return replace(state, clocks=state.clocks.miss(key))
        case _:
            assert_never(event)


def _begun(state: Requisition, event: r.RequisitionRequested | r.RequisitionTakenOrally | r.PropertyLent) -> Requisition:
    begun = replace(
        state,
        status=REQUESTED,
        requisition=event.requisition,
        incident=event.incident,
        wanted=event.wanted,
        division=event.division,
        requested_by=event.by,
    )
    if isinstance(event, r.RequisitionRequested):
        return begun
    lent = isinstance(event, r.PropertyLent)
    return replace(begun, status=TAKEN, since=event.at, mode=Mode.LENT if lent else Mode.ORAL, papered=lent, served=lent)


def _noted(state: Requisition, event: r.CompensationNoted) -> Requisition:
    """Another claim of the owner's stands beside that of the return; in its place only where that is given up, or was never opened."""
    gone = also(state.gone, event.claim) if event.withdrawn else state.gone
    still = state.undecided if event.undecided is None else event.undecided
    replaced = [one for one in state.undecided if one not in (*still, event.claim)]
    again = event.claim if state.again in replaced else state.again
    state = replace(state, gone=gone, again=None if again in gone else again)
    if event.undecided is None:
        return replace(state, claim=event.claim, undecided=() if event.decided else also(state.undecided, event.claim))
    if state.claim is not None and state.claim not in gone and state.claim not in replaced:
        return replace(state, undecided=event.undecided)
    open = (one for one in (event.claim, *event.undecided) if one in event.undecided)
    return replace(state, claim=next(open, state.claim or event.claim), undecided=event.undecided)


def also(claims: tuple[str, ...], claim: str | None) -> tuple[str, ...]:
    """The claims, and this one."""
    return claims if claim is None or claim in claims else (*claims, claim)
