"""Triggers propose, nothing more: on known metrics, as each plan says; and no scale becomes another (T-7, T-8)."""

from __future__ import annotations

import enum
import inspect
import types
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, get_args, get_type_hints

import pytest
from msgspec.structs import replace as replace_struct

import services.alerts
from services.alerts.api.plans import COMMANDS
from services.alerts.deciders.plans.commands import AdoptPlan, DefineTrigger, EnlistTriggers, EvaluateTriggers
from services.alerts.deciders.plans.plan import PLAN
from services.alerts.deciders.plans.relief import relief_level
from services.alerts.deciders.plans.triggers import BOOK, TRIGGERS, TriggerBook, called_stream
from services.alerts.deciders.reports.figures import Book, Entry
from services.alerts.events.plan import PlanAdopted, PlanTriggerDefined
from services.alerts.events.plan_content import Listening, Metric, Trigger
from services.alerts.events.scales import EventGrade, ResponseLevel, WarningColour
from services.alerts.events.trigger import TriggerReached, TriggersEnlisted
from shared.kernel.decider import About
from shared.kernel.errors import RuleBroken
from shared.testing.spec import given
from shared.web.commands import body_of
from tests.alerts.command.responding import OFFICER, POLICY, adopt, history, incident
from tests.alerts.world import RULES, at

NOW = at("14:00")
FIRST, SECOND, THIRD, FOURTH = ResponseLevel
RED = Trigger("T-RED", SECOND, Metric.COLOUR, colour=WarningColour.RED, hazards=("11A", "NAT.DAM"))
DEAD = Trigger("T-DEAD", FIRST, Metric.DEAD_MISSING, at_least=Decimal(3), hazards=("NAT.",))
MAJOR = Trigger("T-MAJOR", THIRD, Metric.GRADE, grade=EventGrade.MAJOR)
LISTENING = Listening("150722", (RED, DEAD, MAJOR))


def define(**changed: Any) -> DefineTrigger:
    fields: dict[str, Any] = {"trigger": "T-1", "level": SECOND, "metric": Metric.DEAD, "at_least": Decimal(3)}
    return DefineTrigger(**({"by": OFFICER, "now": NOW, "plan": "PLAN-B"} | fields | changed))


ADOPTED = history(PLAN, adopt(), others={})


def test_a_trigger_of_a_plan_in_force_is_listened_to():
    defined = given(PLAN, *ADOPTED, rules=RULES).when(define()).then_types(PlanTriggerDefined).events[0]
    assert defined.listening == Listening("150722", (Trigger("T-1", SECOND, Metric.DEAD, Decimal(3)),))
    given(PLAN, *ADOPTED, defined, rules=RULES).when(define()).then()
    again = given(PLAN, *ADOPTED, defined, rules=RULES).when(define(level=FIRST)).then_types(PlanTriggerDefined).events[0]
    assert [one.level for one in again.listening.triggers] == [FIRST]


def test_a_trigger_names_a_level_of_its_plan_and_the_bound_of_its_metric():
    few = history(PLAN, replace(adopt(), levels=adopt().levels[2:]), others={})
    given(PLAN, *few, rules=RULES).when(define(level=FIRST)).refused(RuleBroken, "plan")
    for wrong in (
        {"at_least": None},
        {"at_least": Decimal(0)},
        {"colour": WarningColour.RED},
        {"metric": Metric.COLOUR},
        {"metric": Metric.GRADE, "at_least": None},
        {"metric": Metric.GRADE, "at_least": None, "colour": WarningColour.RED},
    ):
        given(PLAN, *ADOPTED, rules=RULES).when(define(**wrong)).refused(RuleBroken, "plan.trigger")


@pytest.mark.parametrize("command", [DefineTrigger, AdoptPlan])
def test_a_trigger_on_an_unknown_metric_is_no_trigger(command):
    body = body_of(command, without=("plan",))
    trigger = {"trigger": "T-1", "level": 2, "metric": "moon", "at_least": 3}
    given_ = {"type": "special", "hazard": "flood", "triggers": [trigger]} if command is AdoptPlan else trigger
    with pytest.raises(ValueError, match="metric"):
        body.model_validate(given_)
    right = {**trigger, "metric": "dead"}
    body.model_validate({**given_, "triggers": [right]} if command is AdoptPlan else right)
    assert command in {cls for _, cls in COMMANDS}


def test_a_plan_is_adopted_with_its_triggers():
    fact = history(PLAN, replace(adopt(), triggers=(RED,)), others={})[0]
    assert isinstance(fact, PlanAdopted) and fact.triggers == (RED,)
    wrong = replace(adopt(), triggers=(replace(RED, colour=None),))
    given(PLAN, rules=RULES).when(wrong).refused(RuleBroken, "plan.trigger")


def test_triggers_are_listened_to_until_their_plan_is_gone():
    enlist = EnlistTriggers(by=POLICY, now=NOW, plan="PLAN-B", listening=LISTENING)
    enlisted = TriggersEnlisted("PLAN-B", LISTENING, NOW)
    given(TRIGGERS, rules=RULES).when(enlist).then(enlisted)
    given(TRIGGERS, enlisted, rules=RULES).when(enlist).then()
    gone = replace(enlist, listening=None)
    given(TRIGGERS, enlisted, rules=RULES).when(gone).then(TriggersEnlisted("PLAN-B", None, NOW))
    given(TRIGGERS, rules=RULES).when(gone).then()


def book_of(figures: dict[str, int]) -> Book:
    entries = {name: {"RP-1": Entry("RP-1", "150722", Decimal(value), NOW, NOW, True)} for name, value in figures.items()}
    return Book("INC-1", "150722", entries)


def reached(command: EvaluateTriggers, listens: Listening = LISTENING, **figures: int) -> list[TriggerReached]:
    states = {BOOK: TriggerBook({"PLAN-B": listens}), "incident-INC-1": incident(), "figures-INC-1": book_of(figures)}
    states[called_stream(command)] = TriggerBook()
    return [fact for _, fact in TRIGGERS.decide(command, states, RULES).events]


def warned(**changed: Any) -> EvaluateTriggers:
    fields: dict[str, Any] = {"alert": "AL-1", "hazard": "11A01", "areas": ("150722",), "colour": WarningColour.RED}
    return EvaluateTriggers(**({"by": POLICY, "now": NOW} | fields | changed))


def seen(**changed: Any) -> EvaluateTriggers:
    return EvaluateTriggers(**({"by": POLICY, "now": NOW, "incident": "INC-1", "grade": EventGrade.LARGER} | changed))


def test_a_warning_proposes_the_level_its_plan_names():
    (fact,) = reached(warned())
    assert (fact.plan, fact.level, fact.trigger, fact.seen, fact.alert) == ("PLAN-B", SECOND, "T-RED", "red warning AL-1", "AL-1")


@pytest.mark.parametrize("other", [{"colour": WarningColour.ORANGE}, {"hazard": "11B03"}, {"areas": ("150700",)}, {"areas": ()}])
def test_another_colour_hazard_or_area_does_not(other):
    assert reached(warned(**other)) == []


def test_a_trigger_listens_where_it_says():
    there = Listening("150700", (replace(RED, areas=("150722", "150721")),))
    assert [fact.level for fact in reached(warned(), there)] == [SECOND]
    assert reached(warned(), Listening("150700", (RED,))) == []


def test_figures_and_grade_of_an_incident_propose_the_highest_level_they_reach():
    assert reached(seen()) == []
    assert [fact.level for fact in reached(seen(grade=EventGrade.MAJOR))] == [THIRD]
    both = reached(seen(grade=EventGrade.MAJOR), dead=2, missing=1)
    assert [(fact.level, fact.seen) for fact in both] == [(FIRST, "dead_missing 3")]
    assert reached(seen(), dead=2) == []


def test_what_was_called_for_is_called_for_again_only_at_a_higher_level():
    (fact,) = reached(seen(grade=EventGrade.MAJOR))
    past = (TriggersEnlisted("PLAN-B", LISTENING, NOW), fact)
    known = {"incident-INC-1": incident(), "figures-INC-1": book_of({})}
    apart = {"triggers-of.INC-1": TRIGGERS.fold([fact])}
    for before, beside in ((past, {}), (past[:1], apart)):
        given(TRIGGERS, *before, others=known | beside, rules=RULES).when(seen(grade=EventGrade.MAJOR)).then()
    anew = TriggersEnlisted("PLAN-B", None, NOW), TriggersEnlisted("PLAN-B", LISTENING, NOW)
    given(TRIGGERS, *past[:1], *anew, others=known | apart, rules=RULES).when(seen(grade=EventGrade.MAJOR)).then_types(TriggerReached)
    worse = known | {"figures-INC-1": book_of({"dead": 3})}
    given(TRIGGERS, *past, others=worse, rules=RULES).when(seen(grade=EventGrade.MAJOR)).then_types(TriggerReached)


def test_every_figure_a_trigger_looks_at_can_be_reported():
    computed = {Metric.COLOUR, Metric.GRADE, Metric.DEAD_MISSING, Metric.ROOMS}
    assert {metric.value for metric in set(Metric) - computed} <= set(RULES.value("report.figures"))


@pytest.mark.parametrize(
    ("metric", "bounds"),
    [
        ("dead_missing", (200, 100, 50, 20)),
        ("relocated", (2_000_000, 1_000_000, 500_000, 100_000)),
        ("rooms", (300_000, 200_000, 100_000, 10_000)),
        ("households", (100_000, 70_000, 30_000, 3_000)),
        ("drought_percent", (30, 25, 20, 15)),
        ("drought_people", (4_000_000, 3_000_000, 2_000_000, 1_000_000)),
    ],
)
def test_the_national_relief_response_has_its_bounds(metric, bounds):
    for level, bound in zip(ResponseLevel, bounds, strict=True):
        found, below = relief_level({metric: Decimal(bound)}, RULES), relief_level({metric: bound - Decimal("0.01")}, RULES)
        assert found is not None and found[0] == level
        assert below is None if level is FOURTH else below is not None and level.above(below[0])


def test_the_worst_figure_decides_and_unknown_ones_do_not():
    assert relief_level({}, RULES) is None
    worst = relief_level({"rooms": Decimal(10_000), "dead_missing": Decimal(120), "bridges": Decimal(10**9)}, RULES)
    assert worst == (SECOND, "dead_missing 120")


def test_the_national_response_is_asked_for_and_never_activated_here():
    (fact,) = reached(seen(), Listening("150722", ()), relocated=120_000)
    assert (fact.plan, fact.level, fact.outside) == ("NRP", FOURTH, True)


# ---------------------------------------------------------------- three scales

SCALES = (WarningColour, ResponseLevel, EventGrade)


def scales_in(hint: Any) -> set[type]:
    found = {scale for scale in SCALES if hint is scale}
    for part in get_args(hint):
        found |= scales_in(part)
    return found


def functions() -> Iterator[Any]:
    for found in walk_packages(services.alerts.__path__, "services.alerts."):
        module = import_module(found.name)
        for thing in vars(module).values():
            if inspect.isclass(thing) and thing.__module__ == module.__name__:
                yield from (one for one in vars(thing).values() if isinstance(one, types.FunctionType))
            elif isinstance(thing, types.FunctionType) and thing.__module__ == module.__name__:
                yield thing


def test_no_function_makes_one_scale_of_another():
    mixed, asked = [], 0
    for function in functions():
        try:
            hints = get_type_hints(function)
        except NameError:  # a name that only the type checker knows
            continue
        made = scales_in(hints.pop("return", None))
        owner = {scale for scale in SCALES if function.__qualname__.startswith(f"{scale.__name__}.")}
        taken = owner.union(*[scales_in(hint) for hint in hints.values()])
        asked += bool(made)
        if made and taken and made != taken:
            mixed.append(f"{function.__module__}.{function.__qualname__}")
    assert asked > 3 and not mixed, mixed


def test_the_scales_have_no_number_in_common_use():
    assert not any(issubclass(scale, int) for scale in SCALES)
    assert not any(isinstance(one.value, int) for one in (*WarningColour, *EventGrade))
    levels: list[Any] = list(ResponseLevel)
    assert issubclass(ResponseLevel, enum.Enum) and ResponseLevel.I.above(ResponseLevel.II) and not ResponseLevel.I.above(ResponseLevel.I)
    with pytest.raises(TypeError):
        sorted(levels)


def test_what_was_reached_is_told_where_the_incident_lies_and_to_nobody_else():
    """Whoever stands beside must not learn from a plan's trigger how many died in an incident they may not see."""
    for visibility in ("internal", "restricted"):
        home = replace_struct(incident(), division="150722", visibility=visibility)
        states: dict[str, Any] = {BOOK: TriggerBook({"PLAN-B": LISTENING}), "triggers-of.INC-1": TriggerBook()}
        states |= {"incident-INC-1": home, "figures-INC-1": book_of({"dead": 3})}
        ((stream, fact),) = TRIGGERS.decide(seen(), states, RULES).events
        told = TRIGGERS.about(TRIGGERS.fold([fact]))
        assert (stream, told) == ("triggers-of.INC-1", About("150722", visibility, "INC-1"))
