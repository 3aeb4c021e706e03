"""A unit's own report is awaited before anything of it came, and nobody is blamed who reported, or has no unit (PSIR art. 9, IR-10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.alerts.deciders.incidents.commands import (
    AwaitUnitReport,
    ClassifyIncident,
    DismissIncident,
    MergeIncidents,
    ReopenIncident,
)
from services.alerts.deciders.reports.commands import AttachReport
from services.alerts.events.incident import IncidentType, UnitReportAwaited
from services.alerts.events.report import ReportKind, ReportSubmitted
from services.alerts.events.scales import EventGrade
from shared.kernel.commands import Signature
from tests.alerts.command.clock_rows import CLASS_A, FOUND_ABOVE, HEALTH, UNIT
from tests.alerts.command.incidents import OFF
from tests.alerts.command.reporting import TIMER, submit
from tests.alerts.command.town import VERIFIED, Town, registered
from tests.alerts.world import at

LATE = "late-incident-INC-1"
TYPE = IncidentType
TEAM = Signature("TL.1", ("TEAM.leader",), "150722106", 4)
CHA = Signature("CHA.1", ("CHA",), "150722106", 4)
ELSEWHERE = Signature("ENT.2", ("ENT.mine",), "150723", 3)
DISMISSED = DismissIncident(by=OFF, now=at("14:00"), incident="INC-1", reason="nothing there")
NOT_THE_UNITS: dict[str, dict[str, Any]] = {
    "a team": {"by": TEAM},
    "a charity": {"by": CHA},
    "elsewhere": {"by": ELSEWHERE, "line": (("150723", 3), ("150700", 2))},
    "nothing new": {"kind": ReportKind.ZERO},
    "after another's": {"supersedes": "RP-1"},
}


def running(town: Town, incident: str = "INC-1") -> set[str]:
    return {"K-10", "K-14"}.intersection(town.state(f"incident-{incident}").running())


def as_type(type: IncidentType, clock: str = "14:10") -> ClassifyIncident:
    return ClassifyIncident(by=OFF, now=at(clock), incident="INC-1", type=type, grade=EventGrade.LARGER, basis="as seen")


@pytest.mark.parametrize("type", IncidentType)
def test_it_is_awaited_where_there_is_a_unit_and_nowhere_else(type: IncidentType) -> None:
    assert running(Town(registered(type))) == ({"K-10"} if type in (TYPE.MINE, TYPE.HAZCHEM, TYPE.UTILITY) else set())


def test_what_the_administration_reports_meets_nothing_of_the_units() -> None:
    town = Town(registered(TYPE.MINE), submit(incident="INC-1", type=None))
    assert running(town) == {"K-10"}
    town.until(at("14:50"))
    assert f"{LATE}.K-10" in town.open_work()


def test_who_reported_before_the_incident_was_known_is_not_asked_again() -> None:
    early = submit("RP-0", clock="13:51", **UNIT | {"incident": None, "type": "ACC.MINE"})
    town = Town(early, registered(TYPE.MINE, report="RP-0"))
    assert running(town) == set() and "K-10" in town.state("incident-INC-1").met
    told = Town(registered(TYPE.FLOOD), submit("RP-9", **UNIT), VERIFIED, as_type(TYPE.MINE))
    assert running(told) == set()  # it turned out to be an accident


def test_a_report_that_is_attached_later_meets_it() -> None:
    town = Town(registered(TYPE.MINE), submit("RP-0", **UNIT | {"incident": None, "type": "ACC.MINE"}))
    town.do(AttachReport(by=TIMER, now=at("14:20"), report="RP-0", incident="INC-1"))
    assert running(town) == set()


def test_another_type_asks_for_it_or_no_longer() -> None:
    town = Town(registered(TYPE.FLOOD), VERIFIED)
    assert running(town) == set()
    town.do(as_type(TYPE.MINE))
    assert town.state("incident-INC-1").clocks.get("K-10").due_at == at("14:50")
    town.do(as_type(TYPE.HAZCHEM))
    assert running(town) == {"K-10"}
    town.until(at("14:50"))
    assert f"{LATE}.K-10" in town.open_work()
    town.do(as_type(TYPE.TRAFFIC))
    assert running(town) == set() and f"{LATE}.K-10" not in town.open_work()


def test_a_class_a_disease_asks_once_and_only_a_report_that_says_so_meets_it() -> None:
    town = Town(registered(TYPE.EPIDEMIC), FOUND_ABOVE)
    assert running(town) == {"K-14"}
    town.do(submit("RP-2", clock="14:10", incident="INC-1", type=None, situations=CLASS_A, supersedes="RP-1"))
    assert len(town.facts(UnitReportAwaited)) == 1
    town.do(submit("RP-8", clock="14:20", **UNIT))
    assert running(town) == {"K-14"}
    town.do(submit("RP-9", clock="14:30", **UNIT, situations=CLASS_A))
    assert running(town) == set()


def test_it_goes_with_the_incident() -> None:
    town = Town(registered(TYPE.MINE), registered(TYPE.MINE, incident="INC-2"))
    town.do(MergeIncidents(by=OFF, now=at("14:00"), incident="INC-2", into="INC-1", reason="the same mine"))
    assert (running(town), running(town, "INC-2")) == ({"K-10"}, set())
    late: dict[str, Any] = UNIT | {"incident": "INC-2"}
    town.do(submit("RP-9", clock="14:30", **late))  # under the old name
    assert running(town) == set()
    false = Town(registered(TYPE.MINE), DISMISSED)
    assert running(false) == set()
    assert false.do(AwaitUnitReport(by=TIMER, now=at("14:10"), incident="INC-1")).events == []


@pytest.mark.parametrize("who", NOT_THE_UNITS)
@pytest.mark.parametrize("attached", [False, True])
def test_a_report_that_is_not_the_units_meets_nothing_whenever_it_comes(who: str, attached: bool) -> None:
    said = UNIT | {"incident": None if attached else "INC-1", "type": "ACC.MINE"} | NOT_THE_UNITS[who]
    first = submit(incident="INC-1", type=None, clock="13:55")
    town = Town(registered(TYPE.MINE), first, submit("RP-9", clock="13:57", **said))
    if attached:
        town.do(AttachReport(by=TIMER, now=at("14:00"), report="RP-9", incident="INC-1"))
    assert running(town) == {"K-10"}
    early = Town(registered(TYPE.FLOOD), first, submit("RP-9", clock="13:57", **said), VERIFIED)
    if attached:
        early.do(AttachReport(by=TIMER, now=at("14:00"), report="RP-9", incident="INC-1"))
    early.do(as_type(TYPE.MINE))
    assert running(early) == {"K-10"}


@pytest.mark.parametrize("who", NOT_THE_UNITS)
def test_a_class_a_disease_that_others_report_is_awaited_of_the_unit(who: str) -> None:
    said = {**UNIT, "situations": CLASS_A, **NOT_THE_UNITS[who]}
    first = submit(incident="INC-1", type=None, clock="13:55")
    assert running(Town(registered(TYPE.EPIDEMIC), first, submit("RP-9", clock="13:57", **said))) == {"K-14"}


def test_what_was_reported_before_that_was_noted_is_the_units_by_its_organ() -> None:
    town = Town(registered(TYPE.FLOOD), submit("RP-9", **UNIT), VERIFIED)
    town.past["report-RP-9"] = [replace(one, unit=None) if isinstance(one, ReportSubmitted) else one for one in town.past["report-RP-9"]]
    town.do(as_type(TYPE.MINE))
    assert running(town) == set()


def test_a_class_a_disease_is_not_forgotten_while_its_incident_is_of_another_type() -> None:
    said: dict[str, Any] = {"by": HEALTH, "incident": "INC-1", "type": "PH.EPIDEMIC", "situations": CLASS_A}
    first = submit("RP-1", clock="13:59", known_at=at("13:55"), **said)
    again = submit("RP-2", clock="14:05", known_at=at("14:01"), supersedes="RP-1", **said)
    town = Town(registered(TYPE.FLOOD), VERIFIED, submit("RP-0", incident="INC-1", type=None, clock="13:58"), first, again)
    for type, owed in ((TYPE.EPIDEMIC, {"K-14"}), (TYPE.FLOOD, set()), (TYPE.EPIDEMIC, {"K-14"})):
        town.do(as_type(type))
        assert running(town) == owed
        assert not owed or town.state("incident-INC-1").clocks.get("K-14").due_at == at("15:55")
    town.do(submit("RP-9", clock="14:30", **UNIT, situations=CLASS_A))
    assert running(town) == set()


def test_an_incident_that_goes_on_awaits_it_as_before_unless_it_came_meanwhile() -> None:
    again = ReopenIncident(by=OFF, now=at("14:20"), incident="INC-1", reason="it is true")
    town = Town(registered(TYPE.MINE), DISMISSED, again)
    assert running(town) == {"K-10"} and town.state("incident-INC-1").clocks.get("K-10").due_at == at("14:50")
    assert running(Town(registered(TYPE.MINE), DISMISSED, submit("RP-9", clock="14:10", **UNIT), again)) == set()
    assert running(Town(registered(TYPE.EPIDEMIC), FOUND_ABOVE, DISMISSED, again)) == {"K-14"}


def test_an_accident_that_is_found_to_be_one_late_was_owed_since_it_was_known_and_is_work_at_once() -> None:
    town = Town(registered(TYPE.FLOOD), VERIFIED, as_type(TYPE.MINE, "19:00"))
    assert town.state("incident-INC-1").clocks.get("K-10").due_at == at("14:50")
    town.until(at("19:00"))
    assert f"{LATE}.K-10" in town.open_work()
    town.do(as_type(TYPE.TRAFFIC, "19:10"))
    assert f"{LATE}.K-10" not in town.open_work()
