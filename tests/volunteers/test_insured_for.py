"""Insurance is looked at for the task: what class of risk covers it, and whether its territory is a place (domain SV-05, 3.19)."""

from __future__ import annotations

import pytest

from services.volunteers.deciders.callups.commands import DepartForHost
from services.volunteers.deciders.insurance.cover import RISK, insures
from services.volunteers.deciders.people.commands import Hazard
from services.volunteers.events.validity import Cover
from services.volunteers.events.volunteer import VolunteerCoverNoted
from shared.kernel.errors import RuleBroken
from tests.volunteers.callup_world import BANNER, RULES, Stage, at, vol, volunteer
from tests.volunteers.mended_world import accept, offer, refused
from tests.volunteers.test_people_insurance import past, record


def covered(risk: str) -> Stage:
    stage = Stage()
    volunteer(stage, "V-A", insured=False)
    cover = Cover("POL-1", at("00:00", 1), at("23:59", 30), BANNER, risk)
    stage.has("volunteer-V-A", VolunteerCoverNoted("V-A", cover, at("10:00")))
    return stage


@pytest.mark.parametrize(
    ("risk", "hazard", "failures"),
    [
        ("rescue", Hazard.FOREST_FIRE, []),
        ("support", Hazard.FOREST_FIRE, ["ERL-40.1"]),
        ("office work only", Hazard.FOREST_FIRE, ["ERL-40.1"]),
        ("support", None, []),
    ],
)
def test_the_gate_asks_whether_the_task_is_insured(risk: str, hazard: Hazard | None, failures: list[str]) -> None:
    stage = covered(risk)
    offer(stage, volunteers=("V-A",), hazard=hazard)
    told = accept(stage)
    assert told["failures"] == failures
    if failures:
        assert "POL-1" in told["cures"][0] and "FOREST_FIRE" in told["cures"][0]
        refused(stage, DepartForHost(by=vol("V-A"), now=at("19:20"), call_up="CU-1"), RuleBroken, "ERL-40.1")


def test_a_class_covers_skills_of_its_list_alone() -> None:
    classes = RULES.value(RISK)
    assert insures("support", classes, "", ("cooking",)) and not insures("support", classes, "", ("cooking", "boat"))
    assert insures("rescue", classes, "", ("boat",)) and not insures("office work only", classes, "", ("boat",))


def test_a_policy_names_a_class_and_a_place_that_there_are() -> None:
    error = past().when(record(risk="office work only", nowhere=True)).refused(RuleBroken, RISK)
    assert [fault.field for fault in error.failures] == ["risk", "territory"]
