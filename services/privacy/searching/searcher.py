"""Looking for a person after destruction, in all that can be rebuilt, exported or restored. A finding is a count, never a value."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from services.privacy.events.duties import RightsWordsDestroyed
from services.privacy.events.record import PersonalDataDestroyed
from services.privacy.events.retention import BackupSearched
from services.privacy.hearing import Cursors, Ending
from services.privacy.searching.backups import Backup, Backups, Shut, blobs_of, chosen
from services.privacy.searching.looking import every, persons, readable
from shared.blobs.store import Blobs
from shared.eventlog.ports import EventFeed
from shared.handling.declare import Service
from shared.handling.reader import Reader, built
from shared.kernel.envelope import Recorded
from shared.sql.sqlite import Files
from shared.vault.vault import Vault

MOST = 8  # backups that are looked into unless a rule says otherwise (own default)
TELL_EVERY = 10_000  # records of a log
_DIGEST = re.compile(r"(?i)\"(?:sha256:)?([0-9a-f]{64})\"")
DESTROYED = ("privacy.personal_data.destroyed.", "privacy.rights.words_destroyed.")
FOUND = "alerts.report.received."  # facts of what a finder wrote, whose words are no record of an organ: since the vault they name none
_log = logging.getLogger(__name__)


class Runs(Protocol):
    """A running service, as far as it is searched."""

    @property
    def service(self) -> Service: ...
    @property
    def log(self) -> EventFeed: ...
    @property
    def others(self) -> Sequence[EventFeed]: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What the search found, and how much it looked through."""

    replay: int
    export: int
    backup: int
    searched: int
    backups: tuple[BackupSearched, ...]  # every one that was found, the oldest first, also those that were not looked into
    blobs: int | None = None  # in what no fact names as a record, here and in those backups; None: the blobs lie with another process
    records: int = 0  # in what facts name as a record: it is kept by law, and said
    finders: int = 0  # in what facts of before the vault name as a finder's report: nothing destroys it, and it is said
    words: int = 0  # rights requests whose words are destroyed by now, which were looked for in the vault and in those backups too
    words_found: int = 0  # how often one of those was found, there or in a backup
    unsearched: str | None = None  # why it could not be looked into, and what cures that

    @property
    def oldest(self) -> str | None:
        """The oldest backup; None: there is none."""
        return self.backups[0].name if self.backups else None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a search is at: so many of so many; `of` 0: of unknown many."""

    step: str  # logs | read models | backups
    done: int
    of: int


class Searcher:
    """Over one process's services, its vault, and the folder in which backups are kept (`named` as of `Backups`)."""

    def __init__(
        self,
        running: Mapping[str, Runs],
        vault: Vault,
        backups: Path | None,
        root: Path | None,
        named: bool = False,
        blobs: Blobs | None = None,
    ) -> None:
        self._running, self._vault, self._blobs = running, vault, blobs
        self._backups = Backups(backups, root, named)
        self.progress: dict[str, Progress] = {}
        """What the searches that run here are at, by certificate."""

    def search(self, certificate: str, most: int = MOST) -> Finding:
        """Everything once, and at most so many backups: the oldest ones and the newest. Minutes for a large log."""
        try:
            return self._searched(certificate, most)
        finally:
            self.progress.pop(certificate, None)

    def _searched(self, certificate: str, most: int) -> Finding:
        held, found, unsearched = Holding(), list[Backup](), None
        looked: dict[Backup, tuple[int, int, int]] = {}
        try:
            found = self._backups.all()
            for one in chosen(found, most):
                held.look(blobs_of(one))
        except Shut as shut:
            unsearched = str(shut)
        if self._blobs is not None:
            held.look(self._blobs.every())
        sought, export, searched = self._exported(certificate, held)
        replay, words = (max(readable(self._vault, gone), self._vault.lying(gone)) for gone in (sought.refs, sought.words))
        replay += words
        for n, runs in enumerate(self._running.values()):
            self._tell(certificate, "read models", n, len(self._running))
            replay += self._rebuilt(runs)
        try:
            wanted = chosen(found, most)
            for n, one in enumerate(wanted):
                self._tell(certificate, "backups", n, len(wanted))
                looked[one] = self._backups.look(one, sought.refs, sought.words)
        except Shut as shut:
            unsearched = str(shut)
        backups = tuple(BackupSearched(one.name, one.made_at, *looked.get(one, (None, 0))[:2]) for one in found)
        blobs = held.loose if self._blobs is not None else None
        seen = (replay, export, sum(one.shown for one in backups), searched, backups, blobs, held.records, held.finders)
        return Finding(*seen, len(sought.words), words + sum(one[2] for one in looked.values()), unsearched)

    def _tell(self, certificate: str, step: str, done: int, of: int) -> None:
        self.progress[certificate] = Progress(step, done, of)
        _log.info("searching after %s: %s, %s of %s", certificate, step, done, of or "?")

    def _exported(self, certificate: str, held: Holding) -> tuple[Sought, int, int]:
        """What is looked for, the persons in a fresh export of every log, and its records."""
        sought = Sought(certificate, self._vault)
        found = searched = 0
        feeds = {feed.name: feed for runs in self._running.values() for feed in (runs.log, *runs.others)}
        for feed in feeds.values():  # in a cluster the neighbours' logs are those that were received here
            for recorded in every(feed):
                if searched % TELL_EVERY == 0:
                    self._tell(certificate, "logs", searched, 0)
                searched += 1
                said = recorded.cloud_event().decode()
                found += persons(said)
                held.heard(recorded.type, said)
                sought.heard(recorded)
        return sought, found, searched

    def _rebuilt(self, runs: Runs) -> int:
        """The persons in read models that are built anew."""
        with TemporaryDirectory(prefix="ortoo-search-") as folder:
            database = Files(Path(folder)).at("rebuilt")
            reader = Reader(runs.service, runs.log, runs.others, database)
            try:
                while reader.step():
                    pass
            finally:
                reader.close()
            with closing(database.look()) as db:
                tables = [table.name for one in built(runs.service) for table in one.tables]
                return sum(persons(str(value)) for name in tables for row in db.execute(f"SELECT * FROM {name}") for value in tuple(row))


class Sought:
    """The references destroyed under a certificate, and those of the words of rights requests that are destroyed by now: what still waits
    for the custodian, or for the run of its day, is not looked for."""

    def __init__(self, certificate: str, vault: Vault) -> None:
        self.refs: list[str] = []
        self.words: list[str] = []
        self._certificate = certificate
        with closing(Cursors(vault.database)) as cursors:
            self._came = cursors.every()  # before what waits: whatever was followed by then waits, or is done
            self._waiting = Ending(cursors).waiting()

    def heard(self, recorded: Recorded) -> None:
        """A fact of any log."""
        if not recorded.type.startswith(DESTROYED):
            return
        match recorded.event:
            case PersonalDataDestroyed(certificate=certificate, refs=refs) if certificate == self._certificate:
                self.refs += refs
            case RightsWordsDestroyed(request=request, ref=str() as ref) if ref and request not in self._waiting:
                self.words += [ref] if recorded.position <= self._came.get(recorded.envelope.log, 0) else []


class Holding:
    """Blobs that hold a number of somebody, and which of them a fact names: as a record, or as the report of a finder, which is none."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}
        self._named: set[str] = set()
        self._found: set[str] = set()

    def look(self, blobs: Iterable[tuple[str, bytes]]) -> None:
        """Look into these; the same bytes count once."""
        for name, body in blobs:
            if found := persons(body.replace(b"\0", b"").decode("latin-1")):  # also of two bytes to a letter
                self._held[name] = found

    def heard(self, type: str, said: str) -> None:
        """A fact, by its type and its words."""
        if self._held:
            names = self._found if type.startswith(FOUND) else self._named
            names.update(name for one in _DIGEST.findall(said) if (name := one.lower()) in self._held)

    @property
    def loose(self) -> int:
        return self._counted(self._held.keys() - self._named - self._found)

    @property
    def records(self) -> int:
        return self._counted(self._named)

    @property
    def finders(self) -> int:
        return self._counted(self._found - self._named)

    def _counted(self, names: Iterable[str]) -> int:
        return sum(self._held[name] for name in names)
