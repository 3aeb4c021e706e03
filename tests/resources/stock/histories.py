"""Random histories of goods in two stores: whatever operators, allocations and clocks do, nothing appears, vanishes or goes below zero.

`python -m tests.resources.stock.histories --movements 1000000` runs a long one.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from services.resources.deciders.masters.lot import EXPIRY
from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.entries import legs
from services.resources.deciders.stock.moving import day_of, first_out, issue, release, reserve
from services.resources.deciders.stock.state import UNDO, Stock
from services.resources.deciders.streams import loan_stream, stock_stream
from services.resources.events.goods import Bucket, Source, Use
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Decided, category
from shared.kernel.errors import DomainError
from shared.testing.spec import joint_states
from tests.resources.world import AREA, KEEPER, NOW, SECOND, SYS, stocked_town

STORES, ITEMS, LOTS = ("WH-MD", "FP-XW"), ("WATER", "FOOD"), 12
KEEPERS = {"WH-MD": KEEPER.actor, "FP-XW": "W.FP"}


class History:
    """A town whose states are kept as they go; `step` does something at random. Facts are kept too, but of a `long` one."""

    def __init__(self, random: Random, long: bool = False) -> None:
        self.random, self.town, self.now, self.long = random, stocked_town(), NOW, long
        self.states: dict[str, Any] = {}
        self.facts: dict[str, list[Any]] = {}
        self.moved: dict[str, Counter[str]] = {}  # stream -> account: summed up from the facts alone
        self.done: Counter[str] = Counter()
        self.movements, self.serial, self.loans = 0, 0, 0
        self._acts: tuple[Callable[[], Command | None], ...] = (
            *(self._receive,) * 4,
            *(self._issue,) * 4,
            self._return,
            self._transfer,
            self._transfer,
            self._check,
            self._less,
            self._undo,
            self._lend,
            self._lent,
            self._recall,
            self._wait,
            self._promise,
            self._promise,
            self._release,
        )

    def get(self, stream: str) -> Any:
        if stream not in self.states:
            self.states[stream] = self.town.state(stream)
        return self.states[stream]

    def stock(self, store: str, item: str) -> Stock:
        found: Stock = self.get(stock_stream(store, item))
        return found

    def step(self) -> None:
        """One command or act of an allocation; a refusal changes nothing."""
        command = self.random.choice(self._acts)()
        if command is None:
            return
        decider = self.town.of_command[type(command)]
        own = self.get(decider.handles[type(command)].streams(command)[0])
        try:
            found = decider.decide(command, joint_states(decider, command, own, self.get), self.town.rules)
        except DomainError as refusal:
            self.done[f"refused {refusal.rule}"] += 1
            return
        self.done[type(command).__name__] += 1
        self.keep(list(found.events if isinstance(found, Decided) else found))

    def keep(self, facts: list[tuple[str, Any]]) -> None:
        for stream, fact in facts:
            if not self.long:
                self.facts.setdefault(stream, []).append(fact)
            self.states[stream] = self.town.deciders[category(stream)].evolve(self.get(stream), fact)
            if stream.startswith("stock-"):
                self.movements += 1
                for leg in legs(fact):
                    self.moved.setdefault(stream, Counter())[leg.account.partition(":")[0]] += leg.amount
                agrees(self.states[stream], fact.lot)
                if not self.long and self.movements % 100 == 0:
                    whole(self.states[stream])

    def _signed(self, by: Signature = KEEPER) -> dict[str, Any]:
        return {"by": by, "now": self.now, "cosigner": SECOND if self.random.random() < 0.9 else None}

    def _place(self) -> dict[str, Any]:
        return {"store": self.random.choice(STORES), "item": self.random.choice(ITEMS)}

    def _lot(self, item: str) -> str:
        return f"{item}-{self.serial // 500}-{self.random.randrange(LOTS)}"

    def _qty(self) -> int:
        return self.random.choice((-1, 0, 1, 3, 10, 60, 400))

    def _receive(self) -> Command:
        self.serial += 1
        place = self._place()
        lot = self._lot(place["item"])
        good_for = sum(map(ord, lot)) % 40 - 4  # the same for ever; some are over before they come
        expires = None if good_for > 30 else self._day(lot) + timedelta(days=good_for)
        source, damaged = self.random.choice(tuple(Source)), self.random.choice((0, 0, 2))
        pending = self.random.random() < 0.2
        return c.ReceiveLot(
            **self._signed(), **place, lot=lot, qty=self._qty(), cause="D", source=source, damaged=damaged, pending=pending, expires=expires
        )

    def _day(self, lot: str) -> date:
        return (NOW + timedelta(days=int(lot.split("-")[1]))).date()

    def _issue(self) -> Command:
        place = self._place()
        if self.random.random() < 0.5:
            return c.IssueStock(**self._signed(), **place, qty=self._qty(), cause="INC-1")
        lots = {self._lot(place["item"]): self._qty()}
        reason = self.random.choice(("", "at hand"))
        return c.IssueStock(**self._signed(), store=place["store"], lots=lots, cause="INC-1", reason=reason)

    def _return(self) -> Command:
        place, (good, damaged, lost) = self._place(), (self._qty(), self.random.choice((0, 1)), self.random.choice((0, 1)))
        return c.ReturnStock(**self._signed(), **place, lot=self._lot(place["item"]), good=good, damaged=damaged, lost=lost)

    def _transfer(self) -> Command:
        source, target = self.random.sample(STORES, 2)
        lots = {self._lot(self.random.choice(ITEMS)): self._qty() for _ in range(2)}
        return c.TransferStock(**self._signed(), from_store=source, to_store=target, lots=lots, receiver=KEEPERS[target])

    def _check(self) -> Command:
        place = self._place()
        said = self._signed() | {"store": place["store"], "lot": self._lot(place["item"]), "qty": self.random.choice((None, 1, 5))}
        if self.random.random() < 0.3:
            return c.PutAway(
                **said, position=self.random.choice(("A-01", "B-01", "F-01")), from_position=self.random.choice((None, "A-01"))
            )
        if self.random.random() < 0.3:
            return c.QuarantineLot(**said, reason="leak")
        if self.random.random() < 0.5:
            return c.FailQuality(**said, reason="smell", to_supplier=self.random.random() < 0.5)
        return c.PassQuality(**said, cause="LAB")

    def _less(self) -> Command:
        place = self._place()
        said = self._signed() | {"store": place["store"], "lot": self._lot(place["item"]), "qty": self._qty(), "reason": "wet"}
        if self.random.random() < 0.5:
            return c.WriteOff(**said)
        return c.RecordLoss(**said, cause="INC-1", bucket=self.random.choice(tuple(Bucket)))

    def _undo(self) -> Command:
        place = self._place()
        version = self.stock(**place).version - self.random.randrange(UNDO + 2)
        return c.ReverseMovement(**self._signed(), **place, version=version, reason="typed wrong")

    def _lend(self) -> Command:
        self.loans += 1
        place = self._place()
        said = {
            "store": place["store"],
            "lots": {self._lot(place["item"]): self._qty()},
            "to": "150721",
            "cause": "INC-1",
            "reason": "asked",
        }
        return c.LendStock(**self._signed(), loan=f"LN-{self.loans}", due_at=self.now + timedelta(days=3), **said)

    def _lent(self) -> Command | None:
        if not self.loans:
            return None
        name = f"LN-{self.random.randint(max(1, self.loans - 30), self.loans)}"
        loan = self.get(loan_stream(name))
        if not loan.out:
            return None
        lot = next(iter(loan.out))
        parts = {"good": self._qty(), "damaged": self.random.choice((0, 1)), "lost": self.random.choice((0, 1))}
        return c.ReturnLoan(**self._signed(), loan=name, lot=lot, **parts)

    def _recall(self) -> Command | None:
        lot = self._lot(self.random.choice(ITEMS))
        if self.get(f"lot-{lot}").item is None or self.random.random() < 0.95:
            return None
        return c.RecallLot(**self._signed(), lot=lot, reason="notice")

    def _wait(self) -> Command | None:
        lot = self._lot(self.random.choice(ITEMS))
        if self.random.random() < 0.05:
            self.now = max(self.now, datetime.combine(self._day(lot), NOW.timetz()) + timedelta(hours=self.random.randrange(48)))
        return c.SweepExpired(by=SYS, now=self.now, lot=lot, key=EXPIRY)

    def _promise(self) -> None:
        """An allocation reserves what goes out first."""
        stock = self.stock(**self._place())
        picks, _ = first_out(stock, abs(self._qty()), day_of(self.now), AREA)
        if picks:
            self.keep(list(reserve(stock, picks, f"AC-{self.random.randrange(20)}", self._as_command())))
            self.done["reserve"] += 1

    def _release(self) -> None:
        """An allocation is cancelled, or its goods are loaded."""
        stock = self.stock(**self._place())
        name = f"AC-{self.random.randrange(20)}"
        if self.random.random() < 0.5:
            self.keep(list(release(stock, name, "cancelled", self._as_command())))
        else:
            self.keep(list(issue(stock, stock.held(name), Use.TRANSIT, "SP-1", self._as_command(), name)))
        self.done["release"] += 1

    def _as_command(self) -> Command:
        return Command(by=KEEPER, now=self.now)


def agrees(stock: Stock, lot: str) -> None:
    """What holds of a lot after every movement: nothing below zero, and the shelf is the books."""
    held, lying = stock.ledger.inside.get(lot, {}), stock.shelves.get(lot, {})
    assert all(amount > 0 for amount in (*held.values(), *lying.values()))
    assert sum(lying.values()) == sum(held.values()), "the shelf is not the books"
    assert stock.available(lot) + stock.reserved(lot) + stock.quarantined(lot) == stock.on_hand(lot) == sum(held.values())
    assert (lot in stock.lots) == bool(held)


def whole(stock: Stock) -> None:
    """What holds of a ledger: received is what lies there and what went elsewhere, to the piece."""
    for lot in stock.lots:
        agrees(stock, lot)
    assert stock.shelves.keys() == stock.ledger.inside.keys() == stock.lots.keys()
    assert stock.order == tuple(sorted(stock.lots, key=lambda lot: stock.lots[lot].first_out)), "lots go out in another order"
    inside = sum(sum(held.values()) for held in stock.ledger.inside.values())
    assert inside + sum(stock.ledger.outside.values()) == 0, "something appeared or vanished"


def between(history: History) -> None:
    """What holds over all stores: each account is the sum of its facts, and what one store gave to the other came."""
    for item in ITEMS:
        for store in STORES:
            stock = history.stock(store, item)
            whole(stock)
            for account, amount in history.moved.get(stock_stream(store, item), {}).items():
                assert stock.ledger.total(account) == amount, f"{account} of {item} in {store} is not what its facts come to"
        moved = [history.stock(store, item).ledger.outside.get("stores", 0) for store in STORES]
        assert sum(moved) == 0, "lost between two stores"


def run(seed: int, movements: int, every: int = 0) -> History:
    """A history of so many movements; how far it is, is said after `every` so many, if any."""
    history, said = History(Random(seed), long=every > 0), 0
    while history.movements < movements:
        history.step()
        if every and history.movements >= said + every:
            said = history.movements
            between(history)
            print(f"{said:>9,} of {movements:,}", flush=True)
    between(history)
    return history


def main() -> None:
    given = argparse.ArgumentParser(description="a long random history of goods in stores")
    given.add_argument("--movements", type=int, default=1_000_000)
    given.add_argument("--seed", type=int, default=1)
    asked = given.parse_args()
    for name, times in run(asked.seed, asked.movements, every=50_000).done.most_common():
        print(f"{times:>9,}  {name}")


if __name__ == "__main__":
    main()
