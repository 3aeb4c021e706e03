"""Rumours: opened with their words, put right, left alone or handed on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.alerts.deciders.releases.commands import (
    CheckRumour,
    Clarify,
    EscalateRumourClock,
    OpenRumourCase,
    ReferRumour,
)
from services.alerts.deciders.releases.rumour import RUMOUR
from services.alerts.deciders.releases.state import Release
from services.alerts.events.clock import ClockMissed
from services.alerts.events.rumour import ReferredTo, RumourChecked, RumourClarified, RumourFinding, RumourOpened, RumourReferred
from shared.kernel.commands import Signature
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.command.test_releases import PIO
from tests.alerts.world import DUTY, HQ, RULES, SYS, at


def rumour(kind: type, by: Signature = PIO, clock: str = "19:00", day: int = 18, **said: Any) -> Any:
    return kind(by=by, now=at(clock, day), rumour="RU-1", **said)


def opened() -> RumourOpened:
    event = given(RUMOUR, rules=RULES).when(rumour(OpenRumourCase, text="a third dam failed")).then_types(RumourOpened).events[0][1]
    assert isinstance(event, RumourOpened)
    return event


FALSE = RumourChecked("RU-1", RumourFinding.FALSE, "the register has two dams", "B.DUTY", at("19:10"))


def about(*further: Any, **others: Any) -> Given:
    return given(RUMOUR, opened(), *further, rules=RULES, others={"release-RL-1": Release("published"), **others})


def test_a_rumour_is_opened_with_its_words_and_answered_within_two_days():
    assert [due.due_at for due in opened().clocks] == [at("19:00", 20)]
    given(RUMOUR, rules=RULES).when(rumour(OpenRumourCase)).refused(RuleBroken, "ERL-97")
    about().when(rumour(OpenRumourCase, text="again")).refused(WrongState)
    missed = rumour(EscalateRumourClock, SYS, day=20, key="answer")
    about().when(missed).then_types(ClockMissed)
    about(FALSE, RumourClarified("RU-1", "RL-1", False, "B.PIO", at("20:00"), None, ("answer",))).when(missed).then()


def test_what_is_false_is_put_right_by_a_release():
    check = rumour(CheckRumour, DUTY, "19:10", finding=RumourFinding.FALSE, note="the register has two dams")
    about().when(check).then(FALSE)
    about().when(replace(check, finding=None, note=None)).refused(RuleBroken, "ERL-97", times=2)
    clarify = rumour(Clarify, release="RL-1")
    about(FALSE).when(clarify).then(RumourClarified("RU-1", "RL-1", False, "B.PIO", at("19:00"), None, ("answer",)))
    assert about(FALSE).when(replace(clarify, now=at("19:01", 20))).then_types(RumourClarified).flags == ("A-LATE",)
    about(FALSE).when(replace(clarify, release=None)).refused(RuleBroken, "ERL-7")
    about(FALSE, **{"release-RL-1": Release("approved")}).when(clarify).refused(RuleBroken, "ERL-7")
    about(FALSE, **{"release-RL-1": Release()}).when(clarify).refused(NotFound)
    about().when(clarify).refused(WrongState)


def test_what_is_not_false_needs_no_answer():
    check = rumour(CheckRumour, DUTY, finding=RumourFinding.NOT_FALSE, note="it did")
    event = about().when(check).then_types(RumourChecked).events[0]
    assert event.met == ("answer",)
    about(event).when(rumour(Clarify, release="RL-1")).refused(WrongState)


def test_who_may_act_against_it_gets_it_with_the_evidence():
    refer = rumour(ReferRumour, HQ, to=ReferredTo.POLICE, evidence=("blob-1",), reason="fabricated")
    about(FALSE).when(refer).then(RumourReferred("RU-1", ReferredTo.POLICE, ("blob-1",), "fabricated", "B.HQ", at("19:00")))
    about(FALSE).when(replace(refer, to=None, evidence=(), reason=None)).refused(RuleBroken, "ERL-97", times=3)
    about().when(refer).refused(WrongState)
