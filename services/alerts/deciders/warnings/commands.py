"""What can be asked of a warning. Fields whose absence is a legal fault are optional here: the decider names the article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.alerts.events.reach import Channel, Delivery, NoticeTo
from services.alerts.events.scales import WarningColour
from shared.kernel.commands import Command, Opaque, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAlert(Command):
    """Propose a warning. Anything may still be missing."""

    alert: PublicId
    hazard: str | None = None
    colour: WarningColour | None = None
    number: int | None = None
    areas: tuple[str, ...] = ()
    starts: datetime | None = None
    valid_to: datetime | None = None
    cautions: str | None = None
    measures: str | None = None
    issuer: str | None = None
    headline: str | None = None
    language: str | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseDraft(Command):
    """Change one's own draft; what is not named stays."""

    alert: PublicId
    hazard: str | None = None
    colour: WarningColour | None = None
    number: int | None = None
    areas: tuple[str, ...] | None = None
    starts: datetime | None = None
    valid_to: datetime | None = None
    cautions: str | None = None
    measures: str | None = None
    issuer: str | None = None
    headline: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsultation(Command):
    """Experts were heard (ERL art. 62). If a major event is possible, notices are due at once."""

    alert: PublicId
    participants: tuple[str, ...]
    opinion: str
    expected: WarningColour | None = None
    major_possible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAlert(Command):
    """Agree to the text as it stands, as a second person of the issuing authority."""

    alert: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectAlert(Command):
    """Refuse a draft, with a reason."""

    alert: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishAlert(Command):
    """Issue an approved warning, under the identifier of the national platform if it has one."""

    alert: PublicId
    identifier: Opaque | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmNotice(Command):
    """One of the notices due was given."""

    alert: PublicId
    to: NoticeTo
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRecipients(Command):
    """Tell everybody on a list about one message; who hears of a warning in force for the first time is asked to acknowledge."""

    alert: PublicId
    identifier: Opaque
    list: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDissemination(Command):
    """A channel reports what became of one delivery."""

    alert: PublicId
    recipient: str
    channel: Channel
    state: Delivery
    detail: str | None = None
    identifier: Opaque | None = None  # the message it is about; the newest if left out


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDelivery(Command):
    """A person says that a recipient holds the printed warning."""

    alert: PublicId
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOutLink(Command):
    """Take a one-time link for a recipient, to be passed on by the caller. Whoever holds it can acknowledge as that recipient."""

    alert: PublicId
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlert(Command):
    """The actor has understood the warning."""

    alert: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateSilence(Command):
    """A recipient's wait is over: if still silent, somebody rings."""

    alert: PublicId
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareWarningPeriod(Command):
    """A government of county level or above declares the warning period (ERL art. 64), or moves its end."""

    alert: PublicId
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndWarningPeriod(Command):
    """The declared end of the warning period has passed."""

    alert: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class StartMeasure(Command):
    """Put a measure of ERL art. 66 or 67 into force."""

    alert: PublicId
    measure: PublicId
    kind: str | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftMeasure(Command):
    """End one measure while the warning goes on."""

    alert: PublicId
    measure: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustAlertLevel(Command):
    """Change level or validity of a warning in force; two persons sign."""

    alert: PublicId
    colour: WarningColour | None = None
    number: int | None = None
    valid_to: datetime | None = None
    cautions: str | None = None
    measures: str | None = None
    references: Opaque | None = None  # the first identifier of the series
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectAlert(Command):
    """Mend the text of a warning in force; level and area stay; two persons sign."""

    alert: PublicId
    cautions: str | None = None
    measures: str | None = None
    headline: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAlert(Command):
    """The danger is over: end the warning, its period and every measure (ERL art. 70)."""

    alert: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireAlert(Command):
    """The stated validity has passed."""

    alert: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseDamAlarm(Command):
    """The dam's manager warns those below at once, without approval (DAM art. 25)."""

    alert: PublicId
    hazard_source: PublicId
    colour: WarningColour | None = None
    number: int | None = None
    areas: tuple[str, ...] = ()
    cautions: str | None = None
    measures: str | None = None
    valid_to: datetime | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatifyAlert(Command):
    """The flood headquarters confirms a dam alarm."""

    alert: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRatification(Command):
    """The time for ratification has passed: if still open, say so."""

    alert: PublicId
