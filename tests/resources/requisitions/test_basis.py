"""The whole table of what a requisition may rest on: which organ, which incident, what must be open (RQ-02)."""

from __future__ import annotations

from typing import Any

import pytest

from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.deciders.requisitions.basis import BASIS
from services.resources.events.urgent import UrgentPeriodNoted
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken
from tests.resources.requisitions.taken import (
    DECLARED,
    LINE,
    OTHER_HQ,
    approve,
    open_town,
    period,
    refused,
    request,
    requested,
    serve,
    served,
    take,
)
from tests.resources.world import APP, AREA, CITY, DIGEST, GOV, HQ, NEIGHBOUR, REGION, RULES, SYS, Town, at

TABLE = RULES.value(BASIS)
WHY = "people on roofs, nothing else floats"
SIGNERS = {"GOV": GOV, "HQ": HQ, "EMD.approver": APP}


def ready(basis: str) -> tuple[Town, dict[str, Any]]:
    """A town in which this basis holds, and what its approval has to name."""
    row = TABLE[basis]
    town = open_town(row.get("types", ["NAT.DAM"])[0])
    town.do(request(basis=basis))
    if row["precondition"] == "period":
        town.do(period(power=row["power"]))
    named: dict[str, Any] = {"declaration": DIGEST} if row["precondition"] == "declaration" else {}
    return town, named | {"necessity": WHY}


@pytest.mark.parametrize("basis", TABLE)
@pytest.mark.parametrize("role", SIGNERS)
def test_only_the_organ_that_the_law_names_approves(basis: str, role: str):
    town, named = ready(basis)
    command = approve(by=SIGNERS[role], **named)
    if role in TABLE[basis]["roles"]:
        decided = town.do(command)
        assert decided.basis == basis and decided.events[0].basis == basis
    else:
        assert basis in refused(town, command, NotAllowed, "RQ-02")


@pytest.mark.parametrize("basis", TABLE)
def test_a_township_approves_nothing(basis: str):
    town, named = ready(basis)
    low = Signature("T.HQ", tuple(TABLE[basis]["roles"]), "150722106", 4)
    assert "level 1, 2, 3" in refused(town, approve(by=low, **named), NotAllowed, "RQ-02")


@pytest.mark.parametrize("basis", [name for name, row in TABLE.items() if "types" in row])
def test_a_power_for_one_kind_of_incident_is_not_used_in_another(basis: str):
    town = requested(basis=basis)
    command = approve(by=SIGNERS[TABLE[basis]["roles"][0]], necessity=WHY, declaration=DIGEST)
    assert "NAT.DAM" in refused(town, command, RuleBroken, "RQ-02")


@pytest.mark.parametrize(("basis", "what"), [("FCL-45", "flood"), ("DRT-47", "drought")])
def test_without_an_open_period_the_power_is_not_there(basis: str, what: str):
    town = requested(basis=basis)
    closed = f"no urgent {what} period is open"
    assert refused(town, approve(), RuleBroken, "RQ-02") == closed
    town.do(period(power="DRT-47" if basis == "FCL-45" else "FCL-45"))
    assert refused(town, approve(), RuleBroken, "RQ-02") == closed
    town.do(period(NEIGHBOUR, power=basis))
    assert refused(town, approve(), RuleBroken, "RQ-02") == closed


def test_an_earthquake_period_is_shown_by_the_decision_that_declared_it():
    town = open_town("NAT.QUAKE")
    town.do(request(basis="EQE-20"))
    assert "no earthquake emergency period is open" in refused(town, approve(necessity=WHY), RuleBroken, "RQ-02")
    assert refused(town, approve(necessity=WHY, declaration="the mayor said so"), RuleBroken, "PIPL-5")


@pytest.mark.parametrize("division", [AREA, CITY, REGION])
def test_a_period_declared_here_or_above_covers_the_division(division: str):
    town = requested()
    town.do(period(division))
    [fact] = town.do(approve()).events
    assert (fact.precondition, fact.source, fact.necessity) == (f"FCL-45.{division}", DECLARED, f"FCL-45.{division}")


@pytest.mark.parametrize(("now", "open_"), [("19:59", True), ("20:00", False)])
def test_the_power_ends_with_the_period_and_not_a_moment_later(now: str, open_: bool):
    town = requested()
    town.do(period())
    if open_:
        assert town.do(approve(now=at(now, 20))).events
    else:
        assert refused(town, approve(now=at(now, 20)), RuleBroken, "RQ-02")


def test_a_period_that_was_ended_opens_nothing_until_it_is_declared_anew():
    town = requested()
    town.do(period())
    ended = period(open=False, source="150000.alerts:9", powers=())
    [fact] = town.do(ended).events
    assert isinstance(fact, UrgentPeriodNoted) and not fact.open and fact.source == DECLARED
    assert not town.do(ended).events
    assert refused(town, approve(), RuleBroken, "RQ-02") == "no urgent flood period is open"
    town.do(period(source="150000.alerts:12", until=at("20:00", 25)))
    assert town.do(approve(now=at("09:00", 21))).events


def test_a_period_told_twice_is_noted_once_and_an_end_of_nothing_changes_nothing():
    town = open_town()
    assert not town.do(period(open=False)).events
    assert len(town.do(period()).events) == 1
    assert not town.do(period()).events


def test_of_two_periods_it_rests_on_the_one_that_is_open():
    town = requested()
    town.do(period(until=at("16:25")))
    town.do(period(CITY, source="150000.alerts:8"))
    assert town.do(approve()).events[0].source == "150000.alerts:8"


def test_the_power_is_asked_for_again_when_the_property_is_taken():
    assert refused(served(), take(now=at("20:00", 20)), RuleBroken, "RQ-02") == "no urgent flood period is open"
    town = served()
    town.do(NoteSupplyIncident(by=SYS, now=at("16:30"), incident="INC-1", open=False))
    assert "INC-1 is not open" in refused(town, take(), RuleBroken, "incident.open")


def test_what_rests_on_a_declared_emergency_is_taken_while_its_incident_is_open():
    town, named = ready("EQE-20")
    town.do(approve(**named))
    town.do(serve())
    assert town.do(take()).events


@pytest.mark.parametrize(("item", "kind"), [("house on the hill", "equipment"), ("two yurts", None), ("boat of the orphanage.", "boat")])
def test_a_kind_that_is_named_takes_no_protection_away(item: str, kind: str | None):
    assert open_town().do(request(item=item, kind=kind)).answer == {"two_persons": True}


def test_what_belongs_to_the_troops_is_out_of_scope_under_any_name():
    assert refused(open_town(), request(item="military truck", kind="vehicle"), RuleBroken, "RQ-01")
    assert refused(open_town(), request(item="车 TEST-1", model="军车"), RuleBroken, "RQ-01")


def test_who_asked_is_not_the_second_person_either():
    town = open_town()
    town.do(request(item="蒙古包", by=OTHER_HQ))
    town.do(period())
    assert refused(town, approve(cosigner=OTHER_HQ), NotAllowed, "two.persons")


def test_no_power_is_used_for_an_incident_that_is_over():
    town = requested()
    town.do(period())
    town.do(NoteSupplyIncident(by=SYS, now=at("16:25"), incident="INC-1", open=False))
    assert refused(town, approve(), RuleBroken, "incident.open")


def test_without_a_declared_period_the_need_is_said_in_words():
    town = requested(basis="ERL-12")
    assert refused(town, approve(), RuleBroken, "ERL-12")
    assert town.do(approve(necessity=WHY)).events[0].necessity == WHY
    town.do(request("RE-2", basis="ERL-12", necessity=WHY))
    assert town.do(approve("RE-2")).events[0].necessity == WHY


def test_who_asked_does_not_approve():
    town = open_town()
    town.do(request(by=HQ))
    town.do(period())
    assert refused(town, approve(), NotAllowed, "two.persons")


@pytest.mark.parametrize(
    ("item", "kind"),
    [("蒙古包一座", "dwelling"), ("house of OW-1", "dwelling"), ("winter grain, a necessity", "necessity"), ("town orphanage", "welfare")],
)
def test_homes_and_what_people_live_on_are_taken_by_two(item: str, kind: str):
    town = open_town()
    decided = town.do(request(item=item))
    assert decided.events[0].wanted.kind == kind and decided.answer == {"two_persons": True}
    town.do(period())
    assert refused(town, approve(), NotAllowed, "two.persons")
    assert refused(town, approve(cosigner=HQ), NotAllowed, "two.persons")
    assert refused(town, approve(cosigner=APP), NotAllowed, "RQ-02")
    second = Signature("B.HQ2", ("HQ",), AREA, 3)
    assert town.do(approve(cosigner=second)).events[0].second == "B.HQ2"


@pytest.mark.parametrize("line", [LINE, ()])
def test_without_a_line_the_own_division_is_looked_at(line: tuple[str, ...]):
    town = requested(line=line)
    town.do(period())
    assert town.do(approve()).events
