"""What can be asked of the data of one person. No command holds a value: the edge keeps it in the vault first and names the reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.privacy.events.told import Delivery
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, Opaque, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectPersonalData(Command):
    """Hold data of a person for a declared purpose; fields outside its list are refused."""

    subject: PublicId
    purpose: str | None = None
    incident: PublicId | None = None
    fields: tuple[str, ...] = ()  # names of the values kept
    sensitive: tuple[str, ...] = ()  # those declared sensitive (PIPL-28); one may be declared before its value is known
    basis: str | None = None  # that of the purpose unless named
    notice: str | None = None  # the version shown
    deferred: str | None = None  # why the notice follows later
    consent: str | None = None  # where it is written
    separate_consent: str | None = None  # for sensitive data collected by consent
    under_14: bool = False
    guardian: str | None = None  # where the parent's or guardian's consent is written
    ref: Opaque | None = None  # made by the edge
    division: str | None = None  # where the person's record belongs; the caller's unless named
    report: PublicId | None = None  # the report it came with, before an incident is known: it lies under a key of its own
    register: Opaque | None = None  # of the vault, under which the edge kept the values; the first one unless said


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachPersonalData(Command):
    """Say to which incident a record belongs that was taken before one was known."""

    subject: PublicId
    incident: PublicId
    purpose: str | None = None
    report: PublicId | None = None  # which of several: the report it came with


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteUnclaimed(Command):
    """What came with a report belongs to no incident; policies only."""

    subject: PublicId
    purpose: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTaskBegan(Command):
    """The person is called for the incident; policies only."""

    subject: PublicId
    incident: PublicId
    task: PublicId
    holder: PublicId | None = None  # through whom they are called: themself, their force, or a shift of theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTaskEnded(Command):
    """The call-up concerns the person no more; policies only."""

    subject: PublicId
    incident: PublicId
    task: PublicId
    holder: PublicId | None = None
    returning: bool = False  # they were on the way or there, and go home now
    over: bool = False  # the whole call-up is, for them


@dataclass(frozen=True, slots=True, kw_only=True)
class TellCalledPerson(Command):
    """Write to the address the person gave, if any: they are asked to come, and may decline; policies only."""

    subject: PublicId
    incident: PublicId
    call_up: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTold(Command):
    """What became of such a letter; the outbox only."""

    subject: PublicId
    incident: PublicId
    call_up: PublicId
    state: Delivery
    detail: str | None = None
    letter: Opaque | None = None  # the event that queued it


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPersonalData(Command):
    """Read fields of up to 200 persons for one purpose. The fact is durable before any value is given."""

    subjects: tuple[PublicId, ...]
    fields: tuple[str, ...] = ()  # all that are held unless named
    purpose: str | None = None
    incident: PublicId | None = None  # the only one they are held for unless named


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosePersonalData(Command):
    """Note that data are given to somebody else, to whom and on which basis."""

    subject: PublicId
    recipient: str | None = None
    purpose: str | None = None
    basis: str | None = None
    incident: PublicId | None = None
    fields: tuple[str, ...] = ()
    consent: str | None = None  # separate consent, where the basis is consent (PIPL-23)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectPersonalData(Command):
    """Replace values that are wrong or incomplete."""

    subject: PublicId
    purpose: str | None = None
    incident: PublicId | None = None
    fields: tuple[str, ...] = ()
    reason: str | None = None
    request: PublicId | None = None  # the rights request it answers
    ref: Opaque | None = None  # where the edge kept the new values; None: a neighbour put them in the place of the old


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveDeferredNotice(Command):
    """Tell the person what was collected while there was no time to."""

    subject: PublicId
    notice: str | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPersonalData(Command):
    """Only keep and protect: neither read nor destroy, while a law or a proceeding asks for it."""

    subject: PublicId
    lock: PublicId
    reason: str | None = None
    basis: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLock(Command):
    """The law or the proceeding no longer asks for it."""

    subject: PublicId
    lock: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictPersonalData(Command):
    """The person gave up the registration: until it is decided what is held for it is only kept; policies only."""

    subject: PublicId
    request: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRestriction(Command):
    """The request it was restricted for was refused; policies only."""

    subject: PublicId
    request: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent(Command):
    """The person takes the consent back, as easily as it was given."""

    subject: PublicId
    purpose: str | None = None
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePersonalData(Command):
    """Destroy what is held of one person in the standing register, or for a purpose that is over: two persons, one certificate."""

    subject: PublicId
    certificate: PublicId | None = None
    purposes: tuple[str, ...] = ()  # all standing ones unless named
    reason: str | None = None
    request: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRecordClock(EscalateClock):
    """A lock has run out and nobody released it."""

    subject: PublicId
