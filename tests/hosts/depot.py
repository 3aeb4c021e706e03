"""A small honest service for the proofs of the engines: stock with reservations that lapse, and a journal kept by policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.handling.declare import Policy, Service, Start, Stop, Table
from shared.kernel.commands import Command, Opaque, Signature
from shared.kernel.decider import About, Decided, Decider, Handles
from shared.kernel.errors import Failure, RuleBroken, WrongState
from shared.kernel.events import event

CLERK = Signature("CLERK", ("CLERK",), "150722")
SYSTEM = Signature("SYS.POLICY", ("SYS",), "150722")
ITEMS = ("blanket", "tent", "flour", "water")


@event("depot.item.received.v1")
@dataclass(frozen=True, slots=True)
class Received:
    """Came in."""

    item: str
    quantity: int
    paper: str | None = None  # digest of the delivery note


@event("depot.item.issued.v1")
@dataclass(frozen=True, slots=True)
class Issued:
    """Went out."""

    item: str
    quantity: int


@event("depot.item.reserved.v1")
@dataclass(frozen=True, slots=True)
class Reserved:
    """Promised until then."""

    item: str
    ref: str
    quantity: int
    until: datetime


@event("depot.item.freed.v1")
@dataclass(frozen=True, slots=True)
class Freed:
    """A promise ended: released by a person, or lapsed."""

    item: str
    ref: str
    quantity: int
    lapsed: bool


@event("depot.note.written.v1")
@dataclass(frozen=True, slots=True)
class Written:
    """A line in an item's journal."""

    item: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive(Command):
    item: str
    quantity: int
    paper: Opaque | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue(Command):
    item: str
    quantity: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Command):
    """From one item's account to another's: both or none."""

    item: str
    to: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve(Command):
    item: str
    ref: str
    quantity: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Command):
    item: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse(Command):
    item: str
    ref: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Command):
    item: str
    line: str


@dataclass(frozen=True, slots=True)
class Item:
    on_hand: int = 0
    reserved: Mapping[str, int] = field(default_factory=dict)

    @property
    def free(self) -> int:
        return self.on_hand - sum(self.reserved.values())


def decide(command, state, rules):
    match command:
        case Receive(item=item, quantity=quantity, paper=paper):
            return Decided([Received(item, quantity, paper)], answer={"on_hand": state.on_hand + quantity}, flags=("A-LATE",))
        case Issue(item=item, quantity=quantity):
            _enough(state, quantity)
            return [Issued(item, quantity)]
        case Move(item=item, to=to, quantity=quantity):
            _enough(state[_item(item)], quantity)
            return [(_item(item), Issued(item, quantity)), (_item(to), Received(to, quantity))]
        case Reserve(item=item, ref=ref, quantity=quantity, until=until):
            if ref in state.reserved:
                return []
            _enough(state, quantity)
            return [Reserved(item, ref, quantity, until)]
        case Release(item=item, ref=ref) | Lapse(item=item, ref=ref):
            if ref not in state.reserved:
                raise WrongState(Failure("depot.reserved", "nothing is reserved under this reference"))
            return [Freed(item, ref, state.reserved[ref], isinstance(command, Lapse))]
    raise AssertionError(command)


def _enough(item: Item, quantity: int) -> None:
    if quantity > item.free:
        raise RuleBroken(Failure("depot.stock", f"ask for at most {item.free}", "quantity"))


def evolve(item: Item, fact) -> Item:
    match fact:
        case Received(quantity=quantity):
            return replace(item, on_hand=item.on_hand + quantity)
        case Issued(quantity=quantity):
            return replace(item, on_hand=item.on_hand - quantity)
        case Reserved(ref=ref, quantity=quantity):
            return replace(item, reserved={**item.reserved, ref: quantity})
        case Freed(ref=ref):
            return replace(item, reserved={known: n for known, n in item.reserved.items() if known != ref})
    raise AssertionError(fact)


def write(command, lines: int, rules):
    if lines % 7 == 6 and command.line.startswith("moved"):
        raise RuleBroken(Failure("depot.page", "the page is full"))  # a policy's refusal, which is remembered
    return [Written(command.item, command.line)]


def _item(item: str) -> str:
    return f"item-{item}"


def _own(command) -> tuple[str, ...]:
    return (_item(command.item),)


def _area(command) -> tuple[str, ...]:
    return ("150722",)


KNOWN, NEW = Handles(_own), Handles(_own, areas=_area, creates=True)
ITEM = Decider(
    "item",
    Item(),
    decide,
    evolve,
    about=lambda item: About("150722", "internal", "I-1"),
    handles={
        Receive: NEW,
        Issue: Handles(_own),
        Move: Handles(lambda c: (_item(c.item), _item(c.to)), areas=_area, creates=True),
        Reserve: KNOWN,
        Release: KNOWN,
        Lapse: KNOWN,
    },
    joint=frozenset({Move}),
)
NOTE = Decider(
    "note",
    0,
    write,
    evolve=lambda lines, fact: lines + 1,
    about=lambda lines: About("150722"),
    handles={Write: Handles(lambda c: (f"note-{c.item}",), areas=_area, creates=True)},
)


def when_stock_moved_then_write(fact, at):
    yield Write(by=SYSTEM, now=at.time, item=fact.item, line=f"moved {at.id}")
    if fact.quantity >= 8:
        yield Write(by=SYSTEM, now=at.time, item=fact.item, line=f"much {at.id}")


def when_freed_then_write(fact, at):
    yield Write(by=SYSTEM, now=at.time, item=fact.item, line=f"freed {at.id}")


def due(fact, at):
    match fact:
        case Reserved(ref=ref, until=until):
            yield Start(f"lapse.{ref}", until, "Lapse", {"item": fact.item, "ref": ref, "until": until})
        case Freed(ref=ref):
            yield Stop(f"lapse.{ref}")


class Stock:
    """What lies there; counted up and down, so that an event applied twice shows."""

    table = Table("stock", ("item",), {"item": "TEXT NOT NULL", "on_hand": "INTEGER NOT NULL", "reserved": "INTEGER NOT NULL"})
    tables = (table,)
    listens = ("depot.item.received", "depot.item.issued", "depot.item.reserved", "depot.item.freed")

    def apply(self, rows, fact, at):
        on_hand = {Received: 1, Issued: -1}.get(type(fact), 0) * fact.quantity
        reserved = {Reserved: 1, Freed: -1}.get(type(fact), 0) * fact.quantity
        row = rows.get(self.table, fact.item) or {"item": fact.item, "on_hand": 0, "reserved": 0}
        rows.put(self.table, item=fact.item, on_hand=row["on_hand"] + on_hand, reserved=row["reserved"] + reserved)


class Journal:
    """How many lines each item's journal has."""

    table = Table("journal", ("item",), {"item": "TEXT NOT NULL", "lines": "INTEGER NOT NULL"}, indexes=(("lines",),))
    tables = (table,)
    listens = ("depot.note.written",)

    def apply(self, rows, fact, at):
        row = rows.get(self.table, fact.item) or {"lines": 0}
        rows.put(self.table, item=fact.item, lines=row["lines"] + 1)


DEPOT = Service(
    "depot",
    "d",
    (ITEM, NOTE),
    projections=(Stock(), Journal()),
    policies=(
        Policy("when_stock_moved_then_write", ("depot.item.received", "depot.item.issued"), when_stock_moved_then_write),
        Policy("when_freed_then_write", ("depot.item.freed",), when_freed_then_write),
    ),
    due=due,
    due_families=("depot.item.reserved", "depot.item.freed"),
)
