"""The posts, rules and streams the tests of resources speak of: two stores of a banner, one of its city, items to put there."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.resources.deciders import DECIDERS
from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.deciders.masters.item import RegisterItem
from services.resources.deciders.masters.warehouse import RegisterWarehouse
from services.resources.events.masters import StoreKind
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Decided, category
from shared.testing.spec import joint_states
from tests.rulebook import FakeRules, rulebook

AREA, CITY, REGION, NEIGHBOUR = "150722", "150700", "150000", "150721"
DIGEST = "0" * 64


RULES = rulebook(
    "alerts/rules/calendar.toml",
    "alerts/rules/orders.toml",
    "compensation/rules/claims.toml",
    "privacy/rules/purposes.toml",
    "resources/rules",
)


def at(clock: str, day: int = 18) -> datetime:
    """A time of July 2021 in Beijing."""
    return datetime.fromisoformat(f"2021-07-{day:02}T{clock}:00+08:00")


def july(day: int) -> date:
    return date(2021, 7, day)


def money(text: str) -> Decimal:
    return Decimal(text)


NOW = at("16:00")
SYS = Signature("SYS.POLICY", ("SYS",), AREA)
OFF = Signature("B.OFF", ("EMD.officer",), AREA, 3)
APP = Signature("B.APP", ("EMD.approver",), AREA, 3)
GOV = Signature("B.GOV", ("GOV",), AREA, 3)
HQ = Signature("B.HQ", ("HQ",), AREA, 3)
FIN = Signature("B.FIN", ("FIN",), AREA, 3)
TOWN = Signature("T.XW", ("L4.office",), "150722106", 4)
KEEPER = Signature("W.MD1", ("WHK",), AREA, 3)
SECOND = Signature("W.MD2", ("WHK",), AREA, 3)
POINT = Signature("W.FP", ("WHK",), AREA, 3)
CITY_OFF = Signature("C.OFF", ("EMD.officer",), CITY, 2)
CITY_APP = Signature("C.APP", ("EMD.approver",), CITY, 2)
CITY_KEEPER = Signature("W.HL", ("WHK",), CITY, 2)
REGION_APP = Signature("R.APP", ("EMD.approver",), REGION, 1)
NEXT_APP = Signature("A.APP", ("EMD.approver",), NEIGHBOUR, 3)

CATALOGUE = {  # item -> code, Chinese name, unit, packs
    "TENT": ("1999901", "帐篷", "piece", {}),
    "BED": ("1999902", "折叠床", "piece", {}),
    "QUILT": ("1999903", "棉被", "piece", {"bale": 20}),
    "WATER": ("1999904", "饮用水", "litre", {"carton": 12}),
    "FOOD": ("1999905", "方便食品", "meal", {"carton": 10}),
    "SAND": ("3999901", "沙袋", "piece", {}),
}


class Town:
    """Streams in memory: decides as the writer does, without permission, durability or order of threads."""

    def __init__(self, rules: FakeRules = RULES) -> None:
        self.rules = rules
        self.past: dict[str, list[Any]] = {}
        self.deciders = {decider.category: decider for decider in DECIDERS}
        self.of_command = {cls: decider for decider in DECIDERS for cls in decider.handles}

    def state(self, stream: str) -> Any:
        decider = self.deciders.get(category(stream))
        return decider.fold(self.past.get(stream, [])) if decider else None

    def do(self, command: Command) -> Decided:
        """Decide and keep; answers the facts without their streams."""
        decider = self.of_command[type(command)]
        names = decider.handles[type(command)].streams(command)
        own = self.state(names[0])
        state = joint_states(decider, command, own, self.state) if type(command) in decider.joint else own
        result = decider.decide(command, state, self.rules)
        decided = result if isinstance(result, Decided) else Decided(result)
        kept = [fact if isinstance(fact, tuple) else (names[0], fact) for fact in decided.events]
        named = state if isinstance(state, dict) else {names[0]}
        for stream, fact in kept:
            assert stream in named, f"{stream} is written and not among the streams of {type(command).__name__}"
            self.past.setdefault(stream, []).append(fact)
        return Decided([fact for _, fact in kept], decided.answer, decided.basis, decided.flags)


def item(name: str = "WATER", **changed: Any) -> RegisterItem:
    code, zh, unit, packs = CATALOGUE[name]
    said: dict[str, Any] = {"item": name, "code": code, "zh": zh, "unit": unit, "packs": packs, "reusable": name in ("TENT", "BED")}
    return RegisterItem(**{"by": OFF, "now": NOW} | said | changed)


def warehouse(store: str = "WH-MD", **changed: Any) -> RegisterWarehouse:
    said: dict[str, Any] = {"owner": AREA, "place": "150722100", "custodian": "W.MD1", "positions": ("A-01", "B-01"), "level": 3}
    return RegisterWarehouse(**{"by": OFF, "now": NOW, "store": store, "placed": True} | said | changed)


def point(store: str = "FP-XW", **changed: Any) -> RegisterWarehouse:
    """A forward point of WH-MD."""
    said: dict[str, Any] = {"kind": StoreKind.FORWARD_POINT, "parent": "WH-MD", "custodian": "W.FP", "positions": ("F-01",)}
    return warehouse(store, **{"place": "150722106"} | said | changed)


def stocked_town() -> Town:
    """The catalogue, WH-MD with its point FP-XW, WH-HL of the city, and an open incident; nothing in store."""
    town = Town()
    town.do(NoteSupplyIncident(by=SYS, now=NOW, incident="INC-1", division=AREA))
    for name in CATALOGUE:
        town.do(item(name))
    town.do(warehouse())
    town.do(point())
    town.do(warehouse("WH-HL", by=CITY_OFF, owner=CITY, place="150702", custodian="W.HL", level=2))
    return town
