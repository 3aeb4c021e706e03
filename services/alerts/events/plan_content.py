"""What a plan says: its levels with who activates them, its measures, and what triggers it (ERL art. 28, 71; domain 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services.alerts.events.scales import EventGrade, ResponseLevel, WarningColour
from shared.kernel.commands import LongText


class PlanType(StrEnum):
    """What kind of plan it is; it decides where the plan is filed and how often it is drilled."""

    OVERALL = "overall"
    SPECIAL = "special"
    DEPARTMENT = "department"
    JOINT = "joint"
    TOWNSHIP = "township"
    VILLAGE = "village"
    UNIT = "unit"
    KEY_FACILITY = "key-facility"
    EXTERNAL = "external"  # of an authority outside: known here, activated there


class Metric(StrEnum):
    """What a trigger may look at: a warning's colour, an event's grade, or a figure of its reports under the name it has there."""

    COLOUR = "colour"
    GRADE = "grade"
    DEAD = "dead"
    MISSING = "missing"
    DEAD_MISSING = "dead_missing"  # both together
    HURT = "hurt"
    BADLY_HURT = "badly_hurt"
    TRAPPED = "trapped"
    AFFECTED = "affected"
    EVACUATED = "evacuated"
    RELOCATED = "relocated"  # moved or in need of urgent aid
    ROOMS_COLLAPSED = "rooms_collapsed"
    ROOMS_DAMAGED = "rooms_damaged"
    ROOMS = "rooms"  # both together
    HOUSEHOLDS = "households"  # whose rooms these were
    DROUGHT_PEOPLE = "drought_people"
    DROUGHT_PERCENT = "drought_percent"  # of those who live of farming and herding
    LIVESTOCK_DEAD = "livestock_dead"
    FARMLAND_MU = "farmland_mu"
    BURNT_HA = "burnt_ha"
    LOSS_YUAN = "loss_yuan"


class RevisionReason(StrEnum):
    """Why a plan is changed (ERL art. 28; PSER art. 6)."""

    DRAFTING = "drafting"  # not issued yet: its author goes on
    LAW = "law"
    COMMAND = "command"
    RISK = "risk"
    RESOURCES = "resources"
    PROBLEMS = "problems"
    DRILL = "drill"
    EVALUATION = "evaluation"


@dataclass(frozen=True, slots=True)
class Authority:
    """Who activates a level: one of these roles, in this division; of an enterprise this one alone."""

    roles: tuple[str, ...]
    division: str
    organ: str | None = None  # the enterprise, where enterprises may

    def __str__(self) -> str:
        return f"the {' or '.join(self.roles)} of {self.division}{f' ({self.organ})' if self.organ else ''}"


@dataclass(frozen=True, slots=True)
class PlanMeasure:
    """What is done at a level; the roles that do it, the duty room when none is named."""

    measure: str
    text: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """An order the authority issues at a level; prepared, never issued by itself."""

    order: str
    measure_type: str
    text: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class PlanLevel:
    """One level of a plan: who activates it, when, what is then done, for how long."""

    level: ResponseLevel
    authority: Authority | None = None
    conditions: str = ""
    measures: tuple[PlanMeasure, ...] = ()
    orders: tuple[StandingOrder, ...] = ()
    expected_hours: int | None = None


@dataclass(frozen=True, slots=True)
class PlanPart:
    """One of the parts the law asks for."""

    part: str
    text: LongText


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a level is proposed: a figure reaches a number, a warning has a colour or an event a grade, each as the plan says.

    `hazards` are prefixes of hazard codes or event types (none: any), `areas` the divisions it listens to (none: the owner's).
    """

    trigger: str
    level: ResponseLevel
    metric: Metric
    at_least: Decimal | None = None
    colour: WarningColour | None = None
    grade: EventGrade | None = None
    hazards: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanContent:
    """What a plan says. `owner` is a division, `outside` the name of an authority outside; one of them is empty."""

    type: PlanType
    hazard: str
    owner: str | None = None
    outside: str = ""
    title: str = ""
    parts: tuple[PlanPart, ...] = ()
    levels: tuple[PlanLevel, ...] = ()
    parent: str | None = None
    valid_to: datetime | None = None
    document: str = ""  # where its text is: a digest or a reference
    organ: str | None = None  # the enterprise whose it is, within the owner


@dataclass(frozen=True, slots=True)
class Listening:
    """The triggers of a plan in force, and whose it is."""

    owner: str | None
    triggers: tuple[Trigger, ...]
