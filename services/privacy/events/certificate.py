"""Destruction certified, and the copies that must go too (DESIGN 5.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.privacy.events.retention import BackupSearched
from shared.kernel.events import event


@event("privacy.destruction.begun.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class DestructionBegun:
    """A certificate's number is taken: so many persons of this part, or one person's standing record, are destroyed under it."""

    certificate: str
    incident: str | None
    register: str
    subjects: int
    division: str | None
    by: str
    at: datetime


@event("privacy.destruction.certified.v1")
@dataclass(frozen=True, slots=True)
class DestructionCertified:
    """The keys are gone, the root was replaced, and the log was whole up to `position` (what was destroyed stands there, by reference)."""

    certificate: str
    what: str
    position: int
    chain: str
    root: str  # the id of the root that was replaced: keyrings under it are dead
    outstanding: tuple[str, ...]  # registered copy holders who have yet to confirm
    at: datetime


@event("privacy.destruction.copy_confirmed.v1")
@dataclass(frozen=True, slots=True)
class CopyDestructionConfirmed:
    """A copy holder says that its copy is gone."""

    certificate: str
    holder: str
    statement: str
    by: str
    at: datetime


@event("privacy.destruction.completed.v1")
@dataclass(frozen=True, slots=True)
class DestructionCompleted:
    """Nobody holds a copy any more."""

    certificate: str
    at: datetime


@event("privacy.destruction.searched.v1")
@dataclass(frozen=True, slots=True)
class DestructionSearched:
    """Somebody else searched after one person's standing record was destroyed; what is destroyed of an incident is verified there."""

    certificate: str
    replay_shows_person: bool
    export_shows_person: bool
    backup_shows_person: bool
    blobs_show_person: bool
    searched: int  # records looked through
    found: int  # 0: nobody
    by: str
    at: datetime
    looked_in: tuple[str, ...] = ()  # replay | export | backup | blobs
    records: int = 0
    finders: int = 0
    backups: tuple[BackupSearched, ...] = ()  # all that were found
    words: int = 0
    words_found: int = 0


@event("privacy.holder.registered.v1")
@dataclass(frozen=True, slots=True)
class CopyHolderRegistered:
    """This organ or firm holds a copy of vault or keyring, such as a backup; it confirms every destruction from now on."""

    holder: str
    name: str
    what: str
    division: str | None
    by: str
    at: datetime


@event("privacy.holder.released.v1")
@dataclass(frozen=True, slots=True)
class CopyHolderReleased:
    """It holds no copy any more."""

    holder: str
    reason: str
    by: str
    at: datetime


CertificateEvent = DestructionBegun | DestructionCertified | CopyDestructionConfirmed | DestructionCompleted | DestructionSearched
HolderEvent = CopyHolderRegistered | CopyHolderReleased
