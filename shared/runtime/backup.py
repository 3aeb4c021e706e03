"""Backup and restore of a data folder: a copy of every file while the node runs, and a manifest that says what must be in it.

What follows a log (queues, watchers) is copied before the logs, so that it is never further than they are; what events name (blobs,
addresses) after them, so that it is there for every event. Read models are left out: they are built again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

import msgspec

from shared.eventlog.ports import EventStore
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.kernel.decoding import read_json
from shared.sql.sqlite import File, opened, storage
from shared.vault.vault import CONTENT, quarantine

FORMAT = 1
MANIFEST = "manifest.json"
KEYS, LOGS = "keys", "logs"
RESTORING = ".restoring"  # where files lie until all of them were checked; with it in the folder no node starts
PUT_ASIDE = {KEYS, "node.lock", "lost+found"}  # what a folder may hold that is called empty
Progress = Callable[[str], None]


class BackupFailed(Exception):
    """Why no backup was made or restored, and what to do."""


class End(msgspec.Struct, frozen=True):
    """Where a log ended."""

    position: int
    chain: str
    time: datetime | None


class Content(msgspec.Struct, frozen=True):
    """One file of the backup."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds; written last, so that a backup without it was broken off."""

    format: int = FORMAT
    kind: str  # folder | cluster
    province: str
    version: str
    made_at: datetime
    logs: Mapping[str, End]
    files: Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class About:
    """What a manifest says of the node."""

    province: str
    version: str
    made_at: datetime


def back_up(folder: Path, to: Path, about: About, named: Sequence[str], told: Progress, *, keys: bool = False) -> Manifest:
    """Copy a folder, its node running or not. `named` are the stores whose content events name, in the order they are copied in: what
    another of them names after that."""
    empty(to)
    logs = sorted((folder / "logs").glob("*.db"))
    if not logs:
        raise BackupFailed(f"{folder} holds no log: ORTOO_DATA names the data folder")
    stores = sorted(folder.glob("*.db"))
    order = [
        *(path for path in stores if path.stem not in named),
        *logs,
        *sorted((path for path in stores if path.stem in named), key=lambda path: named.index(path.stem)),
    ]
    for path in order:
        told(str(path.relative_to(folder)))
        _copy(path, to / path.relative_to(folder))
    if keys:
        shutil.copytree(folder / KEYS, to / KEYS)
    ends = {path.stem: _end(to / "logs" / path.name) for path in logs}
    return seal(to, "folder", about, ends)


def restore(source: Path, folder: Path, told: Progress) -> Manifest:
    """Put a backup into an empty folder, once its digests and chains were found right. Keys that lie in the folder stay as they are."""
    manifest = read_manifest(source, "folder")
    existed = folder.exists()
    there = {path.name for path in folder.iterdir()} if existed else set()
    staged = folder / RESTORING
    if broken_off := unfinished(folder):
        raise BackupFailed(broken_off)
    if there - PUT_ASIDE:
        raise BackupFailed(f"{folder} is not empty: move away what is in it, it may hold what the backup does not")
    if KEYS in there and (source / KEYS).exists():
        raise BackupFailed(f"there are keys in {folder} and in the backup: take one of them away")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        staged.mkdir(mode=0o700)
        for name in manifest.files:
            told(name)
            (staged / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy2(source / name, staged / name)
        if (content := staged / f"{CONTENT}.db").exists():
            quarantine(File(content))
        for name, end in manifest.logs.items():
            check_log(SqliteLog(staged / "logs" / f"{name}.db", name, read_only=True), end)
        _sync_all(staged)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        if not existed:
            folder.rmdir()
        raise
    for path in sorted(staged.iterdir(), key=lambda path: path.name == LOGS):  # without them it is no node yet
        path.rename(folder / path.name)
    _sync(folder)
    staged.rmdir()  # until here no node starts on it
    _sync(folder)
    return manifest


def unfinished(folder: Path) -> str | None:
    """In words, that a restore into the folder was broken off; None when none was."""
    if not (folder / RESTORING).exists():
        return None
    return f"a restore into {folder} was broken off: remove everything in it but {KEYS}/, and restore again"


def seal(to: Path, kind: str, about: About, ends: Mapping[str, End]) -> Manifest:
    """Write the manifest of a finished backup: the digest of every file, all of it on the disk."""
    files = {str(path.relative_to(to)): _content(path) for path in _files(to)}
    manifest = Manifest(kind=kind, province=about.province, version=about.version, made_at=about.made_at, logs=ends, files=files)
    _sync_all(to)
    unfinished = to / f"{MANIFEST}.part"
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    _sync(unfinished)
    unfinished.rename(to / MANIFEST)
    _sync(to)
    return manifest


def read_manifest(source: Path, kind: str) -> Manifest:
    """The manifest of a backup of which every byte is as it was written."""
    try:
        manifest = read_json((source / MANIFEST).read_bytes(), Manifest)
    except FileNotFoundError as error:
        raise BackupFailed(f"{source} has no {MANIFEST}: it is no backup, or one that was broken off") from error
    except msgspec.MsgspecError as error:
        raise BackupFailed(f"{source / MANIFEST} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise BackupFailed(f"{source} has format {manifest.format}, this release reads {FORMAT}: restore it with {manifest.version}")
    if manifest.kind != kind:
        raise BackupFailed(f"{source} is the backup of a {manifest.kind}: restore it to one")
    for name, content in manifest.files.items():
        path = source / name
        if not path.resolve().is_relative_to(source.resolve()):
            raise BackupFailed(f"{source / MANIFEST} names {name}, which is not in the backup: it was changed")
        if not path.is_file() or _content(path) != content:
            raise BackupFailed(f"{path} is missing or is not what was backed up: take another backup")
    return manifest


def check_log(log: EventStore, end: End) -> None:
    """The chain holds from the first record to where the manifest says the log ended."""
    with closing(log):
        verdict = verify(log)
    if verdict.fault is not None:
        raise BackupFailed(f"{log.name} is broken at {verdict.fault}: take another backup")
    if (verdict.position, verdict.chain.hex()) != (end.position, end.chain):
        raise BackupFailed(f"{log.name} ends at {verdict.position}, the manifest says {end.position}: take another backup")


def empty(to: Path) -> None:
    """A new folder for a backup."""
    to.mkdir(parents=True, exist_ok=True)
    if any(to.iterdir()):
        raise BackupFailed(f"{to} is not empty: name a new folder for each backup")
    to.chmod(0o700)  # addresses are in it


def _copy(path: Path, to: Path) -> None:
    """One file as of one moment, whoever writes it meanwhile; what was deleted from it is not copied."""
    to.parent.mkdir(exist_ok=True)
    with storage(), closing(opened(path)) as db:
        db.execute("VACUUM INTO ?", (str(to),))
    to.chmod(0o600)


def _end(path: Path) -> End:
    with closing(SqliteLog(path, path.stem, read_only=True)) as log:
        head = log.head()
    return End(head.position, head.chain.hex(), head.time)


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST)


def _content(path: Path) -> Content:
    with path.open("rb") as file:
        return Content(path.stat().st_size, file_digest(file, "sha256").hexdigest())


def _sync_all(folder: Path) -> None:
    for path in (*_files(folder), *(path for path in folder.rglob("*") if path.is_dir()), folder):
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
