"""One accepted example of every command of a plan, a response, an urgent period and an evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from services.alerts.deciders.guard import FreeGuard
from services.alerts.deciders.incidents.commands import RegisterIncident
from services.alerts.deciders.plans import commands as plans
from services.alerts.deciders.responses import commands as responses
from services.alerts.deciders.responses.evaluation import ApproveEvaluation, NameTeam, OpenEvaluation, SubmitEvaluation
from services.alerts.deciders.responses.urgent import (
    DeclareUrgentDroughtPeriod,
    DeclareUrgentFloodPeriod,
    EndUrgentPeriod,
    EscalateUrgentClock,
    period_of,
)
from services.alerts.events.evaluation import EvaluationKind
from services.alerts.events.guard import Guarded
from services.alerts.events.incident import IncidentType
from services.alerts.events.plan_content import (
    Authority,
    Listening,
    Metric,
    PlanLevel,
    PlanMeasure,
    PlanPart,
    PlanType,
    RevisionReason,
    Trigger,
)
from services.alerts.events.scales import EventGrade, ResponseLevel
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk
from tests.hosts.alert_work import AREA, GOVERNMENT, OFFICER

SYSTEM = Signature("SYS", ("SYS",), AREA)
HEADQUARTERS = Signature("B.HQ", ("HQ",), AREA, 3)
CITY = Signature("C.HQ", ("HQ",), "150700", 2)
REGION, REGION_GOVERNMENT = Signature("R.HQ", ("HQ",), "150000", 1), Signature("R.GOV", ("GOV",), "150000", 1)
LEGAL = Signature("B.LEG", ("LEG",), AREA, 3)
PARTS = tuple(PlanPart(part, "said") for part in ("organisation", "prevention", "procedure", "guarantee", "recovery"))
DAY = timedelta(days=1)


def responses_tour(desk: Desk) -> Iterator[Command]:
    """A plan from its draft to its end, responses under plans, periods that open powers, and what was learned."""
    yield RegisterIncident(by=OFFICER, now=desk.now, incident="INC-R", type=IncidentType.DAM, division=AREA, known_at=desk.now)
    yield from _plans(desk)
    yield from _responses(desk)
    yield from _urgent(desk)
    evaluation = {"now": desk.now, "evaluation": "EV-R"}
    yield OpenEvaluation(by=GOVERNMENT, **evaluation, kind=EvaluationKind.RESPONSE, incident="INC-R")
    yield NameTeam(by=GOVERNMENT, **evaluation, team=(OFFICER.actor,), conflict={OFFICER.actor: False})
    yield SubmitEvaluation(by=OFFICER, **evaluation, findings=("boats came late",), cites="ACT-R")
    yield ApproveEvaluation(by=GOVERNMENT, **evaluation)
    yield FreeGuard(by=SYSTEM, now=desk.now, kind=Guarded.RESPONSES, subject="INC-R", holder="ACT-R")


def levels(division: str) -> tuple[PlanLevel, ...]:
    """Four levels that the division's headquarters activates."""
    measures = (PlanMeasure("P-1", "watch the river"),)
    return tuple(PlanLevel(level, Authority(("HQ",), division), "water above mark", measures, (), 72) for level in ResponseLevel)


def _plans(desk: Desk) -> Iterator[Command]:
    signed, system = {"now": desk.now, "plan": "PLAN-1"}, {"by": SYSTEM, "now": desk.now, "plan": "PLAN-1"}
    whole = {"parts": PARTS, "levels": levels(AREA)}
    yield plans.DraftPlan(by=OFFICER, **signed, type=PlanType.SPECIAL, hazard="snow", **whole, valid_to=desk.now + 900 * DAY)
    yield plans.RecordOpinion(by=HEADQUARTERS, **signed, of="herders", opinion="agreed")
    yield plans.PassLegalReview(by=LEGAL, **signed)
    yield plans.ApprovePlan(by=GOVERNMENT, **signed)
    yield plans.IssuePlan(by=GOVERNMENT, **signed)
    yield plans.FilePlan(by=OFFICER, **signed, to="EMD of 150700", note="why it was changed")
    bound = {"level": ResponseLevel.II, "metric": Metric.GRADE, "grade": EventGrade.MAJOR}
    yield plans.DefineTrigger(by=OFFICER, **signed, trigger="T-1", **bound)
    listening = Listening(AREA, (Trigger("T-1", ResponseLevel.II, Metric.GRADE, grade=EventGrade.MAJOR),))
    yield plans.EnlistTriggers(**system, listening=listening)
    yield plans.EvaluateTriggers(by=SYSTEM, now=desk.now, incident="INC-R", grade=EventGrade.MAJOR)
    yield plans.RecordPlanDrill(by=OFFICER, **signed, held=desk.now, findings="boats missing")
    yield plans.EvaluatePlan(**system, evaluation="EV-R")
    yield plans.ProposeRevision(**system, evaluation="EV-R", findings=("boats came late",))
    yield plans.RevisePlan(by=OFFICER, **signed, reason=RevisionReason.PROBLEMS, title="second edition")
    yield plans.EscalatePlanClock(by=SYSTEM, now=desk.now + 900 * DAY, plan="PLAN-1", key="K-44")
    yield plans.DraftPlan(by=OFFICER, now=desk.now, plan="PLAN-2", type=PlanType.SPECIAL, hazard="wind")
    yield plans.RepealPlan(by=GOVERNMENT, now=desk.now, plan="PLAN-2", reason="not needed")


def _responses(desk: Desk) -> Iterator[Command]:
    adopted = {"by": Signature("R.OFF", ("EMD.officer",), "150000", 1), "now": desk.now, "hazard": "flood", "reference": "issued 2020"}
    for plan, owner in (("PLAN-B", AREA), ("PLAN-C", "150700")):
        yield plans.AdoptPlan(**adopted, plan=plan, type=PlanType.SPECIAL, owner=owner, levels=levels(owner))
    outside = tuple(replace(level, authority=None) for level in levels(AREA))
    yield plans.AdoptPlan(**adopted, plan="PLAN-N", type=PlanType.EXTERNAL, outside="national flood HQ", levels=outside)
    signed, of = {"by": HEADQUARTERS, "now": desk.now, "activation": "ACT-R"}, {"incident": "INC-R", "plan": "PLAN-B"}
    proposed = {"now": desk.now, "activation": "ACT-P", **of, "level": ResponseLevel.IV}
    yield responses.ProposeActivation(by=OFFICER, **proposed, reason="rain")
    yield responses.DeclineActivation(by=HEADQUARTERS, now=desk.now, activation="ACT-P", reason="it stops")
    stated = {"matter": "flood", "level": ResponseLevel.III, "expected_end": desk.now + DAY}
    yield responses.ActivateResponse(**signed, **of, **stated, measures=("M-1 move people", "M-2 close road"))
    theirs = {"by": CITY, "now": desk.now, "activation": "ACT-C"}
    yield responses.ActivateResponse(**theirs, incident="INC-R", plan="PLAN-C", **stated)
    yield responses.ChangeLevel(**signed, level=ResponseLevel.II, reason="second dam")
    yield responses.EscalateResponseClock(by=SYSTEM, now=desk.now + DAY, activation="ACT-R", key="expected_end")
    yield responses.ExtendResponse(**signed, expected_end=desk.now + 2 * DAY, reason="rain goes on")
    yield responses.TakeOverMeasure(**theirs, source="ACT-R", measure="M-2")
    yield responses.HandOverCommand(by=CITY, now=desk.now, activation="ACT-R", reason="beyond its means")
    own = {"by": CITY, "now": desk.now, "activation": "ACT-R"}
    yield responses.EndMeasure(**own, measure="M-1", reason="all moved")
    yield responses.EndResponse(**own, kept=(responses.Kept("P-1", "water still high"),))
    external = {"by": SYSTEM, "now": desk.now, "activation": "ACT-N"}
    yield responses.RecordExternalActivation(**external, incident="INC-R", plan="PLAN-N", level=ResponseLevel.III)
    yield responses.RecordExternalEnd(**external)


def _urgent(desk: Desk) -> Iterator[Command]:
    until = desk.now + DAY
    flood = DeclareUrgentFloodPeriod(by=HEADQUARTERS, now=desk.now, river="西瓦尔图河", until=until)
    yield flood
    yield EndUrgentPeriod(by=HEADQUARTERS, now=desk.now, period=period_of(flood), reason="falling")
    drought = DeclareUrgentDroughtPeriod(by=REGION, cosigner=REGION_GOVERNMENT, now=desk.now, area="150700", until=until)
    yield drought
    yield EscalateUrgentClock(by=SYSTEM, now=until, period=period_of(drought), key="until")
