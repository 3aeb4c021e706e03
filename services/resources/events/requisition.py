"""Property taken or lent for the rescue, from the request to the return (ERL-12; domain 2.6, 3.12). The owner is a public id. It begins
with `requested`, `taken_orally` or `lent`, and is over with `returned`, `lost`, `refused` and a `revoked` that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.resources.events.wanted import NoticeManner, Remedy, Wanted
from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("resources.requisition.requested.v1")
@dataclass(frozen=True, slots=True)
class RequisitionRequested:
    """Somebody asks that property be taken. Nothing is taken yet."""

    requisition: str
    incident: str
    subject: str
    wanted: Wanted
    division: str | None
    by: str
    at: datetime
    person: str | None = None  # into the vault
    fields: tuple[str, ...] = ()


@event("resources.requisition.approved.v1")
@dataclass(frozen=True, slots=True)
class RequisitionApproved:
    """The organ that the law gives this power decided so, on this precondition."""

    requisition: str
    incident: str
    basis: str
    precondition: str  # the urgent period, or the decision that declared the state of emergency
    source: str | None  # the event that says so
    necessity: str
    manner: NoticeManner
    organ: str  # that reviews it
    by: str
    second: str | None
    at: datetime


@event("resources.requisition.notice_served.v1")
@dataclass(frozen=True, slots=True)
class RequisitionNoticeServed:
    """The owner was told what, why, by whom, for how long, and where a review may be asked for."""

    requisition: str
    incident: str
    subject: str
    manner: NoticeManner
    proof: str
    remedy: Remedy
    by: str
    at: datetime


@event("resources.requisition.refused.v1")
@dataclass(frozen=True, slots=True)
class RequisitionRefused:
    """The organ asked does not approve."""

    requisition: str
    incident: str
    reason: str
    by: str
    at: datetime


@event("resources.requisition.revoked.v1")
@dataclass(frozen=True, slots=True)
class RequisitionRevoked:
    """It holds no more; `over` unless the property is still to be given back."""

    requisition: str
    incident: str
    reason: str
    over: bool
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("resources.requisition.taken_orally.v1")
@dataclass(frozen=True, slots=True)
class RequisitionTakenOrally:
    """Too urgent for paper: taken on an oral order; the paper follows within K-25."""

    requisition: str
    incident: str
    subject: str
    wanted: Wanted
    ordered_by: str
    precondition: str
    source: str | None
    condition: str
    photos: tuple[str, ...]
    division: str | None
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    person: str | None = None  # into the vault
    fields: tuple[str, ...] = ()


@event("resources.requisition.papered.v1")
@dataclass(frozen=True, slots=True)
class RequisitionPapered:
    """The organ signed what was taken orally; `late` after K-25."""

    requisition: str
    incident: str
    necessity: str
    late: bool
    manner: NoticeManner
    organ: str
    by: str
    second: str | None
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.requisition.lent.v1")
@dataclass(frozen=True, slots=True)
class PropertyLent:
    """The owner lends it freely; it is given back, and paid for when damaged (RQ-07)."""

    requisition: str
    incident: str
    subject: str
    wanted: Wanted
    condition: str
    photos: tuple[str, ...]
    division: str | None
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    person: str | None = None  # into the vault
    fields: tuple[str, ...] = ()


@event("resources.requisition.taken.v1")
@dataclass(frozen=True, slots=True)
class PropertyTaken:
    """It is in the hands of the rescue, in this condition; photos by digest."""

    requisition: str
    incident: str
    condition: str
    photos: tuple[str, ...]
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.requisition.used.v1")
@dataclass(frozen=True, slots=True)
class UseRecorded:
    """What it was used for."""

    requisition: str
    incident: str
    what: str
    day: date
    by: str
    at: datetime


@event("resources.requisition.return_due.v1")
@dataclass(frozen=True, slots=True)
class ReturnDue:
    """It is to go back promptly: use, period or response ended (ERL-12; K-26)."""

    requisition: str
    incident: str
    reason: str
    at: datetime
    stopped: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("resources.requisition.returned.v1")
@dataclass(frozen=True, slots=True)
class PropertyReturned:
    """The owner has it back. `claim` is opened for the days of use and the damage; None: lent, and nothing is owed."""

    requisition: str
    incident: str
    subject: str
    days: int
    condition: str
    photos: tuple[str, ...]
    damage: Decimal
    tariff: str
    claim: str | None
    since: date
    until: date
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


@event("resources.requisition.lost.v1")
@dataclass(frozen=True, slots=True)
class PropertyLost:
    """It cannot be given back. `claim` is opened for the days of use and the loss."""

    requisition: str
    incident: str
    subject: str
    days: int
    loss: Decimal
    reason: str
    tariff: str
    claim: str
    since: date
    until: date
    by: str
    at: datetime
    met: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


@event("resources.requisition.return_corrected.v1")
@dataclass(frozen=True, slots=True)
class ReturnCorrected:
    """It is not back, or not lost, as was written down: it is out still, or was found. `claim`: what was opened for it rests on nothing."""

    requisition: str
    incident: str
    claim: str | None
    reason: str
    by: str
    second: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.requisition.compensation_noted.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class CompensationNoted:
    """What became of a claim for it; `decided`: there is a decision, both sides agreed, or it was `withdrawn`."""

    requisition: str
    incident: str
    claim: str
    decided: bool
    at: datetime
    withdrawn: bool = False
    undecided: tuple[str, ...] | None = None  # claims that are still to be decided; None in older facts, whose `decided` is of all


@event("resources.requisition.closed.v1")
@dataclass(frozen=True, slots=True)
class RequisitionClosed:
    """Given back, decided on, and done."""

    requisition: str
    incident: str
    by: str
    at: datetime


@event("resources.guard.requisition_claimed.v1")
@dataclass(frozen=True, slots=True)
class RequisitionClaimed:
    """On the claim: which requisition it is for."""

    claim: str
    requisition: str
    division: str | None
    at: datetime


RequisitionEvent = (
    RequisitionRequested
    | RequisitionApproved
    | RequisitionNoticeServed
    | RequisitionRefused
    | RequisitionRevoked
    | RequisitionTakenOrally
    | RequisitionPapered
    | PropertyLent
    | PropertyTaken
    | UseRecorded
    | ReturnDue
    | PropertyReturned
    | PropertyLost
    | ReturnCorrected
    | CompensationNoted
    | RequisitionClosed
)
