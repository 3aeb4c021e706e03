"""However a task ends early: who may have set out, though nobody noted it, is read until they are home (ERL art. 84; own default)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from msgspec import structs

from services.privacy.deciders.records.commands import NoteTaskEnded
from services.privacy.policies.tasks import TASKS
from services.volunteers.deciders.callups.commands import (
    AcceptHostCommand,
    AnswerCallUp,
    CancelCallUp,
    OfferCallUp,
    StandDown,
    StayOnReserve,
    WithdrawFromCallUp,
)
from services.volunteers.deciders.callups.state import evolve
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut, CorrectHours
from services.volunteers.events.callup import Answer, AnswerVia, CallUpDeclined, CallUpReserved
from services.volunteers.events.force import ForceRestored, ForceSuspended
from services.volunteers.events.volunteer import FitnessSet
from shared.kernel.commands import Command
from shared.kernel.events import family, type_of
from tests.privacy.called_world import BEGINS, ENDS, HOME, MEMBERS, SECOND, Called
from tests.privacy.test_following import told
from tests.privacy.world import at
from tests.volunteers.callup_world import HQ, ICP, LEAD, LINES, OFF, vol

EARLY, BEGUN = at("07:55", 19), at("08:05", 19)  # the work begins at eight the day after, and who comes from afar sets out now
Ends = Callable[[Called, datetime], None]


def accepted(called: Called) -> None:
    called.offer("V-A")
    called.says("V-A")


def unfit(called: Called) -> None:
    """They accepted, and the gate took the place back (EligibilityFailed)."""
    accepted(called)
    said(called, "V-A", False, at("19:10", 18))
    assert called.stage.state("callup-CU-1").parties["V-A"].fit is False


def reserved(called: Called) -> None:
    """They accepted, the gate took the place back, and when it was cured every place was taken."""
    called.offer("V-A", "V-B", "V-C", quota=1)
    called.says("V-A")
    said(called, "V-A", False, at("19:10", 18))
    again(called, "V-B", at("19:20", 18))
    called.do(AnswerCallUp(by=vol("V-B"), now=at("19:25", 18), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1))
    said(called, "V-A", True, at("19:30", 18))
    assert called.stage.state("callup-CU-1").parties["V-A"].status == "on reserve"


def asked_again(called: Called) -> None:
    """And then a place became free."""
    reserved(called)
    called.do(WithdrawFromCallUp(by=vol("V-B"), now=at("19:40", 18), call_up="CU-1"))
    again(called, "V-C", at("19:45", 18))
    assert called.stage.state("callup-CU-1").parties["V-A"].status == "asked"


def force_unfit(called: Called) -> None:
    called.force_comes()
    called.stage.note("force-SF-2", ForceSuspended("SF-2", "looked at", "B.OFF", at("19:10", 18)), at("19:10", 18))


def said(called: Called, name: str, fit: bool, now: datetime) -> None:
    called.stage.note(f"volunteer-{name}", FitnessSet(name, fit, (), True, name, now), now)


def again(called: Called, name: str, now: datetime) -> None:
    called.do(OfferCallUp(by=OFF, now=now, call_up="CU-1", volunteers=(name,), lines=LINES))


def cancel(called: Called, now: datetime) -> None:
    called.do(CancelCallUp(by=HQ, now=now, call_up="CU-1", reason="not needed"))


def stand_down(called: Called, now: datetime) -> None:
    called.do(StandDown(by=HQ, now=now, call_up="CU-1"))


def withdraw(called: Called, now: datetime) -> None:
    called.do(WithdrawFromCallUp(by=vol("V-A"), now=now, call_up="CU-1"))


def decline(called: Called, now: datetime) -> None:
    called.do(AnswerCallUp(by=vol("V-A"), now=now, call_up="CU-1", answer=Answer.DECLINE))


def others_come(called: Called, now: datetime) -> None:
    called.do(AnswerCallUp(by=vol("V-C"), now=now, call_up="CU-1", answer=Answer.ACCEPT, risk_text=1))


def member_leaves(called: Called, now: datetime) -> None:
    called.do(WithdrawFromCallUp(by=vol("M-21"), now=now, call_up="CU-1"))


def force_withdraws(called: Called, now: datetime) -> None:
    called.do(WithdrawFromCallUp(by=OFF, now=now, call_up="CU-1", force="SF-2"))


UNNOTED: dict[str, tuple[Callable[[Called], None], Ends, tuple[str, ...]]] = {
    "called off": (accepted, cancel, ("V-A",)),
    "called off, the place taken back": (unfit, cancel, ("V-A",)),
    "called off, on reserve": (reserved, cancel, ("V-A",)),
    "called off, asked again": (asked_again, cancel, ("V-A",)),
    "called off, a force": (force_unfit, cancel, MEMBERS),
    "stood down, the place taken back": (unfit, stand_down, ("V-A",)),
    "stood down, on reserve": (reserved, stand_down, ("V-A",)),
    "stood down, a force": (force_unfit, stand_down, MEMBERS),
    "withdrawn": (accepted, withdraw, ("V-A",)),
    "withdrawn, the place taken back": (unfit, withdraw, ("V-A",)),
    "withdrawn, on reserve": (reserved, withdraw, ("V-A",)),
    "withdrawn, a force": (force_unfit, force_withdraws, MEMBERS),
    "declined, asked again": (asked_again, decline, ("V-A",)),
    "closed, asked again": (asked_again, others_come, ("V-A",)),
    "left the force": (force_unfit, member_leaves, ("M-21",)),
}


@pytest.fixture
def called() -> Called:
    return Called()


def readable(called: Called, people: tuple[str, ...], now: datetime) -> list[str]:
    return [name for name in called.readable(now) if name in people]


@pytest.mark.parametrize("way", UNNOTED)
def test_who_had_accepted_when_it_was_time_to_set_out_is_read_until_they_are_home(called: Called, way: str) -> None:
    before, ends, people = UNNOTED[way]
    before(called)
    ends(called, BEGUN)
    assert readable(called, people, BEGUN + HOME - SECOND) == list(people)
    assert readable(called, people, BEGUN + HOME) == []


@pytest.mark.parametrize("way", UNNOTED)
def test_before_that_nobody_had_set_out(called: Called, way: str) -> None:
    before, ends, people = UNNOTED[way]
    before(called)
    assert readable(called, people, EARLY) == list(people)
    ends(called, EARLY)
    assert readable(called, people, EARLY) == []


@pytest.mark.parametrize(("late", "left"), [(timedelta(0), ["V-A"]), (SECOND, [])])
def test_nobody_is_expected_after_the_work_and_the_way_home(called: Called, late: timedelta, left: list[str]) -> None:
    unfit(called)
    cancel(called, ENDS + HOME + late)
    assert called.readable(ENDS + HOME + late) == left


def stay(called: Called, now: datetime) -> None:
    called.do(StayOnReserve(by=OFF, now=now, call_up="CU-1", force="SF-2"))


def force_declines(called: Called, now: datetime) -> None:
    said = {"answer": Answer.DECLINE, "channel": AnswerVia.PHONE}
    called.do(AnswerCallUp(by=OFF, now=now, call_up="CU-1", force="SF-2", **said))


def force_asked_again(called: Called) -> None:
    """A force that came of its own will lost its place, and is asked once more."""
    offered = {"call_up": "CU-1", "force": "SF-2", "task": "pumping", "risk_text": 1, "lines": LINES}
    period = {"from_": BEGINS, "to": ENDS, "quota": 1}
    called.do(OfferCallUp(by=OFF, now=at("19:00", 18), incident="INC-1", **offered, **period))
    called.do(AcceptHostCommand(by=ICP, now=at("19:01", 18), call_up="CU-1"))
    called.accepts(1)
    called.stage.note("force-SF-2", ForceSuspended("SF-2", "looked at", "B.OFF", at("19:10", 18)), at("19:10", 18))
    called.do(OfferCallUp(by=OFF, now=at("19:20", 18), volunteers=("V-A",), call_up="CU-1", lines=LINES))
    called.do(AnswerCallUp(by=vol("V-A"), now=at("19:25", 18), call_up="CU-1", answer=Answer.ACCEPT, risk_text=1))
    called.stage.note("force-SF-2", ForceRestored("SF-2", "well", "B.OFF", at("19:30", 18)), at("19:30", 18))
    assert called.stage.state("callup-CU-1").parties["SF-2"].status == "on reserve"
    called.do(OfferCallUp(by=OFF, now=at("19:40", 18), **offered))


@pytest.mark.parametrize("says", [force_declines, stay])
@pytest.mark.parametrize(("when", "left"), [(EARLY, []), (BEGUN, list(MEMBERS))])
@pytest.mark.parametrize("older", [False, True])
def test_who_says_no_before_it_is_time_did_not_set_out(called: Called, says: Ends, when: datetime, left: list[str], older: bool) -> None:
    force_asked_again(called)
    when, before = when + timedelta(days=older), called.stage.state("callup-CU-1")
    says(called, when)
    if older:  # a fact from before it was said is compared with when the work begins
        (fact,) = [one for _, one in called.stage.log if isinstance(one, CallUpDeclined | CallUpReserved) and one.at == when]
        called.stage.states["callup-CU-1"] = evolve(before, replace(fact, out=None))
    cancel(called, at("09:00", 20))
    assert readable(called, MEMBERS, at("09:00", 20)) == left


@pytest.mark.parametrize("ends", [cancel, stand_down])
def test_who_only_was_asked_did_not_set_out(called: Called, ends: Ends) -> None:
    called.offer("V-A", "V-B")
    called.says("V-B", Answer.DECLINE)
    ends(called, BEGUN)
    assert called.readable(BEGUN) == []


def test_what_a_force_was_asked_after_it_withdrew_keeps_nobody_readable(called: Called) -> None:
    called.force_comes()
    force_withdraws(called, at("19:30", 18))
    called.do(OfferCallUp(by=OFF, now=at("19:40", 18), call_up="CU-1", force="SF-2", task="pumping", risk_text=1, lines=LINES))
    cancel(called, BEGUN)
    assert readable(called, MEMBERS, BEGUN) == []


def works(called: Called) -> None:
    accepted(called)
    called.do(CheckIn(by=ICP, now=at("08:05", 20), people=("V-A",), call_up="CU-1"))
    stand_down(called, at("12:00", 20))


def check_out(called: Called, now: datetime) -> None:
    called.do(CheckOut(by=ICP, now=now, people=("V-A",), at=now))


def correct(called: Called, now: datetime) -> None:
    two = {"by": LEAD, "cosigner": HQ, "reason": "forgotten"}
    called.do(CorrectHours(**two, now=now, volunteer="V-A", open_shift_ended=at("13:00", 20)))


@pytest.mark.parametrize("ends", [check_out, correct])
def test_whose_shift_is_closed_is_read_until_they_are_home(called: Called, ends: Ends) -> None:
    works(called)
    ends(called, at("15:00", 20))
    assert readable(called, ("V-A",), at("15:00", 20) + HOME - SECOND) == ["V-A"]
    assert readable(called, ("V-A",), at("15:00", 20) + HOME) == []


def test_every_fact_that_ends_a_task_is_in_this_table() -> None:
    begins = {f"volunteers.{name}" for name in ("callup.offered", "callup.reserved", "callup.accepted", "service.started")}
    begins.add("volunteers.volunteer.self_arrival_registered")
    seen: set[str] = set()
    cases = [
        *((before, ends, BEGUN) for before, ends, _ in UNNOTED.values()),
        *((works, ends, at("15:00", 20)) for ends in (check_out, correct)),
    ]
    for before, ends, now in cases:
        called = Called()
        before(called)
        ends(called, now)
        seen |= {family(type_of(fact)) for _, fact in called.stage.log if any(map(returning, follows(fact, now)))}
    assert seen == {name for one in TASKS for name in one.listens} - begins


def follows(fact: object, now: datetime) -> list[Command]:
    envelope = structs.replace(told(), time=now)
    return [said for one in TASKS if family(type_of(fact)) in one.listens for said in one.react(fact, envelope)]


def returning(said: Command) -> bool:
    return isinstance(said, NoteTaskEnded) and said.returning
