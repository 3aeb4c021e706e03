"""Who speaks in the tests of gifts, and a campaign that is open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.resources.deciders.donations import commands as c
from services.resources.deciders.donations.raiser import RecordQualification
from shared.kernel.commands import Signature
from shared.kernel.errors import DomainError
from shared.kernel.events import is_guard, type_of
from tests.resources.world import CITY, Town, at, stocked_town

CHA = Signature("CHA.1", ("CHA",), CITY, 2)
COLLEAGUE = Signature("CHA.1B", ("CHA",), CITY, 2, organ="CHA.1")
UNQUALIFIED = Signature("CHA.2", ("CHA",), CITY, 2)
CIVIL = Signature("C.CIV", ("CIV",), CITY, 2)
PLACE = "150722106"
DAY = at("11:00", 20)


def said(command: type[Any], by: Signature = CHA, now: Any = DAY, /, **more: Any) -> Any:
    return command(**({"by": by, "now": now} | more))


def raising() -> Town:
    """CHA.1 is qualified and raises for INC-1."""
    town = stocked_town()
    town.do(said(RecordQualification, CIVIL, at("08:00", 17), fund_raiser="CHA.1", certificate="C-1", valid_until=date(2021, 12, 31)))
    town.do(said(c.OpenCampaign, CHA, at("09:10", 19), campaign="CP-1", incident="INC-1"))
    return town


def gift(**more: Any) -> Any:
    named = {"donation": "DO-1", "donor": "DN-1", "purpose": "donation.receipt", "money": Decimal("5000.0")}
    return said(c.ReceiveDonation, **(named | more))


WATER = c.Goods("DN-WATER-1", "WATER", 600, 588, date(2021, 12, 1))
FOOD = c.Goods("DN-FOOD-1", "FOOD", 100, 100, date(2021, 11, 30))


def goods(*lines: c.Goods, **more: Any) -> Any:
    named = {"donation": "DO-2", "purpose": None, "money": None, "intent": PLACE, "store": "FP-XW", "goods": lines or (WATER, FOOD)}
    return gift(**(named | more))


def told(decided: Any) -> list[str]:
    return [name for fact in decided.events if not is_guard(name := type_of(fact))]


def refused(town: Town, command: Any, kind: type[DomainError], *rules: str, cure: str = "") -> None:
    with pytest.raises(kind) as error:
        town.do(command)
    assert [fault.rule for fault in error.value.failures] == list(rules), error.value.failures
    assert cure in error.value.cure
