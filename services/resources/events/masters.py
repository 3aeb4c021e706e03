"""Masters: the catalogue, the stores, and which lot is of which item (domain 2.5, 3.7, 4.5; GB/T 38565-2020)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a store of this level should hold of an item: below `low` it is short, above `high` it has too much. Level None: of any."""

    level: int | None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """So many `units` of a substitute stand for so many of the item."""

    units: int
    stand_for: int


class Per(StrEnum):
    """What a norm counts by."""

    PEOPLE = "people"
    PEOPLE_DAY = "people_day"


class StoreKind(StrEnum):
    """What a store is."""

    WAREHOUSE = "warehouse"
    FORWARD_POINT = "forward_point"  # 前置点: has a parent warehouse


@event("resources.item.registered.v1")
@dataclass(frozen=True, slots=True)
class ItemRegistered:
    """An item of the catalogue. Quantities of it are whole numbers of `unit`; a pack is an exact multiple of it."""

    item: str
    code: str  # GB/T 38565: seven digits, or a local extension
    unit: str
    zh: str
    en: str
    reusable: bool
    packs: Mapping[str, int]  # name of a pack -> how many units it holds
    synonyms: tuple[str, ...]
    substitutes: tuple[str, ...]  # items that may stand in for it
    division: str | None  # who keeps the catalogue
    by: str
    at: datetime
    version: int = 1
    thresholds: tuple[Threshold, ...] = ()  # where a store has no norm of its own
    expiring: tuple[int, ...] = ()  # days before expiry, the farther first; none: those of the rules
    conversions: Mapping[str, Conversion] = field(default_factory=dict)  # of substitutes; without one: one for one if counted alike


@event("resources.item.retired.v1")
@dataclass(frozen=True, slots=True)
class ItemRetired:
    """Not asked for any more; what lies in stores is used up."""

    item: str
    reason: str
    by: str
    at: datetime


@event("resources.norm.set.v1")
@dataclass(frozen=True, slots=True)
class StockNormSet:
    """What people in need are counted to want of an item, and what is to be kept of it, in a division or in one store (4.7).

    For `per` people (or people and days): `times` for each, or one for each `divide_up`, rounded up; in these `months`, none: in all.
    """

    place: str  # division, or store
    item: str
    per: Per | None
    times: int | None
    divide_up: int | None
    months: tuple[int, ...]
    minimum: int | None
    source: str
    division: str | None
    by: str
    at: datetime
    of_store: bool = False


@event("resources.warehouse.registered.v1")
@dataclass(frozen=True, slots=True)
class WarehouseRegistered:
    """A store is in service. `owner` is the division whose reserve it holds, `level` that division's level (1 region .. 5 village)."""

    store: str
    kind: StoreKind
    owner: str
    level: int
    place: str  # division code of where it stands
    custodian: str  # public handle of the keeper's post
    positions: tuple[str, ...]  # bins
    parent: str | None
    by: str
    at: datetime
    name: str = ""
    capacity: Mapping[str, int] = field(default_factory=dict)  # item -> units, where known
    keepers: tuple[str, ...] = ()  # posts that may act beside the custodian
    contact: str = ""  # the post that answers day and night


@event("resources.warehouse.inspected.v1")
@dataclass(frozen=True, slots=True)
class WarehouseInspected:
    """Somebody looked at the store (SU-12); `fit` False: it was restricted with it."""

    store: str
    fit: bool
    findings: str
    next: date | None
    by: str
    at: datetime


@event("resources.warehouse.restricted.v1")
@dataclass(frozen=True, slots=True)
class WarehouseRestricted:
    """Nothing new is promised out of it or taken in while it is checked or damaged."""

    store: str
    reason: str
    by: str
    at: datetime


@event("resources.warehouse.reopened.v1")
@dataclass(frozen=True, slots=True)
class WarehouseReopened:
    """In service again."""

    store: str
    by: str
    at: datetime


@event("resources.warehouse.closed.v1")
@dataclass(frozen=True, slots=True)
class WarehouseClosed:
    """It was empty when it was closed."""

    store: str
    by: str
    at: datetime
    reason: str = ""


@event("resources.guard.item_held.v1")
@dataclass(frozen=True, slots=True)
class ItemHeld:
    """On the store: it had this item for the first time. So that closing knows which ledgers must be empty."""

    store: str
    item: str
    at: datetime


@event("resources.guard.lot_known.v1")
@dataclass(frozen=True, slots=True)
class LotKnown:
    """On the lot: the item it is of, until when it is good, whose it is and for whom. The same in every store."""

    lot: str
    item: str
    expires: date | None
    owner: str | None  # the division or organisation whose goods they are; they stay theirs wherever they lie
    intent: str | None  # what a donor wished; None: no wish
    division: str | None
    at: datetime
    store: str | None = None  # where it came first
    clocks: tuple[Due, ...] = ()  # the day after it expires


@event("resources.guard.request_awaits.v1")
@dataclass(frozen=True, slots=True)
class RequestAwaits:
    """On the store: an open request whose goods come here."""

    store: str
    request: str
    at: datetime


@event("resources.guard.request_over.v1")
@dataclass(frozen=True, slots=True)
class RequestOver:
    """On the store: that request is closed or cancelled."""

    store: str
    request: str
    at: datetime


@event("resources.guard.shipment_noted.v1")
@dataclass(frozen=True, slots=True)
class ShipmentNoted:
    """On both stores of a shipment: goods leave here, or come here, and are not accounted for yet."""

    store: str
    shipment: str
    at: datetime


@event("resources.guard.shipment_settled.v1")
@dataclass(frozen=True, slots=True)
class ShipmentSettled:
    """On the store: it has to do with that shipment no longer."""

    store: str
    shipment: str
    at: datetime


@event("resources.guard.point_attached.v1")
@dataclass(frozen=True, slots=True)
class PointAttached:
    """On the parent: a forward point is supplied from here."""

    store: str
    point: str
    at: datetime


@event("resources.guard.point_detached.v1")
@dataclass(frozen=True, slots=True)
class PointDetached:
    """On the parent: that point is closed, or supplied from elsewhere."""

    store: str
    point: str
    at: datetime
