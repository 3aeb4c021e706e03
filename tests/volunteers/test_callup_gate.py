"""The gate before a departure: what stands against it is told at once, whatever it is, and a host is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.volunteers.deciders.callups.commands import (
    AcceptHostCommand,
    AnswerCallUp,
    DepartForHost,
)
from services.volunteers.deciders.callups.gate import CHECKS, GATE
from services.volunteers.deciders.people.commands import Hazard
from services.volunteers.events.callup import Answer
from services.volunteers.events.force import Gear, RosterUpdated
from services.volunteers.events.membership import MembershipConfirmed
from services.volunteers.events.validity import Cover, Member
from services.volunteers.events.volunteer import FitnessSet, VolunteerCoverNoted
from shared.kernel.errors import RuleBroken, WrongState
from tests.volunteers.callup_world import (
    CITY,
    CITY_HQ,
    ICP,
    LEADER1,
    NEXT_BANNER,
    RULES,
    Stage,
    at,
    force,
    volunteer,
)
from tests.volunteers.test_callup_refusals import LATER, OFFER, answer, refused


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    for name in ("V-A", "V-B"):
        volunteer(made, name)
    force(made, "SF-1", NEXT_BANNER, "TL.1", ("M-11", "M-12"), LATER)
    return made


@pytest.mark.parametrize(
    ("spoilt", "wanted"),
    [
        ({"adult": None}, ["ERL-39.2"]),
        ({"insured": False}, ["ERL-40.1"]),
        ({"trained": False}, ["PSER-11"]),
        ({"fit": None}, ["PSER-11"]),
        ({"fit": False}, ["PSER-11"]),
        ({"insured": False, "trained": False, "fit": False}, ["ERL-40.1", "PSER-11"]),
    ],
)
def test_everything_that_stands_against_a_departure_is_told_with_the_acceptance(stage, spoilt, wanted):
    volunteer(stage, "V-X", **spoilt)
    stage.do(replace(OFFER, volunteers=("V-X",)))
    told = stage.do(answer("V-X")).answer
    assert told["failures"] == wanted and len(told["cures"]) >= len(wanted)


@pytest.mark.parametrize(("hazard", "rule"), [("GRASS_FIRE", "GFR-31.2"), ("FOREST_FIRE", "FFR-35"), ("", None)])
def test_the_law_keeps_some_away_from_fires(stage, hazard, rule):
    stage.has("volunteer-V-A", FitnessSet("V-A", True, ("GRASS_FIRE", "FOREST_FIRE"), True, "V-A", at("10:00")))
    stage.do(replace(OFFER, hazard=Hazard(hazard) if hazard else None))
    assert stage.do(answer("V-A")).answer["failures"] == ([rule] if rule else [])


def members(stage: Stage, **changed) -> None:
    """The roster anew, with M-12 changed."""
    roster = (Member("M-11", None, True, True), replace(Member("M-12", None, True, True), **changed))
    stage.has("force-SF-1", RosterUpdated("SF-1", roster, "TL.1", "TL.1", at("10:00")))


def accepted(stage: Stage) -> Mapping[str, Any]:
    stage.do(replace(OFFER, volunteers=(), force="SF-1"))
    told = stage.do(AnswerCallUp(by=LEADER1, now=at("19:05"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1)).answer
    assert told is not None
    return told


def test_a_force_brings_nobody_of_whom_it_said_that_they_are_not_fit(stage):
    members(stage, fit=False)
    told = accepted(stage)
    assert told["failures"] == ["PSER-11"] and told["cures"][0].startswith("M-12; ")


def test_nor_who_said_so_of_themself(stage):
    volunteer(stage, "M-12", fit=False)
    stage.has("volunteer-M-12", MembershipConfirmed("M-12", "SF-1", True, "M-12", at("10:00")))
    assert accepted(stage)["failures"] == ["PSER-11"]


@pytest.mark.parametrize("fit", [None, True])
def test_of_a_member_nobody_need_say_that_they_are_fit(stage, fit):
    members(stage, fit=fit)
    assert accepted(stage)["failures"] == []


@pytest.mark.parametrize(
    ("kind", "sets", "wanted"),
    [("social", 0, []), ("professional", 0, ["ERL-40.1"]), ("professional", 1, ["ERL-40.1"]), ("professional", 2, [])],
)
def test_teams_of_authorities_have_protective_gear_for_everybody_who_goes(stage, kind, sets, wanted):
    stage.states["force-SF-1"] = replace(stage.state("force-SF-1"), kind=kind, gear=(Gear("protective_set", sets),))
    assert accepted(stage)["failures"] == wanted


def test_all_that_stands_against_a_force_is_told_at_once(stage):
    members(stage, fit=False, trained=False, adult=None)
    stage.states["force-SF-1"] = replace(stage.state("force-SF-1"), kind="professional", covers=())
    told = accepted(stage)
    assert told["failures"] == ["ERL-39.2", "ERL-40.1", "PSER-11"] and len(told["cures"]) == 5
    assert "protective_set 0 of 2; record the gear (UpdateGear), or go with fewer" in told["cures"]


def test_the_risk_statement_is_accepted_in_the_version_that_holds(stage):
    stage.do(replace(OFFER, quota=2))
    assert stage.do(answer("V-A", risk_text=2)).answer["failures"] == ["VSR-12"]
    assert stage.do(answer("V-B", risk_text=None)).answer["failures"] == ["VSR-12"]


def test_the_skills_of_the_task_are_asked_for(stage):
    stage.do(replace(OFFER, skills=("boat",)))
    assert stage.do(answer("V-A")).answer["failures"] == ["VSR-15"]


def test_a_cover_for_another_place_is_none(stage):
    stage.do(replace(OFFER, by=CITY_HQ, place=CITY))
    told = stage.do(answer("V-A")).answer
    assert told["failures"] == ["ERL-40.1"] and told["gap"] == "2021-07-19"


def test_covers_that_follow_each_other_are_one_and_the_last_day_counts(stage):
    volunteer(stage, "V-X", insured=False)
    for policy, since, until in (("POL-1", "00:00", at("23:59", 19) + timedelta(seconds=59)), ("POL-2", None, at("20:00", 20))):
        begins = at(since, 18) if since else at("00:00", 20)
        stage.has("volunteer-V-X", VolunteerCoverNoted("V-X", Cover(policy, begins, until, CITY, "rescue"), at("10:00")))
    stage.do(replace(OFFER, volunteers=("V-X",)))
    assert stage.do(answer("V-X")).answer["failures"] == []


def test_a_team_from_elsewhere_waits_for_the_host(stage):
    stage.do(replace(OFFER, volunteers=(), force="SF-1"))
    stage.do(AnswerCallUp(by=LEADER1, now=at("19:05"), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1))
    go = DepartForHost(by=LEADER1, now=at("19:10"), call_up="CU-1")
    refused(stage, go, RuleBroken, "ERL-39.3")
    stage.do(AcceptHostCommand(by=ICP, now=at("19:12"), call_up="CU-1"))
    assert not stage.do(AcceptHostCommand(by=ICP, now=at("19:13"), call_up="CU-1")).events
    stage.do(replace(go, now=at("19:15")))
    refused(stage, replace(go, now=at("19:16")), WrongState, "callup.life")


def test_every_row_of_the_gate_has_its_check_and_every_check_its_row():
    rows = RULES.value(GATE)
    assert {row["check"] for row in rows} == set(CHECKS)
    assert all(row["zh"] and row["en"] and row["cure"] and row["short"] and row["rule"] for row in rows)
