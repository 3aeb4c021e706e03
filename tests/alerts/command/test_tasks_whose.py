"""Whose work it is: of the organ it was given to and its own line, never of a neighbour or of a role of another kind (domain 3.5, 3.27)."""

from __future__ import annotations

from typing import Any, cast

import pytest

from services.alerts.api.seeing import seeing
from services.alerts.deciders.incidents.state import Incident, Site
from services.alerts.deciders.orders.task import AcceptTask, AssignTask, CompleteTask, WithdrawTeams
from services.alerts.deciders.orders.withdrawal import WITHDRAWAL
from services.alerts.deciders.orders.work import TASK
from services.alerts.deciders.streams import incident_stream
from services.alerts.events.report import ReportKind, ReportSubmitted
from services.alerts.events.task import (
    TaskAccepted,
    TaskAssigned,
    TaskCompleted,
    TaskDelegated,
    TaskProgressReported,
    TaskSuspended,
    TaskVerified,
    TeamsWithdrawn,
)
from services.alerts.policies.reports import when_report_submitted_then_ask_for_what_is_missing
from services.alerts.projections import incidents
from shared.kernel.commands import Signature
from shared.kernel.decider import About
from shared.kernel.envelope import Envelope
from shared.kernel.errors import NotAllowed, WrongState
from shared.testing.spec import given
from shared.web.host import Host
from tests.alerts.world import HQ, RULES, SYS, at

REGION, CITY, COUNTY, TOWN, VILLAGE = "150000", "150700", "150722", "150722106", "150722106201"
LINES = {REGION: (), CITY: (CITY, REGION), COUNTY: (COUNTY, CITY, REGION), TOWN: (TOWN, COUNTY, CITY, REGION)}
LINES[VILLAGE] = (VILLAGE, *LINES[TOWN])
LEVELS = {REGION: 1, CITY: 2, COUNTY: 3, TOWN: 4, VILLAGE: 5}
ENVELOPE: dict[str, Any] = {"specversion": "1.0", "id": "n:1", "source": "", "time": at("12:00"), "log": "n", "position": 1} | {
    "streamid": "report-RP-1",
    "partitionkey": "report-RP-1",
    "streamversion": 1,
}
ELSEWHERE = ("150722100", COUNTY, CITY, REGION)


def given_to(*roles: str, division: str = COUNTY, **changed: Any) -> TaskAssigned:
    """Work that follows from a fact and names no post."""
    return TaskAssigned("T-1", "kind", roles, "report-RP-1", division, at("12:00"), **changed)


def done(role: str, division: str, line: tuple[str, ...] | None = None) -> CompleteTask:
    by = Signature("X.POST", (role,), division, LEVELS.get(division, 4))
    line = LINES.get(division, ()) if line is None else line
    return CompleteTask(by=by, now=at("13:00"), task="T-1", line=line, below=(VILLAGE,) if division == TOWN else ())


@pytest.mark.parametrize(
    ("task", "command"),
    [
        (given_to("EMD.duty"), done("EMD.duty", COUNTY)),
        (given_to("EMD.duty", division=REGION), done("EMD.duty", REGION)),
        (given_to("EMD.duty", "L4.office", division=TOWN), done("EMD.duty", COUNTY)),  # a township has no such office of its own
        (given_to("EMD.duty", division=VILLAGE), done("EMD.duty", COUNTY)),
        (given_to("HQ", "L4.office"), done("L4.office", TOWN)),
        (given_to("L4.office", "L5.committee", areas=(TOWN,)), done("L5.committee", VILLAGE)),
        (given_to("TEAM", areas=(TOWN,)), done("TEAM", COUNTY)),
        (given_to("L4.office", "L5.committee", areas=(VILLAGE,)), done("L4.office", TOWN)),  # carried out above, assisted below
    ],
)
def test_it_is_of_the_organ_it_was_given_to_and_of_townships_and_villages_of_its_areas(task: TaskAssigned, command: CompleteTask) -> None:
    given(TASK, task, rules=RULES).when(command).then_types(TaskCompleted)


@pytest.mark.parametrize(
    ("task", "command"),
    [
        (given_to("EMD.duty", division=REGION), done("EMD.duty", COUNTY)),  # the region's own statutory report
        (given_to("EMD.duty"), done("EMD.duty", CITY)),
        (given_to("EMD.duty", "SECT"), done("L5.committee", VILLAGE)),
        (given_to("EMD.duty", division=CITY), done("EMD.duty", COUNTY, ())),  # where nobody said how it lies it is nobody's else
        (given_to("L4.office", areas=(TOWN,)), done("L4.office", "150722100", ELSEWHERE)),
        (given_to("L4.office", division=TOWN), done("L4.office", "150722100", ELSEWHERE)),
        (given_to("L4.office", areas=(VILLAGE,)), done("L4.office", "150722100", ELSEWHERE)),
        (given_to("L5.committee", areas=(VILLAGE,)), done("L5.committee", TOWN)),
        (given_to("TEAM"), done("TEAM", "150422", ("150422", "150400", REGION))),
        (given_to("ENT"), done("ENT", TOWN)),
    ],
)
def test_it_is_of_no_neighbour_and_of_no_other_level(task: TaskAssigned, command: CompleteTask) -> None:
    given(TASK, task, rules=RULES).when(command).refused(NotAllowed, "matrix.3.27")


def test_what_somebody_gave_is_done_once_it_was_reported_and_another_looked() -> None:
    team = Signature("TL.1", ("TEAM",), COUNTY, 3)
    task = given_to(executor="TL.1", by="B.HQ")
    accepted = TaskAccepted("T-1", "TL.1", at("12:30"))
    finished = TaskProgressReported("T-1", "built", True, "TL.1", at("12:40"))
    finish = CompleteTask(by=team, now=at("13:00"), task="T-1")
    given(TASK, task, accepted, rules=RULES).when(finish).refused(WrongState, "task.life")
    given(TASK, task, accepted, finished, rules=RULES).when(finish).refused(WrongState, "task.life")
    verified = TaskVerified("T-1", True, "", "B.HQ", at("12:50"))
    given(TASK, task, accepted, finished, verified, rules=RULES).when(finish).then_types(TaskCompleted)
    handed = TaskDelegated("T-1", "TL.1", "", "nearer", "B.HQ", at("12:20"))  # of a policy, and named later on
    given(TASK, given_to("HQ"), handed, rules=RULES).when(finish).refused(WrongState, "task.life")
    given(TASK, given_to("HQ"), handed, accepted, finished, verified, rules=RULES).when(finish).then_types(TaskCompleted)


def test_work_that_rests_is_taken_up_again_first() -> None:
    rests = TaskSuspended("T-1", "WD-1", "B.ICP", at("12:40"))
    given(TASK, given_to("EMD.duty"), rests, rules=RULES).when(done("EMD.duty", COUNTY)).refused(WrongState, "PSER-22")
    again = AcceptTask(by=done("EMD.duty", COUNTY).by, now=at("12:50"), task="T-1")
    given(TASK, given_to("EMD.duty"), rests, rules=RULES).when(again).then_types(TaskAccepted)


@pytest.mark.parametrize("by", [HQ, SYS])
def test_work_for_a_restricted_incident_is_restricted_whoever_gives_it(by: Signature) -> None:
    secret = Incident(incident="SS-1", status="Responding", visibility="restricted", division=COUNTY)
    said: dict[str, Any] = {"kind": "measure", "roles": ("EMD.duty",), "due": at("16:00"), "feedback": "hourly", "incident": "SS-1"}
    assign = AssignTask(by=by, now=at("12:00"), task="T-1", **said)
    events = given(TASK, others={incident_stream("SS-1"): secret}, rules=RULES).when(assign).then_types(TaskAssigned).events
    assert TASK.about(TASK.fold(events)) == About(COUNTY, "restricted", "SS-1")
    known = Incident(incident="SS-1", status="Responding", division=COUNTY)
    events = given(TASK, others={incident_stream("SS-1"): known}, rules=RULES).when(assign).then_types(TaskAssigned).events
    assert TASK.about(TASK.fold(events)).visibility == "internal"


def withdrawn(by: Signature, site: Site | None, **of: Any) -> Any:
    """Teams of F-1 are taken out, which the banner of 150722 leads; T-1 is the work of the banner, T-2 of the next one."""
    incident = Incident(**({"incident": "F-1", "status": "Responding", "division": COUNTY, "divisions": (COUNTY,), "site": site} | of))
    tasks = {f"task-T-{n}": TASK.fold([given_to("TEAM", division=place, incident="F-1")]) for n, place in ((1, COUNTY), (2, "150721"))}
    command = WithdrawTeams(by=by, now=at("13:00"), withdrawal="WD-1", reason="the wind turns", tasks=("T-1", "T-2"), incident="F-1")
    return given(WITHDRAWAL, others={"incident-F-1": incident, **tasks}, rules=RULES).when(command)


def test_teams_are_taken_out_by_who_commands_them_and_the_owner_sees_it() -> None:
    stranger, ours = Signature("X.ICP", ("ICP",), "150422", 3), Signature("B.ICP", ("ICP",), COUNTY, 3)
    for site in (None, Site("B.ICP", COUNTY, 3)):
        withdrawn(stranger, site).refused(NotAllowed, "PSER-22")
        assert withdrawn(ours, site).then_types(TeamsWithdrawn, TaskSuspended, TaskSuspended).events[0][1].division == COUNTY
    called = withdrawn(stranger, Site("X.ICP", "150422", 3)).then_types(TeamsWithdrawn, TaskSuspended, TaskSuspended)
    assert WITHDRAWAL.about(WITHDRAWAL.fold([called.events[0][1]])) == About(COUNTY, "internal", "F-1")
    secret = withdrawn(ours, None, visibility="restricted").then_types(TeamsWithdrawn, TaskSuspended, TaskSuspended)
    assert WITHDRAWAL.about(WITHDRAWAL.fold([secret.events[0][1]])).visibility == "restricted"


def test_a_headquarters_takes_out_teams_of_incidents_in_its_area_and_one_of_several_divisions_its_own() -> None:
    where = WITHDRAWAL.handles[WithdrawTeams].state_areas
    assert where is not None
    command = WithdrawTeams(by=HQ, now=at("13:00"), withdrawal="WD-1", incident="F-1")
    wide = Incident(incident="F-1", status="Responding", division=CITY, divisions=("150721", COUNTY))
    assert where(command, {"incident-F-1": Incident(incident="F-1", status="Responding", division="150721")}) == ("150721",)
    assert where(command, {"incident-F-1": wide}) == ()
    withdrawn(HQ, None, division=CITY, divisions=("150721", COUNTY)).then_types(TeamsWithdrawn, TaskSuspended)


def test_teams_of_an_incident_that_was_merged_are_taken_out_by_who_commands_the_other() -> None:
    commander = Signature("C.ICP", ("ICP",), CITY, 2)
    left = Incident(incident="F-3", status="Responding", division=CITY, divisions=(COUNTY,), site=Site("C.ICP", CITY, 2), absorbed=("F-2",))
    gone = {f"incident-F-{n}": Incident(incident=f"F-{n}", status="Merged", division=COUNTY, merged_into=f"F-{n + 1}") for n in (1, 2)}
    tasks = {f"task-T-{n}": TASK.fold([given_to("TEAM", incident=f"F-{n}")]) for n in (1, 2, 3)}
    tasks["task-T-4"] = TASK.fold([given_to("TEAM", incident="F-4")])
    others = {"incident-F-3": left, "incident-F-4": Incident(incident="F-4", status="Responding", division=COUNTY), **gone, **tasks}
    for named in ("F-1", "F-2", "F-3"):
        said: dict[str, Any] = {"withdrawal": "WD-1", "reason": "wind", "tasks": ("T-1", "T-2", "T-3", "T-4"), "incident": named}
        out = given(WITHDRAWAL, others=others, rules=RULES)
        events = out.when(WithdrawTeams(by=commander, now=at("13:00"), **said)).then_types(TeamsWithdrawn, *[TaskSuspended] * 3).events
        assert events[0][1].incident == "F-3" and events[0][1].division == CITY
        stranger = Signature("B.ICP", ("ICP",), COUNTY, 3)
        out.when(WithdrawTeams(by=stranger, now=at("13:00"), **said)).refused(NotAllowed, "PSER-22")


def test_who_made_an_incomplete_report_completes_it() -> None:
    line = ((TOWN, 4), (COUNTY, 3), (CITY, 2), (REGION, 1))

    def asked(organ: str, division: str) -> AssignTask:
        named = {"line": line, "missing": ("dead",), "organ": organ}
        submitted = ReportSubmitted("RP-1", ReportKind.FIRST, 1, CITY, None, "X.POST", division, at("12:00"), "RP-1", **named)
        envelope = Envelope(**ENVELOPE, type="alerts.report.submitted.v1", division=division, visibility="internal")
        (work,) = when_report_submitted_then_ask_for_what_is_missing(submitted, envelope)
        assert isinstance(work, AssignTask)
        return work

    assert asked("unit.ENT-1", COUNTY).executor == "X.POST" and asked("unit.ENT-1", COUNTY).roles == ()
    assert asked("government", COUNTY).roles == ("EMD.duty", "EMD.officer", "SECT")
    assert asked("government", TOWN).roles == ("L4.office",)


def test_what_a_plan_asks_for_has_a_time_limit_and_says_how_to_report_back() -> None:
    work = AssignTask(by=SYS, now=at("12:00"), task="T-1", kind="measure", roles=("EMD.duty",))
    event = given(TASK, rules=RULES).when(work).then_types(TaskAssigned).events[0]
    assert event.due == at("12:00", 19) and event.feedback and [due.key for due in event.clocks] == ["due"]
    plain = given(TASK, rules=RULES).when(AssignTask(by=SYS, now=at("12:00"), task="T-1", kind="other", roles=("EMD.duty",)))
    assert plain.then_types(TaskAssigned).events[0].due is None


def test_what_a_superior_does_about_a_restricted_incident_is_for_its_divisions_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {
        "SS-1": {"division": COUNTY, "divisions": f'["{COUNTY}"]', "visibility": "restricted", "merged_into": None},
        "F-1": {"division": COUNTY, "divisions": f'["{COUNTY}"]', "visibility": "internal", "merged_into": None},
    }
    monkeypatch.setattr(incidents, "find", lambda _, name: rows.get(name))

    def sees(own: str, division: str, visibility: str, incident: str | None) -> bool:
        chains = {"150721": ("150721", CITY, REGION), **LINES, REGION: (REGION,)}

        class Node:
            def sees(self, by: Signature) -> Any:
                return lambda of, how: own in chains[of] or (how == "internal" and of in chains[own])

            def read(self, service: str) -> None:
                return None

        test = seeing(cast(Host, Node()), Signature("X", ("HQ",), own))
        return test({"division": division, "visibility": visibility, "incident": incident})

    assert sees(COUNTY, CITY, "restricted", "SS-1") and sees(CITY, CITY, "restricted", "SS-1") and sees(REGION, CITY, "restricted", "SS-1")
    assert not sees("150721", CITY, "restricted", "SS-1") and not sees("150721", CITY, "internal", "SS-1")
    assert sees("150721", CITY, "internal", "F-1") and sees(COUNTY, CITY, "internal", None)
    assert not sees("150721", CITY, "restricted", None)
