"""A unit's own report is awaited before anything of it came, and nobody is blamed who reported, or has no unit (PSIR art. 9, IR-10)."""

from __future__ import annotations

from typing import Any

import pytest

from services.alerts.deciders.incidents.commands import AwaitUnitReport, ClassifyIncident, DismissIncident, MergeIncidents
from services.alerts.deciders.reports.commands import AttachReport
from services.alerts.events.incident import IncidentType, UnitReportAwaited
from services.alerts.events.scales import EventGrade
from tests.alerts.command.clock_rows import CLASS_A, FOUND_ABOVE, UNIT
from tests.alerts.command.incidents import OFF
from tests.alerts.command.reporting import TIMER, submit
from tests.alerts.command.town import VERIFIED, Town, registered
from tests.alerts.world import at

LATE = "late-incident-INC-1"
TYPE = IncidentType


def running(town: Town, incident: str = "INC-1") -> set[str]:
    return {"K-10", "K-14"}.intersection(town.state(f"incident-{incident}").running())


def as_type(type: IncidentType) -> ClassifyIncident:
    return ClassifyIncident(by=OFF, now=at("14:10"), incident="INC-1", type=type, grade=EventGrade.LARGER, basis="as seen")


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
    false = Town(registered(TYPE.MINE), DismissIncident(by=OFF, now=at("14:00"), incident="INC-1", reason="nothing there"))
    assert running(false) == set()
    assert false.do(AwaitUnitReport(by=TIMER, now=at("14:10"), incident="INC-1")).events == []
