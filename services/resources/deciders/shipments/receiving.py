"""At the store: counted by the named receiver, lot by lot; what is missing stays in transit until somebody accounts for it (SU-07)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.resources.deciders.masters.lot import lies_apart
from services.resources.deciders.masters.store import Store, settled, store_of
from services.resources.deciders.masters.vehicle import Facts, freed
from services.resources.deciders.shipments.commands import ConfirmReceipt, LoseShipment, ResolveDiscrepancy
from services.resources.deciders.shipments.packing import not_coming
from services.resources.deciders.shipments.state import ARRIVAL, FLOW, RECEIPT, Shipment, shipment_of
from services.resources.deciders.stock.arriving import arrived
from services.resources.deciders.stock.finding import placed, second
from services.resources.deciders.stock.moving import day_of
from services.resources.deciders.streams import request_stream, shipment_stream, stock_stream, store_stream
from services.resources.events import receipt as r
from services.resources.events import stock as k
from services.resources.events.request import SupplyDelivered
from services.resources.events.shipment import Carried
from shared.kernel.commands import Command
from shared.kernel.decider import Decided
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

_DIGEST = re.compile(r"[0-9a-f]{64}")  # of a blob
States = Mapping[str, Any]


def receive(command: ConfirmReceipt, states: States) -> Decided:
    """The receipt, the goods in the order of loading, and what does not agree."""
    shipment = shipment_of(command, states)
    if command.by.actor != shipment.receiver:
        cure = f"receiver is {shipment.receiver}: that post confirms, or the approver amends the dispatch"
        raise NotAllowed(Failure("receiver.named", cure))
    _of_there(command, shipment, states)
    FLOW.require(shipment.status, command)
    store = store_of(shipment.to_store, states, taking=False)  # it stands there: a restriction keeps out what is ordered anew
    short, damaged = _some(command.short), _some(command.damaged)
    good = {
        line.lot: command.received.get(line.lot, line.qty - short.get(line.lot, 0) - damaged.get(line.lot, 0)) for line in shipment.lines
    }
    result = r.Result.SHORT if short else r.Result.DAMAGED if damaged else r.Result.FULL
    faults = _unbalanced(command, shipment, good)
    if not faults and command.result not in (None, result):
        faults.append(Failure("receipt.result", f"by the counts it is {result.value}, not {command.result}", "result"))
    if not all(map(_DIGEST.fullmatch, command.photos)):
        faults.append(Failure("receipt.photos", "send a photo as a blob first and name its digest", "photos"))
    refuse_all(RuleBroken, [*faults, *placed(command.position, store)])
    good = _some(good)
    said = (good, short, damaged, command.photos, command.note, not short, shipment.incident, command.by.actor, command.now)
    own = shipment_stream(command.shipment)
    facts: Facts = [(own, r.ShipmentReceived(command.shipment, result, *said, (RECEIPT,)))]
    facts += put_down(shipment, store, good, damaged, command, states, command.position)
    if short or damaged:
        facts.append((own, r.DiscrepancyFound(command.shipment, short, damaged, shipment.incident, command.now)))
    if not short:
        facts += settled(shipment.shipment, shipment.stores, states, command)
    gone = damaged if not shipment.back else {lot: good.get(lot, 0) + damaged.get(lot, 0) for lot in shipment.lots}
    facts += [*delivered(shipment, good, command), *not_coming(shipment, gone, command)]
    return Decided(facts, answer={"result": result.value, "short": sum(short.values()), "damaged": sum(damaged.values())})


def _of_there(command: ConfirmReceipt, shipment: Shipment, states: States) -> None:
    """A post of the same name elsewhere is another: this one is of the store's division or place, or the request's line. NotAllowed."""
    store, request = states.get(store_stream(shipment.to_store)), states.get(request_stream(shipment.request))
    places = {shipment.to_division, getattr(store, "place", None), getattr(request, "division", None), *getattr(request, "line", ())}
    if command.by.division not in places:
        cure = f"receiver is {shipment.receiver} at {shipment.to_store}, a post of {shipment.to_division}: sign as that post"
        raise NotAllowed(Failure("receiver.named", cure))


def resolve(command: ResolveDiscrepancy, states: States) -> Facts:
    """Every piece that was short is accounted for, by another than who received or counted it."""
    shipment = shipment_of(command, states)
    parts = {"not_loaded": _some(command.not_loaded), "lost": _some(command.lost), "found": _some(command.found)}
    _another(command, shipment, bool(parts["lost"]))
    source = store_of(shipment.from_store, states, taking=False)
    counted_by = _counted(command, shipment, source) if parts["not_loaded"] else command.counted_by or ""
    FLOW.require(shipment.status, command)
    refuse_all(RuleBroken, _unaccounted(command, shipment, parts, counted_by))
    facts: Facts = []
    if parts["not_loaded"]:
        still = [line for line in shipment.lines if line.lot in parts["not_loaded"]]
        facts += [_returned(shipment, source, line, parts["not_loaded"][line.lot], 0, command, states, None) for line in still]
    facts += lost(shipment, parts["lost"], shipment.received_by, command.reason or "lost on the way", command)
    if parts["found"]:
        store = store_of(shipment.to_store, states, taking=False)
        facts += put_down(shipment, store, parts["found"], {}, command, states)
    own = shipment_stream(command.shipment)
    said = (counted_by, command.reason, shipment.incident, command.by.actor, command.now)
    facts.append((own, r.ShipmentReconciled(command.shipment, parts["not_loaded"], parts["lost"], parts["found"], *said)))
    gone = {lot: qty if shipment.back else qty - parts["found"].get(lot, 0) for lot, qty in shipment.short.items()}
    facts += [*delivered(shipment, parts["found"], command), *not_coming(shipment, gone, command)]
    return [*facts, *settled(shipment.shipment, shipment.stores, states, command)]


def lose(command: LoseShipment, states: States) -> Facts:
    """Two persons; the request may ask others."""
    shipment = shipment_of(command, states)
    other = second(command, "a loss")
    FLOW.require(shipment.status, command)
    refuse_all(RuleBroken, [] if command.reason else [Failure("shipment.reason", "say what happened", "reason")])
    reason = command.reason or ""
    gone = r.ShipmentLost(command.shipment, reason, shipment.incident, command.by.actor, other.actor, command.now, (ARRIVAL,))
    return [
        (shipment_stream(command.shipment), gone),
        *lost(shipment, shipment.lots, other.actor, reason, command),
        *freed(shipment.shipment, shipment.vehicle, shipment.driver, states, command),
        *not_coming(shipment, shipment.lots, command),
        *settled(shipment.shipment, shipment.stores, states, command),
    ]


def put_down(
    shipment: Shipment,
    store: Store,
    good: Mapping[str, int],
    damaged: Mapping[str, int],
    command: Command,
    states: States,
    position: str | None = None,
) -> Facts:
    """Into the ledger of the store: taken in there, or back again where they came from. What expired or was recalled lies apart."""
    facts: Facts = []
    known: Facts = []  # what the store notes of an item once
    for line in shipment.lines:
        qty, apart = good.get(line.lot, 0), damaged.get(line.lot, 0)
        if not qty and not apart:
            continue
        if shipment.back:
            facts.append(_returned(shipment, store, line, qty, apart, command, states, position))
            continue
        came, faults = arrived(
            store,
            line.item,
            line.lot,
            qty,
            k.Source.TRANSFER,
            shipment.shipment,
            command,
            states,
            damaged=apart,
            position=position,
            expires=line.expires,
            owner=line.owner,
            intent=line.intent,
        )
        refuse_all(RuleBroken, faults)
        moved, *new = came
        facts += [moved, *(fact for fact in new if fact not in known)]
        known += new
    return facts


def lost(shipment: Shipment, lots: Mapping[str, int], second: str, reason: str, command: Command) -> Facts:
    """Out of transit, for good; on the ledgers they left, which alone know what is under way."""
    facts: Facts = []
    for line in shipment.lines:
        if qty := lots.get(line.lot, 0):
            said = (qty, "transit", shipment.shipment, reason, command.by.actor, second, command.now)
            gone = k.StockLost(shipment.from_store, line.item, line.lot, *said)
            facts.append((stock_stream(shipment.from_store, line.item), gone))
    return facts


def delivered(shipment: Shipment, good: Mapping[str, int], command: Command) -> Facts:
    """The request has so much of it, unless the goods came back."""
    items = {} if shipment.back else shipment.items(good)
    told = SupplyDelivered(shipment.request, shipment.shipment, items, command.now)
    return [(request_stream(shipment.request), told)] if items else []


def _returned(
    shipment: Shipment, store: Store, line: Carried, qty: int, damaged: int, command: Command, states: States, position: str | None
) -> tuple[str, k.StockReturned]:
    unfit = lies_apart(line.lot, states, line.expires, day_of(command.now))
    back = k.StockReturned(
        store=store.store,
        item=line.item,
        lot=line.lot,
        good=0 if unfit else qty,
        damaged=qty + damaged if unfit else damaged,
        lost=0,
        source=k.From.TRANSIT,
        cause=shipment.shipment,
        position=position,
        by=command.by.actor,
        at=command.now,
        division=store.owner,
        expires=line.expires,
        owner=line.owner,
        intent=line.intent,
    )
    return stock_stream(store.store, line.item), back


def _some(lots: Mapping[str, int]) -> dict[str, int]:
    return {lot: qty for lot, qty in lots.items() if qty}


def _unbalanced(command: ConfirmReceipt, shipment: Shipment, good: Mapping[str, int]) -> list[Failure]:
    """Received + short + damaged is what was loaded, for each lot."""
    faults = [
        Failure("receipt.balance", f"{lot} was not loaded: write it down as a receipt of its own", "lots")
        for lot in dict.fromkeys((*command.received, *command.short, *command.damaged))
        if lot not in shipment.lots
    ]
    for lot, loaded in shipment.lots.items():
        named = [command.received.get(lot), command.short.get(lot), command.damaged.get(lot)]
        told = [one for one in named if one is not None]
        total = sum(told) if lot in command.received else good[lot] + sum(told)
        terms = " + ".join(map(str, told))
        if any(one < 0 for one in told):
            faults.append(Failure("receipt.balance", f"{lot}: a count is zero at least", "lots"))
        elif total > loaded or (good[lot] < 0):
            faults.append(Failure("receipt.balance", f"{lot}: {terms} is more than the {loaded} loaded", "lots"))
        elif total < loaded:
            faults.append(Failure("receipt.balance", f"{lot}: {terms} is less than the {loaded} loaded: say what is short", "lots"))
    return faults


def _another(command: ResolveDiscrepancy, shipment: Shipment, losing: bool) -> None:
    """The approver accounts for it: another than who received it short, who neither counted nor loaded it where goods are lost."""
    by = command.by.actor
    if command.approver not in (None, by):
        raise NotAllowed(Failure("two.persons", f"{command.approver} signs with their own token"))
    if by == shipment.received_by or (losing and by in (command.counted_by, shipment.loaded_by)):
        raise NotAllowed(Failure("two.persons", f"second person: another than {shipment.received_by} and than who counted or loaded"))
    if not command.by.has("EMD.approver"):
        raise NotAllowed(Failure("matrix.3.27", "the approver of the store they left signs first; who counted there signs beside", "by"))


def _counted(command: ResolveDiscrepancy, shipment: Shipment, source: Store) -> str:
    """Who counted at the source what was never loaded (SU-07: goods that are back in the books were seen): a post that the store names as
    its keeper, or any other who keeps it and signs beside the approver; never who signs alone, nor who received it. NotAllowed."""
    partner = command.cosigner
    if partner is None and command.counted_by in {source.custodian, *source.keepers} - {command.by.actor, shipment.received_by, None, ""}:
        return command.counted_by or ""
    known = ", ".join(source.kept_by if source.keepers else (source.custodian, f"a keeper of {source.owner}"))
    if partner is None or partner.actor in (command.by.actor, shipment.received_by):
        cure = f"name who counted in {source.store} what was never loaded, or let them sign too: {known}"
        raise NotAllowed(Failure("two.persons", cure, "counted_by"))
    if not source.keeps(partner):
        raise NotAllowed(Failure("store.keeper", f"{partner.actor} does not keep {source.store}: {known} counts there and signs too"))
    return partner.actor


def _unaccounted(command: ResolveDiscrepancy, shipment: Shipment, parts: Mapping[str, Mapping[str, int]], counted_by: str) -> list[Failure]:
    faults = []
    if parts["not_loaded"] and command.counted_by not in (None, counted_by):
        cure = f"{counted_by} signs as who counted at the source: leave counted_by out, or name that post"
        faults.append(Failure("discrepancy.count", cure, "counted_by"))
    for lot in dict.fromkeys((*shipment.short, *(lot for part in parts.values() for lot in part))):
        told = [part.get(lot, 0) for part in parts.values()]
        missing = shipment.short.get(lot, 0)
        if sum(told) != missing or min(told) < 0:
            terms = " + ".join(str(one) for one in told if one) or "0"
            faults.append(Failure("receipt.balance", f"{lot}: {terms} is not the {missing} that are short", "lots"))
    return faults
