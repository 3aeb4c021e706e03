"""What can be asked of a part of an incident's retention assessment, and of a destruction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.privacy.events.retention import BackupSearched
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, Opaque, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRetentionAssessment(Command):
    """The last response ended: the data of this register are due."""

    incident: str
    register: str
    division: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRetention(Command):
    """Another response began: the data are in use again."""

    incident: str
    register: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessRetention(Command):
    """Say whether keeping is lawful, needed and safe."""

    register: PublicId
    incident: PublicId = ""  # filled in by the edge where only one is open
    legality: str | None = None
    necessity: str | None = None
    safety: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRetention(Command):
    """By two: destroy, which is the rule, or keep until a date and why. Every person of the part is in one of the two."""

    register: PublicId
    incident: PublicId = ""  # filled in by the edge where only one is open
    destroy: tuple[PublicId, ...] | None = None  # everybody who is not retained
    retain: tuple[PublicId, ...] = ()
    until: date | None = None
    reason: str | None = None
    readers: tuple[str, ...] = ()  # the rule's unless named


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyPersonalData(Command):
    """Destroy what was decided to be destroyed, or was kept and has lapsed, under one certificate."""

    register: PublicId
    incident: PublicId = ""  # filled in by the edge where only one is open
    subjects: tuple[PublicId, ...] = ()
    certificate: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyDestruction(Command):
    """What a search of everything that can be rebuilt, exported and restored found; the edge searches, the caller cannot say it."""

    register: PublicId  # "register": of one person's standing record, which no incident has
    certificate: PublicId
    incident: PublicId | None = None  # filled in by the edge
    replay_shows_person: bool
    export_shows_person: bool
    backup_shows_person: bool
    searched: int
    backup: str | None = None
    found: int = 0
    blobs_show_person: bool | None = None  # None: there were none to look into
    records: int = 0  # mobile and identity numbers in what facts name as a record, such as a published warning
    finders: int = 0  # in reports of finders from before the vault, which nothing destroys
    backups: tuple[BackupSearched, ...] = ()  # all that were found
    words: int = 0  # rights requests whose words are destroyed, and were looked for too
    words_found: int = 0
    unsearched: Opaque | None = None  # why the backups could not be looked into; never in a fact


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRetentionClock(EscalateClock):
    """K-51, K-55, or the date until which data were kept."""

    part: str  # <incident>.<register>


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifyDestruction(Command):
    """The vault destroyed the keys and replaced its root. Only the custodian sends it."""

    certificate: PublicId
    position: int
    chain: Opaque
    root: Opaque


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmCopyDestroyed(Command):
    """A copy holder says that its copy is gone too."""

    certificate: PublicId
    holder: PublicId
    statement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCopyHolder(Command):
    """Who holds a copy of the vault or its keyring."""

    holder: PublicId
    name: str | None = None
    what: str | None = None
    division: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCopyHolder(Command):
    """It holds none any more."""

    holder: PublicId
    reason: str | None = None
