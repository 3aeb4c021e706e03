"""From a first word to an incident found true or false, and the deadlines that run from the first moment (domain 3.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.alerts.clocks import due
from services.alerts.deciders.incidents.commands import (
    DismissIncident,
    EscalateIncidentClock,
    MeetIncidentClock,
    OpenClosureItem,
    RegisterNote,
    StartResponding,
)
from services.alerts.deciders.incidents.registering import same_place
from services.alerts.deciders.orders.task import AssignTask, CompleteTask
from services.alerts.events.clock import ClockMissed
from services.alerts.events.incident import (
    IncidentClockMet,
    IncidentDismissed,
    IncidentRegistered,
    IncidentReportedAgain,
    IncidentResponding,
    IncidentType,
    IncidentVerified,
    IncidentWindowOver,
    Lead,
)
from services.alerts.events.scales import EventGrade
from services.alerts.events.task import TaskAssigned
from shared.kernel.commands import Signature
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from tests.alerts.command.incidents import OFF, SYS, A, B, C, Node, T, dammed, opened, refused, register, verify
from tests.alerts.world import DUTY, TXW, at

SPECIAL, MAJOR, LARGER, ORDINARY = EventGrade


# ---------------------------------------------------------------- registered


def test_from_the_moment_of_knowledge_on_the_duties_run():
    (registered,) = dammed().do(register(at_place="DAM-YA"))
    assert isinstance(registered, IncidentRegistered)
    told = {due.key: (due.rule, due.since, due.amber_at, due.due_at) for due in registered.clocks}
    assert told == {
        "respond": ("K-01", at("13:50"), at("14:05"), at("14:20")),
        "report": ("K-16", at("13:50"), None, at("15:50")),
        "release": ("K-30", at("13:48"), None, at("18:48")),
    }
    assert (registered.size, registered.division, registered.leads) == ("small", B, (Lead(B),))


def test_an_accident_keeps_a_window_for_changes_of_casualties():
    def until(type: IncidentType) -> Any:
        return dammed().do(register(type=type))[0].casualties_until

    assert until(IncidentType.MINE) == at("13:48") + timedelta(days=30)
    assert until(IncidentType.TRAFFIC) == until(IncidentType.FIRE) == at("13:48") + timedelta(days=7)
    assert until(IncidentType.DAM) is None


@pytest.mark.parametrize(
    ("type", "rule", "minutes"),
    [
        (IncidentType.FLOOD, "K-16", 120),
        (IncidentType.MINE, "K-11", 120),
        (IncidentType.EPIDEMIC, "K-13", 120),
        (IncidentType.ANIMAL, "K-15", 120),
        (IncidentType.ENVIRONMENT, "K-18", 240),
        (IncidentType.CYBER, "K-40", 240),
        (IncidentType.FOREST_FIRE, "K-01", 30),
        (IncidentType.SOCIAL, "K-01", 30),
    ],
)
def test_the_first_report_is_due_by_the_chain_of_the_type(type, rule, minutes):
    (registered,) = dammed().do(register(type=type))
    (report,) = [due for due in registered.clocks if due.key == "report"]
    assert (report.rule, report.due_at - report.since) == (rule, timedelta(minutes=minutes))


def test_social_security_events_are_restricted_from_the_first_word():
    made = dammed(register(type=IncidentType.SOCIAL))
    assert made.deciders["incident"].about(made.incident()).visibility == "restricted"


def test_what_nobody_said_counts_from_now():
    (registered,) = dammed().do(register(known_at=None, occurred_at=None))
    assert {due.since for due in registered.clocks} == {at("13:52")}


def test_nothing_is_known_before_it_is_known():
    later = {"known_at": at("13:53"), "occurred_at": at("13:54")}
    fault = refused(dammed(), register(**later))
    assert isinstance(fault, RuleBroken) and [each.field for each in fault.failures] == ["known_at", "occurred_at"]
    naive = at("13:50").replace(tzinfo=None)
    assert refused(dammed(), register(known_at=naive)).rule == "ERL-61.2"


def test_the_county_leads_what_its_townships_report_and_whoever_is_above_several_leads_them():
    def leads(**named: Any) -> Any:
        return dammed().do(register(**named))[0].leads

    duty_of_city = Signature("C.DUTY", ("EMD.duty",), C, 2)
    assert leads(division=T) == (Lead(B),)
    assert leads(by=TXW, division=T) == (Lead(T),)
    assert leads(by=duty_of_city) == (Lead(B),)
    registered = dammed().do(register(by=duty_of_city, divisions=(A,)))[0]
    assert (registered.leads, registered.division, registered.divisions) == ((Lead(C),), C, (B, A))


def test_an_incident_is_registered_once():
    assert refused(dammed(register()), register()).rule == "incident.life"


def test_the_same_fact_is_linked_and_makes_no_second_incident():
    made = dammed(register())
    decided = made.handle(register("INC-9", clock="13:55", same_as="INC-1"))
    assert [type(fact) for _, fact in decided.events] == [IncidentReportedAgain]
    assert decided.answer == {"outcome": "linked", "incident": "INC-1"}
    assert made.state("incident-INC-9").incident is None
    assert isinstance(refused(made, register("INC-9", same_as="INC-7")), NotFound)
    made.do(DismissIncident(by=OFF, now=at("14:00"), incident="INC-1", reason="nothing there"))
    assert isinstance(refused(made, register("INC-9", clock="14:01", same_as="INC-1")), WrongState)


# ---------------------------------------------------------------- true or false


def test_it_is_verified_once():
    made = dammed(register())
    assert [type(fact) for fact in made.do(verify())] == [IncidentVerified]
    assert isinstance(refused(made, verify()), WrongState)


def test_a_false_word_is_dismissed_with_a_reason_and_its_clocks_stop():
    made = dammed(register())
    dismiss = DismissIncident(by=OFF, now=at("14:00"), incident="INC-1")
    assert refused(made, dismiss).rule == "ERL-61.2"
    (dismissed,) = made.do(DismissIncident(by=OFF, now=at("14:00"), incident="INC-1", reason="a test of the siren"))
    assert isinstance(dismissed, IncidentDismissed) and dismissed.stopped == ("respond", "report", "release")
    assert made.incident().clocks.open() == ()
    for command in (verify(), RegisterNote(by=OFF, now=at("14:01"), incident="INC-1", text="x")):
        assert isinstance(refused(made, command), WrongState)


def test_what_was_begun_for_it_is_settled_before_it_is_dismissed():
    made = dammed(register(), OpenClosureItem(**opened("INC-1", "ACT-B")))
    fault = refused(made, DismissIncident(by=OFF, now=at("14:20"), incident="INC-1"))
    assert fault.cure.startswith("ACT-B open; ")


# ---------------------------------------------------------------- responded to, its clocks


def test_the_first_response_meets_the_immediate_duty():
    made = dammed(register(), verify())
    start = StartResponding(by=SYS, now=at("14:10"), incident="INC-1", activation="ACT-B")
    (responding,) = made.do(start)
    assert isinstance(responding, IncidentResponding) and responding.met == ("respond",)
    assert made.do(start) == []
    assert made.incident().running() == ("report", "release")


def test_a_deadline_is_met_once_and_not_asked_for_again():
    made = dammed(register())
    meet = MeetIncidentClock(by=SYS, now=at("14:05"), incident="INC-1", key="report", evidence="report-RP-1")
    assert made.do(meet) == [IncidentClockMet("INC-1", ("report",), "report-RP-1", at("14:05"))]
    assert made.do(meet) == []


def test_a_missed_deadline_is_told_once_and_runs_on():
    made = dammed(register())
    escalate = EscalateIncidentClock(by=SYS, now=at("14:20"), incident="INC-1", key="respond")
    early = EscalateIncidentClock(by=SYS, now=at("14:19"), incident="INC-1", key="respond")
    assert made.do(early) == []
    missed, told = made.do(escalate)
    assert isinstance(missed, ClockMissed) and isinstance(told, TaskAssigned)
    assert (told.kind, told.subject, told.division) == ("missed_deadline", "incident-INC-1", B)
    assert told.clocks[0].due_at <= told.at  # late from the first moment: it climbs at once
    assert made.do(escalate) == []
    assert "respond" in made.incident().running()


def test_a_place_may_be_told_in_words_and_is_the_same_however_it_is_spaced():
    (event,) = dammed().do(register(at_place="尼尔基大桥"))
    assert (event.at_place, event.size) == ("尼尔基大桥", "")
    assert same_place("尼尔基 大桥 ") == same_place("尼尔基大桥") != same_place("尼尔基二桥")
    assert same_place("Ｄam-YA") == same_place("DAM-YA") != same_place("DAM.YA")


def test_what_a_missed_deadline_became_is_over_once_the_duty_is_done_and_is_asked_for_anew():
    made = dammed(register())
    (_, told) = made.do(EscalateIncidentClock(by=SYS, now=at("16:00"), incident="INC-1", key="report"))
    assert made.state(f"task-{told.task}").status == "open"
    made.do(MeetIncidentClock(by=SYS, now=at("16:10"), incident="INC-1", key="report", evidence="report-RP-1"))
    assert made.state(f"task-{told.task}").status == "done"
    later = AssignTask(by=SYS, now=at("16:20"), task=told.task, kind="missed_deadline", roles=told.roles, due=told.due)
    assert made.do(replace(later, now=told.at)) == []  # said before it was done
    for again in (later, replace(later, due=at("16:30"))):  # started again as it was, and another
        made.do(again)
        assert made.state(f"task-{told.task}").status == "open"
        made.do(CompleteTask(by=SYS, now=again.now, task=told.task, outcome="met"))


def test_a_window_that_ends_was_missed_by_nobody():
    made = dammed(register(type=IncidentType.TRAFFIC))
    over = EscalateIncidentClock(by=SYS, now=at("13:48", 25), incident="INC-1", key="casualties")
    assert made.do(over) == [IncidentWindowOver("INC-1", ("casualties",), at("13:48", 25))]


def test_the_timer_is_told_of_every_deadline_and_names_the_incident():
    made = Node()
    (registered,) = made.do(register())
    envelope = _envelope("incident-INC-1")
    assert [(start.key, start.command, start.args) for start in due(registered, envelope)] == [
        (key, "EscalateIncidentClock", {"incident": "INC-1", "key": key}) for key in ("respond", "report", "release")
    ]


def _envelope(stream: str) -> Any:
    class At:
        streamid = stream

    return At()


def test_a_note_is_kept_and_says_something():
    made = dammed(register())
    (note,) = made.do(RegisterNote(by=DUTY, now=at("14:00"), incident="INC-1", text="the road is open"))
    assert note.text == "the road is open"
    assert refused(made, RegisterNote(by=DUTY, now=at("14:00"), incident="INC-1", text=" ")).rule == "PSER-24"
