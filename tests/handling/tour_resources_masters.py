"""One accepted example of every command on the masters of resources; the stores and items that stay are what other tours work with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.deciders.masters import warehouse as w
from services.resources.deciders.masters.item import RegisterItem, RetireItem
from services.resources.deciders.masters.norm import SetNorm
from services.resources.deciders.masters.notice import EscalateNoticeClock, WatchStock
from services.resources.events.masters import Per, StoreKind
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA, CITY = "150722", "150700"
SYSTEM = Signature("SYS", ("SYS",), AREA)
OFFICER = Signature("B.OFF", ("EMD.officer",), AREA, 3)
APPROVER = Signature("B.APP", ("EMD.approver",), AREA, 3)
KEEPER = Signature("W.MD1", ("WHK",), AREA, 3)
CITY_OFFICER = Signature("C.OFF", ("EMD.officer",), CITY, 2)
ITEMS = {  # item -> code, Chinese name, unit, packs
    "TENT": ("1999901", "帐篷", "piece", {}),
    "BED": ("1999902", "折叠床", "piece", {}),
    "QUILT": ("1999903", "棉被", "piece", {"bale": 20}),
    "WATER": ("1999904", "饮用水", "litre", {"carton": 12}),
    "FOOD": ("1999905", "方便食品", "meal", {"carton": 10}),
    "SAND": ("3999901", "沙袋", "piece", {}),
}


def masters_tour(desk: Desk) -> Iterator[Command]:
    """An open incident, the catalogue, WH-MD with its point FP-XW and WH-HL of the city in service; WH-OLD closed."""
    signed = {"by": OFFICER, "now": desk.now}
    yield NoteSupplyIncident(by=SYSTEM, now=desk.now, incident="INC-1", division=AREA)
    for item, (code, zh, unit, packs) in ITEMS.items():
        yield RegisterItem(**signed, item=item, code=code, zh=zh, unit=unit, packs=packs, reusable=item in ("TENT", "BED"))
    yield RegisterItem(**signed, item="OLD", code="2999999", zh="旧设备", unit="piece")
    yield RetireItem(**signed, item="OLD", reason="no longer made")
    yield _store(desk, "WH-MD", "150722100", "W.MD1", ("A-01", "A-02", "B-01", "C-01"))
    yield _store(desk, "FP-XW", "150722106", "W.FP", ("F-01",), kind=StoreKind.FORWARD_POINT, parent="WH-MD")
    yield _store(desk, "WH-HL", "150702", "W.HL", ("A-01", "B-01"), by=CITY_OFFICER, owner=CITY, level=2)
    yield _store(desk, "WH-OLD", "150722100", "W.MD1", ())
    yield w.InspectWarehouse(by=KEEPER, now=desk.now, store="WH-MD", next=(desk.now + timedelta(days=90)).date())
    yield w.RestrictWarehouse(by=KEEPER, now=desk.now, store="WH-OLD", reason="roof leaks")
    yield w.ReopenWarehouse(by=APPROVER, now=desk.now, store="WH-OLD")
    yield w.CloseWarehouse(by=APPROVER, now=desk.now, store="WH-OLD", reason="not needed")
    norm = {"by": APPROVER, "now": desk.now, "item": "SAND", "source": "plan 1"}
    yield SetNorm(**norm, division=AREA, per=Per.PEOPLE, divide_up=10, minimum=100)
    yield SetNorm(**norm, store="WH-MD", minimum=50)
    yield WatchStock(by=SYSTEM, now=desk.now, store="WH-MD", item="SAND")
    yield SetNorm(**norm, store="WH-MD", minimum=0)
    yield EscalateNoticeClock(by=SYSTEM, now=desk.now, watch="WH-MD.SAND", key="notice.expiring")


def _store(desk: Desk, store: str, place: str, custodian: str, positions: tuple[str, ...], **more: object) -> w.RegisterWarehouse:
    said = {"by": OFFICER, "owner": AREA, "level": 3, "place": place, "custodian": custodian, "positions": positions, "placed": True}
    return w.RegisterWarehouse(**said | {"now": desk.now, "store": store} | more)
