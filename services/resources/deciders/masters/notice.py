"""Notices that are told once: a store short of an item, with too much of it, or with lots that expire (domain 2.5, SU-12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, assert_never

from services.resources.deciders.masters.item import Item
from services.resources.deciders.masters.norm import Norm
from services.resources.deciders.masters.store import CLOSED, Store
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import item_stream, norm_stream, notice_stream, stock_stream, store_stream
from services.resources.events.notice import ExpiryWatched, NoticeCured, NoticeKind, NoticeRaised
from shared.blocks.clocks import Due
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules

EXPIRY = "notice.expiring"
"""The clock that looks again when a lot comes nearer to its date than a threshold says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStock(Command):
    """Goods of a store moved: look whether a threshold was crossed. Only the policy sends it."""

    store: PublicId
    item: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateNoticeClock(EscalateClock):
    """A lot came nearer to its date than a threshold says. Only the timer sends it."""

    watch: PublicId  # store and item, as the stream is named


@dataclass(frozen=True, slots=True)
class Notices:
    """What was told of one item in one store and is not cured: by kind the lots it was told of, none where it is about a quantity."""

    store: str = ""
    item: str = ""
    division: str | None = None
    told: Mapping[NoticeKind, frozenset[str]] = field(default_factory=dict)
    day: date | None = None  # when the clock looks again


@dataclass(frozen=True, slots=True)
class Crossed:
    """A threshold that is crossed now."""

    amount: int
    bound: int
    lots: frozenset[str] = frozenset()


def bounds(item: Item, store: Store, norm: Norm | None) -> tuple[int | None, int | None]:
    """Below the first a store is short, above the second it has too much: its own norm, else the item's for the level of its owner;
    what it has room for is a limit anyway."""
    said = item.threshold(store.level)
    low = norm.minimum if norm is not None and norm.minimum is not None else said.low
    high = said.high if said.high is not None else store.capacity.get(item.item)
    return low, high


def crossed(stock: Stock, item: Item, store: Store, norm: Norm | None, days: Sequence[int], today: date) -> dict[NoticeKind, Crossed]:
    """Every threshold that is crossed. Expired lots are no stock to count on."""
    found: dict[NoticeKind, Crossed] = {}
    low, high = bounds(item, store, norm)
    if low is not None and (fit := sum(stock.available(lot.lot) for lot in stock.lots.values() if not lot.expired(today))) < low:
        found[NoticeKind.LOW] = Crossed(fit, low)
    if high is not None and (held := sum(map(stock.on_hand, stock.lots))) > high:
        found[NoticeKind.OVER] = Crossed(held, high)
    for kind, within in zip((NoticeKind.EXPIRING, NoticeKind.PRESSING), days, strict=True):
        if near := frozenset(stock.order[: _after(stock, today + timedelta(within))]):
            found[kind] = Crossed(sum(map(stock.on_hand, near)), within, near)
    return found


def _after(stock: Stock, day: date) -> int:
    """Where in the order of its lots those begin that expire after a day, or never."""
    return stock.place((False, day + timedelta(1), 0))


def _upcoming(stock: Stock, days: Sequence[int], today: date) -> date | None:
    """The next day on which a lot comes within one of these numbers of days of its end."""
    next_ = [(stock.order[_after(stock, today + timedelta(within)) :][:1], within) for within in days]
    return min((end - timedelta(within) for some, within in next_ for lot in some if (end := stock.lots[lot].expires)), default=None)


def decide(command: WatchStock | EscalateNoticeClock, states: Mapping[str, Any], rules: Rules) -> Sequence[tuple[str, Any]]:
    """Told once, and once more when it was cured in between; of lots that expire, each is told of once."""
    own = next(iter(states))
    notices: Notices = states[own]
    store, item = _what(command, notices)
    shop, article, stock = states[store_stream(store)], states[item_stream(item)], states[stock_stream(store, item)]
    if shop.status in (None, CLOSED) and not notices.told:
        return []
    today = command.now.astimezone(UTC).date()  # one day for policies and timers alike
    days = article.expiring or tuple(rules.value(EXPIRY))
    now = crossed(stock, article, shop, states.get(norm_stream(store, item)), days, today) if shop.status != CLOSED else {}
    facts: list[tuple[str, Any]] = [(own, fact) for fact in _told(store, item, shop.owner, notices, now, command.now)]
    upcoming = _upcoming(stock, days, today)
    if upcoming != notices.day:
        at = datetime.combine(upcoming, time(), UTC) if upcoming else None
        clocks = (Due(EXPIRY, EXPIRY, command.now, at),) if at else ()
        facts.append((own, ExpiryWatched(store, item, upcoming, command.now, shop.owner, clocks, () if at else (EXPIRY,))))
    return facts


def _told(
    store: str, item: str, division: str | None, notices: Notices, now: Mapping[NoticeKind, Crossed], at: datetime
) -> Iterator[NoticeRaised | NoticeCured]:
    for kind in NoticeKind:
        before, found = notices.told.get(kind), now.get(kind)
        if found is None:
            if before is not None:
                yield NoticeCured(store, item, kind, at)
        elif before is None or found.lots - before:
            new = tuple(sorted(found.lots - (before or frozenset())))
            yield NoticeRaised(store, item, kind, found.amount, found.bound, new, division, at)


def evolve(notices: Notices, event: NoticeRaised | NoticeCured | ExpiryWatched) -> Notices:
    """The notices after the event."""
    match event:
        case NoticeRaised():
            told = {**notices.told, event.kind: notices.told.get(event.kind, frozenset()) | frozenset(event.lots)}
            return replace(notices, store=event.store, item=event.item, division=event.division or notices.division, told=told)
        case NoticeCured():
            return replace(notices, told={kind: lots for kind, lots in notices.told.items() if kind is not event.kind})
        case ExpiryWatched():
            return replace(notices, store=event.store, item=event.item, division=event.division or notices.division, day=event.day)
        case _:
            assert_never(event)


def _what(command: WatchStock | EscalateNoticeClock, notices: Notices) -> tuple[str, str]:
    return (command.store, command.item) if isinstance(command, WatchStock) else (notices.store, notices.item)


def _around(command: WatchStock | EscalateNoticeClock, states: Mapping[str, Any]) -> tuple[str, ...]:
    """What the thresholds are said by, and what lies there."""
    store, item = _what(command, next(iter(states.values())))
    return stock_stream(store, item), item_stream(item), store_stream(store), norm_stream(store, item)


_HANDLES: dict[type[Command], Handles] = {
    WatchStock: Handles(lambda c: (notice_stream(c.store, c.item),), creates=True, further=_around),
    EscalateNoticeClock: Handles(lambda c: (f"notice-{c.watch}",), further=_around),
}
NOTICES = Decider(
    category="notice",
    initial=Notices(),
    decide=decide,
    evolve=evolve,
    about=lambda notices: About(notices.division),
    handles=_HANDLES,
    joint=frozenset(_HANDLES),
)
