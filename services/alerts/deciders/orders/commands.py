"""What can be asked of an order. What the law wants in it is optional here: the decider names the rule that misses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from services.alerts.events.order import Finding, ObjectionOutcome
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import OPAQUE, Code, Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueOrder(Command):
    """Give a binding order. `on_screen` are the positions of the board its issuer had in view; by word of mouth, paper follows."""

    order: PublicId
    measure_type: str | None = None
    basis: str | None = None
    executor: str | None = None
    due: datetime | None = None
    feedback: str | None = None
    end_condition: str | None = None
    areas: tuple[Code, ...] = ()
    rights: tuple[str, ...] = ()
    text: str | None = None
    remedy: str | None = None
    alternatives: str | None = None
    incident: PublicId | None = None
    activation: PublicId | None = None
    period: PublicId | None = None  # the urgent period its basis rests on
    oral: bool = False
    on_screen: tuple[str, ...] = ()
    heads: Annotated[tuple[tuple[str, int], ...], OPAQUE] = ()  # how far each log was; nobody had more in view
    above: Code | None = None  # the division above the issuer's, from the tree


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperOrder(Command):
    """Put on paper what was ordered by word of mouth."""

    order: PublicId
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishOrder(Command):
    """Make it known to society, in words that are for everybody."""

    order: PublicId
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOrder(Command):
    """File it for the record with the congress desk of its level."""

    order: PublicId
    desk: str | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrder(Command):
    """Change what it says, and why; what is not named stays."""

    order: PublicId
    reason: str | None = None
    basis: str | None = None
    executor: str | None = None
    due: datetime | None = None
    feedback: str | None = None
    end_condition: str | None = None
    areas: tuple[Code, ...] | None = None
    rights: tuple[str, ...] | None = None
    text: str | None = None
    remedy: str | None = None
    alternatives: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeOrder(Command):
    """Take it back, and why."""

    order: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOrder(Command):
    """Its end condition came; or, sent by a policy, its response ended."""

    order: PublicId
    reason: str | None = None
    activation: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewProportionality(Command):
    """Say whether it still is the mildest means that serves (ERL art. 10)."""

    order: PublicId
    finding: Finding | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeOrder(Command):
    """The caller has read and understood it."""

    order: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectToOrder(Command):
    """Say that it is wrong, and why. It is carried out until that is decided."""

    order: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideObjection(Command):
    """Answer an objection; the newest open one unless named."""

    order: PublicId
    outcome: ObjectionOutcome | None = None
    reason: str | None = None
    objection: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideOrderAbove(Command):
    """Approve what a government below ordered and reported at once, or not: then it is lifted (IDL art. 41)."""

    order: PublicId
    approved: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateOrderClock(EscalateClock):
    """A deadline of the order passed: filing, review, acknowledgement, paper, the decision of the level above."""

    order: PublicId
