"""A drill of the emergency plans: scheduled, started, injected, ended, evaluated, and what it showed followed up.

It decides about the drill at the real node. Nothing played in the drill comes here: that is another realm (`exercise.isolation`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.drills.commands import (
    CancelDrill,
    EndDrill,
    EscalateDrillClock,
    EvaluateDrill,
    FollowDrill,
    Inject,
    LinkPlanRevision,
    RecordFinding,
    ScheduleDrill,
    SettleFinding,
    StartDrill,
)
from services.alerts.deciders.drills.state import DRILL_FLOW, NEW, Drill, about, evolve
from services.alerts.deciders.plans.owning import organ_of, require_own
from services.alerts.deciders.plans.state import Plan
from services.alerts.deciders.streams import drill_stream, plan_stream
from services.alerts.deciders.warnings.content import naive
from services.alerts.events.drill import (
    DrillCancelled,
    DrillEnded,
    DrillEvaluated,
    DrillEvent,
    DrillFindingRecorded,
    DrillFindingSettled,
    DrillFollowed,
    DrillPlanRevisionLinked,
    DrillScheduled,
    DrillStarted,
    DrillUnit,
    InjectDelivered,
)
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all

ISOLATION, NEXT = "exercise.isolation", "K-43"
Begun = ScheduleDrill | StartDrill | LinkPlanRevision
Played = Inject | EndDrill | CancelDrill | RecordFinding | SettleFinding | EvaluateDrill
Alone = Played | FollowDrill | EscalateDrillClock


def decide(command: Begun | Alone, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. Of the joint commands `state` is a mapping: the drill and the plan it names."""
    match command:
        case ScheduleDrill() | StartDrill() | LinkPlanRevision():
            return _of_plan(command, state)
        case FollowDrill(drill=drill, next=following, now=now):
            return [DrillFollowed(drill, following, now, (NEXT,))] if state.clocks.runs(NEXT) else []
        case EscalateDrillClock():
            return escalate(command, state.clocks)
        case _:
            _require_holder(command, state)
            return _alone(command, state, rules)


def _alone(command: Played, state: Drill, rules: Rules) -> Sequence[Any] | Decided:
    match command:
        case Inject():
            return _inject(command, state)
        case EndDrill(drill=drill, note=note, by=by, now=now):
            DRILL_FLOW.require(state.status, command)
            return [DrillEnded(drill, note, by.actor, now)]
        case CancelDrill(drill=drill, reason=reason, by=by, now=now):
            DRILL_FLOW.require(state.status, command)
            refuse_all(RuleBroken, _blank("drill.reason", "why it is not held", reason=reason))
            return [DrillCancelled(drill, reason or "", by.actor, now)]
        case RecordFinding():
            return _find(command, state)
        case SettleFinding():
            return _settle(command, state)
        case EvaluateDrill():
            return _evaluate(command, state, rules)
        case _:
            assert_never(command)


def _require_holder(command: Begun | Played, drill: Drill) -> None:
    """An enterprise holds drills of its own plans alone."""
    if command.by.has("ENT") and (drill.organ is None or drill.organ != command.by.organ):
        raise NotAllowed(Failure("ERL-28", "an enterprise holds drills of its own plans"))


def _of_plan(command: Begun, states: Mapping[str, Any]) -> Decided:
    drill: Drill = states[drill_stream(command.drill)]
    plan = states[plan_stream(command.plan)] if command.plan else None
    if command.plan and not (isinstance(plan, Plan) and plan.in_force):
        raise NotFound(Failure("reference", f"plan {command.plan} is unknown or not in force", "plan"))
    if drill.status != NEW:
        _require_holder(command, drill)
    elif command.by.has("ENT"):
        content = plan.in_force if isinstance(plan, Plan) else None
        require_own(command.by, content.type if content else None, content.organ if content else None)
    fact: DrillEvent
    match command:
        case ScheduleDrill():
            fact = _schedule(command, drill)
        case StartDrill():
            fact = _start(command, drill)
        case LinkPlanRevision():
            assert isinstance(plan, Plan)  # by the type of the command
            fact = _link(command, drill, plan)
        case _:
            assert_never(command)
    return Decided([(drill_stream(command.drill), fact)])


def _schedule(command: ScheduleDrill, drill: Drill) -> DrillScheduled:
    DRILL_FLOW.require(drill.status, command)
    faults = [*_blank("drill.title", "what is drilled", title=command.title), *naive(starts_at=command.starts_at)]
    if not faults and command.starts_at < command.now:
        faults.append(Failure("drill.life", "starts_at has passed: a drill that is held now is started (StartDrill)", "starts_at"))
    refuse_all(RuleBroken, faults)
    return DrillScheduled(
        command.drill,
        command.division,
        command.title,
        command.starts_at,
        command.unit,
        command.by.actor,
        command.now,
        command.plan,
        command.participants,
        command.scenario,
        command.objectives,
        command.previous,
        organ_of(command.by),
    )


def _start(command: StartDrill, drill: Drill) -> DrillStarted:
    """What the schedule says holds; a start that says otherwise is of another drill."""
    DRILL_FLOW.require(drill.status, command)
    faults = []
    if command.exercise is not True:
        faults.append(Failure(ISOLATION, "say exercise: true; what is not an exercise is no drill", "exercise"))
    for name in ("division", "plan", "unit", "previous") if drill.division else ():
        said, known = getattr(command, name), getattr(drill, name)
        if said is not None and said != known:
            faults.append(Failure("drill.life", f"it was scheduled with {name} {known}: cancel it and schedule another", name))
    refuse_all(RuleBroken, faults)
    unit = command.unit or drill.unit
    plan, previous = command.plan or drill.plan, command.previous or drill.previous
    organ = drill.organ if drill.division else organ_of(command.by)
    return DrillStarted(command.drill, command.division, True, unit, command.by.actor, command.now, plan, previous, organ)


def _inject(command: Inject, drill: Drill) -> Sequence[InjectDelivered]:
    DRILL_FLOW.require(drill.status, command)
    if command.inject in drill.injects:
        raise WrongState(Failure("drill.life", f"{command.inject} was delivered: give another turn of events its own id", "inject"))
    faults = [*_blank("drill.inject", "what the players are told", text=command.text), *naive(played_at=command.played_at)]
    if not command.to:
        faults.append(Failure("drill.inject", "to is empty: name the posts that are told", "to"))
    refuse_all(RuleBroken, faults)
    played = command.played_at or command.now
    return [InjectDelivered(command.drill, command.inject, command.text or "", command.to, played, command.by.actor, command.now)]


def _find(command: RecordFinding, drill: Drill) -> Sequence[DrillFindingRecorded]:
    """Findings have an owner and a date (domain 3.21)."""
    DRILL_FLOW.require(drill.status, command)
    if command.finding in drill.findings:
        raise WrongState(Failure("drill.life", f"{command.finding} is recorded already: give another finding its own id", "finding"))
    faults = [
        *_blank("drill.findings", "what is to be mended", text=command.text),
        *_blank("drill.findings", "who mends it", owner=command.owner),
        *naive(due=command.due),
    ]
    if command.due is None:
        faults.append(Failure("drill.findings", "due is empty: by when it is mended", "due"))
    elif not faults and command.due <= command.now:
        faults.append(Failure("drill.findings", "due has passed: by when it is to be mended", "due"))
    refuse_all(RuleBroken, faults)
    assert command.owner is not None and command.due is not None
    due = Due(_key(command.finding), "drill.findings", command.now, command.due)
    said = (command.drill, command.finding, command.text, command.aspect, command.owner, command.due)
    return [DrillFindingRecorded(*said, command.by.actor, command.now, (due,))]


def _settle(command: SettleFinding, drill: Drill) -> Sequence[DrillFindingSettled]:
    DRILL_FLOW.require(drill.status, command)
    _known(drill, command.finding)
    refuse_all(RuleBroken, _blank("drill.findings", "how it was mended", how=command.how))
    met = (_key(command.finding),)
    return [DrillFindingSettled(command.drill, command.finding, command.how or "", command.by.actor, command.now, met)]


def _link(command: LinkPlanRevision, drill: Drill, plan: Plan) -> DrillPlanRevisionLinked:
    DRILL_FLOW.require(drill.status, command)
    for finding in command.findings:
        _known(drill, finding)
    if command.plan != drill.plan:
        raise RuleBroken(Failure("drill.revision", f"{command.drill} was of {drill.plan or 'no plan'}: only a revision of that", "plan"))
    if not 1 <= command.version <= plan.version:
        raise RuleBroken(Failure("drill.revision", f"{command.plan} is at version {plan.version}: issue the revision first", "version"))
    assert drill.started_at is not None  # by the flow
    if plan.issued[command.version] < drill.started_at:
        raise RuleBroken(Failure("drill.revision", f"version {command.version} held before the drill: name one issued since", "version"))
    findings = tuple(dict.fromkeys(command.findings)) or drill.open
    met = tuple(_key(finding) for finding in findings)
    return DrillPlanRevisionLinked(command.drill, command.plan, command.version, findings, command.by.actor, command.now, met)


def _evaluate(command: EvaluateDrill, drill: Drill, rules: Rules) -> Decided:
    """Every aspect is spoken of (PMM); dangerous firms and crowded places report the result (PSER art. 8)."""
    DRILL_FLOW.require(drill.status, command)
    assert drill.ended_at is not None  # by the flow
    said = command.assessment or {}
    aspects = rules.value("drill.evaluation")
    faults = [
        Failure("drill.evaluation", f"{row['id']} is empty: {row['en']}", "assessment")
        for row in aspects
        if not said.get(row["id"], "").strip()
    ]
    known = [row["id"] for row in aspects]
    strange = [name for name in said if name not in known]
    faults += [Failure("drill.evaluation", f"{name[:40]} is none of {', '.join(known)}", "assessment") for name in strange]
    if drill.unit == DrillUnit.HIGH_RISK and not (command.reported_to or "").strip():
        faults.append(Failure("PSER-8", "reported_to is empty: name the department the result was reported to", "reported_to"))
    refuse_all(RuleBroken, faults)
    due = deadline(rules, rules.value("drill.interval")[drill.unit], drill.ended_at, NEXT)
    evaluated = DrillEvaluated(
        command.drill,
        said,
        drill.ended_at,
        len(drill.findings),
        command.reported_to,
        command.by.actor,
        command.now,
        drill.plan,
        drill.previous,
        () if drill.plan else (due,),  # a plan counts its own drills
    )
    return Decided([evaluated], basis="PSER-8")


def _known(drill: Drill, finding: str) -> None:
    if finding not in drill.findings:
        raise NotFound(Failure("reference", f"finding {finding} is unknown: record it first", "finding"))
    if not drill.findings[finding]:
        raise WrongState(Failure("drill.life", f"{finding} is settled", "finding"))


def _blank(rule: str, what: str, **said: str | None) -> list[Failure]:
    return [Failure(rule, f"{name} is empty: {what}", name) for name, value in said.items() if not (value or "").strip()]


def _key(finding: str) -> str:
    return f"finding.{finding}"


def _own(command: Alone) -> tuple[str, ...]:
    return (drill_stream(command.drill),)


def _and_plan(command: Begun) -> tuple[str, ...]:
    return (drill_stream(command.drill), *((plan_stream(command.plan),) if command.plan else ()))


DRILL = Decider(
    category="drill",
    initial=Drill(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        ScheduleDrill: Handles(_and_plan, areas=lambda c: (c.division,), creates=True),
        StartDrill: Handles(_and_plan, areas=lambda c: (c.division,), creates=True),
        LinkPlanRevision: Handles(_and_plan),
        **{kind: Handles(_own) for kind in (Inject, EndDrill, CancelDrill, RecordFinding, SettleFinding, EvaluateDrill)},
        FollowDrill: Handles(_own),
        EscalateDrillClock: Handles(_own),
    },
    joint=frozenset({ScheduleDrill, StartDrill, LinkPlanRevision}),
)
