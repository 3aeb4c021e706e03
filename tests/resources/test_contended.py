"""Over HTTP, at once: thirty-two clients want one lot. It is never below zero nor given twice, and what was accepted is what left."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.resources.deciders.stock.state import Stock
from services.resources.deciders.stock.stock import STOCK
from services.resources.deciders.streams import stock_stream
from services.resources.events.stock import StockIssued, StockReserved
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from tests.support import Node, Post, started

CLIENTS, EACH, THERE = 32, 4, 250
OFFICER, APPROVER, KEEPER = Post("B.OFF", "EMD.officer", "150722"), Post("B.APP", "EMD.approver", "150722"), Post("W.MD1", "WHK", "150722")
STREAM = stock_stream("WH-1", "WATER")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with started(tmp_path_factory.mktemp("contended") / "data") as node:
        said = {"item": "WATER", "code": "1999904", "zh": "饮用水", "unit": "litre", "reusable": False}
        done(node, "items", OFFICER, said)
        done(node, "warehouses", OFFICER, {"store": "WH-1", "owner": "150722", "place": "150722", "custodian": "W.MD1"})
        done(node, "stock/receipts", KEEPER, {"store": "WH-1", "item": "WATER", "lot": "L-1", "qty": THERE, "source": "opening"})
        wanted = {"place": "150722", "receiver": "W.MD1", "people": 9, "needed_by": "2099-01-01T00:00:00+08:00", "items": {"WATER": 9_999}}
        done(node, "requests", OFFICER, {"request": "SR-1", "ahead": "before the winter", **wanted})
        done(node, "requests/SR-1/assessment", OFFICER, {"vulnerable": {"elderly": "few"}})
        yield node


def done(node: Node, path: str, who: Post, body: Any) -> None:
    made = node.post(f"/api/resources/{path}", who, body)
    assert made.status_code == 201, made.text + node.logged[-2_000:]


def client(node: Node, number: int) -> list[tuple[int, httpx.Response]]:
    """Promises and uses up by turns, each sent twice under its key, as a client does that heard nothing; how much, and both answers."""
    answers = []
    with httpx.Client(base_url=node.url, timeout=60) as http:
        for n in range(EACH):
            qty, key = 1 + (number + n) % 5, str(uuid4())
            if n % 2:
                path, who, body = "stock/issues", KEEPER, {"store": "WH-1", "lots": {"L-1": qty}, "cause": "SR-1"}
            else:
                said = {"allocation": f"AC-{number}.{n}", "request": "SR-1", "store": "WH-1"}
                path, who, body = "allocations", APPROVER, {**said, "lots": {"L-1": qty}, "reason": "at once"}
            headers = {"Authorization": f"Bearer {node.token(who)}", "Idempotency-Key": key}
            answers += [(qty, http.post(f"/api/resources/{path}", json=body, headers=headers)) for _ in range(2)]
    return answers


def test_what_was_accepted_is_what_left_and_not_one_more(node: Node) -> None:
    for who in (KEEPER, APPROVER):
        node.token(who)
    with ThreadPoolExecutor(CLIENTS) as pool:
        told = [pair for answers in pool.map(lambda number: client(node, number), range(CLIENTS)) for pair in answers]
    first, second = told[::2], told[1::2]
    assert {answer.status_code for _, answer in told} == {200, 201, 422}, "some got it, some were told again, some came too late"
    assert {answer.json()["rule"] for _, answer in told if answer.status_code == 422} == {"stock.nonneg"}
    accepted = {answer.json()["command"]: qty for qty, answer in told if answer.status_code == 201}
    for (_, one), (_, again) in zip(first, second, strict=True):
        assert (one.status_code, again.status_code) in ((201, 200), (422, 422))
        assert one.json().get("command") == again.json().get("command")
    log = SqliteLog(Path(node.folder) / "logs" / "150000.resources.db", "150000.resources", read_only=True)
    history = log.stream(STREAM)
    left = [recorded for recorded in history if isinstance(recorded.event, StockIssued | StockReserved)]
    assert len(left) == len(accepted) and sum(accepted.values()) == sum(recorded.event.qty for recorded in left) <= THERE
    state = Stock()
    for recorded in history:
        state = STOCK.evolve(state, recorded.event)
        assert state.available("L-1") >= 0
    used = sum(recorded.event.qty for recorded in left if isinstance(recorded.event, StockIssued))
    assert (state.available("L-1"), state.reserved("L-1")) == (THERE - sum(accepted.values()), sum(accepted.values()) - used)
    assert verify(log).fault is None
    log.close()
    shown = node.get("/api/resources/stock/WH-1", KEEPER).json()["L-1"]
    assert shown["available"] == state.available("L-1") < 5
