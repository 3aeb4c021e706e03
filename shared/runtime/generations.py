"""Read models by generation: one file per form of the projections; a new form is built beside the one in use."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from shared.eventlog.ports import EventFeed
from shared.eventlog.sqlite import Connect, connect
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
    """The read models of one service. Queries ask `path`; the reader thread calls `step`."""

    def __init__(self, folder: Path, service: Service, own: EventFeed, others: Sequence[EventFeed], connect: Connect = connect) -> None:
        self._folder, self._service, self._own, self._others, self._connect = folder, service, own, others, connect
        folder.mkdir(parents=True, exist_ok=True)
        self._newest = folder / f"{service.name}.{fingerprint(service)}.db"
        older = sorted(folder.glob(f"{service.name}.*.db"), key=lambda p: p.stat().st_mtime)
        older = [path for path in older if path != self._newest]
        self._lock = threading.Lock()
        self.reader = self._open(self._newest)
        self._serving = older[-1] if older else self._newest  # the old ones go when the new one is level: while they are here it is not
        self._behind = older

    @property
    def path(self) -> Path:
        """The file that answers queries."""
        return self._serving

    def step(self) -> bool:
        """Apply one chunk. Once the new generation is level, queries move to it and the old files go."""
        with self._lock:
            moved = self.reader.step()
            if not moved and self._serving != self._newest:
                self._serving = self._newest
                self._switch()
        return moved

    def replay(self, projection: str, log: str, stream: str) -> int:
        with self._lock:
            return self.reader.replay(projection, log, stream)

    def close(self) -> None:
        with self._lock:
            self.reader.close()

    def _open(self, path: Path) -> Reader:
        return Reader(self._service, self._own, self._others, path, self._connect)

    def _switch(self) -> None:
        for path in self._behind:
            for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
                file.unlink(missing_ok=True)
        self._behind = []
