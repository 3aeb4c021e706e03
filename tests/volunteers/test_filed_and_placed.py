"""Filings, zones and arrivals say what is wrong; the register knows who is of age (domain 3.16, 3.18)."""

from __future__ import annotations

from typing import Any

import pytest

from services.volunteers.deciders.callups.arriving import RegisterSelfArrival
from services.volunteers.deciders.callups.commands import RegisterZone
from services.volunteers.deciders.forces.commands import ApplyFiling, Discipline, UpdateRoster
from services.volunteers.events.validity import Member
from shared.kernel.commands import Code, Signature
from shared.kernel.errors import RuleBroken
from tests.volunteers.callup_world import ICP, LEAD, NEXT_BANNER, Stage, at, force, volunteer
from tests.volunteers.mended_world import refused

LEADER = Signature("TL.1", ("TEAM",), NEXT_BANNER, 3)


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    volunteer(made, "V-A")
    volunteer(made, "V-E", adult=False)
    force(made, "SF-1", NEXT_BANNER, "TL.1", ("M-11", "M-12"), "2021-12-31T23:59:59+08:00")
    return made


def filing(**changed: Any) -> ApplyFiling:
    said: dict[str, Any] = {"name": "Test Team", "disciplines": (Discipline.WATER,), "home": Code(NEXT_BANNER), "leader": "TL.1"}
    said |= {"registration": "R-1", "self_sufficiency_days": 3, "contact_24h": True}
    return ApplyFiling(**{"by": LEADER, "now": at("10:00"), "force": "SF-9", **said, **changed})


def test_days_are_not_below_zero(stage: Stage) -> None:
    refused(stage, filing(self_sufficiency_days=-3), RuleBroken, "force.numbers")


def test_the_register_says_who_is_of_age_where_the_force_does_not(stage: Stage) -> None:
    stage.do(UpdateRoster(by=LEADER, now=at("10:00"), force="SF-1", members=(Member("V-A"),)))
    assert stage.state("force-SF-1").members == (Member("V-A", adult=True),)
    refused(stage, UpdateRoster(by=LEADER, now=at("10:00"), force="SF-1", members=(Member("V-E"),)), RuleBroken, "ERL-39.2")
    refused(stage, UpdateRoster(by=LEADER, now=at("10:00"), force="SF-1", members=(Member("M-1"),)), RuleBroken, "ERL-39.2")
    stage.do(filing(members=(Member("V-A"),)))
    assert stage.state("force-SF-9").members == (Member("V-A", adult=True),)


@pytest.mark.parametrize("name", ["call zhang@example.org", "0470-8218888", "ring 0470 8218888 first"])
def test_a_zone_is_named_by_its_place(stage: Stage, name: str) -> None:
    refused(stage, RegisterZone(by=ICP, now=at("10:00"), zone="Z-1", cap=0, name=name), RuleBroken, "PIPL-5")
    refused(stage, RegisterZone(by=ICP, now=at("10:00"), zone="Z-1", cap=0, name=name), RuleBroken, "zone.capacity")
    stage.do(RegisterZone(by=ICP, now=at("10:00"), zone="Z-1", cap=5, name="dike 12, section 0470"))


def test_who_is_sent_to_no_zone_is_told_why(stage: Stage) -> None:
    def arrive(name: str, zone: str) -> Any:
        return stage.do(RegisterSelfArrival(by=LEAD, now=at("10:00"), volunteer=name, incident="INC-1", zone=zone)).answer

    assert "unknown" in arrive("V-1", "Z-9")["zone_why"]
    stage.do(RegisterZone(by=ICP, now=at("10:00"), zone="Z-1", cap=1))
    assert arrive("V-2", "Z-1") == {"missing": ["adult", "insurance", "training", "risk_text"], "zone": "Z-1"}
