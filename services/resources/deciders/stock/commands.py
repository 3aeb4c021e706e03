"""What is asked of goods in a store. One call per scan; repeated under the same key it counts once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.resources.events.stock import Bucket, From, Source, Use
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveLot(Command):
    """Goods came into a store with a document, or lay there when its books were opened. What is damaged, expired, recalled or still to be
    checked (`pending`) lies apart; `damaged` comes on top of `qty`, which counts what is good. `unit` may be a pack of the item; `owner`
    is whose the goods are when not the store's."""

    store: PublicId
    item: PublicId
    lot: PublicId
    qty: int
    unit: str | None = None
    source: Source = Source.PURCHASE
    cause: str = ""  # the document they came with
    expires: date | None = None
    position: str | None = None
    damaged: int = 0
    pending: bool = False
    owner: PublicId | None = None
    intent: PublicId | None = None  # a division a donor wished them to go to


@dataclass(frozen=True, slots=True, kw_only=True)
class PassQuality(Command):
    """What lay apart is fit: it may be promised. Of what failed before, a second person says so too."""

    store: PublicId
    lot: PublicId
    qty: int | None = None  # all of it
    cause: str = ""  # the check


@dataclass(frozen=True, slots=True, kw_only=True)
class FailQuality(Command):
    """What lay apart is not fit: it stays there, or goes back to who delivered it."""

    store: PublicId
    lot: PublicId
    qty: int | None = None
    reason: str = ""
    to_supplier: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAway(Command):
    """Goods are put in a position: out of another one, or where they were set down on arrival."""

    store: PublicId
    lot: PublicId
    position: str
    qty: int | None = None  # all that lies there
    from_position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStock(Command):
    """Goods leave the store to be used up on a site, without a request: so much of an item, first expired first, or named lots, out of
    order only with a reason. What people get is handed out (`RecordDistribution`)."""

    store: PublicId
    item: PublicId | None = None
    qty: int | None = None
    unit: str | None = None
    lots: Mapping[PublicId, int] | None = None
    to: Use = Use.SITE
    cause: str = ""  # the incident, the order
    place: PublicId | None = None  # division; the store's when not named
    reason: str = ""
    placed: bool = False  # the place is a division in force; from the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnStock(Command):
    """Goods came back from people: what is good may be promised again, what is damaged lies apart, what is lost never comes. They keep
    their owner."""

    store: PublicId
    item: PublicId
    lot: PublicId
    good: int = 0
    damaged: int = 0
    lost: int = 0
    from_: From = From.PEOPLE
    position: str | None = None
    cause: str = ""
    expires: date | None = None
    owner: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStock(Command):
    """Goods move to another store of the same owner in one act, both sides at once."""

    from_store: PublicId
    to_store: PublicId
    lots: Mapping[PublicId, int]
    receiver: str
    position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff(Command):
    """Goods are of no use any more: first what lies apart, then what is available; never what is reserved. Two persons."""

    store: PublicId
    lot: PublicId
    qty: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLoss(Command):
    """Goods are gone. Two persons."""

    store: PublicId
    lot: PublicId
    qty: int
    bucket: Bucket = Bucket.AVAILABLE
    cause: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineLot(Command):
    """What is available of a lot in a store lies apart until it was checked."""

    store: PublicId
    lot: PublicId
    qty: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallLot(Command):
    """A lot must not be used: in every store it lies apart, and nothing of it is promised any more."""

    lot: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LendStock(Command):
    """Goods are lent to a division, a post or an organisation, to come back by `due_at`."""

    loan: PublicId
    store: PublicId
    lots: Mapping[PublicId, int]
    to: PublicId
    due_at: datetime | None = None
    cause: str = ""
    reason: str = ""  # why these lots and not the first to expire


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLoan(Command):
    """What was lent came back, good or damaged, or is lost; in parts if need be. Of what is lost a second person says so too."""

    loan: PublicId
    lot: PublicId
    good: int = 0
    damaged: int = 0
    lost: int = 0
    position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseMovement(Command):
    """A movement entered by mistake is taken back by its exact opposite, named by its version on the stock of store and item; what
    happened stays written. Two persons where it needed two."""

    store: PublicId
    item: PublicId
    version: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepExpired(EscalateClock):
    """The last good day of a lot is over: what is available of it anywhere lies apart. Only the timer sends it."""

    lot: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateLoanClock(EscalateClock):
    """What was lent is overdue. Only the timer sends it."""

    loan: PublicId
