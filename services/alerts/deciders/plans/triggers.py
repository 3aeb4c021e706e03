"""When a plan asks to be activated: triggers on known metrics, listened to in one place, so that every fact meets every plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_never

from services.alerts.deciders.incidents.state import NEW, Incident
from services.alerts.deciders.plans.commands import DefineTrigger, EnlistTriggers, EvaluateTriggers
from services.alerts.deciders.plans.relief import NATIONAL, relief_level, with_sums
from services.alerts.deciders.plans.state import PLAN_FLOW, Plan
from services.alerts.deciders.reports.figures import Book, uppermost
from services.alerts.deciders.streams import figures_stream, incident_stream
from services.alerts.events.plan import PlanTriggerDefined
from services.alerts.events.plan_content import Listening, Metric, PlanContent, Trigger
from services.alerts.events.scales import ResponseLevel
from services.alerts.events.trigger import TriggerEvent, TriggerReached, TriggersEnlisted
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

BOOK = "triggers-all"
EVERYWHERE = About(None, "internal")


@dataclass(frozen=True, slots=True)
class TriggerBook:
    """The triggers of all plans in force; of one incident or warning the level each plan was already called for, and where it lies."""

    plans: Mapping[str, Listening] = field(default_factory=dict)
    called: Mapping[tuple[str, str], ResponseLevel] = field(default_factory=dict)
    last: Mapping[str, datetime] = field(default_factory=dict)  # by plan: when it was let go, or called
    about: About = EVERYWHERE  # plans are listened to for all; what was reached is told where the incident lies


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen, from a warning or from what is known of an incident."""

    hazard: str
    areas: frozenset[str]
    figures: Mapping[str, Decimal]


def define(command: DefineTrigger, plan: Plan) -> Sequence[PlanTriggerDefined]:
    """One of the same id takes the place of the former."""
    PLAN_FLOW.require(plan.status, command)
    said = (command.metric, command.at_least, command.colour, command.grade, command.hazards, command.areas)
    trigger = Trigger(command.trigger, command.level, *said)
    refuse_all(RuleBroken, faults_of(trigger, plan))
    if plan.triggers.get(command.trigger) == trigger:
        return []
    triggers = tuple({**plan.triggers, command.trigger: trigger}.values())
    listens = listening(plan.in_force, triggers) if plan.in_force else None
    return [PlanTriggerDefined(command.plan, trigger, listens, command.by.actor, command.now)]


def listening(content: PlanContent, triggers: tuple[Trigger, ...]) -> Listening | None:
    """What is listened to for a plan in force."""
    return Listening(content.owner, triggers) if triggers else None


def faults_of(trigger: Trigger, plan: Plan) -> list[Failure]:
    """A trigger names a level of its plan and the one bound that its metric has."""
    content = plan.in_force or plan.content
    levels = {level.level for level in content.levels} if content else set()
    bounds = {"at_least": trigger.at_least, "colour": trigger.colour, "grade": trigger.grade}
    wanted = trigger.metric.value if trigger.metric in (Metric.COLOUR, Metric.GRADE) else "at_least"
    faults = []
    if trigger.level not in levels:
        faults.append(Failure("plan", f"trigger {trigger.trigger}: the plan has no level {trigger.level.value}", "level"))
    if bounds.pop(wanted) is None:
        faults.append(Failure("plan.trigger", f"trigger {trigger.trigger}: {wanted} is empty", wanted))
    if any(bound is not None for bound in bounds.values()):
        faults.append(Failure("plan.trigger", f"trigger {trigger.trigger}: {trigger.metric} is bounded by {wanted} alone", wanted))
    if trigger.at_least is not None and trigger.at_least <= 0:
        faults.append(Failure("plan.trigger", f"trigger {trigger.trigger}: at_least is above zero", "at_least"))
    return faults


def decide(command: EnlistTriggers | EvaluateTriggers, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Facts that follow. A proposal each, nothing more: it is the authority that activates."""
    book: TriggerBook = states[BOOK]
    match command:
        case EnlistTriggers(plan=plan, listening=listens):
            enlisted = TriggersEnlisted(plan, listens, command.now)
            return Decided([] if book.plans.get(plan) == listens else [(BOOK, enlisted)])
        case EvaluateTriggers():
            own = states.get(called_stream(command)) or TriggerBook()
            known = states.get(incident_stream(command.incident)) if command.incident else None
            home = About(known.division, known.visibility, command.incident) if isinstance(known, Incident) and known.incident else None
            since = {key: level for key, level in own.called.items() if key[0] not in book.last or own.last[key[0]] > book.last[key[0]]}
            where = home or About(command.by.division, "internal", command.incident)
            here = TriggerBook(book.plans, {**book.called, **since}, about=where)
            found = _reached(command, here, _seen(command, states), rules)
            return Decided([(called_stream(command), reached) for reached in found])
        case _:
            assert_never(command)


def evolve(book: TriggerBook, event: TriggerEvent) -> TriggerBook:
    """The book after the event."""
    match event:
        case TriggersEnlisted(plan=plan, listening=listens):
            others = {name: one for name, one in book.plans.items() if name != plan}
            called = {key: level for key, level in book.called.items() if listens or key[0] != plan}
            last = book.last if listens else {**book.last, plan: event.at}
            return TriggerBook({**others, plan: listens} if listens else others, called, last)
        case TriggerReached():
            called = {**book.called, (event.plan, event.incident or event.alert or ""): event.level}
            last = {**book.last, event.plan: event.at}
            return TriggerBook(book.plans, called, last, About(event.division, event.visibility, event.incident))
        case _:
            assert_never(event)


def _seen(command: EvaluateTriggers, states: Mapping[str, Any]) -> Seen:
    if command.alert or command.incident is None:
        return Seen(command.hazard, frozenset(command.areas), {})
    incident, book = states.get(incident_stream(command.incident)), states.get(figures_stream(command.incident))
    if not isinstance(incident, Incident) or incident.status == NEW:
        return Seen("", frozenset(), {})
    return Seen(incident.type, frozenset(incident.divisions), with_sums(_totals(book)) if isinstance(book, Book) else {})


def _totals(book: Book) -> dict[str, Decimal]:
    """Of each figure what counts: the newest of each division, nobody counted twice."""
    found = {}
    for metric in book.entries:
        standing = {division: entry.value for division, entry in book.standing(metric).items() if division is not None}
        found[metric] = sum((standing[division] for division in uppermost(book.above, standing)), Decimal())
    return found


def _reached(command: EvaluateTriggers, book: TriggerBook, seen: Seen, rules: Rules) -> Iterator[TriggerReached]:
    """Of each plan the highest level, unless it was called for already; and the national relief response, which others activate."""
    about = (command.incident, command.alert, book.about.division, command.now)
    calls: list[tuple[str, ResponseLevel, str, str]] = []
    for plan, listens in book.plans.items():
        hits = [(trigger, what) for trigger in listens.triggers if (what := _hit(trigger, listens.owner, command, seen))]
        if hits:
            trigger, what = min(hits, key=lambda hit: hit[0].level.value)
            calls.append((plan, trigger.level, trigger.trigger, what))
    relief = relief_level(seen.figures, rules) if seen.hazard.startswith("NAT.") else None
    if relief is not None:
        calls.append((NATIONAL, relief[0], NATIONAL, relief[1]))
    for plan, level, name, what in calls:
        before = book.called.get((plan, command.incident or command.alert or ""))
        if before is None or level.above(before):
            yield TriggerReached(plan, level, name, what, *about, outside=plan == NATIONAL, visibility=book.about.visibility)


def _hit(trigger: Trigger, owner: str | None, command: EvaluateTriggers, seen: Seen) -> str | None:
    """In words what reached the trigger; None when nothing did."""
    if trigger.hazards and not seen.hazard.startswith(trigger.hazards):
        return None
    if seen.areas.isdisjoint(trigger.areas or (owner,)):
        return None
    if trigger.metric == Metric.COLOUR:
        return f"{command.colour} warning {command.alert}" if trigger.colour and command.colour == trigger.colour else None
    if trigger.metric == Metric.GRADE:
        return f"grade {command.grade}" if trigger.grade and command.grade == trigger.grade else None
    value = seen.figures.get(trigger.metric)
    return f"{trigger.metric} {value}" if value is not None and trigger.at_least is not None and value >= trigger.at_least else None


def called_stream(command: EvaluateTriggers) -> str:
    """What was called for an incident, or for a warning without one: a stream of its own, seen by who sees that."""
    return f"triggers-of.{command.incident or command.alert}"


def _streams(command: EvaluateTriggers) -> tuple[str, ...]:
    own = (BOOK, called_stream(command))
    return (*own, incident_stream(command.incident), figures_stream(command.incident)) if command.incident else own


TRIGGERS = Decider(
    category="triggers",
    initial=TriggerBook(),
    decide=decide,
    evolve=evolve,
    about=lambda book: book.about,
    handles={
        EnlistTriggers: Handles(lambda _: (BOOK,), creates=True),
        EvaluateTriggers: Handles(_streams, creates=True),
    },
    joint=frozenset({EnlistTriggers, EvaluateTriggers}),
)
