"""How a response begins, and who decides on it (ERL art. 71, 72; domain 3.4)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from services.alerts.deciders.guard import GUARD, FreeGuard, Guard
from services.alerts.deciders.incidents.state import CLOSED, DISMISSED, MERGED, OPEN, SUSPECTED, Incident
from services.alerts.deciders.plans.state import Plan
from services.alerts.deciders.responses.commands import DeclineActivation, ProposeActivation, RecordExternalActivation, RecordExternalEnd
from services.alerts.deciders.responses.response import RESPONSE
from services.alerts.deciders.responses.state import Response
from services.alerts.events.guard import Guarded, GuardTaken
from services.alerts.events.plan_content import Authority
from services.alerts.events.response import (
    ActivationDeclined,
    ActivationProposed,
    ExternalActivationEnded,
    ExternalActivationRecorded,
    ResponseActivated,
)
from services.alerts.events.scales import ResponseLevel
from shared.handling.pending import Answer
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.kernel.events import is_guard
from shared.testing.spec import Given, given
from shared.web.call import answered
from tests.alerts.command.responding import (
    B_HQ,
    C_HQ,
    NATION,
    NOW,
    OFFICER,
    POLICY,
    activate,
    activated,
    adopted,
    around,
    incident,
    levels,
    outside,
)
from tests.alerts.world import RULES, at

THIRD, SECOND = ResponseLevel.III, ResponseLevel.II


def response(*past: Any, **plans: Plan) -> Given:
    return given(RESPONSE, *past, rules=RULES, others=around(**plans))


def whole() -> Plan:
    """The banner's plan with measures, and level 1 in the hands of its government."""
    plan = adopted()
    assert plan.in_force is not None
    by_level = {1: Authority(("GOV",), "150722")}
    return replace(plan, in_force=replace(plan.in_force, levels=levels(by_level=by_level)))


def test_the_authority_of_the_plan_activates_and_states_all_four_things():
    fact, taken = [fact for _, fact in response().when(activate()).then_types(ResponseActivated, GuardTaken).events]
    assert (fact.level, fact.matter, fact.expected_end) == (ResponseLevel.I, "flood after dam collapse", at("12:00", 22))
    assert [(one.measure, one.text) for one in fact.measures] == [
        ("M-1", "move people"),
        ("M-2", "close road"),
        ("M-3", "guard dam site"),
    ]
    assert (fact.plan, fact.plan_version, fact.authority, fact.incident) == ("PLAN-B", 1, "150722", "INC-1")
    assert [(clock.key, clock.due_at) for clock in fact.clocks] == [("expected_end", at("12:00", 22))]
    assert (taken.kind, taken.key, taken.holder, taken.plan) == (Guarded.RESPONSES, "PLAN-B/150722", "ACT-B", "PLAN-B")


def test_what_is_not_stated_is_told_at_once():
    refusal = response().when(activate(expected_end=None)).refused(RuleBroken, "ERL-72.2", times=1)
    assert refusal.cure == "expected_end is empty"
    bare = activate(expected_end=None, matter=" ", level=None, measures=(), incident=None)
    assert response().when(bare).refused(RuleBroken, "ERL-72.2", times=5)
    response().when(activate(plan=None, incident=None)).refused(RuleBroken, "ERL-72.2", times=2)


def test_an_end_lies_ahead_and_names_an_instant():
    response().when(activate(expected_end=NOW)).refused(RuleBroken, "ERL-72.2")
    response().when(activate(expected_end=at("12:00", 22).replace(tzinfo=None))).refused(RuleBroken, "time.offset")


@pytest.mark.parametrize("measures", [("M-1",), ("M-1 a", "M-1 b"), ("-1 a",), ("",), ("  ",)])
def test_a_measure_is_an_id_and_what_is_done(measures):
    response().when(activate(measures=measures)).refused(RuleBroken, "ERL-72.2")


def test_another_division_does_not_activate():
    theirs = adopted("PLAN-C", owner="150700")
    refusal = response(PLAN_C=theirs).when(activate("ACT-C", plan="PLAN-C", level=THIRD)).refused(NotAllowed, "ERL-72.1")
    assert refusal.cure == "PLAN-C is activated by the HQ of 150700"
    response(PLAN_C=theirs).when(activate("ACT-C", plan="PLAN-C", level=THIRD, by=C_HQ)).then_types(ResponseActivated, GuardTaken)
    response().when(activate(by=OFFICER)).refused(NotAllowed, "ERL-72.1")


def test_each_level_has_its_own_authority():
    response(PLAN_B=whole()).when(activate()).refused(NotAllowed, "ERL-72.1")
    response(PLAN_B=whole()).when(activate(level=SECOND)).then_types(ResponseActivated, GuardTaken)
    response(PLAN_B=whole()).when(activate(level=None)).refused(RuleBroken, "ERL-72.2")


def test_what_the_plan_asks_for_at_a_level_begins_beside_what_the_commander_names():
    fact = response(PLAN_B=whole()).when(activate(level=SECOND, measures=("M-1 move people",))).then_types(ResponseActivated, GuardTaken)
    event = fact.events[0][1]
    assert [one.measure for one in event.measures] == ["M-1", "P-ALL", "P-2"]
    assert [one.roles for one in event.measures] == [("HQ", "EMD"), ("HQ", "EMD"), ("L4.office",)]
    assert event.levels == whole().levels and event.orders == ()
    of_plan = response(PLAN_B=whole()).when(activate(level=SECOND, measures=())).then_types(ResponseActivated, GuardTaken)
    assert [one.measure for one in of_plan.events[0][1].measures] == ["P-ALL", "P-2"]


def test_a_level_beyond_the_plan_is_refused():
    few = adopted(levels=adopted().levels[1:])
    refusal = response(PLAN_B=few).when(activate()).refused(RuleBroken, "plan")
    assert refusal.cure == "PLAN-B has no level 1: it has 2, 3, 4"


def test_an_unknown_plan_or_incident_is_not_found():
    nothing: dict[str, Any] = {"incident-INC-1": incident(), "guard-responses.INC-1": Guard()}
    given(RESPONSE, rules=RULES, others=nothing).when(activate()).refused(NotFound, "reference")
    given(RESPONSE, rules=RULES, others=nothing | {"plan-PLAN-B": Plan()}).when(activate()).refused(NotFound, "reference")
    unknown = around() | {"incident-INC-1": Incident()}
    given(RESPONSE, rules=RULES, others=unknown).when(activate()).refused(NotFound, "reference")


@pytest.mark.parametrize("status", [CLOSED, DISMISSED, MERGED])
def test_what_is_over_gets_no_response(status):
    over = around() | {"incident-INC-1": incident(status=status, merged_into="INC-9" if status == MERGED else None)}
    given(RESPONSE, rules=RULES, others=over).when(activate()).refused(WrongState, "incident.life")


@pytest.mark.parametrize("status", OPEN)
def test_a_response_may_begin_before_any_damage_is_done(status):
    assert SUSPECTED in OPEN
    others = around() | {"incident-INC-1": incident(status=status)}
    given(RESPONSE, rules=RULES, others=others).when(activate()).then_types(ResponseActivated, GuardTaken)


def test_a_plan_that_does_not_hold_is_not_activated():
    response(PLAN_B=replace(adopted(), in_force=None, status="repealed")).when(activate()).refused(WrongState, "plan.life")
    over = adopted(valid_to=NOW)
    response(PLAN_B=over).when(activate()).refused(WrongState, "plan.life")


def test_one_response_is_open_for_an_incident_plan_and_authority():
    taken = response().when(activate()).then_types(ResponseActivated, GuardTaken).events[1]
    held = around() | {"guard-responses.INC-1": GUARD.fold([taken[1]])}
    refusal = given(RESPONSE, rules=RULES, others=held).when(activate("ACT-2")).refused(WrongState, "RA-04")
    assert "ACT-B is open for INC-1 under PLAN-B" in refusal.cure
    theirs = held | around(PLAN_C=adopted("PLAN-C", owner="150700")) | {"guard-responses.INC-1": held["guard-responses.INC-1"]}
    other = activate("ACT-C", plan="PLAN-C", by=C_HQ, level=THIRD)
    given(RESPONSE, rules=RULES, others=theirs).when(other).then_types(ResponseActivated, GuardTaken)
    freed = GUARD.fold([taken[1], *_freed(taken[1])])
    given(RESPONSE, rules=RULES, others=held | {"guard-responses.INC-1": freed}).when(activate("ACT-2")).then_types(
        ResponseActivated, GuardTaken
    )


def _freed(taken: GuardTaken) -> Any:
    free = FreeGuard(by=POLICY, now=NOW, kind=Guarded.RESPONSES, subject="INC-1", holder="ACT-B")
    return GUARD.decide(free, GUARD.fold([taken]), RULES)


def test_an_activation_is_not_activated_twice():
    response(*activated()).when(activate()).refused(WrongState, "response.life")


# ---------------------------------------------------------------- proposals


def propose(**changed: Any) -> ProposeActivation:
    fields: dict[str, Any] = {"activation": "PLAN-B.INC-1", "plan": "PLAN-B", "level": THIRD, "reason": "dead 3", "incident": "INC-1"}
    return ProposeActivation(**({"by": POLICY, "now": NOW} | fields | changed))


def proposed() -> ActivationProposed:
    fact = response().when(propose()).then_types(ActivationProposed).events[0][1]
    assert isinstance(fact, ActivationProposed)
    return fact


def test_a_proposal_goes_to_the_authority_of_its_level():
    assert proposed().authority == Authority(("HQ",), "150722")
    assert RESPONSE.about(RESPONSE.fold([proposed()])).division == "150722"


def test_what_a_trigger_repeats_changes_nothing_and_more_is_proposed_again():
    response(proposed()).when(propose()).then()
    response(proposed()).when(propose(level=SECOND)).then_types(ActivationProposed)
    response(*activated()).when(propose(activation="ACT-B")).then()
    response(*activated()).when(propose(activation="ACT-B", by=OFFICER)).refused(WrongState, "response.life")


def test_a_proposal_needs_a_plan_in_force_a_level_of_it_and_an_open_incident():
    response(PLAN_B=Plan()).when(propose()).refused(NotFound, "reference")
    response(PLAN_B=replace(adopted(), in_force=None)).when(propose()).refused(WrongState, "plan.life")
    response(PLAN_B=adopted(levels=adopted().levels[:1])).when(propose()).refused(RuleBroken, "plan")
    response(PLAN_N=outside()).when(propose(plan="PLAN-N")).refused(RuleBroken, "ERL-72.1")
    closed = around() | {"incident-INC-1": incident(status=CLOSED)}
    given(RESPONSE, rules=RULES, others=closed).when(propose()).refused(WrongState, "incident.life")
    early = propose(incident=None, alert="AL-1", activation="PLAN-B.AL-1")
    response().when(early).then_types(ActivationProposed)


def test_the_authority_declines_with_a_reason():
    def decline(**changed: Any) -> DeclineActivation:
        return DeclineActivation(**({"by": B_HQ, "now": NOW, "activation": "PLAN-B.INC-1", "reason": "falling"} | changed))

    fact = response(proposed()).when(decline()).then_types(ActivationDeclined).events[0]
    assert fact.tasks_over == ("decide-PLAN-B.INC-1",)
    response(proposed()).when(decline(reason=None)).refused(RuleBroken, "response.reason")
    response(proposed()).when(decline(by=C_HQ)).refused(NotAllowed, "ERL-72.1")
    response(proposed(), fact).when(decline()).refused(WrongState, "response.life")
    response(proposed(), fact).when(decline(by=POLICY)).then()
    response(proposed()).when(decline(by=POLICY)).then_types(ActivationDeclined)
    response(proposed(), fact).when(propose()).then()
    response(proposed(), fact).when(propose(level=SECOND)).then_types(ActivationProposed)


def test_a_proposal_is_followed_under_its_own_id_or_answered_by_another():
    own = response(proposed()).when(activate("PLAN-B.INC-1")).then_types(ResponseActivated, GuardTaken).events[0][1]
    assert (own.tasks_over, own.answers) == (("decide-PLAN-B.INC-1",), None)
    waiting = around() | {"response-PLAN-B.INC-1": RESPONSE.fold([proposed()])}
    other = given(RESPONSE, rules=RULES, others=waiting).when(activate()).then_types(ResponseActivated, GuardTaken).events[0][1]
    assert other.answers == "PLAN-B.INC-1"
    mismatch = replace(proposed(), plan="PLAN-X")
    response(mismatch).when(activate()).refused(WrongState, "response.life")


# ---------------------------------------------------------------- authorities outside


def record(**changed: Any) -> RecordExternalActivation:
    fields: dict[str, Any] = {"activation": "ACT-N", "plan": "PLAN-N", "incident": "INC-1", "level": THIRD}
    return RecordExternalActivation(**({"by": NATION, "now": at("20:00")} | fields | changed))


def recorded() -> ExternalActivationRecorded:
    fact = response(PLAN_N=outside()).when(record()).then_types(ExternalActivationRecorded, GuardTaken).events[0][1]
    assert isinstance(fact, ExternalActivationRecorded)
    return fact


def test_a_response_of_an_authority_outside_is_recorded():
    fact = recorded()
    assert (fact.authority, fact.level, fact.division, fact.incident) == ("national flood HQ", THIRD, "150000", "INC-1")
    response(fact, PLAN_N=outside()).when(record()).then()
    response(fact, PLAN_N=outside()).when(record(level=SECOND)).then_types(ExternalActivationRecorded)
    response(fact, PLAN_N=outside()).when(record(incident=None)).refused(WrongState, "response.life")


def test_it_is_one_of_an_outside_plan_at_a_level_it_has():
    response(PLAN_B=adopted()).when(record(plan="PLAN-B")).refused(RuleBroken, "ERL-72.1")
    content = outside().in_force
    assert content is not None
    few = replace(outside(), in_force=replace(content, levels=content.levels[:2]))
    response(PLAN_N=few).when(record()).refused(RuleBroken, "plan")
    response(PLAN_N=outside()).when(record(incident=None)).refused(RuleBroken, "ERL-72.2")
    given(RESPONSE, rules=RULES, others={"incident-INC-1": incident()}).when(record()).refused(NotFound, "reference")
    held = around(PLAN_N=outside()) | {"guard-responses.INC-1": Guard({"PLAN-N/national flood HQ": "ACT-X"})}
    given(RESPONSE, rules=RULES, others=held).when(record()).refused(WrongState, "RA-04")


def test_nobody_here_activates_an_outside_plan():
    refusal = response(PLAN_N=outside()).when(activate(plan="PLAN-N", by=B_HQ)).refused(NotAllowed, "ERL-72.1")
    assert "activated by national flood HQ" in refusal.cure


def test_its_end_is_recorded_once():
    end = RecordExternalEnd(by=NATION, now=at("11:00", 24), activation="ACT-N")
    ended = response(recorded()).when(end).then_types(ExternalActivationEnded).events[0]
    assert (ended.incident, ended.plan) == ("INC-1", "PLAN-N")
    response(recorded(), ended).when(end).refused(WrongState, "response.life")
    response(*activated()).when(replace(end, activation="ACT-B")).refused(WrongState, "response.life")
    assert RESPONSE.fold([recorded(), ended]) != Response()


def test_a_response_is_seen_as_its_incident_is():
    hidden = around() | {"incident-INC-1": incident(visibility="restricted")}
    decided = given(RESPONSE, rules=RULES, others=hidden).when(activate()).then_types(ResponseActivated, GuardTaken)
    assert RESPONSE.about(RESPONSE.fold([decided.events[0][1]])).visibility == "restricted"


def test_the_caller_is_told_facts_and_no_bookkeeping():
    types = ("alerts.response.activated.v1", "alerts.guard.taken.v1")
    assert [is_guard(name) for name in types] == [False, True]
    told = json.loads(answered("150000.alerts", Answer(command="c", position=7, events=types)).body)
    assert told["events"] == ["alerts.response.activated.v1"]
