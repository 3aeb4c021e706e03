"""A flight of a drone is asked for in time, or says why it is very urgent; the authority answers, and an answer that is missing is work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.alerts.deciders.incidents.state import CLOSED, RESPONDING, Incident
from services.alerts.deciders.orders.flight import FLIGHT, EscalateFlightClock, RecordFlightAnswer, RequestFlight, WithdrawFlight
from services.alerts.events.clock import ClockMissed
from services.alerts.events.flight import FlightAnswered, FlightRequested, FlightWithdrawn
from shared.blocks.clocks import Due
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.command.town import Town
from tests.alerts.world import HQ, RULES, SYS, at

SAID: dict[str, Any] = {
    "operator": "TL.1",
    "purpose": "look for people",
    "area": "below DAM-YA",
    "starts": at("15:30"),
    "ends": at("16:30"),
}
ASK = RequestFlight(by=HQ, now=at("15:00"), flight="FL-1", **SAID)
CLOCK = Due("K-41", "K-41", at("15:00"), at("15:20"))
ASKED = FlightRequested("FL-1", **SAID, by="B.HQ", division="150722", at=at("15:00"), clocks=(CLOCK,))


def of(kind: type, clock: str = "15:10", **said: Any) -> Any:
    return kind(by=HQ, now=at(clock), flight="FL-1", **said)


def test_half_an_hour_before_take_off_is_in_time_and_the_answer_is_due_ten_minutes_before():
    assert given(FLIGHT, rules=RULES).when(ASK).then(ASKED).basis == "UAV-29"
    given(FLIGHT, rules=RULES).when(replace(ASK, starts=at("15:29"))).refused(RuleBroken, "K-41", times=1)


def test_what_is_very_urgent_is_asked_for_at_any_time_and_answered_by_take_off():
    now = replace(ASK, starts=at("15:05"), urgent="somebody is in the water")
    event = given(FLIGHT, rules=RULES).when(now).then_types(FlightRequested).events[0][1]
    assert (event.urgent, event.clocks[0].rule, event.clocks[0].due_at) == ("somebody is in the water", "K-41.urgent", at("15:05"))
    given(FLIGHT, rules=RULES).when(replace(now, starts=at("14:59"))).refused(RuleBroken, "K-41")


def test_what_is_asked_for_in_time_is_answered_as_ever_however_urgent_it_is():
    def due(starts: str) -> Due:
        asked = replace(ASK, starts=at(starts), urgent="somebody is in the water")
        found: Due = given(FLIGHT, rules=RULES).when(asked).then_types(FlightRequested).events[0][1].clocks[0]
        return found

    assert due("15:30") == CLOCK
    assert due("15:29") == Due("K-41", "K-41.urgent", at("15:00"), at("15:29"))


def test_all_that_is_missing_is_named_and_times_are_times():
    bare = RequestFlight(by=HQ, now=at("15:00"), flight="FL-1")
    given(FLIGHT, rules=RULES).when(bare).refused(RuleBroken, "UAV-29", times=5)
    given(FLIGHT, rules=RULES).when(replace(ASK, ends=at("15:30"))).refused(RuleBroken, "flight.times", times=1)
    given(FLIGHT, rules=RULES).when(replace(ASK, starts=at("15:30").replace(tzinfo=None))).refused(RuleBroken, "flight.times")
    given(FLIGHT, ASKED, rules=RULES).when(ASK).refused(WrongState, "flight.life")


@pytest.mark.parametrize(("status", "error"), [(RESPONDING, None), (CLOSED, WrongState), ("new", NotFound)])
def test_it_is_for_an_incident_that_is_open_and_as_narrow_as_that(status: str, error: Any):
    states = {"incident-INC-1": Incident("INC-1", status, division="150722", visibility="restricted")}
    asked = given(FLIGHT, rules=RULES, others=states).when(replace(ASK, incident="INC-1"))
    if error is not None:
        asked.refused(error)
    else:
        assert asked.then_types(FlightRequested).events[0][1].visibility == "restricted"


def test_the_answer_is_noted_and_may_be_taken_back():
    permitted = FlightAnswered("FL-1", True, "below 120 m", "B.HQ", at("15:10"), met=("K-41",))
    given(FLIGHT, ASKED, rules=RULES).when(of(RecordFlightAnswer, permitted=True, note="below 120 m")).then(permitted)
    again = given(FLIGHT, ASKED, permitted, rules=RULES).when(of(RecordFlightAnswer, permitted=False, note="another flies there"))
    refused = FlightAnswered("FL-1", False, "another flies there", "B.HQ", at("15:10"))
    again.then(refused)
    given(FLIGHT, ASKED, refused, rules=RULES).when(of(RecordFlightAnswer, permitted=True)).refused(WrongState, "flight.life")


def test_who_does_not_fly_says_why_and_waits_for_nothing():
    given(FLIGHT, ASKED, rules=RULES).when(of(WithdrawFlight)).refused(RuleBroken, "flight.reason")
    given(FLIGHT, ASKED, rules=RULES).when(of(WithdrawFlight, reason="found")).then(
        FlightWithdrawn("FL-1", "found", "B.HQ", at("15:10"), stopped=("K-41",))
    )


def test_an_answer_that_does_not_come_is_told_once_and_is_work_until_it_does():
    escalate = EscalateFlightClock(by=SYS, now=at("15:20"), flight="FL-1", key="K-41")
    given(FLIGHT, ASKED, rules=RULES).when(replace(escalate, now=at("15:19"))).then()
    missed = given(FLIGHT, ASKED, rules=RULES).when(escalate).then_types(ClockMissed).events[0]
    given(FLIGHT, ASKED, missed, rules=RULES).when(escalate).then()
    town = Town(ASK)
    town.until(at("15:20"))
    assert "late-flight-FL-1.K-41" in town.open_work()
    town.do(of(WithdrawFlight, "15:40", reason="found"))
    assert "late-flight-FL-1.K-41" not in town.open_work()
