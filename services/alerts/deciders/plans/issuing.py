"""What holds: issued here or adopted from elsewhere, filed, drilled, evaluated, and how it ends (ERL art. 28; PMM art. 26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.guard import plan_key
from services.alerts.deciders.plans.catalogue import unknown
from services.alerts.deciders.plans.commands import (
    AdoptPlan,
    EscalatePlanClock,
    EvaluatePlan,
    FilePlan,
    IssuePlan,
    ProposeRevision,
    RecordPlanDrill,
    RepealPlan,
)
from services.alerts.deciders.plans.drafting import doubled, take
from services.alerts.deciders.plans.owning import UNITS, activators, holder, of_its_unit
from services.alerts.deciders.plans.state import APPROVED, HELD, LIVE, PLAN_FLOW, Plan
from services.alerts.deciders.plans.triggers import faults_of
from services.alerts.deciders.streams import plan_stream
from services.alerts.deciders.warnings.content import naive
from services.alerts.events.clock import ClockMissed
from services.alerts.events.plan import (
    PlanAdopted,
    PlanDrilled,
    PlanEvaluationOpened,
    PlanExpired,
    PlanFiled,
    PlanIssued,
    PlanRepealed,
    PlanRevisionProposed,
)
from services.alerts.events.plan_content import PlanContent, PlanType
from shared.blocks.clocks import Due
from shared.blocks.working_days import working_days
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all

FILING, DRILL, VALIDITY = "K-42", "K-43", "K-44"


def owner_of(command: AdoptPlan) -> str:
    """Whose plan it is: a division's, or an outside authority's."""
    return command.outside if command.type == PlanType.EXTERNAL else command.owner or command.by.division or ""


def issue(command: IssuePlan, plan: Plan, rules: Rules) -> Decided:
    """Every part the law asks for, every level whole, found lawful; then it holds and is to be filed. A drill that was due before
    stays due: a new version is no drill."""
    PLAN_FLOW.require(plan.status, command)
    assert plan.draft is not None  # by the flow
    content = of_its_unit(plan.draft)
    faults = [] if plan.status == APPROVED else [Failure("SEED-6", "the text passed no legal review (PassLegalReview)")]
    faults += [*_lacking(content, rules), *activators(content, rules), *_over(content, command.now), *_lost(plan, content)]
    faults += unknown(content, rules)
    refuse_all(RuleBroken, faults)
    filing = Due(FILING, FILING, command.now, working_days(command.now, rules.value(FILING)["working_days"], rules))
    clocks = (filing, *(due for due in _held(content, command.now, rules) if due.key != DRILL or not plan.clocks.runs(DRILL)))
    file_with = tuple(rules.value("plan.filed_with").get(content.type, ()))
    triggers = tuple(plan.triggers.values())
    version = plan.version + 1
    by, now = command.by.actor, command.now
    return Decided([PlanIssued(command.plan, version, content, triggers, file_with, by, plan.division, now, clocks)], basis="ERL-28")


def adopt(command: AdoptPlan, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Its parts are in its document; what a response needs of it is here: who activates which level."""
    plan: Plan = states[plan_stream(command.plan)]
    PLAN_FLOW.require(plan.status, command)
    outside = command.type == PlanType.EXTERNAL
    owner = None if outside else owner_of(command)
    division = owner or command.by.division
    taken = take(command, holder(owner_of(command), command.organ), division, states)
    said = PlanContent(
        command.type,
        command.hazard,
        owner,
        command.outside if outside else "",
        command.title,
        command.parts,
        command.levels,
        valid_to=command.valid_to,
        document=command.document,
        organ=command.organ,
    )
    content = of_its_unit(said)
    unfit = [*_unfit(command, content, outside), *([] if outside else [*activators(content, rules), *unknown(content, rules)])]
    refuse_all(RuleBroken, [*unfit, *_over(content, command.now)])
    clocks = () if outside else _held(content, command.now, rules)
    reference, by = command.reference or "", command.by.actor
    adopted = PlanAdopted(command.plan, content, reference, by, division, command.now, 1, command.triggers, clocks)
    return Decided([(plan_stream(command.plan), adopted), taken], basis="ERL-28")


def file(command: FilePlan, plan: Plan) -> Decided:
    """Late is accepted and marked: what is late is still owed."""
    PLAN_FLOW.require(plan.status, command)
    if plan.filed == plan.version:
        raise WrongState(Failure("PMM-26", "no issued version waits to be filed"))
    if not command.note:
        raise RuleBroken(Failure("PMM-26", "note is empty: it is filed with its drafting note", "note"))
    late = plan.clocks.late(FILING, command.now) is not None
    filed = PlanFiled(command.plan, plan.version, command.to, command.note, command.by.actor, command.now, late, (FILING,))
    return Decided([filed], basis="PMM-26", flags=("A-LATE",) if late else ())


def record_drill(command: RecordPlanDrill, plan: Plan, rules: Rules) -> Decided:
    """What it showed is said; the next is due from the day it was held."""
    PLAN_FLOW.require(plan.status, command)
    if plan.in_force is None:
        raise WrongState(Failure("PSER-8", "only a plan in force is drilled"))
    faults = naive(held=command.held)
    if not faults and command.held > command.now:
        faults = [Failure("PSER-8", "a drill is recorded after it was held", "held")]
    if not command.findings.strip():
        faults.append(Failure("PSER-8", "findings is empty: its result is reported", "findings"))
    refuse_all(RuleBroken, faults)
    late = plan.clocks.late(DRILL, command.held) is not None
    by, clocks = command.by.actor, _next_drill(plan.in_force.type, command.held, rules)
    drilled = PlanDrilled(command.plan, command.held, command.findings, by, command.now, late, (DRILL,), clocks)
    return Decided([drilled], flags=("A-LATE",) if late else ())


def repeal(command: RepealPlan, plan: Plan) -> Decided:
    """It holds no longer, and why. Responses that run under it go on as they were activated, at every level it had: that is told."""
    PLAN_FLOW.require(plan.status, command)
    if not command.reason:
        raise RuleBroken(Failure("plan.reason", "reason is empty", "reason"))
    repealed = PlanRepealed(command.plan, command.reason, command.by.actor, command.now, _guard(plan), _running(plan))
    going_on = command.responses
    return Decided([repealed], answer={"responses": going_on} if going_on else {}, flags=("A-RESPONDING",) if going_on else ())


def evaluate(command: EvaluatePlan, plan: Plan) -> Sequence[PlanEvaluationOpened]:
    """Of a plan that holds; what policies repeat changes nothing."""
    return [PlanEvaluationOpened(command.plan, command.evaluation, command.now)] if plan.status in HELD else []


def propose_revision(command: ProposeRevision, plan: Plan) -> Sequence[PlanRevisionProposed]:
    """While there is something to revise, and it is ours."""
    proposed = PlanRevisionProposed(command.plan, command.evaluation, command.findings, command.now)
    ours = plan.content is not None and not plan.content.outside
    return [proposed] if ours and plan.status in LIVE else []


def pass_deadline(command: EscalatePlanClock, plan: Plan) -> Sequence[PlanExpired | ClockMissed]:
    """Validity ends the plan; filing and drill are only told."""
    if command.key != VALIDITY:
        return escalate(command, plan.clocks)
    due = plan.clocks.passed(VALIDITY, command.now)
    return [PlanExpired(command.plan, due.due_at, command.now, _guard(plan), _running(plan))] if due and plan.in_force else []


def _held(content: PlanContent, now: datetime, rules: Rules) -> tuple[Due, ...]:
    drill = _next_drill(content.type, now, rules)
    if content.valid_to is None:
        return drill
    return *drill, Due(VALIDITY, VALIDITY, now, content.valid_to, content.valid_to - rules.value(VALIDITY))


def _next_drill(type: PlanType, since: datetime, rules: Rules) -> tuple[Due, ...]:
    rule = rules.value(DRILL).get(type)
    return (Due(DRILL, rule, since, since + rules.value(rule)),) if rule else ()


def _lacking(content: PlanContent, rules: Rules) -> list[Failure]:
    have = {part.part for part in content.parts if part.text.strip()}
    faults = [Failure("ERL-28", f"{row['id']} is empty: {row['en']}", "parts") for row in rules.value("ERL-28") if row["id"] not in have]
    if not content.levels:
        faults.append(Failure("ERL-71", "levels is empty: a plan says who activates which level", "levels"))
    for level in content.levels:
        need: dict[str, object] = {"authority": level.authority, "conditions": level.conditions.strip(), "measures": level.measures}
        need["expected_hours"] = level.expected_hours
        faults += [Failure("ERL-71", f"level {level.level.value}: {name} is empty", "levels") for name, said in need.items() if not said]
    return faults


def _over(content: PlanContent, now: datetime) -> list[Failure]:
    if content.valid_to is None:
        return []
    over = [Failure("plan.validity", "valid_to has passed", "valid_to")]
    return naive(valid_to=content.valid_to) or (over if content.valid_to <= now else [])


def _lost(plan: Plan, content: PlanContent) -> list[Failure]:
    levels = {level.level for level in content.levels}
    lost = [trigger.trigger for trigger in plan.triggers.values() if trigger.level not in levels]
    return [Failure("plan", f"trigger {name} is for a level the plan no longer has", "levels") for name in lost]


def _unfit(command: AdoptPlan, content: PlanContent, outside: bool) -> list[Failure]:
    faults = doubled(content.levels)
    if not command.reference:
        faults.append(Failure("PMM-26", "reference is empty: where and when it was issued", "reference"))
    if command.organ is not None and command.type not in UNITS:
        faults.append(Failure("plan.type", "organ is of a unit or key-facility plan: a division has the others", "organ"))
    if outside and not command.outside:
        faults.append(Failure("plan.type", "outside is empty: name the authority whose plan it is", "outside"))
    if outside and command.triggers:
        faults.append(Failure("plan.type", "what an authority outside waits for is not known here", "triggers"))
    if not content.levels:
        faults.append(Failure("ERL-71", "levels is empty", "levels"))
    if not outside:
        lacking = [level.level.value for level in content.levels if level.authority is None]
        faults += [Failure("ERL-71", f"level {level}: authority is empty", "levels") for level in lacking]
    have = replace(Plan(), in_force=content)
    return faults + [fault for trigger in command.triggers for fault in faults_of(trigger, have)]


def _guard(plan: Plan) -> str:
    content = plan.content
    return plan_key(content.outside or holder(content.owner or "", content.organ), content.type, content.hazard) if content else ""


def _running(plan: Plan) -> tuple[str, ...]:
    return tuple(due.key for due in plan.clocks.open())
