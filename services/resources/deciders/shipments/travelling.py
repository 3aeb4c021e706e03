"""On the road: pass, departure, positions, delay, another way, back, arrival; and the clock of a shipment that is overdue (domain 3.10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, assert_never

from services.resources.deciders.masters.store import settled
from services.resources.deciders.masters.vehicle import Facts, freed
from services.resources.deciders.shipments import commands as c
from services.resources.deciders.shipments.state import ARRIVAL, FLOW, RECEIPT, Shipment, shipment_of
from services.resources.deciders.streams import shipment_stream
from services.resources.events import shipment as s
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

TRAVEL, TOLERANCE, COUNT = "dispatch.travel", "dispatch.arrival", "dispatch.receipt"
EVERY = "dispatch.position_every"
States = Mapping[str, Any]


def travel(command: c.UnderWay, states: States, rules: Rules) -> Facts | Decided:
    """What becomes of a loaded shipment until it stands at its store."""
    shipment = shipment_of(command, states)
    own = shipment_stream(command.shipment)
    if isinstance(command, c.ReportPosition | c.ReportDelay | c.Arrive):
        _concerned(command, shipment)
    FLOW.require(shipment.status, command)
    match command:
        case c.IssueTransportPass():
            return _pass(command, shipment)
        case c.Arrive():
            return _arrived(command, shipment, states, rules)
        case c.ReportPosition():
            return [(own, one) for one in _position(command, shipment, rules)]
        case c.Depart():
            eta, clocks = _expected(command, shipment, rules)
            return [(own, s.ShipmentDeparted(command.shipment, eta, command.by.actor, command.now, clocks))]
        case c.ReportDelay():
            _said(command)
            eta, clocks = _expected(command, shipment, rules)
            return [(own, s.ShipmentDelayed(command.shipment, command.reason or "", eta, command.by.actor, command.now, clocks))]
        case c.Reroute():
            _said(command)
            eta, clocks = _expected(command, shipment, rules)
            said = (command.reason or "", command.via or "", eta, command.by.actor, command.now, clocks)
            return [(own, s.ShipmentRerouted(command.shipment, *said))]
        case c.TurnBack():
            _said(command)
            eta, clocks = _expected(command, shipment, rules)
            back = (shipment.from_store, shipment.division or "", shipment.contact_from)
            said_back = (command.reason or "", *back, eta, command.by.actor, command.now, clocks)
            turned = s.ShipmentTurnedBack(command.shipment, *said_back)
            no_longer = (shipment.to_store,) if shipment.to_store != shipment.from_store else ()
            return [(own, turned), *settled(shipment.shipment, no_longer, states, command)]
        case _:
            assert_never(command)


def _concerned(command: c.ReportPosition | c.ReportDelay | c.Arrive, shipment: Shipment) -> None:
    """Who sees it on the road or at its end may lie anywhere: both stores' organs, whom it names, the region. NotAllowed."""
    by = command.by
    named = (shipment.driver, shipment.receiver, shipment.contact_from, shipment.contact_to)
    if by.actor not in named and by.division not in (shipment.division, shipment.to_division) and by.level != 1:
        cure = f"this is for the organs of {shipment.division} and {shipment.to_division}, the region, or {shipment.receiver}"
        raise NotAllowed(Failure("matrix.3.27", cure))


def _pass(command: c.IssueTransportPass, shipment: Shipment) -> Facts:
    faults = []
    if not command.route:
        faults.append(Failure("HWY-7", "name the route the pass is for", "route"))
    if shipment.vehicle is None:
        faults.append(Failure("HWY-7", "a pass is for a vehicle: name one by AmendDispatch", "vehicle"))
    refuse_all(RuleBroken, faults)
    approval = command.approval or f"{command.by.division}-{command.shipment}-{command.now:%Y%m%d%H%M}"
    issued = s.TransportPassIssued(command.shipment, approval, shipment.vehicle, command.route or "", command.by.actor, command.now)
    return [(shipment_stream(command.shipment), issued)]


def _position(command: c.ReportPosition, shipment: Shipment, rules: Rules) -> list[s.PositionReported]:
    """Kept when the last one is old enough: a track is telemetry, and the log is for decisions (own default)."""
    if not (-90 <= command.lat <= 90 and -180 <= command.lon <= 180):
        raise RuleBroken(Failure("position.range", "latitude is between -90 and 90, longitude between -180 and 180 degrees", "lat"))
    every: timedelta = rules.value(EVERY)
    if shipment.located is not None and command.now - shipment.located < every:
        return []
    return [s.PositionReported(command.shipment, command.lat, command.lon, command.place, command.by.actor, command.now)]


def _expected(command: Any, shipment: Shipment, rules: Rules) -> tuple[datetime, tuple[Due, ...]]:
    """When it should be there: as said, else as known, else by rule; and the deadline, some tolerance after it."""
    known = shipment.eta if shipment.eta and shipment.eta > command.now and not isinstance(command, c.TurnBack) else None
    eta: datetime = command.eta or known or command.now + rules.value(TRAVEL)
    if eta <= command.now:
        raise RuleBroken(Failure("dispatch.eta", "it is expected after now", "eta"))
    return eta, (Due(ARRIVAL, TOLERANCE, command.now, eta + rules.value(TOLERANCE), eta),)


def _said(command: c.ReportDelay | c.Reroute | c.TurnBack) -> None:
    faults = [] if command.reason else [Failure("shipment.reason", "say why", "reason")]
    if isinstance(command, c.ReportDelay) and command.eta is None:
        faults.append(Failure("dispatch.eta", "say when it will be there", "eta"))
    refuse_all(RuleBroken, faults)


def _arrived(command: c.Arrive, shipment: Shipment, states: States, rules: Rules) -> Facts:
    """The vehicle is free; the receiver has so long to count."""
    late = shipment.clocks.late(ARRIVAL, command.now) is not None
    clock = deadline(rules, COUNT, command.now, RECEIPT)
    arrived = s.ShipmentArrived(command.shipment, late, command.by.actor, command.now, (clock,), (ARRIVAL,))
    free = freed(shipment.shipment, shipment.vehicle, shipment.driver, states, command)
    return [(shipment_stream(command.shipment), arrived), *free]
