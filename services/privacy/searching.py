"""Looking for a person after destruction, in all that can be rebuilt, exported or restored. A finding is a count, never a value."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import msgspec

from services.privacy.events.record import PersonalDataDestroyed
from shared.blobs.store import Blobs, every
from shared.eventlog.ports import EventFeed
from shared.eventlog.sqlite import SqliteLog
from shared.handling.declare import Service
from shared.handling.guard import valid_id
from shared.handling.reader import Reader, built
from shared.kernel.errors import Destroyed
from shared.sql.ports import StorageFailed
from shared.sql.sqlite import Files
from shared.vault.root import Lent, RootFile
from shared.vault.vault import READ, Vault, open_with

CHUNK = 1_000
MANIFEST = "manifest.json"
_APART = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"  # whole words: digests are full of digits
_MOBILE = re.compile(r"1[3-9]\d{9}".join(_APART))
_RESIDENT_ID = re.compile(r"\d{17}[\dXx]".join(_APART))
_DIGEST = re.compile(r"(?i)\"(?:sha256:)?([0-9a-f]{64})\"")
FOUND = "alerts.report.received."  # facts of what a finder wrote, whose words are no record of an organ: since the vault they name none


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
    oldest: str | None  # the oldest backup; None: there is none
    blobs: int | None = None  # in what no fact names as a record, here and in that backup; None: the blobs lie with another process
    records: int = 0  # in what facts name as a record: it is kept by law, and said
    finders: int = 0  # in what facts of before the vault name as a finder's report: nothing destroys it, and it is said
    unsearched: str | None = None  # why it could not be looked into, and what cures that


class Shut(Exception):
    """A backup that is not looked into is no backup without a person; the text says what to do."""


class Searcher:
    """Over one process's services, its vault, and the folder in which backups are kept.

    `named`: somebody said, or has to say, which folder that is; where it is not there, nobody knows what is kept.
    """

    def __init__(
        self,
        running: Mapping[str, Runs],
        vault: Vault,
        backups: Path | None,
        root: Path | None,
        named: bool = False,
        blobs: Blobs | None = None,
    ) -> None:
        self._running, self._vault, self._backups, self._root, self._named = running, vault, backups, root, named
        self._blobs = blobs

    def search(self, certificate: str) -> Finding:
        """Everything once; minutes for a large log."""
        oldest: Path | None = None
        backup, unsearched, held = 0, None, Holding()
        try:
            oldest = self._oldest()
            held.look(_blobs_of(oldest))
        except Shut as shut:
            unsearched = str(shut)
        if self._blobs is not None:
            held.look(self._blobs.every())
        refs, export, searched = self._exported(certificate, held)
        replay = max(readable(self._vault, refs), self._vault.lying(refs)) + sum(map(self._rebuilt, self._running.values()))
        try:
            backup = self._restored(oldest, refs) if oldest is not None else 0
        except Shut as shut:
            unsearched = str(shut)
        blobs = held.loose if self._blobs is not None else None
        return Finding(
            replay, export, backup, searched, oldest.name if oldest is not None else None, blobs, held.records, held.finders, unsearched
        )

    def _exported(self, certificate: str, held: Holding) -> tuple[list[str], int, int]:
        """The references destroyed under the certificate, the persons in a fresh export of every log, and its records."""
        refs: list[str] = []
        found = searched = 0
        feeds = {feed.name: feed for runs in self._running.values() for feed in (runs.log, *runs.others)}
        for feed in feeds.values():  # in a cluster the neighbours' logs are those that were received here
            for recorded in _all(feed):
                searched += 1
                said = recorded.cloud_event().decode()
                found += persons(said)
                held.heard(recorded.type, said)
                if recorded.type == "privacy.personal_data.destroyed.v1":
                    event = recorded.event
                    if isinstance(event, PersonalDataDestroyed) and event.certificate == certificate:
                        refs += event.refs
        return refs, found, searched

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

    def _oldest(self) -> Path | None:
        """The oldest backup; None: none is kept. Shut when that cannot be told."""
        if self._backups is None or not self._backups.is_dir():
            if self._named:
                raise Shut("the folder of the backups is not there: ORTOO_BACKUPS names it, also when it is empty")
            return None
        made = [(_made_at(path), path) for path in sorted(self._backups.iterdir()) if path.is_dir()]
        if unfinished := [path.name for at, path in made if not at]:
            raise Shut(f"{unfinished[0]} is no whole backup: wait until it is finished, or remove it, then verify again")
        return min(made, default=("", None), key=lambda one: one[0])[1]

    def _restored(self, backup: Path, refs: Sequence[str]) -> int:
        """The persons that a backup shows with today's root key; the copy of both is gone afterwards."""
        with TemporaryDirectory(prefix="ortoo-search-") as name:
            folder = Path(name)
            logs = [self._log_of(path) for path in sorted((backup / "logs").glob("*.db"))]
            if not logs:
                raise _shut(backup, "it holds no logs that can be read here")
            found = 0
            for log in logs:
                with closing(log):
                    found += sum(persons(recorded.cloud_event().decode()) for recorded in _all(log))
            return found + self._opened(backup, folder, refs)

    def _opened(self, backup: Path, folder: Path, refs: Sequence[str]) -> int:
        stores = [backup / f"{name}.db" for name in ("vault", "keyring")]
        if not all(path.exists() for path in stores):
            raise _shut(backup, "it holds no vault and keyring that can be opened here")
        data = folder / "data"
        data.mkdir(mode=0o700)
        for path in stores:
            shutil.copy2(path, data / path.name)
        try:
            root = RootFile(self._root).current() if self._root is not None else None
            if root is None:
                raise _shut(backup, "today's root key is not there")
            with closing(open_with(Files(data), Lent(root))) as vault:
                return readable(vault, refs)
        except StorageFailed as error:
            raise _shut(backup, str(error)) from error

    def _log_of(self, path: Path) -> SqliteLog:
        return SqliteLog(path, path.stem, read_only=True)


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


def _blobs_of(backup: Path | None) -> Iterator[tuple[str, bytes]]:
    """The blobs of a backup; what its facts name, today's name too. Shut when they cannot be read."""
    if backup is not None and (backup / "blobs.db").exists():
        try:
            with closing(Files(backup).at("blobs").look()) as db:
                yield from every(db)
        except StorageFailed as error:
            raise _shut(backup, str(error)) from error


def _shut(backup: Path, why: str) -> Shut:
    return Shut(f"{backup.name} could not be searched: {why}; put that right, or remove this backup and any as old, then verify again")


def readable(vault: Vault, refs: Sequence[str]) -> int:
    """How many of these references still open."""
    found = 0
    for start in range(0, len(refs), READ):
        left = list(refs[start : start + READ])
        try:
            found += len(vault.read(left, ()))
        except Destroyed as gone:
            left = [ref for ref in left if ref not in {failure.field for failure in gone.failures}]
            found += len(left)
    return found


def persons(text: str) -> int:
    """How many mobile and identity numbers stand in a text as whole words."""
    return len(_MOBILE.findall(text)) + sum(map(valid_id, _RESIDENT_ID.findall(text)))


def _all(feed: EventFeed) -> Iterator[Any]:
    position = 0
    while batch := feed.read(position, CHUNK):
        yield from batch
        position = batch[-1].position


def _made_at(backup: Path) -> str:
    try:
        return str(msgspec.json.decode((backup / MANIFEST).read_bytes())["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
