"""When an incident is said to have become known, whether it was told before, and how a deadline shows that it was met late."""

from __future__ import annotations

import pytest

from services.alerts.deciders.incidents.commands import ClassifyIncident, VerifyIncident
from services.alerts.deciders.incidents.incident import INCIDENT
from services.alerts.events.incident import IncidentClockMet, IncidentRegistered, IncidentType
from services.alerts.events.scales import EventGrade
from services.alerts.events.task import TaskAssigned
from services.alerts.projections.clocks import CLOCK, ClockBoard
from shared.kernel.events import type_of
from shared.testing.spec import given
from tests.alerts.command.incidents import OFF, register
from tests.alerts.command.town import Town, registered
from tests.alerts.projections.test_board import Rows
from tests.alerts.world import RULES, at
from tests.support import Post, started

DUTY = Post("B.DUTY", "EMD.duty")
LONG_AGO = at("13:50").replace(year=1921)


def flags(**said):
    return list(given(INCIDENT, rules=RULES).when(register(**said)).then_types(IncidentRegistered).flags)


def test_what_is_registered_late_is_taken_and_said_to_be():
    assert (flags(), flags(clock="14:20"), flags(clock="14:21")) == ([], [], ["A-LATE"])


@pytest.mark.parametrize("name", ["known_at", "occurred_at"])
def test_a_time_long_ago_is_kept_and_looked_at_and_no_duty_runs_from_it(name):
    made = Town(registered(IncidentType.HAZCHEM, **{name: LONG_AGO}))
    fact = made.facts(IncidentRegistered)[0]
    assert (getattr(fact, name), fact.doubts) == (LONG_AGO, (name,))
    assert "Q-TRIAGE" in flags(**{name: LONG_AGO})
    made.do(VerifyIncident(by=OFF, now=at("13:58"), incident="INC-1"))
    made.do(ClassifyIncident(by=OFF, now=at("14:00"), incident="INC-1", grade=EventGrade.MAJOR, basis="PSIR-3"))
    assert min(due.since for due in made.state("incident-INC-1").clocks.open()) == at("13:52")
    assert [(one.kind, one.text) for one in made.facts(TaskAssigned) if one.kind == "check_times"] == [("check_times", name)]


def test_a_time_within_the_month_is_believed():
    made = Town(registered(known_at=at("13:50", 1), occurred_at=None))
    assert made.state("incident-INC-1").clocks.get("respond").since == at("13:50", 1)


@pytest.mark.parametrize(("clock", "how"), [("14:10", "met"), ("23:50", "late")])
def test_a_deadline_met_after_it_passed_says_so(clock, how):
    made, rows = Town(registered()), Rows()
    made.keep("incident-INC-1", met := IncidentClockMet("INC-1", ("report",), "report-RP-1", at(clock)))
    for fact in (made.facts(IncidentRegistered)[0], met):
        ClockBoard().apply(rows, fact, made.envelope("incident-INC-1", type_of(fact), at(clock)))
    assert (rows.get(CLOCK, "incident-INC-1", "report") or {}).get("how") == how


def test_the_same_words_at_the_same_time_are_the_same_incident(tmp_path):
    told = {"type": "NAT.FLOOD", "division": "150722", "text": "Water  over the bridge"}
    with started(tmp_path / "data", "--story-clock") as node:

        def begin(incident, clock="13:52", **more):
            sent = node.post("/api/alerts/incidents", DUTY, told | {"incident": incident} | more, Ortoo_At=f"2021-07-18T{clock}:00+08:00")
            assert sent.status_code == 201, sent.text
            return sent.json()["incident"] if sent.json().get("outcome") == "linked" else incident

        assert [begin("INC-1"), begin("INC-2", text="water over the bridge")] == ["INC-1", "INC-1"]
        assert begin("INC-3", separate="the other bridge") == "INC-3"
        assert begin("INC-4", text="water in the mill") == "INC-4"
        assert [begin("INC-5", text=""), begin("INC-6", text="")] == ["INC-5", "INC-6"]
        assert begin("INC-7", "15:00") == "INC-7"
