"""A plan: from its draft, consulted, found lawful and approved, to its issue, filing, drills and end (domain 3.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.alerts.clocks import due
from services.alerts.deciders.guard import GUARD, FreeGuard, Guard, plan_guard, plan_key
from services.alerts.deciders.plans.commands import (
    ApprovePlan,
    EscalatePlanClock,
    EvaluatePlan,
    FilePlan,
    IssuePlan,
    PassLegalReview,
    ProposeRevision,
    RecordOpinion,
    RecordPlanDrill,
    RepealPlan,
    RevisePlan,
)
from services.alerts.deciders.plans.plan import PLAN
from services.alerts.deciders.plans.state import EXPIRED, FILED, ISSUED, Plan
from services.alerts.events.clock import ClockMissed
from services.alerts.events.guard import Guarded, GuardFreed, GuardTaken
from services.alerts.events.plan import (
    PlanAdopted,
    PlanApproved,
    PlanDrafted,
    PlanDrilled,
    PlanEvaluationOpened,
    PlanExpired,
    PlanFiled,
    PlanIssued,
    PlanLegallyReviewed,
    PlanOpinionRecorded,
    PlanRepealed,
    PlanRevisionProposed,
    PlanRevisionStarted,
)
from services.alerts.events.plan_content import Authority, PlanLevel, PlanType, RevisionReason
from services.alerts.events.scales import ResponseLevel
from shared.handling.declare import Start
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.command.responding import LEGAL, LEVELS, OFFICER, PARTS, adopt, adopted, draft, levels, outside
from tests.alerts.world import GOV, RULES, SYS, at

KEY = plan_key("150722", "special", "flood")
FREE = {plan_guard("150722", "special", "flood"): Guard()}
HELD = adopted().in_force
assert HELD is not None
CONTENT = replace(HELD, levels=levels(), parts=PARTS)
DRAFTED = PlanDrafted("PLAN-B", CONTENT, "B.OFF", "150722", at("08:00", 1))
CONSULTED = PlanOpinionRecorded("PLAN-B", "water office", "agreed", "B.HQ", at("09:00", 1))
REVIEWED = PlanLegallyReviewed("PLAN-B", "B.LEG", at("10:00", 1))
APPROVED = PlanApproved("PLAN-B", "B.GOV", at("11:00", 1))
READY = (DRAFTED, CONSULTED, REVIEWED, APPROVED)
DAY = timedelta(days=1)


def plan(*past: Any) -> Given:
    return given(PLAN, *past, rules=RULES, others=FREE)


NOON = at("12:00", 1)


def said(kind: type, by: Any = OFFICER, now: datetime = NOON, **fields: Any) -> Any:
    return kind(by=by, now=now, plan="PLAN-B", **fields)


def issued(**content: Any) -> PlanIssued:
    drafted = replace(DRAFTED, content=replace(CONTENT, **content))
    found = plan(drafted, *READY[1:]).when(said(IssuePlan, GOV)).then_types(PlanIssued).events[0]
    assert isinstance(found, PlanIssued)
    return found


def test_a_draft_may_lack_anything_and_takes_the_place_of_its_owner_type_and_hazard():
    drafted, taken = [fact for _, fact in plan().when(draft(parts=(), levels=())).then_types(PlanDrafted, GuardTaken).events]
    assert (drafted.author, drafted.division, drafted.content.owner) == ("B.OFF", "150722", "150722")
    assert (taken.kind, taken.subject, taken.holder) == (Guarded.PLAN, KEY, "PLAN-B")


def test_an_owner_has_one_plan_for_a_type_and_hazard():
    held = {plan_guard("150722", "special", "flood"): Guard({KEY: "PLAN-A"})}
    refusal = given(PLAN, rules=RULES, others=held).when(draft()).refused(WrongState, "plan.one_version")
    assert "PLAN-A is the special plan of 150722 for flood" in refusal.cure
    given(PLAN, rules=RULES, others=held).when(adopt()).refused(WrongState, "plan.one_version")


def test_the_place_is_free_once_the_plan_is_gone():
    taken = GuardTaken(Guarded.PLAN, KEY, KEY, "PLAN-B", "150722", at("08:00", 1))
    free = FreeGuard(by=SYS, now=at("09:00", 1), kind=Guarded.PLAN, subject=KEY, holder="PLAN-B")
    freed = GuardFreed(Guarded.PLAN, KEY, "PLAN-B", at("09:00", 1))
    given(GUARD, taken, rules=RULES).when(free).then(freed)
    given(GUARD, taken, freed, rules=RULES).when(free).then()
    assert GUARD.fold((taken, freed)).holder(KEY) is None


def test_a_plan_of_an_authority_outside_is_adopted_and_not_drafted():
    others = {plan_guard("150722", "external", "flood"): Guard()}
    given(PLAN, rules=RULES, others=others).when(draft(type=PlanType.EXTERNAL)).refused(RuleBroken, "plan.type")


def test_a_parent_is_a_plan_in_force():
    stream = "plan-PLAN-C"
    for parent in (None, Plan(), replace(adopted("PLAN-C"), in_force=None)):
        given(PLAN, rules=RULES, others=FREE | {stream: parent}).when(draft(parent="PLAN-C")).refused(NotFound, "reference")
    given(PLAN, rules=RULES, others=FREE | {stream: adopted("PLAN-C")}).when(draft(parent="PLAN-C")).then_types(PlanDrafted, GuardTaken)


def test_a_level_or_measure_stands_once():
    doubled = (*levels(), PlanLevel(ResponseLevel.I))
    plan().when(draft(levels=doubled)).refused(RuleBroken, "plan")
    one = levels()[0]
    plan().when(draft(levels=(replace(one, measures=one.measures * 2),))).refused(RuleBroken, "plan")


def test_the_way_to_the_issue():
    plan(DRAFTED).when(said(RecordOpinion, of="water office", opinion="agreed")).then_types(PlanOpinionRecorded)
    plan(DRAFTED, CONSULTED).when(said(PassLegalReview, LEGAL)).then_types(PlanLegallyReviewed)
    plan(DRAFTED, CONSULTED, REVIEWED).when(said(ApprovePlan, GOV)).then_types(PlanApproved)
    plan(*READY).when(said(IssuePlan, GOV)).then_types(PlanIssued)


def test_nobody_steps_over_a_stage():
    plan(DRAFTED).when(said(PassLegalReview, LEGAL)).refused(WrongState, "plan.life")
    plan(DRAFTED, CONSULTED).when(said(ApprovePlan, GOV)).refused(WrongState, "plan.life")
    plan(DRAFTED, CONSULTED, REVIEWED).when(said(IssuePlan, GOV)).refused(WrongState, "plan.life")


def test_an_issue_without_legal_review_is_refused():
    plan(DRAFTED).when(said(IssuePlan, GOV)).refused(RuleBroken, "SEED-6")
    plan(DRAFTED, CONSULTED).when(said(IssuePlan, GOV)).refused(RuleBroken, "SEED-6")


def test_the_author_neither_reviews_nor_approves():
    plan(DRAFTED, CONSULTED).when(said(PassLegalReview)).refused(NotAllowed, "plan.second_person")
    plan(DRAFTED, CONSULTED, REVIEWED).when(said(ApprovePlan)).refused(NotAllowed, "plan.second_person")


def test_a_plan_is_issued_with_every_part_and_every_level_whole():
    bare = replace(DRAFTED, content=replace(CONTENT, parts=PARTS[1:], levels=(PlanLevel(ResponseLevel.I),)))
    refusal = plan(bare, *READY[1:]).when(said(IssuePlan, GOV)).refused(RuleBroken, "ERL-28", times=5)
    assert refusal.cure.startswith("organisation is empty")
    for name in ("authority", "conditions", "measures", "expected_hours"):
        assert f"level 1: {name} is empty" in refusal.cure
    none = replace(DRAFTED, content=replace(CONTENT, parts=(), levels=()))
    plan(none, *READY[1:]).when(said(IssuePlan, GOV)).refused(RuleBroken, "ERL-28", times=6)


def test_an_issued_plan_is_to_be_filed_within_20_working_days():
    event = issued()
    assert (event.version, event.file_with) == (1, ("lead department of the GOV above", "EMD above"))
    filing = next(clock for clock in event.clocks if clock.key == "K-42")
    assert filing.due_at == at("00:00", 30)  # 1 July 2021 was a Thursday: the 20th working day after it is the 29th, to its end


def test_filing_in_time_and_late():
    event = issued()
    filed = plan(*READY, event).when(said(FilePlan, now=at("23:59", 29), to="EMD of 150700", note="why")).then_types(PlanFiled)
    assert (filed.events[0].late, filed.events[0].met, filed.flags) == (False, ("K-42",), ())
    late = plan(*READY, event).when(said(FilePlan, now=at("00:01", 30), to="EMD of 150700", note="why")).then_types(PlanFiled)
    assert (late.events[0].late, late.flags) == (True, ("A-LATE",))
    state = PLAN.fold((*READY, event, filed.events[0]))
    assert state.status == FILED and not state.clocks.runs("K-42")
    plan(*READY, event, filed.events[0]).when(said(FilePlan, to="EMD", note="why")).refused(WrongState, "PMM-26")
    plan(*READY, event).when(said(FilePlan, to="EMD")).refused(RuleBroken, "PMM-26")
    plan(*READY).when(said(FilePlan, to="EMD", note="why")).refused(WrongState, "PMM-26")


def test_a_missed_filing_is_told_once():
    event = issued()
    late = said(EscalatePlanClock, SYS, at("00:00", 30), key="K-42")
    missed = plan(*READY, event).when(late).then_types(ClockMissed).events[0]
    plan(*READY, event, missed).when(late).then()
    plan(*READY, event).when(said(EscalatePlanClock, SYS, at("23:59", 29), key="K-42")).then()


@pytest.mark.parametrize(("kind", "days"), [("special", 1095), ("department", 1095), ("overall", 730), ("township", 730), ("unit", 182)])
def test_the_next_drill_is_due_by_the_type_of_the_plan(kind, days):
    drill = next(clock for clock in issued(type=PlanType(kind)).clocks if clock.key == "K-43")
    assert drill.due_at == at("12:00", 1) + timedelta(days=days)


def test_a_drill_says_what_it_showed_and_starts_the_next_period():
    event, held = issued(), at("09:00", 10)
    drilled = plan(*READY, event).when(said(RecordPlanDrill, now=at("09:00", 11), held=held, findings="boats missing"))
    fact = drilled.then_types(PlanDrilled).events[0]
    assert (fact.late, fact.clocks[0].due_at) == (False, held + timedelta(days=1095))
    again = PLAN.fold((*READY, event, fact)).clocks.get("K-43")
    assert again is not None and again.due_at == held + timedelta(days=1095)
    wrong = said(RecordPlanDrill, now=at("09:00", 9), held=held, findings=" ")
    plan(*READY, event).when(wrong).refused(RuleBroken, "PSER-8", times=2)
    plan(*READY).when(said(RecordPlanDrill, held=at("08:00", 1), findings="x")).refused(WrongState, "PSER-8")
    late = said(RecordPlanDrill, now=held + 1200 * DAY, held=held + 1199 * DAY, findings="x")
    assert plan(*READY, event).when(late).then_types(PlanDrilled).flags == ("A-LATE",)


def test_a_new_version_is_no_drill():
    event, later = issued(), at("12:00", 1) + 1200 * DAY
    missed = plan(*READY, event).when(said(EscalatePlanClock, SYS, later, key="K-43")).then_types(ClockMissed).events
    again = plan(*READY, event, *missed, *READY).when(said(IssuePlan, GOV, later)).then_types(PlanIssued).events[0]
    assert [clock.key for clock in again.clocks] == ["K-42"]
    clocks = PLAN.fold((*READY, event, *missed, *READY, again)).clocks
    assert clocks.by_key["K-43"].missed and clocks.runs("K-43")


def test_a_plan_expires_by_itself_and_its_reminder_comes_half_a_year_before():
    end = at("00:00", 31)
    event = issued(valid_to=end)
    validity = next(clock for clock in event.clocks if clock.key == "K-44")
    assert (validity.due_at, validity.amber_at) == (end, end - timedelta(days=183))
    expire = said(EscalatePlanClock, SYS, end, key="K-44")
    expired = plan(*READY, event).when(expire).then_types(PlanExpired).events[0]
    assert set(expired.stopped) == {"K-42", "K-43", "K-44"} and expired.guard == KEY
    assert PLAN.fold((*READY, event, expired)).status == EXPIRED
    plan(*READY, event, expired).when(expire).then()
    plan(*READY, event).when(replace(expire, now=at("23:59", 30))).then()
    starts = [one for one in due(event, _at_plan()) if isinstance(one, Start)]
    assert {start.command for start in starts} == {"EscalatePlanClock"} and starts[0].args["plan"] == "PLAN-B"


def _at_plan() -> Any:
    class Place:
        streamid = "plan-PLAN-B"

    return Place()


def test_what_is_over_is_not_issued():
    over = replace(DRAFTED, content=replace(CONTENT, valid_to=at("12:00", 1)))
    plan(over, *READY[1:]).when(said(IssuePlan, GOV)).refused(RuleBroken, "plan.validity")


def test_a_revision_passes_the_whole_way_while_the_issued_version_holds():
    event = issued()
    revise = said(RevisePlan, now=at("08:00", 2), reason=RevisionReason.LAW, title="2nd")
    revised = plan(*READY, event).when(revise).then_types(PlanRevisionStarted).events[0]
    state = PLAN.fold((*READY, event, revised))
    assert (state.status, state.version, state.in_force.title, state.draft.title) == ("drafting", 1, "", "2nd")
    plan(*READY, event, revised).when(said(IssuePlan, GOV)).refused(RuleBroken, "SEED-6")
    second = plan(*READY, event, revised, CONSULTED, REVIEWED, APPROVED).when(said(IssuePlan, GOV)).then_types(PlanIssued).events[0]
    assert (second.version, second.content.title) == (2, "2nd")


def test_a_revision_of_what_is_issued_says_why():
    plan(*READY, issued()).when(said(RevisePlan, title="x")).refused(RuleBroken, "PSER-6")
    again = plan(*READY).when(said(RevisePlan, title="x")).then_types(PlanRevisionStarted).events[0]
    assert again.reason == RevisionReason.DRAFTING and PLAN.fold((*READY, again)).status == "drafting"
    plan(DRAFTED).when(said(RevisePlan)).then()


def test_a_plan_is_repealed_with_a_reason_and_then_takes_no_command():
    repealed = plan(*READY, issued()).when(said(RepealPlan, GOV, reason="replaced")).then_types(PlanRepealed).events[0]
    assert repealed.guard == KEY and set(repealed.stopped) == {"K-42", "K-43"}
    plan(*READY, issued()).when(said(RepealPlan, GOV)).refused(RuleBroken, "plan.reason")
    goes_on = plan(*READY, issued()).when(said(RepealPlan, GOV, reason="replaced", responses=("ACT-B",))).then_types(PlanRepealed)
    assert (goes_on.answer, goes_on.flags) == ({"responses": ("ACT-B",)}, ("A-RESPONDING",))
    for command in (said(RevisePlan, reason=RevisionReason.LAW), said(RepealPlan, reason="x"), said(FilePlan, to="x", note="x")):
        plan(*READY, issued(), repealed).when(command).refused(WrongState, "plan.life")


def test_an_adopted_plan_names_where_it_was_issued_and_who_activates_each_level():
    decided = plan().when(adopt()).then_types(PlanAdopted, GuardTaken)
    state = PLAN.fold([decided.events[0][1]])
    assert (state.status, state.version, state.filed) == (ISSUED, 1, 1) and not state.clocks.runs("K-42")
    bare = tuple(PlanLevel(level) for level in LEVELS)
    plan().when(adopt(reference=None, levels=bare)).refused(RuleBroken, "PMM-26", times=5)
    plan().when(adopt(levels=())).refused(RuleBroken, "ERL-71")
    plan(*READY).when(adopt()).refused(WrongState, "plan.life")


def test_a_plan_of_an_authority_outside_belongs_to_nobody_here():
    state = outside()
    assert state.in_force is not None
    assert (state.in_force.owner, state.in_force.outside, state.division) == (None, "national flood HQ", "150000")
    assert not state.clocks.open()


def test_an_evaluation_opens_and_its_findings_propose_a_revision():
    event = issued()
    opened = plan(*READY, event).when(said(EvaluatePlan, SYS, evaluation="EL-1")).then_types(PlanEvaluationOpened).events[0]
    plan(*READY, event, opened).when(said(ProposeRevision, SYS, evaluation="EL-1", findings=("late",))).then_types(PlanRevisionProposed)
    plan(*READY, event, opened).when(said(FilePlan, to="x", note="x")).then_types(PlanFiled)
    plan(DRAFTED).when(said(EvaluatePlan, SYS, evaluation="EL-1")).then()
    theirs = PLAN.decide(said(ProposeRevision, SYS, evaluation="EL-1", findings=()), outside(), RULES)
    assert theirs == []


def test_each_authority_is_said_in_words():
    assert str(Authority(("HQ",), "150700")) == "the HQ of 150700"
    assert str(Authority(("GOV", "HQ"), "150700")) == "the GOV or HQ of 150700"
