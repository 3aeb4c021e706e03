"""A response while it runs and how it ends: level, end in sight, command, measures (ERL art. 17, 71, 86)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.alerts.clocks import due
from services.alerts.deciders.orders.state import IN_FORCE, Order
from services.alerts.deciders.responses.commands import (
    ChangeLevel,
    EndMeasure,
    EndResponse,
    EscalateResponseClock,
    ExtendResponse,
    HandOverCommand,
    Kept,
    TakeOverMeasure,
)
from services.alerts.deciders.responses.response import RESPONSE
from services.alerts.deciders.responses.state import Response
from services.alerts.events.clock import ClockMissed
from services.alerts.events.plan_content import Authority
from services.alerts.events.response import (
    CommandTransferred,
    MeasureSettled,
    MeasureTakenOver,
    ResponseExtended,
    ResponseLevelLowered,
    ResponseLevelRaised,
    ResponseTerminated,
    Settled,
)
from services.alerts.events.scales import ResponseLevel
from shared.handling.declare import Start
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.command.responding import B_HQ, C_HQ, NOW, OFFICER, R_HQ, activated, adopted, levels
from tests.alerts.world import GOV, RULES, SYS, at

FIRST, SECOND, THIRD, FOURTH = ResponseLevel
LATER = at("16:00")
ORDERED = Order(status=IN_FORCE, division="150722", incident="INC-1")


def of_plan(level: ResponseLevel = THIRD, **by_level: Authority) -> list[Any]:
    """A response under a plan that has measures at each level; level 1 is the government's."""
    plan = adopted()
    assert plan.in_force is not None
    named = {1: Authority(("GOV",), "150722")}
    full = replace(plan, in_force=replace(plan.in_force, levels=levels(by_level=named)))
    return activated(plans={"PLAN_B": full}, level=level, measures=("M-1 move people",))


BARE = activated(level=THIRD)  # three measures of the commander's, none of the plan's


def response(*past: Any, **others: Any) -> Given:
    return given(RESPONSE, *past, rules=RULES, others={"order-OR-1": ORDERED, **others.get("others", {})})


def change(level: ResponseLevel, **changed: Any) -> ChangeLevel:
    return ChangeLevel(**({"by": B_HQ, "now": LATER, "activation": "ACT-B", "level": level, "reason": "second dam failed"} | changed))


def test_a_response_is_raised_and_lowered_by_its_commander():
    raised = response(*BARE).when(change(SECOND)).then_types(ResponseLevelRaised).events[0][1]
    assert (raised.was, raised.level, raised.change, raised.measures) == (THIRD, SECOND, 1, ())
    lowered = response(*BARE, raised).when(change(THIRD, reason="falling")).then_types(ResponseLevelLowered).events[0][1]
    assert (lowered.was, lowered.level, lowered.change, lowered.withdrawn) == (SECOND, THIRD, 2, ())
    assert lowered.tasks_over == ("level-ACT-B.1",)
    assert RESPONSE.fold([*BARE, raised, lowered]).running == ("M-1", "M-2", "M-3")


def test_an_equal_level_is_no_change():
    response(*BARE).when(change(THIRD)).refused(WrongState, "ERL-71")


def test_a_change_says_why():
    response(*BARE).when(change(SECOND, reason=None)).refused(RuleBroken, "response.reason")


def test_a_level_beyond_the_plan_is_refused():
    plan = adopted(levels=adopted().levels[1:])
    few = activated(plans={"PLAN_B": plan}, level=THIRD)
    assert response(*few).when(change(FIRST)).refused(RuleBroken, "plan").cure == "PLAN-B has no level 1: it has 2, 3, 4"


def test_a_banner_does_not_touch_a_response_of_its_city():
    theirs = activated(activation="ACT-C", plan="PLAN-C", by=C_HQ, level=SECOND, plans={"PLAN_C": adopted("PLAN-C", owner="150700")})
    refusal = response(*theirs).when(change(THIRD, activation="ACT-C", reason=None)).refused(NotAllowed, "ERL-72.1")
    assert "a banner cannot lower a response of 150700: it is not commanded in 150722" in refusal.cure
    assert "a banner cannot raise" in response(*theirs).when(change(FIRST, activation="ACT-C")).refused(NotAllowed).cure
    assert "a region cannot lower" in response(*theirs).when(change(THIRD, by=R_HQ)).refused(NotAllowed).cure
    assert "the HQ of 150722 decides" in response(*BARE).when(change(SECOND, by=OFFICER)).refused(NotAllowed, "ERL-72.1").cure
    stranger = replace(R_HQ, level=None)
    assert "a stranger cannot end" in response(*theirs).when(end(by=stranger)).refused(NotAllowed).cure


def test_whoever_decides_on_the_higher_of_two_levels_changes_them():
    response(*of_plan()).when(change(FIRST)).refused(NotAllowed, "ERL-72.1")
    raised = response(*of_plan()).when(change(FIRST, by=GOV)).then_types(ResponseLevelRaised).events[0][1]
    response(*of_plan(), raised).when(change(SECOND)).refused(NotAllowed, "ERL-72.1")
    response(*of_plan(), raised).when(change(SECOND, by=GOV)).then_types(ResponseLevelLowered)


def test_a_higher_level_begins_what_the_plan_asks_for_and_a_lower_one_withdraws_it():
    raised = response(*of_plan()).when(change(FIRST, by=GOV)).then_types(ResponseLevelRaised).events[0][1]
    assert [one.measure for one in raised.measures] == ["P-2"] and [one.order for one in raised.orders] == ["SO-1"]
    second = response(*of_plan(), raised).when(change(SECOND, by=GOV)).then_types(ResponseLevelLowered).events[0][1]
    assert (second.withdrawn, second.tasks_over) == ((), ("order-ACT-B.SO-1.1", "level-ACT-B.1"))
    third = response(*of_plan(), raised, second).when(change(THIRD)).then_types(ResponseLevelLowered).events[0][1]
    assert (third.withdrawn, third.tasks_over) == (("P-2",), ("measure-ACT-B.P-2.1",))
    state = RESPONSE.fold([*of_plan(), raised, second, third])
    assert state.running == ("M-1", "P-ALL") and state.measures["P-2"].how == Settled.WITHDRAWN
    again = response(*of_plan(), raised, second, third).when(change(SECOND)).then_types(ResponseLevelRaised).events[0][1]
    assert RESPONSE.fold([*of_plan(), raised, second, third, again]).measures["P-2"].task == "measure-ACT-B.P-2.4"


def test_what_the_activation_brought_by_its_level_falls_away_with_it():
    lowered = response(*of_plan(SECOND)).when(change(FOURTH)).then_types(ResponseLevelLowered).events[0][1]
    assert (lowered.withdrawn, lowered.tasks_over) == (("P-2",), ("measure-ACT-B.P-2",))


# ---------------------------------------------------------------- the end in sight


def extend(**changed: Any) -> ExtendResponse:
    fields: dict[str, Any] = {"activation": "ACT-B", "expected_end": at("12:00", 25), "reason": "rain goes on"}
    return ExtendResponse(**({"by": B_HQ, "now": LATER} | fields | changed))


def test_the_expected_end_asks_for_a_review_and_ends_nothing():
    escalate = EscalateResponseClock(by=SYS, now=at("12:00", 22), activation="ACT-B", key="expected_end")
    missed = response(*BARE).when(escalate).then_types(ClockMissed).events[0]
    response(*BARE, missed).when(escalate).then()
    response(*BARE).when(replace(escalate, now=at("11:59", 22))).then()
    assert RESPONSE.fold([*BARE, missed]).status == "active"

    class Place:
        streamid = "response-ACT-B"

    place: Any = Place()
    (start,) = [one for one in due(BARE[0], place) if isinstance(one, Start)]
    assert (start.command, start.args) == ("EscalateResponseClock", {"activation": "ACT-B", "key": "expected_end"})


def test_a_longer_response_is_reviewed_later():
    missed = ClockMissed("expected_end", "ERL-72.2", NOW, at("12:00", 22), at("12:00", 22))
    extended = response(*BARE).when(extend()).then_types(ResponseExtended).events[0]
    assert (extended.clocks[0].due_at, extended.tasks_over) == (at("12:00", 25), ())
    late = response(*BARE, missed).when(extend(now=at("13:00", 22))).then_types(ResponseExtended).events[0]
    assert late.tasks_over == ("review-ACT-B.20210722040000",)
    state = RESPONSE.fold([*BARE, extended])
    assert state.expected_end == at("12:00", 25) and state.clocks.passed("expected_end", at("12:00", 25)) is not None


def test_a_new_end_lies_after_the_former_and_has_a_reason():
    response(*BARE).when(extend(expected_end=at("12:00", 22))).refused(RuleBroken, "ERL-72.2")
    response(*BARE).when(extend(expected_end=None, reason=None)).refused(RuleBroken, "ERL-72.2", times=2)
    response(*BARE).when(extend(expected_end=at("12:00", 25).replace(tzinfo=None))).refused(RuleBroken, "time.offset")
    response(*BARE).when(extend(by=C_HQ)).refused(NotAllowed, "ERL-72.1")


# ---------------------------------------------------------------- command


def hand_over(**changed: Any) -> HandOverCommand:
    return HandOverCommand(**({"by": C_HQ, "now": LATER, "activation": "ACT-B", "reason": "beyond the banner's means"} | changed))


def test_a_superior_takes_command_and_gives_it_back():
    taken = response(*BARE).when(hand_over()).then_types(CommandTransferred).events[0]
    assert (taken.was, taken.to) == ("150722", "150700")
    response(*BARE, taken).when(change(SECOND)).refused(NotAllowed, "ERL-72.1")
    response(*BARE, taken).when(change(SECOND, by=C_HQ)).then_types(ResponseLevelRaised)
    back = response(*BARE, taken).when(hand_over(to="150722")).then_types(CommandTransferred).events[0]
    response(*BARE, taken, back).when(change(SECOND)).then_types(ResponseLevelRaised)


def test_there_are_never_two_commanders():
    response(*BARE).when(hand_over(by=B_HQ)).refused(WrongState, "ERL-17")
    response(*BARE).when(hand_over(to="150721")).refused(NotAllowed, "ERL-17")
    response(*BARE).when(hand_over(reason=None)).refused(RuleBroken, "response.reason")
    taken = response(*BARE).when(hand_over()).then_types(CommandTransferred).events[0]
    response(*BARE, taken).when(hand_over()).refused(WrongState, "ERL-17")
    areas = RESPONSE.handles[HandOverCommand].state_areas
    assert areas is not None and areas(hand_over(), {"response-ACT-B": RESPONSE.fold([*BARE, taken])}) == ("150700",)
    assert areas(hand_over(), {"response-ACT-B": RESPONSE.fold(BARE)}) == ("150722",)


# ---------------------------------------------------------------- measures


def take(**changed: Any) -> TakeOverMeasure:
    return TakeOverMeasure(**({"by": C_HQ, "now": LATER, "activation": "ACT-C", "source": "ACT-B", "measure": "M-3"} | changed))


CITY = activated(activation="ACT-C", plan="PLAN-C", by=C_HQ, level=SECOND, plans={"PLAN_C": adopted("PLAN-C", owner="150700")})


def test_a_measure_goes_over_in_one_act_on_both_streams():
    decided = response(*CITY, others={"response-ACT-B": RESPONSE.fold(BARE)}).when(take()).then_types(MeasureTakenOver, MeasureSettled)
    (here, taken), (there, left) = decided.events
    assert (here, there) == ("response-ACT-C", "response-ACT-B")
    assert (taken.measure, taken.text, taken.source) == ("ACT-B.M-3", "guard dam site", "ACT-B")
    assert (left.how, left.reason, left.tasks_over) == (Settled.TAKEN_OVER, "by ACT-C", ("measure-ACT-B.M-3",))
    source = RESPONSE.fold([*BARE, left])
    assert source.running == ("M-1", "M-2") and "ACT-B.M-3" in RESPONSE.fold([*CITY, taken]).running
    response(*CITY, others={"response-ACT-B": source}).when(take()).refused(WrongState, "ERL-86")
    areas = RESPONSE.handles[TakeOverMeasure].state_areas
    assert areas is not None and areas(take(), {"response-ACT-B": source}) == ("150722",)


def test_only_an_open_measure_of_the_same_incident_is_taken_over():
    response(*CITY, others={"response-ACT-B": Response()}).when(take()).refused(NotFound, "reference")
    others = {"response-ACT-B": RESPONSE.fold(BARE)}
    response(*CITY, others=others).when(take(measure="M-9")).refused(NotFound, "reference")
    response(*CITY, others=others).when(take(by=B_HQ)).refused(NotAllowed, "ERL-72.1")
    elsewhere = {"response-ACT-B": replace(RESPONSE.fold(BARE), incident="INC-2")}
    response(*CITY, others=elsewhere).when(take()).refused(RuleBroken, "ERL-86")


def test_a_measure_that_was_kept_is_taken_over_or_ended_later():
    terminated = _events(response(*BARE).when(end()))
    source = RESPONSE.fold([*BARE, *terminated])
    response(*CITY, others={"response-ACT-B": source}).when(take()).then_types(MeasureTakenOver, MeasureSettled)
    response(*CITY, others={"response-ACT-B": source}).when(take(measure="M-1")).refused(WrongState, "ERL-86")
    over = EndMeasure(by=B_HQ, now=LATER, activation="ACT-B", measure="M-3", reason="site is safe")
    settled = response(*BARE, *terminated).when(over).then_types(MeasureSettled).events[0]
    response(*BARE, *terminated, settled).when(over).then()


def test_one_measure_ends_while_the_response_goes_on():
    over = EndMeasure(by=B_HQ, now=LATER, activation="ACT-B", measure="M-1", reason="all moved")
    settled = response(*BARE).when(over).then_types(MeasureSettled).events[0]
    assert (settled.how, settled.tasks_over) == (Settled.ENDED, ("measure-ACT-B.M-1",))
    response(*BARE).when(replace(over, reason=None)).refused(RuleBroken, "ERL-86")
    response(*BARE).when(replace(over, measure="M-9")).refused(NotFound, "reference")
    response(*BARE).when(replace(over, by=C_HQ)).refused(NotAllowed, "ERL-72.1")


# ---------------------------------------------------------------- the end


def end(**changed: Any) -> EndResponse:
    fields: dict[str, Any] = {"activation": "ACT-B", "ended": ("M-1", "M-2"), "kept": (Kept("M-3", "dam site stays guarded"),)}
    return EndResponse(**({"by": B_HQ, "now": at("12:05", 23), "orders_ended": ("OR-1",)} | fields | changed))


def _events(when: Any) -> list[Any]:
    return [fact for _, fact in when.then_types(ResponseTerminated, MeasureSettled, MeasureSettled, MeasureSettled).events]


def test_a_response_ends_in_one_act_with_every_measure():
    terminated, *settled = _events(response(*BARE).when(end()))
    assert (terminated.ended, terminated.kept, terminated.orders_ended) == (("M-1", "M-2"), ("M-3",), ("OR-1",))
    assert terminated.stopped == ("expected_end",)
    assert [(one.measure, one.how, one.reason) for one in settled] == [
        ("M-1", Settled.ENDED, ""),
        ("M-2", Settled.ENDED, ""),
        ("M-3", Settled.KEPT, "dam site stays guarded"),
    ]
    assert [one.tasks_over for one in settled] == [("measure-ACT-B.M-1",), ("measure-ACT-B.M-2",), ()]
    assert not RESPONSE.fold([*BARE, terminated, *settled]).clocks.open()


def test_no_measure_is_forgotten():
    refusal = response(*BARE).when(end(kept=())).refused(RuleBroken, "ERL-86", times=1)
    assert refusal.cure == "M-3 is neither ended nor kept"
    wrong = end(ended=("M-1", "M-3", "M-7"), kept=(Kept("M-3"),))
    cures = response(*BARE).when(wrong).refused(RuleBroken, "ERL-86", times=4).cure
    for cure in (
        "M-2 is neither ended nor kept",
        "M-3 is both ended and kept",
        "M-3 is kept without a reason",
        "M-7 is no running measure",
    ):
        assert cure in cures


def test_the_tasks_of_a_response_fall_away_with_it():
    raised = response(*of_plan()).when(change(FIRST, by=GOV)).then_types(ResponseLevelRaised).events[0][1]
    missed = ClockMissed("expected_end", "ERL-72.2", NOW, at("12:00", 22), at("12:00", 22))
    over = end(by=GOV, ended=("M-1", "P-ALL", "P-2"), kept=())
    terminated, *_ = _events(response(*of_plan(), raised, missed).when(over))
    assert terminated.tasks_over == ("order-ACT-B.SO-1.1", "level-ACT-B.1", "review-ACT-B.20210722040000")


@pytest.mark.parametrize("command", [end(), change(SECOND), extend(), hand_over(), take(activation="ACT-B", source="ACT-B", by=B_HQ)])
def test_after_its_end_nothing_more_is_decided(command):
    over = [*BARE, *_events(response(*BARE).when(end()))]
    response(*over, others={"response-ACT-B": RESPONSE.fold(over)}).when(command).refused(WrongState)


def test_who_does_not_command_does_not_end():
    response(*BARE).when(end(by=C_HQ)).refused(NotAllowed, "ERL-72.1")
    response(*BARE).when(end(by=OFFICER)).refused(NotAllowed, "ERL-72.1")
