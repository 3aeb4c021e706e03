"""Impact assessments: a module collects only under a valid one (PIPL art. 55, 56)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from services.privacy.deciders.clock import escalate
from services.privacy.deciders.streams import assessment_stream, module_of
from services.privacy.events.clock import ClockMissed
from services.privacy.events.duties import AssessmentEvent, ImpactAssessmentApproved, ImpactAssessmentDrafted
from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all

RULE = "PIPL-55"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftImpactAssessment(Command):
    """Write down the three parts for a module, before it collects."""

    module: PublicId
    assessment: PublicId
    lawfulness: str | None = None  # purpose and manner are lawful, proper and needed
    risks: str | None = None  # effect on the persons, and the risk
    protection: str | None = None  # measures that are lawful, effective and fit the risk
    division: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveImpactAssessment(Command):
    """Stand behind it, as another person."""

    module: PublicId
    assessment: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateAssessmentClock(EscalateClock):
    """It expired, and the module collects no more."""

    module: PublicId


@dataclass(frozen=True, slots=True)
class Module:
    """A collecting module with its drafts and what was approved."""

    drafts: Mapping[str, str] = field(default_factory=dict)  # assessment -> author
    approved: Mapping[str, datetime] = field(default_factory=dict)  # assessment -> until
    division: str | None = None
    clocks: Clocks = STILL

    def valid_at(self, now: datetime) -> str | None:
        """The assessment it may collect under."""
        return next((name for name, until in self.approved.items() if now < until), None)


def decide(
    command: DraftImpactAssessment | ApproveImpactAssessment | EscalateAssessmentClock, module: Module, rules: Rules
) -> Sequence[AssessmentEvent | ClockMissed] | Decided:
    """Facts that follow from a command, or a refusal."""
    match command:
        case DraftImpactAssessment():
            return _draft(command, module, rules)
        case ApproveImpactAssessment():
            return _approve(command, module, rules)
        case EscalateAssessmentClock():
            return escalate(command, module.clocks)
        case _:
            assert_never(command)


def _draft(command: DraftImpactAssessment, module: Module, rules: Rules) -> Decided:
    if command.assessment in module.approved:
        raise WrongState(Failure(RULE, f"{command.assessment} is approved: draft another", "assessment"))
    purposes = tuple(row["purpose"] for row in rules.value("privacy.purposes") if module_of(row["purpose"]) == command.module)
    if not purposes:
        known = sorted({module_of(row["purpose"]) for row in rules.value("privacy.purposes")})
        raise NotFound(Failure("reference", f"no purpose belongs to {command.module}: {', '.join(known)}", "module"))
    parts = {"lawfulness": command.lawfulness, "risks": command.risks, "protection": command.protection}
    refuse_all(RuleBroken, [Failure("PIPL-56", f"write the part on {name}", name) for name, said in parts.items() if not said])
    said = (str(command.lawfulness), str(command.risks), str(command.protection))
    where = command.division or command.by.division
    fact = ImpactAssessmentDrafted(command.module, command.assessment, purposes, *said, where, command.by.actor, command.now)
    return Decided([fact], basis="PIPL-56")


def _approve(command: ApproveImpactAssessment, module: Module, rules: Rules) -> Decided:
    author = module.drafts.get(command.assessment)
    if author is None:
        raise NotFound(Failure("reference", f"{command.module} has no draft {command.assessment}", "assessment"))
    if author == command.by.actor:
        raise NotAllowed(Failure("two.persons", "another than its author approves it"))
    if command.assessment in module.approved:
        raise WrongState(Failure(RULE, f"{command.assessment} is approved", "assessment"))
    until = command.now + rules.value("privacy.assessment_valid")
    due = Due(f"expires-{command.assessment}", RULE, command.now, until)
    keep = command.now + max(rules.value("K-52"), rules.value("privacy.assessment_valid"))
    fact = ImpactAssessmentApproved(command.module, command.assessment, until, keep, command.by.actor, command.now, (due,))
    return Decided([fact], basis=RULE)


def evolve(module: Module, event: AssessmentEvent | ClockMissed) -> Module:
    """The module after the event."""
    match event:
        case ImpactAssessmentDrafted():
            drafts = {**module.drafts, event.assessment: event.by}
            return replace(module, drafts=drafts, division=module.division or event.division)
        case ImpactAssessmentApproved():
            approved = {**module.approved, event.assessment: event.until}
            return replace(module, approved=approved, clocks=module.clocks.start(*event.clocks))
        case ClockMissed(key=key):
            return replace(module, clocks=module.clocks.miss(key))
        case _:
            assert_never(event)


def _own(command: DraftImpactAssessment | ApproveImpactAssessment | EscalateAssessmentClock) -> tuple[str, ...]:
    return (assessment_stream(command.module),)


def _where(command: DraftImpactAssessment) -> tuple[str, ...]:
    return (command.division,) if command.division else ()


ASSESSMENT = Decider(
    category="assessment",
    initial=Module(),
    decide=decide,
    evolve=evolve,
    about=lambda module: About(module.division, "internal"),
    handles={
        DraftImpactAssessment: Handles(_own, areas=_where, creates=True),
        ApproveImpactAssessment: Handles(_own),
        EscalateAssessmentClock: Handles(_own),
    },
)
