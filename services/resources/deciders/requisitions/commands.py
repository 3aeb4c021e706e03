"""What can be asked of a requisition. What the law wants in it is optional here: the decider names the rule that misses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.resources.events.wanted import NoticeManner
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, Opaque, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRequisition(Command):
    """Ask that property be taken: whose, what, on which basis, for which incident, and what it is worth."""

    requisition: PublicId
    subject: PublicId | None = None  # the owner
    item: str | None = None
    basis: str | None = None
    incident: PublicId | None = None
    value: Decimal | None = None
    purpose: str | None = None
    kind: str | None = None  # else read from the words of the item
    quantity: int = 1
    model: str = ""
    use: str = ""
    necessity: str = ""
    until: datetime | None = None
    executor: PublicId | None = None
    property: PublicId | None = None  # of the register, which then says whose and what
    line: tuple[str, ...] = ()  # the division and all above it
    person: Opaque | None = None  # the owner's values, made by the edge
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRequisition(Command):
    """The competent organ decides so. Another than who asked; for a home or what people live on, two (RQ-08)."""

    requisition: PublicId
    declaration: str | None = None  # digest of the decision that declared a state of emergency
    necessity: str = ""
    manner: NoticeManner = NoticeManner.IN_APP


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseRequisition(Command):
    """The competent organ does not approve, and says why."""

    requisition: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeNotice(Command):
    """Tell the owner, with the remedy; on paper with the proof that it arrived."""

    requisition: PublicId
    manner: NoticeManner = NoticeManner.PAPER
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOrally(Command):
    """Too urgent for paper: take it on an oral order; the paper follows within 48 hours (K-25)."""

    requisition: PublicId
    ordered_by: PublicId | None = None
    condition: str | None = None
    photos: tuple[str, ...] = ()
    subject: PublicId | None = None
    item: str | None = None
    basis: str | None = None
    incident: PublicId | None = None
    value: Decimal | None = None
    purpose: str | None = None
    kind: str | None = None
    quantity: int = 1
    model: str = ""
    use: str = ""
    necessity: str = ""
    until: datetime | None = None
    executor: PublicId | None = None
    property: PublicId | None = None
    declaration: str | None = None
    line: tuple[str, ...] = ()
    person: Opaque | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRequisition(Command):
    """The competent organ signs what was taken orally; late ones are signed too, and marked."""

    requisition: PublicId
    necessity: str = ""
    manner: NoticeManner = NoticeManner.IN_APP


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowProperty(Command):
    """Write down what an owner lends freely (RQ-07)."""

    requisition: PublicId
    subject: PublicId | None = None
    item: str | None = None
    incident: PublicId | None = None
    value: Decimal | None = None
    purpose: str | None = None
    condition: str | None = None
    photos: tuple[str, ...] = ()
    kind: str | None = None
    quantity: int = 1
    model: str = ""
    use: str = ""
    until: datetime | None = None
    executor: PublicId | None = None
    property: PublicId | None = None
    line: tuple[str, ...] = ()
    person: Opaque | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTaking(Command):
    """Take it, after the owner was told and while the power is still there, and write down its condition."""

    requisition: PublicId
    condition: str | None = None
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUse(Command):
    """Write down what it was used for on a day."""

    requisition: PublicId
    what: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnProperty(Command):
    """Give it back, and write down days of use, condition and damage; a claim is opened at once (ERL-12)."""

    requisition: PublicId
    condition: str | None = None
    days: int | None = None
    damage: Decimal | None = None
    photos: tuple[str, ...] = ()
    claim: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareLoss(Command):
    """It cannot be given back; a claim is opened at once, for its value unless another loss is named."""

    requisition: PublicId
    reason: str | None = None
    days: int | None = None
    loss: Decimal | None = None
    claim: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectReturn(Command):
    """What was written down as given back or lost is out still, or was found; two persons sign. What is claimed for it is looked at."""

    requisition: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRequisition(Command):
    """It is to hold no more; what was taken goes back."""

    requisition: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequisition(Command):
    """Nothing is left to do: given back, and decided what is paid for it (ERL-12)."""

    requisition: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReturn(Command):
    """It is to go back now. Only policies send it."""

    requisition: PublicId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRequisitionClock(EscalateClock):
    """The period is over, the paper did not follow (K-25), or it is not back (K-26)."""

    requisition: PublicId


Described = RequestRequisition | TakeOrally | BorrowProperty
Asked = (
    RequestRequisition
    | ApproveRequisition
    | RefuseRequisition
    | ServeNotice
    | TakeOrally
    | PaperRequisition
    | BorrowProperty
    | RecordTaking
    | RecordUse
    | ReturnProperty
    | DeclareLoss
    | CorrectReturn
    | RevokeRequisition
    | CloseRequisition
    | AskReturn
    | EscalateRequisitionClock
)
