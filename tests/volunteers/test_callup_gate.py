"""The gate before a departure: what stands against it is told at once, whatever it is, and a host is waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.volunteers.deciders.callups.commands import (
    AcceptHostCommand,
    AnswerCallUp,
    DepartForHost,
)
from services.volunteers.deciders.callups.gate import CHECKS, GATE
from services.volunteers.events.callup import Answer
from services.volunteers.events.validity import Cover
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
    stage.do(replace(OFFER, hazard=hazard))
    assert stage.do(answer("V-A")).answer["failures"] == ([rule] if rule else [])


def test_the_risk_statement_is_accepted_in_the_version_that_holds(stage):
    stage.do(replace(OFFER, risk_text=2, quota=2))
    assert stage.do(answer("V-A", risk_text=1)).answer["failures"] == ["VSR-12"]
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
