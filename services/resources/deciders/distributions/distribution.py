"""Handing out: what expires first goes first, and what was handed out counts for the requests of that store, oldest first (domain 3.10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from services.resources.deciders.distributions.turn import had_theirs, no_month, strangers
from services.resources.deciders.masters.lot import lies_apart
from services.resources.deciders.masters.store import Store, require_keeper, store_of
from services.resources.deciders.requests.asking import PEOPLE
from services.resources.deciders.requests.state import Request
from services.resources.deciders.stock.finding import unknown_place
from services.resources.deciders.stock.moving import day_of, first_out, short
from services.resources.deciders.stock.people import ledgers_around, with_people
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import (
    distribution_stream,
    handout_stream,
    household_stream,
    lot_stream,
    request_stream,
    stock_stream,
    store_stream,
)
from services.resources.events import distribution as d
from services.resources.events import stock as k
from services.resources.events.request import SupplyDistributed
from services.resources.events.shipment import Carried
from shared.kernel.commands import Code, Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all

_REF = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
States = Mapping[str, Any]
Facts = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDistribution(Command):
    """So much was handed out to so many people, free of charge (SU-06). A list of persons is named by its reference in the vault only."""

    distribution: PublicId
    store: PublicId
    people: int | None = None
    items: Mapping[PublicId, int] = field(default_factory=dict)
    place: Code | None = None  # where the store stands, unless named
    households: tuple[PublicId, ...] = ()
    period: PublicId | None = None  # for which each of these households has one turn
    list_ref: str | None = None
    placed: bool = False  # the place is a division in force; from the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseDistribution(Command):
    """It was written down wrongly: all of it is taken back on the books, to be recorded anew."""

    distribution: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """`recorded` None: nothing was handed out under this id."""

    recorded: d.SuppliesDistributed | None = None
    reversed: bool = False


def decide(command: RecordDistribution | ReverseDistribution, states: States, rules: Rules) -> Facts | Decided:
    """Recorded once; reversed once."""
    match command:
        case RecordDistribution():
            return _record(command, states)
        case ReverseDistribution():
            return _reverse(command, states)
        case _:
            assert_never(command)


def _record(command: RecordDistribution, states: States) -> Decided:
    own = distribution_stream(command.distribution)
    require_keeper(command.store, command, states)
    store = store_of(command.store, states, taking=False)
    known: Distribution = states[own]
    if known.recorded:
        raise WrongState(Failure("distribution.once", f"{command.distribution} is recorded: use another number", "distribution"))
    place = command.place or store.place or ""
    lines, faults = _chosen(command, place, states)
    faults += [*unknown_place(command.place, command.placed), *strangers(command.households, states)]
    refuse_all(RuleBroken, [*_unsaid(command), *faults, *had_theirs(command.households, command.period or "", states)])
    assert command.people and store.owner
    items = {item: qty for item, qty in command.items.items() if qty}
    counted = _counted(items, store, states)
    first = next((request for request in counted), None)
    incident = states[request_stream(first)].incident if first else None
    recorded = d.SuppliesDistributed(
        distribution=command.distribution,
        store=command.store,
        division=store.owner,
        place=place,
        people=command.people,
        items=items,
        lines=lines,
        requests=counted,
        households=tuple(dict.fromkeys(command.households)),
        period=command.period,
        list_ref=command.list_ref,
        incident=incident,
        by=command.by.actor,
        at=command.now,
    )
    facts: Facts = [(own, recorded)]
    for line in lines:
        out = k.StockDistributed(command.store, line.item, line.lot, line.qty, command.distribution, command.by.actor, command.now)
        facts.append((stock_stream(command.store, line.item), out))
    for request, part in counted.items():
        facts.append((request_stream(request), SupplyDistributed(request, command.distribution, part, command.now)))
    for household in dict.fromkeys(command.households):
        turn = d.TurnTaken(household, command.period or "", command.distribution, store.owner, command.now)
        facts.append((handout_stream(household, command.period or ""), turn))
    return Decided(facts, answer={"lots": {line.lot: line.qty for line in lines}})


def _reverse(command: ReverseDistribution, states: States) -> Facts:
    """The goods are back, named by what they are taken back from; counts of requests and turns as well."""
    own = distribution_stream(command.distribution)
    known: Distribution = states[own]
    recorded = known.recorded
    assert recorded is not None
    if known.reversed:
        raise WrongState(Failure("distribution.once", f"{command.distribution} is reversed already", "distribution"))
    store_of(recorded.store, states, taking=False)
    faults = [] if command.reason else [Failure("distribution.reason", "say what was wrong", "reason")]
    for item, qty in recorded.items.items():
        if qty > (had := with_people(recorded.store, item, states)):
            cure = f"{item}: {qty} would come back and people have {had} of these stores: take back first what was entered as returned"
            faults.append(Failure("stock.nonneg", cure, "distribution"))
    refuse_all(RuleBroken, faults)
    by, at = command.by.actor, command.now
    facts: Facts = [(own, d.DistributionReversed(command.distribution, command.reason or "", by, at))]
    facts += [(stock_stream(recorded.store, line.item), _back(recorded, line, command, states)) for line in recorded.lines]
    for request, part in recorded.requests.items():
        less = {item: -qty for item, qty in part.items()}
        facts.append((request_stream(request), SupplyDistributed(request, command.distribution, less, at)))
    turns = dict.fromkeys(recorded.households)
    return [*facts, *((handout_stream(one, recorded.period or ""), d.TurnFreed(one, recorded.period or "", at)) for one in turns)]


def _back(recorded: d.SuppliesDistributed, line: Carried, command: Command, states: States) -> k.StockReturned:
    """As good as it was; what expired or was recalled since lies apart."""
    unfit = lies_apart(line.lot, states, line.expires, day_of(command.now))
    return k.StockReturned(
        store=recorded.store,
        item=line.item,
        lot=line.lot,
        good=0 if unfit else line.qty,
        damaged=line.qty if unfit else 0,
        lost=0,
        source=k.From.PEOPLE,
        cause=recorded.distribution,
        position=None,
        by=command.by.actor,
        at=command.now,
        division=recorded.division,
        expires=line.expires,
        owner=line.owner,
        intent=line.intent,
    )


def _chosen(command: RecordDistribution, place: str, states: States) -> tuple[tuple[Carried, ...], list[Failure]]:
    """The lots of each item, and everything there is too little of."""
    lines: list[Carried] = []
    faults: list[Failure] = []
    for item, qty in command.items.items():
        stock: Stock = states[stock_stream(command.store, item)]
        if qty < 0:
            faults.append(Failure("stock.quantity", f"{item}: a quantity is a whole number, one at least", "items"))
            continue
        picks, missing = first_out(stock, qty, day_of(command.now), place)
        if missing:
            faults.append(short(stock, command.store, item, missing, qty))
        cards = {lot: stock.lots[lot] for lot in picks}
        lines += [Carried(item, lot, qty, cards[lot].expires, cards[lot].owner, cards[lot].intent) for lot, qty in picks.items()]
    return tuple(lines), faults


def _counted(items: Mapping[str, int], store: Store, states: States) -> dict[str, dict[str, int]]:
    """What each open request of the store still lacks, oldest first, by what was asked for or by what stands in for it; what is beyond
    them all counts for none."""
    left = dict(items)
    found: dict[str, dict[str, int]] = {}
    for name in store.requests:
        request = states.get(request_stream(name))
        if not isinstance(request, Request) or not request.open:
            continue
        for item, line in request.lines.items():
            if (part := min(left.get(item, 0), line.undistributed)) > 0:
                found.setdefault(name, {})[item] = part
                left[item] -= part
    return found


def _unsaid(command: RecordDistribution) -> list[Failure]:
    faults = []
    if not command.people or not 1 <= command.people <= PEOPLE:
        faults.append(Failure("distribution.people", f"say to how many people it was handed out: 1 to {PEOPLE}", "people"))
    if not any(command.items.values()):
        faults.append(Failure("distribution.items", "name what was handed out", "items"))
    if command.households and not command.period:
        faults.append(Failure("distribution.turn", "name the period for which a household has one turn", "period"))
    faults += no_month(command.period or "")
    if command.list_ref is not None and not _REF.fullmatch(command.list_ref):
        faults.append(Failure("PIPL-5", "a list of persons lies in the vault: give its reference", "list_ref"))
    return faults


def evolve(distribution: Distribution, event: d.DistributionEvent) -> Distribution:
    """The distribution after the event."""
    match event:
        case d.SuppliesDistributed():
            return Distribution(event)
        case d.DistributionReversed():
            return Distribution(distribution.recorded, True)
        case _:
            assert_never(event)


def about(distribution: Distribution) -> About:
    """Internal to the organs of the store's owner."""
    recorded = distribution.recorded
    return About(recorded.division, "internal", recorded.incident) if recorded else About()


def _recording(command: RecordDistribution) -> tuple[str, ...]:
    turns = (handout_stream(one, command.period) for one in command.households) if command.period else ()
    stocks = (stock_stream(command.store, item) for item in command.items)
    return (
        distribution_stream(command.distribution),
        store_stream(command.store),
        *stocks,
        *turns,
        *map(household_stream, command.households),
    )


def _waiting(command: RecordDistribution, states: States) -> tuple[str, ...]:
    """The open requests whose goods come to the store."""
    store: Store = states[store_stream(command.store)]
    return tuple(request_stream(request) for request in store.requests)


def _owner(command: RecordDistribution, states: States) -> tuple[str, ...]:
    store: Store = states[store_stream(command.store)]
    return (store.owner,) if store.owner else ()


def _standing(command: RecordDistribution, states: States) -> dict[str, tuple[str, ...]]:
    """A township or village is under the owner of many stores: it hands out of those that stand with it, or above it."""
    store: Store = states[store_stream(command.store)]
    by = command.by
    local = by.has("L4.office", "L5.committee") and not by.has("WHK", "EMD", "RSV")
    return {by.division: (store.place,)} if local and by.division and store.place else {}


def _recorded(command: ReverseDistribution, states: States) -> tuple[str, ...]:
    """Everything it wrote to."""
    known: Distribution = states[distribution_stream(command.distribution)]
    if (recorded := known.recorded) is None:
        return ()
    turns = (handout_stream(one, recorded.period or "") for one in recorded.households)
    stocks = (stock_stream(recorded.store, line.item) for line in recorded.lines)
    lots = (lot_stream(line.lot) for line in recorded.lines)
    around = (stream for item in recorded.items for stream in ledgers_around(recorded.store, item, states))
    return store_stream(recorded.store), *stocks, *lots, *map(request_stream, recorded.requests), *turns, *around


DISTRIBUTION = Decider(
    category="distribution",
    initial=Distribution(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        RecordDistribution: Handles(_recording, creates=True, bulk=True, state_areas=_owner, under=_standing, further=_waiting),
        ReverseDistribution: Handles(lambda c: (distribution_stream(c.distribution),), bulk=True, further=_recorded),
    },
    joint=frozenset({RecordDistribution, ReverseDistribution}),
)
