"""What follows by itself: stand-by from a warning's measure, covers from policies, and what expires the same night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.alerts.events.measures import MeasureLifted, MeasureStarted
from services.volunteers.clocks import DUE_FAMILIES, due
from services.volunteers.deciders.forces.commands import EndStandBy, EndStandByRequest, RequestStandBy
from services.volunteers.deciders.forces.standby import STANDBY
from services.volunteers.deciders.people.commands import RecordTraining
from services.volunteers.deciders.people.volunteer import VOLUNTEER
from services.volunteers.events.force import StandByRequested, StandByRequestEnded
from services.volunteers.events.volunteer import VolunteerLapsed
from services.volunteers.policies.forces import FORCES
from shared.handling.declare import Start, Stop
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, type_of
from shared.testing.spec import given
from tests.volunteers.people_world import BANNER, END, LATER, NOW, OFFICER, RULES, SYS, VOL_A, approved


def envelope(stream: str, division: str | None = BANNER) -> Envelope:
    place: dict[str, Any] = {"log": "l", "position": 1, "streamid": stream, "streamversion": 1, "partitionkey": stream}
    return Envelope(specversion="1.0", id="l:1", source="l", type="t", time=LATER, division=division, **place)


def followed(event: Any, stream: str) -> list[Command]:
    heard = [policy for policy in FORCES if family(type_of(event)) in policy.listens]
    return [command for policy in heard for command in policy.react(event, envelope(stream))]


def test_a_measure_of_the_right_kind_asks_forces_to_stand_by() -> None:
    started = MeasureStarted("AL-1", "MS-1", "rescue teams stand by", "ERL-67", "B.HQ", LATER, BANNER)
    (request,) = followed(started, "alert-AL-1")
    assert isinstance(request, RequestStandBy) and request.by.has("SYS")
    given(STANDBY, rules=RULES).when(request).then(StandByRequested("AL-1", "MS-1", BANNER, "ERL-67", LATER))


def test_a_measure_of_another_kind_asks_nothing() -> None:
    started = MeasureStarted("AL-1", "MS-2", "close places", "ERL-67.7", "B.HQ", LATER, BANNER)
    (request,) = followed(started, "alert-AL-1")
    given(STANDBY, rules=RULES).when(request).then()


def test_a_lifted_measure_lets_the_forces_go() -> None:
    (end,) = followed(MeasureLifted("AL-1", "MS-1", "the rain is over", LATER), "alert-AL-1")
    assert isinstance(end, EndStandByRequest)
    ended = StandByRequestEnded("AL-1", "MS-1", ("SF-1", "SF-2"), "the rain is over", LATER)
    let_go = followed(ended, "standby-AL-1.MS-1")
    assert [one.force for one in let_go if isinstance(one, EndStandBy)] == ["SF-1", "SF-2"]


def test_what_expires_is_told_the_same_night() -> None:
    train = RecordTraining(by=OFFICER, now=NOW, volunteer="V-A", training="basic", to=END)
    recorded = given(VOLUNTEER, *approved(), rules=RULES).when(train).decided
    assert recorded is not None
    (fact,) = recorded.events
    assert family(type_of(fact)) in DUE_FAMILIES
    (start,) = due(fact, envelope("volunteer-V-A"))
    assert isinstance(start, Start)
    assert start == Start("training.basic", END, "EscalateVolunteerClock", {"volunteer": "V-A", "key": "training.basic"})
    command = VOLUNTEER_COMMANDS[start.command](by=SYS, now=END, **start.args)
    (lapsed,) = given(VOLUNTEER, *approved(), fact, rules=RULES).when(command).then_types(VolunteerLapsed).events
    assert list(due(lapsed, envelope("volunteer-V-A"))) == [Stop("training.basic")]


def test_a_renewed_training_expires_when_the_renewal_does() -> None:
    later = END + timedelta(days=30)
    first = RecordTraining(by=OFFICER, now=NOW, volunteer="V-A", training="basic", to=END)
    history = [*approved()]
    for command in (first, RecordTraining(by=OFFICER, now=LATER, volunteer="V-A", training="basic", to=later)):
        decided = given(VOLUNTEER, *history, rules=RULES).when(command).decided
        assert decided is not None
        history += decided.events
    (start,) = due(history[-1], envelope("volunteer-V-A"))
    assert isinstance(start, Start) and start.due_at == later
    tell = VOLUNTEER_COMMANDS["EscalateVolunteerClock"](by=SYS, now=END, volunteer="V-A", key="training.basic")
    given(VOLUNTEER, *history, rules=RULES).when(tell).then()


def test_who_left_has_no_clock() -> None:
    train = RecordTraining(by=OFFICER, now=NOW, volunteer="V-A", training="basic", to=END)
    decided = given(VOLUNTEER, *approved(), rules=RULES).when(train).decided
    assert decided is not None
    leave = VOLUNTEER_COMMANDS["WithdrawVolunteer"](by=VOL_A, now=LATER, volunteer="V-A")
    left = given(VOLUNTEER, *approved(), *decided.events, rules=RULES).when(leave).decided
    assert left is not None and left.events[0][1].stopped == ("training.basic",)


VOLUNTEER_COMMANDS: dict[str, Any] = {kind.__name__: kind for kind in VOLUNTEER.handles}
