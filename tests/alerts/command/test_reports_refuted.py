"""What a person found untrue: nothing more is awaited of it. A number that does not count makes no emergency a rumour (ERL art. 60, 61)."""

from __future__ import annotations

from typing import Any, cast

import pytest

from services.alerts.api.reading import sees_report
from services.alerts.deciders.incidents.closure import unsure
from services.alerts.deciders.incidents.commands import RegradeIncident
from services.alerts.deciders.reports.commands import AttachReport, SettleReport, TransferReport
from services.alerts.deciders.reports.triage import ResolveTriage
from services.alerts.events.awaited import ReportAskedFurther
from services.alerts.events.report import ReportOverdue, ReportSettled
from services.alerts.events.scales import EventGrade
from services.alerts.events.triage import Finding
from services.alerts.projections import incidents
from shared.kernel.commands import Signature
from shared.web.call import Call
from tests.alerts.command.reporting import WATER, Room, incident, received, submit
from tests.alerts.world import DUTY, SYS, TXW, at
from tests.hosts.alert_work import directory

THERE = "150722100"
MOVED = f"moved.RP-0.{THERE}"


def transferred() -> Room:
    """A report of the public in the hands of another township, which is to confirm that it has it."""
    made = Room()
    made.do(received())
    made.do(TransferReport(by=TXW, now=at("13:55"), report="RP-0", to=THERE, reason="theirs"))
    return made


def resolve(made: Room, triage: str, finding: Finding, clock: str = "14:00") -> None:
    made.do(ResolveTriage(by=DUTY, now=at(clock), triage=triage, finding=finding, reason="asked on the spot"))


def test_of_a_rumour_nothing_is_awaited():
    made = transferred()
    assert ("report-RP-0", "transfer") in made.running
    resolve(made, MOVED, Finding.REFUTED)
    (settled,) = made.facts(ReportSettled)
    assert (settled.report, settled.counted, settled.untrue, settled.stopped) == ("RP-0", False, True, ("transfer",))
    assert not [key for key in made.running if key[0] == "report-RP-0"]
    made.until(at("18:00"))
    assert made.facts(ReportOverdue) == []
    again = SettleReport(by=SYS, now=at("18:01"), report="RP-0", counted=False, untrue=True)
    assert made.do(again).events == []


def test_what_was_chased_before_it_was_found_untrue_is_chased_no_longer():
    made = transferred()
    made.until(at("14:30"))
    assert made.state("task-chase-RP-0.transfer").status == "open"
    resolve(made, MOVED, Finding.REFUTED, "14:40")
    assert made.state("task-chase-RP-0.transfer").status == "done"


def test_a_report_that_is_known_already_is_no_rumour():
    for finding in (Finding.CONFIRMED, Finding.DUPLICATE):
        made = transferred()
        resolve(made, MOVED, finding)
        assert made.facts(ReportSettled) == [] and ("report-RP-0", "transfer") in made.running, finding


def test_who_sends_it_up_all_the_same_stands_by_it():
    made = transferred()
    resolve(made, MOVED, Finding.REFUTED)
    assert made.state("report-RP-0").untrue
    made.do(submit("RP-0", "15:00"))
    assert not made.state("report-RP-0").untrue and ("report-RP-0", "K-17") in made.running


def test_a_number_that_does_not_count_leaves_the_rest_of_its_report_owed():
    """The county's report says one number that is wrong: its incident is none the less graver, and the region hears of it."""
    made = Room()
    made.keep("incident-INC-1", incident())
    made.do(submit(incident="INC-1", numbers={"dead": 1, "missing": 0}))
    made.do(submit("RW-1", by=WATER, incident="INC-1", numbers={"dead": 4, "missing": 0}))
    resolve(made, "doubt.RW-1", Finding.REFUTED, "14:30")
    assert [one.stopped for one in made.facts(ReportSettled)] == [()] and made.state("report-RW-1").refuted
    made.do(RegradeIncident(by=DUTY, now=at("15:00"), incident="INC-1", grade=EventGrade.MAJOR, basis="what was found"))
    assert [asked.report for asked in made.facts(ReportAskedFurther)] == ["RP-1", "RW-1"]


def test_a_units_first_report_that_made_its_incident_counts_once_its_doubt_is_settled():
    room, unit = Room(), Signature("ENT.1", ("ENT.dam",), "150722", 3)
    room.do(submit(by=unit, numbers={"dead": 2, "missing": 0}))
    room.keep("incident-INC-1", incident())
    room.do(AttachReport(by=SYS, now=at("14:10"), report="RP-1", incident="INC-1"))
    room.do(ResolveTriage(by=DUTY, now=at("14:20"), triage="doubt.RP-1", finding=Finding.CONFIRMED))
    book = room.state("figures-INC-1")
    assert (book.entries["dead"]["RP-1"].counts, unsure(book)) == (True, [])


@pytest.mark.parametrize(("finding", "counting"), [(Finding.REFUTED, []), (Finding.CONFIRMED, ["dead", "missing"])])
def test_a_number_that_was_refuted_before_the_report_had_an_incident_does_not_count_there(finding, counting):
    room, unit = Room(), Signature("ENT.1", ("ENT.dam",), "150722", 3)
    room.do(submit(by=unit, numbers={"dead": 2, "missing": 0}))
    room.do(ResolveTriage(by=DUTY, now=at("14:20"), triage="doubt.RP-1", finding=finding, reason="asked"))
    room.keep("incident-INC-1", incident())
    room.do(AttachReport(by=SYS, now=at("14:30"), report="RP-1", incident="INC-1"))
    book = room.state("figures-INC-1")
    assert sorted(metric for metric, of in book.entries.items() for entry in of.values() if entry.counts) == counting


def test_who_lies_below_a_leader_and_not_in_the_chain_of_a_report_does_not_read_it(monkeypatch):
    found = {"division": "150700", "leads": '["150700"]', "divisions": '["150722"]', "visibility": "internal", "merged_into": None}
    monkeypatch.setattr(incidents, "find", lambda *_: found)
    tree, report = directory(), {"division": "150722", "visibility": "internal", "transferred_to": None, "incident": "INC-1"}

    def reads(own: str) -> bool:
        class Node:
            directory, sees = tree, staticmethod(tree.sees)

            def read(self, service: str) -> None:
                return None

        class Caller:
            by = Signature("X", ("HQ",), own, 3)

        return sees_report(cast(Any, Node()), cast(Call, Caller()))(report)

    assert (reads("150700"), reads("150722"), reads("150721")) == (True, True, False)
