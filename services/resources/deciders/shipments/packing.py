"""Off the shelf and onto the vehicle: scans, the pick, the load that takes the goods out of the ledger (domain 3.10, SU-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.resources.deciders.masters.vehicle import Facts
from services.resources.deciders.shipments.commands import ConfirmLoad, ConfirmPick, PickLine
from services.resources.deciders.shipments.ordering import pick_list, undispatched
from services.resources.deciders.shipments.state import FLOW, Shipment, shipment_of
from services.resources.deciders.stock.moving import day_of, issue, release
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import allocation_stream, request_stream, shipment_stream, stock_stream
from services.resources.events import shipment as s
from services.resources.events.allocation import AllocationLoaded
from services.resources.events.request import SupplyUnallocated
from services.resources.events.stock import Use
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

States = Mapping[str, Any]


def scan(command: PickLine, shipment: Shipment) -> Sequence[s.LinePicked]:
    """No more of a lot than was ordered."""
    FLOW.require(shipment.status, command)
    asked, before = shipment.lots.get(command.lot, 0), shipment.picked.get(command.lot, 0)
    faults = []
    if command.lot not in shipment.lots:
        faults.append(Failure("pick.lot", f"{command.lot} is not in the order: {', '.join(shipment.lots)}", "lot"))
    elif command.qty < 1:
        faults.append(Failure("stock.quantity", "a scan is of one at least", "qty"))
    elif before + command.qty > asked:
        faults.append(Failure("pick.balance", f"{command.lot}: {before} of {asked} were picked already", "qty"))
    refuse_all(RuleBroken, faults)
    return [s.LinePicked(command.shipment, command.lot, command.qty, command.position, command.by.actor, command.now)]


def pick(command: ConfirmPick, states: States) -> Facts:
    """The lots named, else those scanned, else all; less only with a reason."""
    shipment = shipment_of(command, states)
    FLOW.require(shipment.status, command)
    lots = command.lots if command.lots is not None else shipment.picked or shipment.lots
    refuse_all(RuleBroken, _less(shipment.lots, lots, "pick", "ordered", command.reason))
    taken = [replace(line, qty=lots.get(line.lot, 0)) for line in shipment.lines]
    where = pick_list(shipment.from_store, taken, states)
    kept = {line.lot: line.qty for line in taken if line.qty}
    return [
        (
            shipment_stream(command.shipment),
            s.ShipmentPicked(command.shipment, kept, where, command.reason or "", command.by.actor, command.now),
        )
    ]


def load(command: ConfirmLoad, states: States, rules: Rules) -> Facts:
    """In one commit: what is loaded, and each lot out of its reservation; the rest is free again, or stays for another shipment."""
    shipment = shipment_of(command, states)
    FLOW.require(shipment.status, command)
    lots = command.lots if command.lots is not None else shipment.picked
    faults = _less(shipment.picked, lots, "load", "picked", command.reason)
    if not faults and not any(lots.values()):
        faults.append(Failure("load.empty", "nothing is loaded: cancel the dispatch", "lots"))
    lines = tuple(replace(line, qty=lots[line.lot]) for line in shipment.lines if lots.get(line.lot))
    faults += [
        Failure("stock.expired", f"{line.lot} expired on {line.expires}: leave it out, its reservation is released", "lots")
        for line in lines
        if line.expires and line.expires < day_of(command.now)
    ]
    held = _held(shipment, states)
    faults += [
        Failure("stock.reserved", f"{line.lot}: {held.get(line.lot, 0)} are reserved for {shipment.allocation}, load no more", "lots")
        for line in lines
        if line.qty > held.get(line.lot, 0)
    ]
    refuse_all(RuleBroken, faults)
    rest = {lot: left for lot, qty in held.items() if (left := qty - lots.get(lot, 0))}
    loaded = s.ShipmentLoaded(command.shipment, lines, command.rest if rest else None, command.reason or "", command.by.actor, command.now)
    facts: Facts = [(shipment_stream(command.shipment), loaded)]
    for line in lines:
        stock: Stock = states[stock_stream(shipment.from_store, line.item)]
        facts += issue(stock, {line.lot: line.qty}, Use.TRANSIT, command.shipment, command, shipment.allocation)
    return facts + _left(command, shipment, rest, states, rules)


def _left(command: ConfirmLoad, shipment: Shipment, rest: Mapping[str, int], states: States, rules: Rules) -> Facts:
    """What becomes of what was ordered and not loaded."""
    if rest and command.rest is s.Rest.KEEP:
        return [undispatched(shipment, command, rules)]
    facts: Facts = []
    for stream in shipment.sources:
        stock: Stock = states[stream]
        here = {lot: rest[lot] for lot in stock.held(shipment.allocation) if lot in rest}
        facts += release(stock, shipment.allocation, command.reason or "not picked", command, here)
    facts.append((allocation_stream(shipment.allocation), AllocationLoaded(shipment.allocation, shipment.shipment, command.now)))
    return facts + not_coming(shipment, rest, command)


def _held(shipment: Shipment, states: States) -> dict[str, int]:
    """What is still reserved for it, by lot: a recall or a cancelled allocation may have taken some."""
    ledgers: list[Stock] = [states[stream] for stream in shipment.sources]
    return {lot: qty for stock in ledgers for lot, qty in stock.held(shipment.allocation).items()}


def not_coming(shipment: Shipment, lots: Mapping[str, int], command: Any) -> Facts:
    """The request may ask others for it: it is promised no longer."""
    items = shipment.items(lots)
    told = SupplyUnallocated(shipment.request, shipment.allocation, items, command.now)
    return [(request_stream(shipment.request), told)] if items else []


def _less(most: Mapping[str, int], lots: Mapping[str, int], act: str, before: str, reason: str | None) -> list[Failure]:
    """What is wrong with taking these of those: unknown, below zero, more; or less without a reason."""
    faults = []
    for lot, qty in lots.items():
        if lot not in most:
            faults.append(Failure(f"{act}.lot", f"{lot} was not {before}: {', '.join(most)}", "lots"))
        elif not 0 <= qty <= most[lot]:
            faults.append(Failure(f"{act}.balance", f"{lot}: {qty} is not between 0 and the {most[lot]} {before}", "lots"))
    short = [f"{lot} {lots.get(lot, 0)} of {qty}" for lot, qty in most.items() if lots.get(lot, 0) < qty]
    if not faults and short and not reason:
        faults.append(Failure(f"{act}.short", f"{', '.join(short)}: say why it is less", "reason"))
    return faults
