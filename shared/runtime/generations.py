"""Read models by generation: one file per form of the projections; a new form is built beside the one in use."""

from __future__ import annotations

import inspect
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from shared.eventlog.ports import EventFeed
from shared.eventlog.sqlite import Connect, connect, opened
from shared.handling.declare import Service
from shared.handling.reader import Reader
from shared.kernel.events import family, registered


def fingerprint(service: Service) -> str:
    """Changes whenever the code that builds the read models changes (all modules beside a projection), so an upgrade rebuilds by itself."""
    built_by = [type(projection) for projection in service.projections]
    files = {Path(inspect.getfile(cls)) for cls in built_by}
    sources = {source for file in files for source in file.parent.glob("*.py")}
    if service.due is not None:
        sources.add(Path(inspect.getfile(service.due)))
    digest = sha256()
    for source in sorted(sources):
        digest.update(source.name.encode() + source.read_bytes())
    listens = {name for projection in service.projections for name in projection.listens}
    for name, _ in registered():  # a version that was too new may be known now
        if family(name) in listens:
            digest.update(name.encode())
    return digest.hexdigest()[:12]


class Generations:
    """The read models of one service. Queries ask `path`; the reader thread calls `step`.

    A file that was level with its logs once is marked so. Until the new one is, the newest marked one answers, as it stands.
    """

    def __init__(self, folder: Path, service: Service, own: EventFeed, others: Sequence[EventFeed], connect: Connect = connect) -> None:
        self._feeds = (own, *others)
        folder.mkdir(parents=True, exist_ok=True)
        self._newest = folder / f"{service.name}.{fingerprint(service)}.db"
        self._older = [path for path in folder.glob(f"{service.name}.*.db") if path != self._newest]
        usable = sorted((path for path in self._older if _was_level(path)), key=lambda path: path.stat().st_mtime)
        self._level = self._newest.exists() and _was_level(self._newest)
        self._old = usable[-1] if usable and not self._level else None
        self._stood = _positions(self._old) if self._old else {}
        self._lock = threading.Lock()
        self.reader = Reader(service, own, others, self._newest, connect)

    @property
    def path(self) -> Path:
        """The file that answers queries."""
        return self._old or self._newest

    def positions(self) -> Mapping[str, int]:
        """How far what answers queries has applied each log."""
        return self._stood if self._old else self.reader.positions()

    def step(self) -> bool:
        """Apply one chunk. Once the new generation is level, queries move to it and the old files go."""
        with self._lock:
            moved = self.reader.step()
            if not self._level and not any(feed.read(self.reader.positions()[feed.name], 1) for feed in self._feeds):
                _mark_level(self._newest)
                self._level, self._old = True, None
            if self._level and self._older:
                self._clear()
        return moved

    def replay(self, projection: str, log: str, stream: str) -> int:
        with self._lock:
            return self.reader.replay(projection, log, stream)

    def close(self) -> None:
        with self._lock:
            self.reader.close()

    def _clear(self) -> None:
        for path in self._older:
            for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
                file.unlink(missing_ok=True)
        self._older = []


def _was_level(path: Path) -> bool:
    with closing(opened(path)) as db:
        return bool(db.execute("PRAGMA user_version").fetchone()[0])


def _mark_level(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 1")


def _positions(path: Path) -> dict[str, int]:
    with closing(opened(path)) as db:
        return dict(db.execute("SELECT log, position FROM reader_cursor").fetchall())
