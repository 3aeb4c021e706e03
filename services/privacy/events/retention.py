"""What becomes of the data of an incident in one register once the response is over (ERL art. 85; domain 3.25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("privacy.retention.subject_noted.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class SubjectNoted:
    """A person belongs to this part: what is decided about it is decided about them."""

    incident: str
    register: str
    subject: str
    deferred: bool
    division: str | None
    at: datetime
    clocks: tuple[Due, ...] = ()  # of the first who came after the decision: until when it is decided what becomes of them


@event("privacy.retention.notice_noted.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class NoticeNoted:
    """The deferred notice of this person was given; with the last one K-51 is met."""

    incident: str
    register: str
    subject: str
    at: datetime
    met: tuple[str, ...] = ()


@event("privacy.retention.opened.v1")
@dataclass(frozen=True, slots=True)
class RetentionOpened:
    """The response is over: destroy, or say for each person why not (ERL art. 85; K-55)."""

    incident: str
    register: str
    round: int
    subjects: int
    deferred: int  # notices still owed (K-51)
    division: str | None
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("privacy.retention.resumed.v1")
@dataclass(frozen=True, slots=True)
class RetentionResumed:
    """Another response began for the incident: its data are in use again."""

    incident: str
    register: str
    at: datetime
    stopped: tuple[str, ...] = ()


@event("privacy.retention.reviewed.v1")
@dataclass(frozen=True, slots=True)
class RetentionReviewed:
    """The three findings (ERL art. 85): is keeping lawful, is it needed, is it safe."""

    incident: str
    register: str
    legality: str
    necessity: str
    safety: str
    by: str
    at: datetime


@event("privacy.retention.decided.v1")
@dataclass(frozen=True, slots=True)
class RetentionDecided:
    """By two: everybody of the part but those in `retain` is destroyed."""

    incident: str
    register: str
    destroy: int
    retain: tuple[str, ...]
    until: date | None
    reason: str
    readers: tuple[str, ...]  # roles that may still read what is retained
    by: str
    second: str
    at: datetime
    met: tuple[str, ...] = ()
    clocks: tuple[Due, ...] = ()


@event("privacy.retention.lapsed.v1")
@dataclass(frozen=True, slots=True)
class RetentionLapsed:
    """The date until which data were kept has passed: they are due for destruction."""

    incident: str
    register: str
    subjects: tuple[str, ...]
    until: date
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("privacy.retention.subjects_left.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class SubjectsLeft:
    """These are destroyed: nothing is left of them to decide about."""

    incident: str
    register: str
    subjects: tuple[str, ...]
    certificate: str
    at: datetime


@event("privacy.retention.destruction_ordered.v1", other_side=True)
@dataclass(frozen=True, slots=True)
class DestructionOrdered:
    """Closes the destruction of so many persons under one certificate: the vault's keys go, and its root is replaced."""

    incident: str
    register: str
    certificate: str
    subjects: int
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BackupSearched:
    """A backup that was found by the name of its folder."""

    name: str
    made_at: str
    held: int | None  # how many of the destroyed references lie in it, which nothing opens any more; None: it was not looked into
    shown: int = 0  # persons it still shows


@event("privacy.retention.verified.v1")
@dataclass(frozen=True, slots=True)
class RetentionVerified:
    """Somebody else searched what could be rebuilt, exported and restored, and found nobody. No backup kept: then nothing was restored."""

    incident: str
    register: str
    certificate: str
    replay_shows_person: bool
    export_shows_person: bool
    backup_shows_person: bool
    searched: int  # records looked through
    backup: str | None  # the oldest one; None: there is none
    by: str
    at: datetime
    looked_in: tuple[str, ...] = ()  # replay | export | backup | blobs: an older fact does not say
    blobs_show_person: bool = False
    records: int = 0  # numbers in blobs that facts name: published warnings, reports of organs, files of stock; the archive law keeps them
    finders: int = 0  # numbers in blobs of finders' reports from before their words lay in the vault: nothing destroys those
    backups: tuple[BackupSearched, ...] = ()  # all that were found, the oldest first; an older fact names only the oldest
    words: int = 0  # rights requests whose words are destroyed too: neither vault nor backups may show them
    words_found: int = 0  # of how many of those they did


@event("privacy.retention.person_found.v1")
@dataclass(frozen=True, slots=True)
class PersonFound:
    """The search found a person after destruction: where, and how often."""

    incident: str
    register: str
    certificate: str
    replay_shows_person: bool
    export_shows_person: bool
    backup_shows_person: bool
    searched: int
    backup: str | None
    found: int
    by: str
    at: datetime
    blobs_show_person: bool = False
    records: int = 0
    finders: int = 0
    backups: tuple[BackupSearched, ...] = ()
    words: int = 0
    words_found: int = 0


RetentionEvent = (
    SubjectNoted
    | NoticeNoted
    | RetentionOpened
    | RetentionResumed
    | RetentionReviewed
    | RetentionDecided
    | RetentionLapsed
    | SubjectsLeft
    | DestructionOrdered
    | RetentionVerified
    | PersonFound
)
