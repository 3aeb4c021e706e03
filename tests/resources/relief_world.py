"""Who speaks in the tests of relief, and claims that have come so far."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.deciders.relief import commands as c
from services.resources.deciders.relief.household import RegisterHousehold
from services.resources.deciders.relief.tariff import SetReliefTariff
from services.resources.events import relief as r
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import DomainError
from tests.resources.world import APP, AREA, FIN, SYS, TOWN, Town, at

VILLAGE = "TEST-GACHA-1"
GACHA = Signature("G.COM", ("L5.committee",), VILLAGE, 5)
CIVIL = Signature("B.CIV", ("CIV",), AREA, 3)
CITIZEN = Signature("HH-1", ("CIT",), VILLAGE, 5)
FIN2 = Signature("B.FIN2", ("FIN",), AREA, 3)
REPAIR = "relief_house_repair"
POSTED = at("15:20", 20)
TEXT = "one household, house repair, 2000.00"


def money(text: str) -> Decimal:
    return Decimal(text)


def village() -> Town:
    """An incident and a household of four."""
    town = Town()
    town.do(NoteSupplyIncident(by=SYS, now=at("08:00"), incident="INC-1", division=AREA))
    town.do(RegisterHousehold(by=GACHA, now=at("08:00"), household="HH-1", village=VILLAGE, persons=4))
    return town


def said(command: type[Command], by: Signature, now: Any = None, /, **more: Any) -> Any:
    return command(**({"by": by, "now": now or at("09:00", 28), "relief": "RF-1"} | more))


def nominated(town: Town, by: Signature = GACHA, **more: Any) -> Any:
    named = {"household": "HH-1", "kind": REPAIR, "incident": "INC-1"}
    return town.do(said(c.NominateRelief, by, at("09:30", 20), **(named | more)))


def appraised(town: Town) -> None:
    nominated(town)
    town.do(said(c.RecordAppraisal, GACHA, at("15:00", 20), votes_for=7, votes_against=0))


def posted(town: Town) -> None:
    appraised(town)
    town.do(said(c.PostList, GACHA, POSTED, text=TEXT, until=POSTED + timedelta(days=7)))


def decided(town: Town) -> None:
    posted(town)
    town.do(said(c.ReviewAtTownship, TOWN))
    town.do(said(c.DecideRelief, APP, amount=money("2000.0")))


def served(town: Town) -> None:
    decided(town)
    town.do(said(c.ServeRelief, SYS, manner=r.ServedHow.IN_APP))


def paid(town: Town) -> None:
    served(town)
    town.do(said(c.PayRelief, FIN, amount=money("2000.0")))


def refused(town: Town, command: Command, kind: type[DomainError], rule: str, cure: str = "") -> None:
    with pytest.raises(kind) as error:
        town.do(command)
    assert error.value.rule == rule, error.value.failures
    assert cure in error.value.cure


def urgent(**more: Any) -> Any:
    named = {"household": "HH-1", "kind": "temporary", "incident": "INC-1", "amount": money("300"), "reason": "no food", "cosigner": FIN}
    return said(c.PayUrgentRelief, CIVIL, **(named | more))


def with_tariff() -> Town:
    town = village()
    tariff = {"division": AREA, "kind": "temporary", "year": 2021, "amount": money("500"), "source": "notice 2"}
    town.do(SetReliefTariff(by=FIN, now=at("09:00"), **tariff))
    return town
