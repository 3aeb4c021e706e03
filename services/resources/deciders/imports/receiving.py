"""Many receipts as one: every line is judged, in order, with what the lines before it made known; all faults at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.resources.deciders.imports import commands as c
from services.resources.deciders.imports.state import file_of
from services.resources.deciders.masters import lot as card
from services.resources.deciders.masters import store as shelf
from services.resources.deciders.masters.item import counted
from services.resources.deciders.stock.arriving import CAUSE, TRIAGE, arrived
from services.resources.deciders.stock.finding import Facts, placed, said, stock_of
from services.resources.deciders.stock.moving import day_of
from services.resources.deciders.streams import import_stream
from services.resources.events.goods import Source
from services.resources.events.lot import LotHeld
from services.resources.events.masters import ItemHeld, LotKnown
from services.resources.events.stock import StockReceived
from services.resources.events.stock_file import FileLine, StockFileLines, StockFileReceived
from shared.kernel.decider import Decided
from shared.kernel.errors import DomainError, Failure, NotAllowed, RuleBroken, refuse_all

MOST = 10_000  # lines
TOLD = 1_000  # faults in one refusal
TOGETHER = 400  # lines in one fact
SOURCES = (Source.PURCHASE, Source.AGREEMENT, Source.OPENING)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def received(command: c.ReceiveMany, states: Mapping[str, Any]) -> Decided:
    """All lines or none."""
    refuse_all(NotAllowed, strange(command, states)[:TOLD])
    facts, lines, faults = judged(command, states)
    refuse_all(RuleBroken, faults[:TOLD])
    file, own = file_of(command.digest), import_stream(file_of(command.digest))
    stores = tuple(dict.fromkeys(line.store for line in lines))
    owner = shelf.store_of(stores[0], states).owner
    about = (file, command.digest, command.content, command.name, command.source, len(lines), stores, owner)
    kept: Facts = [(own, StockFileReceived(*about, command.by.actor, command.now))]
    kept += [(own, StockFileLines(file, tuple(lines[start : start + TOGETHER]))) for start in range(0, len(lines), TOGETHER)]
    came = (fact for _, fact in facts if isinstance(fact, StockReceived))
    expired = command.source is not Source.OPENING and any(one.expires and one.expires < day_of(command.now) for one in came)
    return Decided([*kept, *facts], {"file": file, "lines": len(lines)}, flags=(TRIAGE,) if expired else ())


def judged(command: c.ReceiveMany, states: Mapping[str, Any]) -> tuple[Facts, list[FileLine], list[Failure]]:
    """What the lines come to, and what is wrong with them, by line and field. Stores nothing: of use for a preview too."""
    faults = _of_all(command)
    world, versions = dict(states), dict[str, int]()
    facts: Facts = []
    lines: list[FileLine] = []
    for row, line in enumerate(command.lines[:MOST]):
        made, wrong = _line(line, command, world)
        faults += [replace(one, field=f"lines.{row}.{one.field}") for one in wrong]
        if wrong:
            continue
        facts += made
        lines.append(_followed(made, world, versions))
    return facts, lines, faults


def strange(command: c.ReceiveMany, states: Mapping[str, Any]) -> list[Failure]:
    """The lines of stores that other keepers keep, as a single receipt says it (`store.keeper`)."""
    lines = enumerate(command.lines[:MOST])
    return [fault for row, line in lines for fault in shelf.not_kept(line.store, command, states, f"lines.{row}.store")]


def _of_all(command: c.ReceiveMany) -> list[Failure]:
    faults = []
    if not command.lines:
        faults.append(Failure("import.lines", "there is no line in it", "lines"))
    if len(command.lines) > MOST:
        faults.append(Failure("import.lines", f"at most {MOST:,} lines at once, not {len(command.lines):,}: split it", "lines"))
    if command.source not in SOURCES:
        fits = ", ".join(SOURCES)
        faults.append(Failure("import.source", f"{command.source} has commands of its own; here come {fits}", "source"))
    return faults


def _line(line: c.ReceiptLine, command: c.ReceiveMany, world: Mapping[str, Any]) -> tuple[Facts, list[Failure]]:
    nothing = line.qty == 0 and line.damaged > 0
    qty, faults = (0, []) if nothing else counted(line.qty, line.unit, line.item, world)
    damaged, broken = counted(line.damaged, line.unit, line.item, world, "damaged") if line.damaged else (0, [])
    if _ID.fullmatch(line.lot) is None:
        faults.append(Failure("id.pattern", "a lot is 1 to 64 letters, digits, '.', '_' and '-'", "lot"))
    opening = command.source is Source.OPENING
    cause = line.cause or command.cause or ("opening" if opening else "")
    faults += [*(one for one in broken if one not in faults), *said(cause, CAUSE, "cause", "name the document it came with")]
    try:
        store = shelf.store_of(line.store, world)
    except DomainError as refusal:
        return [], [*refusal.failures, *faults]
    made, other = arrived(
        store,
        line.item,
        line.lot,
        qty,
        command.source,
        cause,
        command,
        world,
        damaged=damaged,
        position=line.position,
        expires=line.expires,
    )
    return made, [*faults, *other, *placed(line.position, store)]


def _followed(made: Facts, world: dict[str, Any], versions: dict[str, int]) -> FileLine:
    """The line as it is remembered; the next lines see the lot and the store as this one left them."""
    own, fact = made[0]
    assert isinstance(fact, StockReceived)
    for stream, noted in made[1:]:
        if isinstance(noted, ItemHeld):
            world[stream] = shelf.evolve(world[stream], noted)
        elif isinstance(noted, LotKnown | LotHeld):
            world[stream] = card.evolve(card.lot_of(fact.lot, world), noted)
    version = versions[own] = versions.get(own, stock_of(fact.store, fact.item, world).version) + 1
    apart = fact.damaged + (fact.qty if fact.pending else 0)
    return FileLine(fact.store, fact.item, fact.lot, version, fact.qty + fact.damaged - apart, apart, fact.position)
