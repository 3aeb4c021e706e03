"""Nothing outlives its warning (ERL art. 64, 66, 67, 70)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.alerts.clocks import due
from services.alerts.deciders.warnings.alert import ALERT
from services.alerts.deciders.warnings.commands import (
    AcknowledgeAlert,
    AdjustAlertLevel,
    CancelAlert,
    CorrectAlert,
    DeclareWarningPeriod,
    EndWarningPeriod,
    ExpireAlert,
    LiftMeasure,
    StartMeasure,
)
from services.alerts.events.alert import AlertCancelled, AlertExpired
from services.alerts.events.measures import MeasureLifted, MeasureStarted, WarningPeriodEnded, WarningPeriodEntered
from services.alerts.events.scales import WarningColour
from shared.handling.declare import Start, Stop
from shared.kernel.errors import DomainError, NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.world import GOV, HQ, MET1, MET2, RAIN, RULES, SYS, TXW, approved, at, facts, orange, published

NOON = at("12:00")
UNTIL = at("08:00", 23)
PERIOD = WarningPeriodEntered("AL-1", UNTIL, "B.GOV", NOON)
STANDBY = MeasureStarted("AL-1", "MS-1", "rescue teams stand by", "ERL-67", "B.HQ", NOON, "150722")


def declare(**changed: Any) -> DeclareWarningPeriod:
    return DeclareWarningPeriod(**({"by": GOV, "now": NOON, "alert": "AL-1", "until": UNTIL} | changed))


def start(**changed: Any) -> StartMeasure:
    named: dict[str, Any] = {"by": HQ, "now": NOON, "alert": "AL-1", "measure": "MS-1", "kind": "rescue teams stand by", "basis": "ERL-67"}
    return StartMeasure(**(named | changed))


def test_the_warning_period_is_declared_once_and_may_be_moved():
    assert given(ALERT, *published(), rules=RULES).when(declare()).then(PERIOD).basis == "ERL-64.1"
    given(ALERT, *published(), PERIOD, rules=RULES).when(declare()).then()
    given(ALERT, *published(), PERIOD, rules=RULES).when(declare(until=at("08:00", 24))).then_types(WarningPeriodEntered)


def test_a_warning_period_has_an_end_that_lies_ahead():
    given(ALERT, *published(), rules=RULES).when(declare(until=None)).refused(RuleBroken, "ERL-64.1")
    given(ALERT, *published(), rules=RULES).when(declare(until=NOON)).refused(RuleBroken, "ERL-64.1")
    given(ALERT, *published(), rules=RULES).when(declare(until=UNTIL.replace(tzinfo=None))).refused(RuleBroken, "time.offset")
    given(ALERT, *approved(), rules=RULES).when(declare()).refused(WrongState)


def test_a_warning_period_ends_by_itself_once_and_not_before_its_end():
    over = EndWarningPeriod(by=SYS, now=UNTIL, alert="AL-1")
    ended = WarningPeriodEnded("AL-1", UNTIL)
    given(ALERT, *published(), PERIOD, rules=RULES).when(replace(over, now=NOON)).then()
    given(ALERT, *published(), PERIOD, rules=RULES).when(over).then(ended)
    given(ALERT, *published(), PERIOD, replace(PERIOD, until=at("08:00", 24)), rules=RULES).when(over).then()
    given(ALERT, *published(), PERIOD, ended, rules=RULES).when(over).then()
    given(ALERT, *published(), PERIOD, ended, rules=RULES).when(CancelAlert(by=MET2, now=UNTIL, alert="AL-1")).then_types(AlertCancelled)


def test_the_end_of_a_warning_period_has_its_clock():
    (started,) = due(PERIOD, None)  # type: ignore[arg-type]
    assert started == Start("period", UNTIL, "EndWarningPeriod", {"alert": "AL-1"})
    assert list(due(WarningPeriodEnded("AL-1", NOON), None)) == [Stop("period")]  # type: ignore[arg-type]


def test_a_measure_names_kind_and_basis():
    given(ALERT, *published(orange()), rules=RULES).when(start()).then(STANDBY)
    given(ALERT, *published(orange()), rules=RULES).when(start(kind=None, basis=None)).refused(RuleBroken, "ERL-67", times=2)


def test_measures_of_article_67_need_a_level_one_or_two_warning():
    given(ALERT, *published(), rules=RULES).when(start()).refused(RuleBroken, "ERL-67")
    given(ALERT, *published(), rules=RULES).when(start(basis="ERL-66")).then_types(MeasureStarted)


def test_a_measure_is_started_once():
    given(ALERT, *published(orange()), STANDBY, rules=RULES).when(start()).then()
    given(ALERT, *published(orange()), STANDBY, rules=RULES).when(start(kind="close the bridge")).refused(WrongState)


def test_one_measure_is_lifted_while_the_warning_goes_on():
    lift = LiftMeasure(by=HQ, now=NOON, alert="AL-1", measure="MS-1", reason="done")
    lifted = MeasureLifted("AL-1", "MS-1", "done", NOON)
    given(ALERT, *published(orange()), STANDBY, rules=RULES).when(lift).then(lifted)
    given(ALERT, *published(orange()), STANDBY, lifted, rules=RULES).when(lift).then()
    given(ALERT, *published(orange()), rules=RULES).when(lift).refused(NotFound)


def test_cancelling_ends_the_period_and_lifts_every_measure():
    second = replace(STANDBY, measure="MS-2")
    past = (*published(orange()), PERIOD, STANDBY, second, MeasureLifted("AL-1", "MS-2", "done", NOON))
    cancel = CancelAlert(by=MET2, now=NOON, alert="AL-1")
    decided = given(ALERT, *past, rules=RULES).when(cancel).then_types(AlertCancelled, WarningPeriodEnded, MeasureLifted)
    assert decided.events[2].measure == "MS-1"
    assert decided.events[0].references[0] == ALERT.fold(past).first


def test_cancelling_a_warning_that_rests_on_nothing_else_is_one_fact():
    given(ALERT, *published(), rules=RULES).when(CancelAlert(by=MET2, now=NOON, alert="AL-1")).then_types(AlertCancelled)


def test_a_warning_is_cancelled_once():
    cancel = CancelAlert(by=MET2, now=NOON, alert="AL-1")
    past = (*published(), *facts(ALERT.decide(cancel, ALERT.fold(published()), RULES)))
    given(ALERT, *past, rules=RULES).when(cancel).refused(WrongState, "alert.life")


@pytest.mark.parametrize("stranger", [HQ, GOV])
def test_who_may_not_issue_a_warning_may_not_lift_it(stranger):
    given(ALERT, *published(), rules=RULES).when(CancelAlert(by=stranger, now=NOON, alert="AL-1")).refused(NotAllowed, "MET-30")


def test_a_warning_expires_by_itself_at_its_stated_end_and_lifts_everything():
    past = (*published(orange()), PERIOD, STANDBY)
    early = ExpireAlert(by=SYS, now=at("02:29", 19), alert="AL-1")
    given(ALERT, *past, rules=RULES).when(early).then()
    due = replace(early, now=at("02:30", 19))
    given(ALERT, *past, rules=RULES).when(due).then_types(AlertExpired, WarningPeriodEnded, MeasureLifted)


def test_a_prolonged_warning_does_not_expire_at_its_old_end():
    longer = replace(RAIN, valid_to=at("02:30", 20))
    given(ALERT, *published(longer), rules=RULES).when(ExpireAlert(by=SYS, now=at("02:30", 19), alert="AL-1")).then()


def test_what_ended_does_not_expire():
    past = (*published(), *facts(ALERT.decide(CancelAlert(by=MET2, now=NOON, alert="AL-1"), ALERT.fold(published()), RULES)))
    given(ALERT, *past, rules=RULES).when(ExpireAlert(by=SYS, now=at("02:30", 19), alert="AL-1")).then()


def _commands() -> st.SearchStrategy[Any]:
    colours = st.sampled_from(list(WarningColour))
    times = st.sampled_from([at("03:00"), at("12:00"), at("02:30", 19), at("00:00", 25)])
    measures = st.sampled_from(["MS-1", "MS-2", "MS-3"])
    own = {"alert": st.just("AL-1"), "now": times}
    return st.one_of(
        st.builds(AdjustAlertLevel, by=st.just(MET2), cosigner=st.just(MET1), colour=colours, valid_to=times, **own),
        st.builds(CorrectAlert, by=st.just(MET2), cosigner=st.just(MET1), cautions=st.sampled_from(["one", "two"]), **own),
        st.builds(DeclareWarningPeriod, by=st.just(GOV), until=times, **own),
        st.builds(EndWarningPeriod, by=st.just(SYS), **own),
        st.builds(StartMeasure, by=st.just(HQ), measure=measures, kind=st.just("k"), basis=st.sampled_from(["ERL-66", "ERL-67"]), **own),
        st.builds(LiftMeasure, by=st.just(HQ), measure=measures, **own),
        st.builds(CancelAlert, by=st.just(MET2), **own),
        st.builds(ExpireAlert, by=st.just(SYS), **own),
        st.builds(AcknowledgeAlert, by=st.just(TXW), **own),
    )


@forall(st.lists(_commands(), max_size=12))
def test_no_history_leaves_a_measure_or_a_period_open_after_the_end(history):
    past = list(published())
    for command in history:
        try:
            past += facts(ALERT.decide(command, ALERT.fold(past), RULES))
        except DomainError:
            continue
    alert = ALERT.fold(past)
    assert alert.content.colour is not None and alert.content.number == alert.content.colour.number
    assert len(set(alert.identifiers)) == len(alert.identifiers)
    if alert.status in ("cancelled", "expired"):
        assert alert.measures.unsettled() == () and alert.period_until is None
