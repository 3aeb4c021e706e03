"""The backups a node finds: which are looked into, whether they held what was destroyed, and whether they still show anybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from services.privacy.searching.looking import every, persons, readable
from shared.blobs.store import every as every_blob
from shared.eventlog.sqlite import SqliteLog
from shared.sql.ports import StorageFailed
from shared.sql.sqlite import Files
from shared.vault.root import Lent, RootFile
from shared.vault.vault import CONTENT, KEYRING, open_with

MANIFEST = "manifest.json"


class Shut(Exception):
    """A backup that is not looked into is no backup without a person; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup, by the name of its folder, and when it was made."""

    path: Path
    made_at: str

    @property
    def name(self) -> str:
        return self.path.name


class Backups:
    """The folder in which backups are kept, and the root key of today.

    `named`: somebody said, or has to say, which folder that is; where it is not there, nobody knows what is kept.
    """

    def __init__(self, folder: Path | None, root: Path | None, named: bool = False) -> None:
        self._folder, self._root, self._named = folder, root, named

    def all(self) -> list[Backup]:
        """The oldest first. Shut when that cannot be told."""
        if self._folder is None or not self._folder.is_dir():
            if self._named:
                raise Shut("the folder of the backups is not there: ORTOO_BACKUPS names it, also when it is empty")
            return []
        made = [Backup(path, _made_at(path)) for path in sorted(self._folder.iterdir()) if path.is_dir()]
        if unfinished := [one.name for one in made if not one.made_at]:
            raise Shut(f"{unfinished[0]} is no whole backup: wait until it is finished, or remove it, then verify again")
        return sorted(made, key=lambda one: one.made_at)

    def look(self, backup: Backup, refs: Sequence[str], words: Sequence[str] = ()) -> tuple[int, int, int]:
        """How many of the references lie in it, how many persons it shows with today's root key, by these references, by those of
        `words`, or in its logs, and how many of them by `words`. Shut when it cannot be told."""
        logs = [SqliteLog(path, path.stem, read_only=True) for path in sorted((backup.path / "logs").glob("*.db"))]
        if not logs:
            raise shut(backup, "it holds no logs that can be read here")
        shown = 0
        for log in logs:
            with closing(log):
                shown += sum(persons(recorded.cloud_event().decode()) for recorded in every(log))
        held, opens, said = self._opened(backup, refs, words)
        return held, shown + opens + said, said

    def _opened(self, backup: Backup, refs: Sequence[str], words: Sequence[str]) -> tuple[int, int, int]:
        """In a copy, which is gone afterwards."""
        stores = [backup.path / f"{name}.db" for name in (CONTENT, KEYRING)]
        if not all(path.exists() for path in stores):
            raise shut(backup, "it holds no vault and keyring that can be opened here")
        try:
            with TemporaryDirectory(prefix="ortoo-search-") as folder:
                data = Path(folder) / "data"
                data.mkdir(mode=0o700)
                for path in stores:
                    shutil.copy2(path, data / path.name)
                root = RootFile(self._root).current() if self._root is not None else None
                if root is None:
                    raise shut(backup, "today's root key is not there")
                with closing(open_with(Files(data), Lent(root))) as vault:
                    return vault.lying(refs), readable(vault, refs), readable(vault, words)
        except StorageFailed as error:
            raise shut(backup, str(error)) from error


def chosen(backups: Sequence[Backup], most: int) -> list[Backup]:
    """As many as are looked into at once: the oldest ones, and the newest."""
    return list(backups) if len(backups) <= most else [*backups[: most - 1], backups[-1]]


def blobs_of(backup: Backup) -> Iterator[tuple[str, bytes]]:
    """The blobs of a backup; what its facts name, today's name too. Shut when they cannot be read."""
    if (backup.path / "blobs.db").exists():
        try:
            with closing(Files(backup.path).at("blobs").look()) as db:
                yield from every_blob(db)
        except StorageFailed as error:
            raise shut(backup, str(error)) from error


def shut(backup: Backup, why: str) -> Shut:
    """Why this one is not looked into, and what cures that."""
    return Shut(f"{backup.name} could not be searched: {why}; put that right, or remove this backup and any as old, then verify again")


def _made_at(backup: Path) -> str:
    try:
        return str(msgspec.json.decode((backup / MANIFEST).read_bytes())["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
