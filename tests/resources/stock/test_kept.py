"""The state of a stock as its snapshot keeps it: exactly the same after it was written and read, however many lots there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from bench.ledger import LOG, STREAM, fill
from services.resources.deciders.stock.state import Stock, evolve
from services.resources.deciders.stock.stock import STOCK
from services.resources.deciders.streams import stock_stream
from services.resources.events import stock as s
from services.resources.service import RESOURCES
from shared.eventlog.sqlite import SqliteLog
from shared.handling.snapshots import Snapshots
from shared.handling.states import States
from shared.sql.sqlite import File
from tests.resources.world import AREA, NOW

STORE, ITEM = "WH-MD", "WATER"


def facts(lots):
    """Lots of every kind: with and without expiry, owner and wish, checked and failed, promised to several, lying in several places."""
    for n in range(lots):
        said = {"store": STORE, "item": ITEM, "lot": f"箱-{n}" if n % 5 == 0 else f"LOT-{n}", "by": "W.MD1", "at": NOW}
        expires = (NOW + timedelta(days=n)).date() if n % 3 else None
        source, qty = tuple(s.Source)[n % len(s.Source)], 12 * (n + 1) + 2**40 * (n == 7)
        told = {"source": source, "cause": f"D-{n}", "position": "A-01" if n % 2 else None, "division": AREA, "expires": expires}
        whose = {"owner": "OW-1" if n % 4 == 0 else None, "intent": "150721" if n % 6 == 0 else None}
        yield s.StockReceived(**said, qty=qty, damaged=n % 3, pending=n % 7 == 1, **told, **whose)
        if n % 7 == 1:
            yield s.QualityFailed(**said, qty=1, reason="smell")
            continue
        yield s.StockReserved(**said, qty=5, allocation=f"AC-{n % 9}")
        yield s.StockReserved(**said, qty=3, allocation=f"AC-{n}.WH-MD", reason="at hand")
        yield s.StockMoved(**said, qty=2, source="A-01" if n % 2 else None, target="B-01")
        yield s.StockIssued(**said, qty=3, to=s.Use.TRANSIT, cause="SP-1", allocation=f"AC-{n}.WH-MD")


def folded(lots):
    state = Stock()
    for fact in facts(lots):
        state = evolve(state, fact)
    return state


@pytest.mark.parametrize("lots", [0, 1, 60, 400])
def test_hundreds_of_lots_are_read_as_they_were_written(lots):
    state = folded(lots)
    read = msgspec.json.decode(msgspec.json.encode(state), type=Stock)
    assert read == state
    assert msgspec.json.encode(read, order="sorted") == msgspec.json.encode(state, order="sorted")  # sets have no order
    assert [one.lot for one in read.good(NOW.date())] == [one.lot for one in sorted(state.lots.values(), key=lambda one: one.first_out)]
    assert list(read.ledger.inside) == list(state.ledger.inside)  # what goes out first when nothing else decides


def test_what_follows_is_decided_of_the_kept_state_as_of_the_folded_one():
    folding = folded(40)
    kept = msgspec.json.decode(msgspec.json.encode(folding), type=Stock)
    for fact in (replace(one, at=NOW + timedelta(hours=1)) for one in facts(41)):
        folding, kept = evolve(folding, fact), evolve(kept, fact)
        assert kept == folding


def test_the_ledger_of_a_store_is_kept_and_opened_again(tmp_path):
    log = SqliteLog(tmp_path / "log.db", LOG)
    fill(log, 2_500)
    first, again = [States(RESOURCES, log, Snapshots(File(tmp_path / "snapshots.db"), log)) for _ in range(2)]
    state = first.get(STREAM).state
    assert Snapshots(File(tmp_path / "snapshots.db"), log).find(STREAM, STOCK) is not None
    assert again.get(STREAM).state == state == STOCK.fold([one.event for one in log.stream(STREAM)])
    assert stock_stream(state.store, state.item) == STREAM
