"""Commands on requisitions as the tests give them, and towns in which a boat is asked for, approved, taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.urgent import NoteUrgentPeriod
from services.resources.events.wanted import NoticeManner
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import DomainError
from tests.resources.world import AREA, CITY, DIGEST, HQ, OFF, REGION, SYS, Town, at, money, stocked_town

ICP = Signature("B.ICP", ("ICP",), AREA, 3)
OTHER_HQ = Signature("B.HQ2", ("HQ",), AREA, 3)
LINE = (AREA, CITY, REGION)
DECLARED = "150000.alerts:7"
PHOTO = DIGEST


def request(requisition: str = "RE-1", **changed: Any) -> c.RequestRequisition:
    said: dict[str, Any] = {"requisition": requisition, "subject": "OW-1", "item": "boat TEST-BOAT-1", "basis": "FCL-45"}
    said |= {"incident": "INC-1", "value": money("30000"), "purpose": "requisition", "line": LINE}
    return c.RequestRequisition(**{"by": OFF, "now": at("16:20")} | said | changed)


def approve(requisition: str = "RE-1", **changed: Any) -> c.ApproveRequisition:
    return c.ApproveRequisition(**{"by": HQ, "now": at("16:26"), "requisition": requisition} | changed)


def serve(requisition: str = "RE-1", **changed: Any) -> c.ServeNotice:
    return c.ServeNotice(**{"by": SYS, "now": at("16:26"), "requisition": requisition, "manner": NoticeManner.IN_APP} | changed)


def take(requisition: str = "RE-1", **changed: Any) -> c.RecordTaking:
    return c.RecordTaking(**{"by": ICP, "now": at("16:50"), "requisition": requisition, "condition": "good"} | changed)


def take_orally(requisition: str = "RE-1", **changed: Any) -> c.TakeOrally:
    said: dict[str, Any] = {"requisition": requisition, "subject": "OW-1", "item": "boat TEST-BOAT-1", "basis": "ERL-12"}
    said |= {"incident": "INC-1", "value": money("30000"), "purpose": "requisition", "line": LINE, "condition": "good"}
    said |= {"ordered_by": "B.HQ", "necessity": "people on a roof, no other boat, the water rises"}
    return c.TakeOrally(**{"by": ICP, "now": at("16:50")} | said | changed)


def paper(requisition: str = "RE-1", **changed: Any) -> c.PaperRequisition:
    return c.PaperRequisition(**{"by": HQ, "now": at("09:00", 19), "requisition": requisition} | changed)


def borrow(requisition: str = "RE-1", **changed: Any) -> c.BorrowProperty:
    said: dict[str, Any] = {"requisition": requisition, "subject": "OW-1", "item": "boat TEST-BOAT-1", "incident": "INC-1"}
    said |= {"value": money("30000"), "purpose": "requisition", "condition": "good", "line": LINE}
    return c.BorrowProperty(**{"by": ICP, "now": at("16:50")} | said | changed)


def give_back(requisition: str = "RE-1", **changed: Any) -> c.ReturnProperty:
    said: dict[str, Any] = {"requisition": requisition, "days": 2, "condition": "hull damaged", "damage": money("650.0"), "claim": "CL-R"}
    return c.ReturnProperty(**{"by": ICP, "now": at("17:00", 20)} | said | changed)


def lose(requisition: str = "RE-1", **changed: Any) -> c.DeclareLoss:
    return c.DeclareLoss(**{"by": ICP, "now": at("17:00", 20), "requisition": requisition, "reason": "it sank"} | changed)


def revoke(requisition: str = "RE-1", **changed: Any) -> c.RevokeRequisition:
    return c.RevokeRequisition(**{"by": HQ, "now": at("12:00", 19), "requisition": requisition, "reason": "no more needed"} | changed)


def period(division: str = AREA, power: str = "FCL-45", until: datetime | None = None, **changed: Any) -> NoteUrgentPeriod:
    said: dict[str, Any] = {"period": f"{power}.{division}", "division": division, "powers": (power,), "source": DECLARED}
    return NoteUrgentPeriod(**{"by": SYS, "now": at("16:24"), "until": until or at("20:00", 20)} | said | changed)


def open_town(type: str = "NAT.DAM") -> Town:
    town = stocked_town()
    town.do(NoteSupplyIncident(by=SYS, now=at("14:00"), incident="INC-1", division=AREA, type=type))
    return town


def requested(**changed: Any) -> Town:
    town = open_town()
    town.do(request(**changed))
    return town


def served(**changed: Any) -> Town:
    town = requested(**changed)
    town.do(period())
    town.do(approve())
    town.do(serve())
    return town


def taken(**changed: Any) -> Town:
    town = served(**changed)
    town.do(take())
    return town


def refused(town: Town, command: Command, kind: type[DomainError], rule: str) -> str:
    """Refused under the rule; its cure."""
    with pytest.raises(kind) as refusal:
        town.do(command)
    assert refusal.value.rule == rule, refusal.value.failures
    return refusal.value.cure
