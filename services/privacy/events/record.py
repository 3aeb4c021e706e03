"""What was done with the data of one person (domain 3.25). Values lie in the vault; a fact names their reference, kinds and purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.privacy.events.told import CalledPersonTold
from services.privacy.events.words import RightsWordsHeld
from shared.blocks.clocks import Due
from shared.kernel.events import event

# `register` is what the vault's key is of: an incident's id, "register" for a standing record, "unassigned" before an incident is
# known, "report:<id>" of what came with a report (only the report's id in logs from before), "<incident>:2" of who was called again after
# what was held of them for it was destroyed.


@event("privacy.personal_data.collected.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataCollected:
    """Data of this person are held for this purpose from now on (PIPL art. 6, 13)."""

    subject: str
    owner: str  # the service register it belongs to: volunteers | resources | alerts
    incident: str | None
    purpose: str
    ref: str | None  # in the vault; None where no value was given yet
    fields: tuple[str, ...]
    sensitive: tuple[str, ...]  # PIPL art. 28
    basis: str
    notice: str | None  # the version shown (PIPL art. 17)
    deferred: str | None  # why it is shown later (PIPL art. 18)
    copied_from: str | None  # the reference of the standing record whose values are copied
    register: str
    by: str
    division: str | None
    at: datetime
    consent: str | None = None
    guardian: str | None = None  # the parent's or guardian's consent (PIPL art. 31)
    separate_consent: str | None = None  # for what is sensitive (PIPL art. 29)


@event("privacy.personal_data.attached.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataAttached:
    """A record that was taken before an incident was known belongs to that incident."""

    subject: str
    owner: str
    purpose: str
    incident: str
    by: str
    at: datetime
    register: str = "unassigned"  # of the vault
    met: tuple[str, ...] = ()


@event("privacy.personal_data.joined.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class PersonalDataJoined:
    """As attached, since the decision about the incident's data named the person."""

    subject: str
    owner: str
    purpose: str
    incident: str
    by: str
    at: datetime
    register: str = "unassigned"  # of the vault
    met: tuple[str, ...] = ()


@event("privacy.personal_data.unclaimed.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataUnclaimed:
    """No incident has the record, so no assessment decides about it: two erase it, or it is attached, by the deadline (ERL art. 85)."""

    subject: str
    purpose: str
    register: str  # of the vault
    why: str  # what was found of its report, or "decided": the incident's data were decided about before
    incident: str | None  # that one
    division: str | None
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("privacy.personal_data.task_began.v1")
@dataclass(frozen=True, slots=True)
class TaskBegan:
    """The person is called for the incident: while that lasts, whoever leads there has a task with them (ERL art. 84)."""

    subject: str
    incident: str
    task: str  # the call-up
    division: str | None
    at: datetime
    holder: str = ""  # through whom: themself, their force, or a shift of theirs; none of who came uncalled, and in facts from before


@event("privacy.personal_data.task_ended.v1")
@dataclass(frozen=True, slots=True)
class TaskEnded:
    """The call-up concerns them no more: after `until` what was collected for it is not read any longer (PIPL art. 6)."""

    subject: str
    incident: str
    task: str
    until: datetime  # later than `at` for who was there: until they are home
    at: datetime
    holder: str = ""


@event("privacy.personal_data.accessed.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataAccessed:
    """Somebody reads these fields of these persons; durable before they get them. `unusual` is what an auditor is shown (PIPL art. 54)."""

    subjects: tuple[str, ...]
    fields: tuple[str, ...]
    purpose: str
    incident: str | None
    unusual: tuple[str, ...]  # many | night | outside
    by: str
    role: str
    division: str | None
    at: datetime
    request: str | None = None  # the rights request that an export answers


@event("privacy.personal_data.disclosed.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataDisclosed:
    """They were given to somebody else, on this basis (PIPL art. 23, 34). The register of it is kept until `keep_until` (K-52)."""

    subject: str
    recipient: str
    purpose: str
    incident: str | None
    fields: tuple[str, ...]
    basis: str
    consent: str | None
    by: str
    keep_until: datetime
    at: datetime
    register: str = ""  # of the vault
    to_division: str | None = None  # who may read it from now on: named by the node itself where a report was transferred, never typed


@event("privacy.personal_data.corrected.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataCorrected:
    """Values of these fields were replaced in the vault (PIPL art. 46): they lie under `ref`, and no longer under `replaced`."""

    subject: str
    purpose: str
    incident: str | None
    ref: str
    fields: tuple[str, ...]
    reason: str
    by: str
    at: datetime
    request: str | None = None
    replaced: tuple[str, ...] = ()  # none: the values took the place of those before, under the same reference
    copied_from: str | None = None  # a copy, corrected with the standing record under this reference: its values are copied anew
    register: str = ""  # of the vault, of such a copy


@event("privacy.personal_data.notice_given.v1")
@dataclass(frozen=True, slots=True)
class DeferredNoticeGiven:
    """The person was told what was collected while there was no time to (PIPL art. 18)."""

    subject: str
    purpose: str
    incident: str | None
    notice: str
    by: str
    at: datetime


@event("privacy.personal_data.locked.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataLocked:
    """Only stored and protected, neither read nor destroyed: a law or a proceeding asks for it (PIPL art. 47)."""

    subject: str
    lock: str
    reason: str
    basis: str
    until: datetime
    by: str
    at: datetime
    clocks: tuple[Due, ...] = ()
    division: str | None = None  # of a request, whose words it locks


@event("privacy.personal_data.lock_released.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataLockReleased:
    """The lock is lifted; what was due for destruction is due again."""

    subject: str
    lock: str
    reason: str
    by: str
    at: datetime
    stopped: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()  # whose words were kept for the last lock alone


@event("privacy.personal_data.restricted.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataRestricted:
    """The person asked for deletion: of these purposes nothing but storing and deciding is done any more (PIPL art. 15, 47)."""

    subject: str
    request: str
    purposes: tuple[str, ...]
    by: str
    at: datetime


@event("privacy.personal_data.restriction_lifted.v1")
@dataclass(frozen=True, slots=True)
class RestrictionLifted:
    """The request was refused: what was restricted for it is used again."""

    subject: str
    request: str
    by: str
    at: datetime


@event("privacy.personal_data.consent_withdrawn.v1")
@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """The person takes the consent back; what was done before stays lawful, and the data are due for destruction (PIPL art. 15, 47)."""

    subject: str
    purpose: str
    incident: str | None
    by: str
    at: datetime


@event("privacy.personal_data.destroyed.v1")
@dataclass(frozen=True, slots=True)
class PersonalDataDestroyed:
    """The keys of this person for these purposes are ordered destroyed; this tombstone is what stays (ERL art. 85)."""

    subject: str
    owner: str
    incident: str | None
    purposes: tuple[str, ...]
    registers: tuple[str, ...]  # one for each purpose: what the vault's keys are of
    refs: tuple[str, ...]
    certificate: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()


RecordEvent = (
    PersonalDataCollected
    | PersonalDataAttached
    | PersonalDataJoined
    | PersonalDataUnclaimed
    | TaskBegan
    | TaskEnded
    | CalledPersonTold
    | PersonalDataAccessed
    | PersonalDataDisclosed
    | PersonalDataCorrected
    | DeferredNoticeGiven
    | PersonalDataLocked
    | PersonalDataLockReleased
    | RightsWordsHeld
    | PersonalDataRestricted
    | RestrictionLifted
    | ConsentWithdrawn
    | PersonalDataDestroyed
)
