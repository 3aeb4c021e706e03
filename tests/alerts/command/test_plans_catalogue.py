"""What a plan names must be in the catalogues once it holds: hazards there are, and orders somebody can give."""

from __future__ import annotations

from dataclasses import replace

from services.alerts.deciders.plans.commands import IssuePlan, PassLegalReview, RevisePlan
from services.alerts.deciders.plans.plan import PLAN
from services.alerts.deciders.responses.response import RESPONSE
from services.alerts.events.guard import GuardTaken
from services.alerts.events.incident import IncidentType
from services.alerts.events.plan import PlanApproved, PlanDrafted, PlanIssued, PlanLegallyReviewed, PlanOpinionRecorded, PlanRevisionStarted
from services.alerts.events.plan_content import PlanPart, StandingOrder
from services.alerts.events.response import ResponseActivated
from shared.handling.deciding import EVENT_BYTES
from shared.handling.guard import LONG, MOST, unfit_texts
from shared.kernel.errors import RuleBroken
from shared.kernel.events import encode
from shared.testing.spec import given
from tests.alerts.command.responding import LEGAL, OFFICER, activate, adopt, adopted, around, draft, history, incident, levels
from tests.alerts.world import GOV, RULES, at

IMPOSSIBLE = tuple(replace(level, orders=(StandingOrder("SO-9", "fly to the moon", "go"),)) for level in levels())


def drafted(**changed) -> PlanDrafted:
    decided = given(PLAN, rules=RULES).when(draft(**changed)).then_types(PlanDrafted, GuardTaken)
    assert decided.flags == (("A-INCOMPLETE",) if changed else ())
    return decided.events[0][1]


def ready(first: PlanDrafted):
    by = (at("08:00", 2),)
    opinion, review = PlanOpinionRecorded("PLAN-B", "water office", "agreed", "B.OFF", *by), PlanLegallyReviewed("PLAN-B", "B.LEG", *by)
    return given(PLAN, first, opinion, review, PlanApproved("PLAN-B", "B.GOV", *by), rules=RULES)


def test_what_nobody_knows_is_flagged_in_a_draft_and_refused_at_the_issue():
    issue = IssuePlan(by=GOV, now=at("08:00", 3), plan="PLAN-B")
    ready(drafted()).when(issue).then_types(PlanIssued)
    ready(drafted(hazard="BANANA")).when(issue).refused(RuleBroken, "plan.hazards", times=1)
    ready(drafted(levels=IMPOSSIBLE)).when(issue).refused(RuleBroken, "ERL-73", times=4)
    revise = RevisePlan(by=OFFICER, now=at("08:00", 2), plan="PLAN-B", levels=IMPOSSIBLE)
    revised = given(PLAN, drafted(), rules=RULES).when(revise).then_types(PlanRevisionStarted)
    assert revised.flags == ("A-INCOMPLETE",)
    assert {fault["rule"] for fault in revised.answer["incomplete"]} == {"ERL-73"}


def test_what_nobody_knows_is_listed_to_who_drafts_it_and_finds_no_legal_review():
    first = given(PLAN, rules=RULES).when(draft(hazard="DRAGON")).then_types(PlanDrafted, GuardTaken)
    (told,) = first.answer["incomplete"]
    assert (told["field"], told["rule"]) == ("hazard", "plan.hazards") and "DRAGON is no hazard" in told["cure"]
    opinion = PlanOpinionRecorded("PLAN-B", "water office", "agreed", "B.OFF", at("08:00", 2))
    review = PassLegalReview(by=LEGAL, now=at("08:00", 3), plan="PLAN-B")
    given(PLAN, first.events[0][1], opinion, rules=RULES).when(review).refused(RuleBroken, "plan.hazards")
    given(PLAN, drafted(), opinion, rules=RULES).when(review).then_types(PlanLegallyReviewed)


def test_what_nobody_knows_is_adopted_from_nowhere():
    given(PLAN, rules=RULES).when(adopt(hazard="BANANA")).refused(RuleBroken, "plan.hazards")
    for hazard in ("NAT.FLOOD", "NAT", "11B03", "all"):
        history(PLAN, adopt(hazard=hazard), others={})


def test_a_plan_for_another_hazard_is_flagged_and_the_matter_says_why():
    for type, flags in ((IncidentType.DAM, ()), (IncidentType.SAND, ("A-OTHER-HAZARD",))):
        world = around(PLAN_B=adopted()) | {"incident-INC-1": incident(type=type)}
        decided = given(RESPONSE, rules=RULES, others=world).when(activate()).then_types(ResponseActivated, GuardTaken)
        assert decided.flags == flags
    given(RESPONSE, rules=RULES, others=world).when(activate(matter=" ")).refused(RuleBroken, "ERL-72.2")


def test_a_part_may_be_as_long_as_a_chapter_and_still_fits_its_event():
    written = draft(parts=(PlanPart("organisation", "水" * LONG),))
    assert unfit_texts(written) == []
    drafted, _ = given(PLAN, rules=RULES).when(written).then_types(PlanDrafted, GuardTaken).events
    assert MOST * 3 < len(encode(drafted[1] if isinstance(drafted, tuple) else drafted)) < EVENT_BYTES
