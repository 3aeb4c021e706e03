"""The cells of items and stores are what the ledgers say, whatever happened, and what is under way is seen where it goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from services.resources.deciders.stock.state import Stock, evolve
from services.resources.events import agreement as a
from services.resources.events import stock as s
from services.resources.events.masters import LotKnown
from services.resources.events.property import PropertyRegistered, PropertyRetired
from services.resources.events.shipment import Carried, ShipmentOrdered, ShipmentTurnedBack
from services.resources.projections import callable
from services.resources.projections.availability import Availability, cell, cells, lots, of_others
from services.resources.projections.callable import Callable
from shared.blocks.ledger import Overdrawn
from shared.handling.rows import UnitOfWork
from shared.kernel.envelope import Envelope
from shared.sql.sqlite import File
from tests.resources.world import AREA, CITY, NOW, july, money

LOTS = ("L-1", "L-2", "L-3")


class Shown:
    """A read model built from facts."""

    def __init__(self, folder, projection):
        self.database = File(folder / "read.db")
        self.writing = self.database.connect(durable=False)
        self.projection, self.position = projection, 0
        for table in projection.tables:
            for statement in table.ddl():
                self.writing.execute(statement)
        self.rows = UnitOfWork(self.writing)

    def take(self, *facts):
        for fact in facts:
            self.position += 1
            self.projection.apply(self.rows, fact, _envelope(self.position))
        self.rows.flush()
        self.writing.commit()
        return self.database.look()


def _envelope(position):
    return Envelope(
        specversion="1.0",
        id="",
        source="",
        type="",
        time=NOW,
        log="150000.resources",
        position=position,
        streamid="",
        streamversion=1,
        partitionkey="",
        division=AREA,
    )


def received(lot, qty, store="WH-MD", **more):
    said = {"source": s.Source.OPENING, "cause": "books", "position": None, "by": "W.MD1", "at": NOW, "division": AREA}
    return s.StockReceived(store=store, item="WATER", lot=lot, qty=qty, **said | more)


def issued(lot, qty, to=s.Use.PEOPLE, cause="INC-1", allocation=None, store="WH-MD"):
    return s.StockIssued(store, "WATER", lot, qty, to, cause, allocation, "W.MD1", NOW)


def reserved(lot, qty, allocation="AC-1"):
    return s.StockReserved("WH-MD", "WATER", lot, qty, allocation, "B.APP", NOW)


def released(lot, qty, allocation="AC-1"):
    return s.ReservationReleased("WH-MD", "WATER", lot, qty, allocation, "not needed", "B.APP", NOW)


def apart(lot, qty):
    return s.StockQuarantined("WH-MD", "WATER", lot, qty, "torn", "W.MD1", NOW)


moves = st.lists(
    st.builds(
        lambda make, lot, qty: make(lot, qty),
        st.sampled_from([received, issued, reserved, released, apart]),
        st.sampled_from(LOTS),
        st.integers(1, 9),
    ),
    max_size=40,
)


@over(moves)
@settings(max_examples=60)
def test_a_cell_is_what_the_ledger_says(tmp_path_factory, moves):
    shown, stock, kept = Shown(tmp_path_factory.mktemp("cells"), Availability()), Stock(), []
    for n, lot in enumerate(LOTS):
        kept.append(LotKnown(lot, "WATER", july(20 + n), None, None, AREA, NOW))
    for fact in moves:
        try:
            stock = evolve(stock, fact)
        except Overdrawn:
            continue
        kept.append(fact)
    db = shown.take(*kept)
    found = [cell(row) for row in cells(db, ["WH-MD"])]
    sums = {
        "available": sum(map(stock.available, LOTS)),
        "held": sum(map(stock.reserved, LOTS)),
        "quarantined": sum(map(stock.quarantined, LOTS)),
        "on_hand": sum(map(stock.on_hand, LOTS)),
    }
    assert not found or {name: found[0][name] for name in sums} == sums
    assert found or not any(sums.values())
    left = [july(20 + n).isoformat() for n, lot in enumerate(LOTS) if stock.on_hand(lot)]
    assert not found or found[0]["expires"] == min(left, default=None)


def test_a_lot_whose_card_is_written_after_it_has_its_date_at_once(tmp_path):
    db = Shown(tmp_path, Availability()).take(
        received("L-1", 5, expires=july(20)), LotKnown("L-1", "WATER", july(20), None, None, AREA, NOW)
    )
    assert [cell(row)["expires"] for row in cells(db, ["WH-MD"])] == ["2021-07-20"]


def ordered(shipment="SP-1", to="FP-XW"):
    contacts = {"contact_from": "W.MD1", "contact_to": "W.FP", "vehicle": None, "driver": None, "pick_list": {}}
    ends = {"from_store": "WH-MD", "division": AREA, "to_store": to, "to_division": AREA, "receiver": "W.FP"}
    told = {"request": "SR-1", "incident": "INC-1", "priority": "routine", "by": "B.APP", "at": NOW}
    return ShipmentOrdered(shipment=shipment, allocation="AC-1", lines=(Carried("WATER", "L-1", 8),), **ends, **contacts, **told)


def incoming(db):
    return {cell(row)["store"]: cell(row)["incoming"] for row in cells(db, ["WH-MD", "FP-XW"])}


@pytest.fixture
def leaving(tmp_path):
    """8 litres left WH-MD for FP-XW on SP-1."""
    shown = Shown(tmp_path, Availability())
    shown.take(received("L-1", 10), reserved("L-1", 8), ordered(), issued("L-1", 8, s.Use.TRANSIT, "SP-1", "AC-1"))
    return shown


def test_what_is_loaded_is_on_its_way_to_where_it_goes_until_it_is_received(leaving):
    assert incoming(leaving.take()) == {"WH-MD": 0, "FP-XW": 8}
    db = leaving.take(received("L-1", 5, "FP-XW", source=s.Source.TRANSFER, cause="SP-1", damaged=1))
    assert incoming(db) == {"WH-MD": 0, "FP-XW": 2}
    lost = s.StockLost("FP-XW", "WATER", "L-1", 2, "transit", "SP-1", "fell off", "W.FP", "W.MD1", NOW)
    assert incoming(leaving.take(lost)) == {"WH-MD": 0, "FP-XW": 0}


def test_what_turns_back_is_on_its_way_to_where_it_came_from(leaving):
    eta = NOW + timedelta(hours=2)
    assert incoming(leaving.take(ShipmentTurnedBack("SP-1", "road cut", "WH-MD", AREA, "W.MD1", eta, "TRUCK-1", NOW))) == {
        "WH-MD": 8,
        "FP-XW": 0,
    }


def test_lots_say_whose_they_are_and_those_of_others_are_found(tmp_path):
    db = Shown(tmp_path, Availability()).take(received("L-1", 5), received("L-2", 7, owner=CITY), received("L-3", 1, owner=AREA))
    assert {lot: one["owner"] for lot, one in lots(db, "WATER", ["WH-MD"])["WH-MD"].items()} == {"L-1": None, "L-2": CITY, "L-3": AREA}
    assert [(store, item, lot) for store, item, lot, _ in of_others(db, {"WH-MD": AREA})] == [("WH-MD", "WATER", "L-2")]
    assert list(of_others(db, {"WH-HL": CITY})) == []


def test_contracts_say_what_was_agreed_and_what_the_supplier_is_able_to(tmp_path):
    shown = Shown(tmp_path, Callable())
    terms = a.Terms(2000, 1, money("12.00"), 30, july(30), stock_kept=100)
    db = shown.take(a.AgreementSigned("AG-1", "FOOD", "ENT.FOOD", "150000", terms, None, "R.APP", NOW))
    (row,) = callable.contracted(db, "FOOD", "2021-07-30")
    assert (row["per_day"], row["able"], row["in_stock"], row["lead_days"]) == (2000, None, 100, 1)
    assert callable.contracted(db, "FOOD", "2021-07-31") == []
    db = shown.take(a.CapacityReported("AG-1", 1500, 40, True, "ENT.FOOD", NOW))
    (row,) = callable.contracted(db, "FOOD", "2021-07-30")
    assert (row["per_day"], row["able"], row["in_stock"]) == (2000, 1500, 40)
    assert callable.contracted(shown.take(a.AgreementExpired("AG-1", NOW)), "FOOD", "2021-07-30") == []


def test_property_is_callable_until_it_is_retired(tmp_path):
    shown = Shown(tmp_path, Callable())
    db = shown.take(PropertyRegistered("PR-1", "BOAT", "boat", "OW-1", AREA, 2, "", AREA, "B.OFF", NOW))
    assert [row["quantity"] for row in callable.requisitionable(db, "BOAT")] == [2]
    assert callable.requisitionable(shown.take(PropertyRetired("PR-1", "sold", "B.OFF", NOW)), "BOAT") == []
