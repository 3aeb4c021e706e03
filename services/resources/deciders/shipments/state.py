"""A shipment as its facts make it, and which command fits which status (domain 3.10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from services.resources.deciders.shipments import commands as c
from services.resources.deciders.streams import shipment_stream, stock_stream
from services.resources.events import receipt as r
from services.resources.events import shipment as s
from services.resources.events.clock import ClockMissed
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, ORDERED, PICKED, LOADED = "new", "ordered", "picked", "loaded"
IN_TRANSIT, DELAYED, REROUTED, TURNED_BACK, ARRIVED = "in transit", "delayed", "rerouted", "turned back", "arrived"
RECEIVED, SHORT, DAMAGED, RECONCILED = "received", "received short", "received damaged", "reconciled"
CANCELLED, LOST = "cancelled", "lost"
MOVING = (IN_TRANSIT, DELAYED, REROUTED, TURNED_BACK)
OVER = frozenset({RECEIVED, DAMAGED, RECONCILED, CANCELLED, LOST})
COUNTED = {r.Result.FULL: RECEIVED, r.Result.SHORT: SHORT, r.Result.DAMAGED: DAMAGED}
ARRIVAL, RECEIPT = "arrival", "receipt"

_FITS: tuple[tuple[type[Any], Iterable[str], str | None], ...] = (  # None: it stays where it is
    (c.OrderDispatch, (NEW,), ORDERED),
    (c.AmendDispatch, (ORDERED, PICKED, LOADED, *MOVING, ARRIVED), None),
    (c.CancelDispatch, (ORDERED, PICKED), CANCELLED),
    (c.PickLine, (ORDERED,), None),
    (c.ConfirmPick, (ORDERED,), PICKED),
    (c.ConfirmLoad, (PICKED,), LOADED),
    (c.IssueTransportPass, (ORDERED, PICKED, LOADED, *MOVING), None),
    (c.Depart, (LOADED,), IN_TRANSIT),
    (c.ReportPosition, MOVING, None),
    (c.ReportDelay, (IN_TRANSIT, DELAYED, REROUTED), DELAYED),
    (c.ReportDelay, (TURNED_BACK,), None),
    (c.Reroute, (IN_TRANSIT, DELAYED, REROUTED), REROUTED),
    (c.Reroute, (TURNED_BACK,), None),
    (c.TurnBack, (LOADED, IN_TRANSIT, DELAYED, REROUTED), TURNED_BACK),
    (c.Arrive, MOVING, ARRIVED),
    (c.ConfirmReceipt, (ARRIVED,), RECEIVED),
    (c.ResolveDiscrepancy, (SHORT,), RECONCILED),
    (c.LoseShipment, MOVING, LOST),
)
FLOW = Flow("shipment.state", {(status, kind): after or status for kind, statuses, after in _FITS for status in statuses})


@dataclass(frozen=True, slots=True)
class Shipment:
    """A shipment. `lines` are what was ordered, once it is loaded what is on the vehicle, in that order."""

    status: str = NEW
    shipment: str = ""
    allocation: str = ""
    request: str = ""
    incident: str | None = None
    from_store: str = ""
    division: str | None = None  # the owner of the store it left
    to_store: str = ""
    to_division: str = ""
    receiver: str = ""
    contact_from: str = ""
    contact_to: str = ""
    vehicle: str | None = None
    driver: str | None = None
    approval: str | None = None  # of the pass
    lines: tuple[s.Carried, ...] = ()
    picked: Mapping[str, int] = field(default_factory=dict)
    short: Mapping[str, int] = field(default_factory=dict)
    loaded_by: str = ""
    received_by: str = ""
    back: bool = False  # it came back, or is about to
    eta: datetime | None = None
    located: datetime | None = None  # when its position was last kept
    clocks: Clocks = STILL

    @property
    def lots(self) -> dict[str, int]:
        """How much of which lot, in the order of loading."""
        return {line.lot: line.qty for line in self.lines}

    @property
    def stores(self) -> tuple[str, str]:
        """Where it leaves and where it goes; on its way back twice the same."""
        return self.from_store, self.to_store

    @property
    def sources(self) -> tuple[str, ...]:
        """The ledgers the goods leave, or left."""
        return tuple(dict.fromkeys(stock_stream(self.from_store, line.item) for line in self.lines))

    @property
    def targets(self) -> tuple[str, ...]:
        """The ledgers they go to."""
        return tuple(dict.fromkeys(stock_stream(self.to_store, line.item) for line in self.lines))

    def items(self, lots: Mapping[str, int]) -> dict[str, int]:
        """Lots of this shipment summed by item, nothing left out."""
        found: dict[str, int] = {}
        for line in self.lines:
            if lots.get(line.lot):
                found[line.item] = found.get(line.item, 0) + lots[line.lot]
        return found


def shipment_of(command: Any, states: Mapping[str, Any]) -> Shipment:
    """The shipment a joint command acts on."""
    found = states[shipment_stream(command.shipment)]
    assert isinstance(found, Shipment)
    return found


def about(shipment: Shipment) -> About:
    """Internal to the organs of the store it left."""
    return About(shipment.division, "internal", shipment.incident)


def evolve(shipment: Shipment, event: s.ShipmentEvent | r.ReceiptEvent | ClockMissed) -> Shipment:
    """The shipment after the event."""
    clocks = shipment.clocks.end(event.at, *getattr(event, "met", ())).start(*getattr(event, "clocks", ()))
    shipment = replace(shipment, clocks=clocks)
    match event:
        case s.ShipmentOrdered() | s.ShipmentAmended() | s.LinePicked() | s.ShipmentPicked() | s.ShipmentLoaded() | s.TransportPassIssued():
            return _leaving(shipment, event)
        case s.ShipmentDeparted() | s.PositionReported() | s.ShipmentDelayed() | s.ShipmentRerouted() | s.ShipmentTurnedBack():
            return _moving(shipment, event)
        case s.ShipmentArrived():
            return replace(shipment, status=ARRIVED)
        case r.ShipmentReceived(result=result, short=short, receiver=by):
            return replace(shipment, status=COUNTED[result], short=short, received_by=by)
        case r.DiscrepancyFound():
            return shipment
        case r.ShipmentReconciled():
            return replace(shipment, status=RECONCILED, short={})
        case s.ShipmentCancelled():
            return replace(shipment, status=CANCELLED)
        case r.ShipmentLost():
            return replace(shipment, status=LOST)
        case ClockMissed(key=key):
            return replace(shipment, clocks=clocks.miss(key))
        case _:
            assert_never(event)


_SAID = tuple(name for name in s.ShipmentOrdered.__dataclass_fields__ if name in Shipment.__dataclass_fields__)


def _leaving(
    shipment: Shipment,
    event: s.ShipmentOrdered | s.ShipmentAmended | s.LinePicked | s.ShipmentPicked | s.ShipmentLoaded | s.TransportPassIssued,
) -> Shipment:
    match event:
        case s.ShipmentOrdered():
            said: dict[str, Any] = {name: getattr(event, name) for name in _SAID}
            return replace(shipment, status=ORDERED, **said)
        case s.ShipmentAmended():
            changed: dict[str, Any] = {name: getattr(event, name) for name in ("receiver", "vehicle", "driver", "contact_to")}
            return replace(shipment, approval=None if event.pass_void else shipment.approval, **changed)
        case s.LinePicked(lot=lot, qty=qty):
            return replace(shipment, picked={**shipment.picked, lot: shipment.picked.get(lot, 0) + qty})
        case s.ShipmentPicked(lots=lots):
            return replace(shipment, status=PICKED, picked=lots)
        case s.ShipmentLoaded(lines=lines):
            return replace(shipment, status=LOADED, lines=lines, loaded_by=event.by)
        case s.TransportPassIssued(approval=approval):
            return replace(shipment, approval=approval)
        case _:
            assert_never(event)


def _moving(
    shipment: Shipment,
    event: s.ShipmentDeparted | s.PositionReported | s.ShipmentDelayed | s.ShipmentRerouted | s.ShipmentTurnedBack,
) -> Shipment:
    match event:
        case s.PositionReported():
            return replace(shipment, located=event.at)
        case s.ShipmentDeparted(eta=eta):
            return replace(shipment, status=IN_TRANSIT, eta=eta)
        case s.ShipmentDelayed(eta=eta):
            return replace(shipment, status=TURNED_BACK if shipment.back else DELAYED, eta=eta)
        case s.ShipmentRerouted(eta=eta):
            return replace(shipment, status=TURNED_BACK if shipment.back else REROUTED, eta=eta)
        case s.ShipmentTurnedBack():
            where: dict[str, Any] = {"to_store": event.to_store, "to_division": event.to_division, "receiver": event.receiver}
            return replace(shipment, status=TURNED_BACK, back=True, eta=event.eta, **where)
        case _:
            assert_never(event)
