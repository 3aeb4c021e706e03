"""Which accounts a fact of stock moves: the one place that says so, for deciders, read models and audits alike (SU-07)."""

from __future__ import annotations

from typing import assert_never

from services.resources.events import stock as s
from shared.blocks.ledger import Leg, move

AVAILABLE, RESERVED, QUARANTINED = "available", "reserved", "quarantined"
INSIDE = frozenset({AVAILABLE, RESERVED, QUARANTINED})
OPENING, SUPPLIER, DONOR, OWNER, TRANSIT = "opening", "supplier", "donor", "owner", "transit"
PEOPLE, LOST, WRITTEN_OFF, BORROWER, FOUND, STORES = "people", "lost", "written_off", "borrower", "found", "stores"

FROM = {
    s.Source.OPENING: OPENING,
    s.Source.PURCHASE: SUPPLIER,
    s.Source.AGREEMENT: SUPPLIER,
    s.Source.DONATION: DONOR,
    s.Source.TRANSFER: TRANSIT,
    s.Source.REQUISITION: OWNER,
}
TO = {s.Use.TRANSIT: TRANSIT, s.Use.PEOPLE: PEOPLE, s.Use.SITE: PEOPLE, s.Use.BORROWER: BORROWER}
BACK = {s.From.PEOPLE: PEOPLE, s.From.TRANSIT: TRANSIT, s.From.BORROWER: BORROWER}

StockEvent = (
    s.StockReceived
    | s.StockReserved
    | s.ReservationReleased
    | s.StockIssued
    | s.StockDistributed
    | s.StockReturned
    | s.StockLost
    | s.StockWrittenOff
    | s.StockTransferred
    | s.StockTakenOver
    | s.QualityPassed
    | s.QualityFailed
    | s.ReturnedToSupplier
    | s.StockQuarantined
    | s.StockMoved
    | s.StockRededicated
    | s.StockAdjusted
    | s.StockReversed
)


def reserved(allocation: str) -> str:
    """The account of what an allocation holds."""
    return f"{RESERVED}:{allocation}"


def legs(event: StockEvent) -> tuple[Leg, ...]:
    """The double entry of a fact. Their sum is zero, whatever the fact."""
    lot = event.lot
    match event:
        case s.StockReceived(qty=qty, damaged=damaged):
            apart = damaged + (qty if event.pending else 0)
            source = FROM[event.source]
            return *move(lot, qty + damaged - apart, source, AVAILABLE), *move(lot, apart, source, QUARANTINED)
        case s.StockReserved(qty=qty):
            return move(lot, qty, AVAILABLE, reserved(event.allocation))
        case s.ReservationReleased(qty=qty):
            return move(lot, qty, reserved(event.allocation), AVAILABLE)
        case s.StockIssued(qty=qty):
            return move(lot, qty, reserved(event.allocation) if event.allocation else AVAILABLE, TO[event.to])
        case s.StockDistributed(qty=qty):
            return move(lot, qty, AVAILABLE, PEOPLE)
        case s.StockReturned(good=good, damaged=damaged, lost=lost):
            source = BACK[event.source]
            back = *move(lot, good, source, AVAILABLE), *move(lot, damaged, source, QUARANTINED)
            return *back, *move(lot, lost, source, LOST)
        case s.StockLost(qty=qty):
            return move(lot, qty, event.bucket, LOST)
        case s.StockWrittenOff(qty=qty, quarantined=apart):
            return *move(lot, apart, QUARANTINED, WRITTEN_OFF), *move(lot, qty - apart, AVAILABLE, WRITTEN_OFF)
        case s.StockTransferred(qty=qty):
            return move(lot, qty, AVAILABLE, STORES)
        case s.StockTakenOver(qty=qty):
            return move(lot, qty, STORES, AVAILABLE)
        case s.QualityPassed(qty=qty):
            return move(lot, qty, QUARANTINED, AVAILABLE)
        case s.ReturnedToSupplier(qty=qty):
            return move(lot, qty, QUARANTINED, FROM[event.source])
        case s.StockQuarantined(qty=qty):
            return move(lot, qty, AVAILABLE, QUARANTINED)
        case s.StockMoved() | s.StockRededicated() | s.QualityFailed():
            return ()
        case s.StockAdjusted(difference=difference):
            return *move(lot, difference + event.apart, FOUND, AVAILABLE), *move(lot, -event.apart, FOUND, QUARANTINED)
        case s.StockReversed():
            return tuple(Leg(account, lot, amount) for account, amount in event.legs)
        case _:
            assert_never(event)


_UNDONE: dict[type, str] = {
    s.StockReserved: "CancelAllocation",
    s.ReservationReleased: "Allocate",
    s.StockDistributed: "ReverseDistribution",
    s.StockTransferred: "TransferStock the other way",
    s.StockTakenOver: "TransferStock the other way",
    s.StockMoved: "PutAway",
    s.StockRededicated: "ChangePurpose",
    s.QualityFailed: "PassQuality",
    s.StockQuarantined: "PassQuality",
    s.StockReversed: "entering the movement anew",
}


def undone_by(event: StockEvent) -> str:
    """What takes a movement back when it is more than an entry in the books; empty: the opposite entry does (`ReverseMovement`)."""
    match event:
        case s.StockReceived(entered=False):
            elsewhere = {s.Source.TRANSFER: "ResolveDiscrepancy", s.Source.DONATION: "ChangePurpose"}
            return elsewhere.get(event.source, "the act it came with; a line of a file by UndoImportLine")
        case s.StockReturned(source=s.From.PEOPLE, entered=False):
            return "RecordDistribution"
        case s.StockIssued(to=s.Use.TRANSIT) | s.StockReturned(source=s.From.TRANSIT) | s.StockLost(bucket="transit"):
            return "the commands of its shipment"
        case s.StockIssued(to=s.Use.BORROWER) | s.StockReturned(source=s.From.BORROWER):
            return "LendStock or ReturnLoan"
        case _:
            return _UNDONE.get(type(event), "")


def by_two(event: StockEvent) -> bool:
    """Whether two persons signed it (SU-07)."""
    return isinstance(event, s.StockLost | s.StockWrittenOff | s.StockAdjusted)
