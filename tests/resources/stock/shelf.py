"""Commands on goods as the tests give them, and a town in which something lies."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.resources.deciders.stock import commands as c
from services.resources.deciders.stock.state import Stock
from services.resources.deciders.streams import stock_stream
from services.resources.events.goods import Source
from shared.kernel.commands import Command
from shared.kernel.decider import Decided
from shared.kernel.errors import DomainError
from tests.resources.world import KEEPER, NOW, POINT, SECOND, Town, july, stocked_town

SIGNED: dict[str, Any] = {"by": KEEPER, "now": NOW}


def receive(lot: str, qty: int, item: str = "WATER", **changed: Any) -> c.ReceiveLot:
    said: dict[str, Any] = {"store": "WH-MD", "item": item, "lot": lot, "qty": qty, "cause": "DN-1"}
    return c.ReceiveLot(**SIGNED | said | changed)


def opening(lot: str, qty: int, item: str = "WATER", **changed: Any) -> c.ReceiveLot:
    return receive(lot, qty, item, **{"source": Source.OPENING, "cause": ""} | changed)


def issue(item: str | None = "WATER", qty: int | None = None, **changed: Any) -> c.IssueStock:
    said: dict[str, Any] = {"store": "WH-MD", "item": item, "qty": qty, "cause": "INC-1"}
    return c.IssueStock(**SIGNED | said | changed)


def bring_back(lot: str, good: int, damaged: int = 0, lost: int = 0, item: str = "TENT", **changed: Any) -> c.ReturnStock:
    said: dict[str, Any] = {"store": "WH-MD", "item": item, "lot": lot, "good": good, "damaged": damaged, "lost": lost}
    return c.ReturnStock(**SIGNED | said | changed)


def transfer(lots: dict[str, int], **changed: Any) -> c.TransferStock:
    said: dict[str, Any] = {"from_store": "WH-MD", "to_store": "FP-XW", "lots": lots, "receiver": POINT.actor}
    return c.TransferStock(**SIGNED | said | changed)


def write_off(lot: str, qty: int, **changed: Any) -> c.WriteOff:
    said: dict[str, Any] = {"store": "WH-MD", "lot": lot, "qty": qty, "reason": "damaged", "cosigner": SECOND}
    return c.WriteOff(**SIGNED | said | changed)


def lose(lot: str, qty: int, **changed: Any) -> c.RecordLoss:
    said: dict[str, Any] = {"store": "WH-MD", "lot": lot, "qty": qty, "cause": "INC-1", "reason": "flooded", "cosigner": SECOND}
    return c.RecordLoss(**SIGNED | said | changed)


def reverse(version: int, item: str = "WATER", **changed: Any) -> c.ReverseMovement:
    return c.ReverseMovement(**SIGNED | {"store": "WH-MD", "item": item, "version": version, "reason": "wrong shelf"} | changed)


def recall(lot: str = "MD-WATER-2", **changed: Any) -> c.RecallLot:
    return c.RecallLot(**SIGNED | {"lot": lot, "reason": "EQL notice 1"} | changed)


def stock(town: Town, item: str = "WATER", store: str = "WH-MD") -> Stock:
    found: Stock = town.state(stock_stream(store, item))
    return found


def buckets(town: Town, lot: str, item: str = "WATER", store: str = "WH-MD") -> tuple[int, int, int]:
    """Available, reserved, apart."""
    known = stock(town, item, store)
    return known.available(lot), known.reserved(lot), known.quarantined(lot)


def town_with_water() -> Town:
    """1,800 litres that expire on 20 July, 2,400 that expire in March, 200 meals that expired in June."""
    town = stocked_town()
    town.do(opening("MD-WATER-2", 2400, expires=date(2022, 3, 31), position="B-01"))
    town.do(opening("MD-WATER-1", 1800, expires=july(20), position="A-01"))
    town.do(opening("MD-FOOD-0", 200, "FOOD", expires=date(2021, 6, 30)))
    return town


def kinds(decided: Decided) -> list[str]:
    """The classes of the facts, in order."""
    return [type(fact).__name__ for fact in decided.events]


def refused(town: Town, command: Command, kind: type[DomainError], rule: str, cure: str = "") -> DomainError:
    """The refusal, which leaves nothing behind."""
    before = {stream: len(facts) for stream, facts in town.past.items()}
    with pytest.raises(kind) as error:
        town.do(command)
    assert error.value.rule == rule, error.value.failures
    assert cure in error.value.cure, error.value.cure
    assert {stream: len(facts) for stream, facts in town.past.items()} == before
    return error.value
