"""Read models by generation: one database per form of the projections; a new form is built beside the one in use."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from shared.eventlog.parking import Parked, parked
from shared.eventlog.ports import EventFeed
from shared.handling.declare import Service
from shared.handling.reader import Reader, positions, schema, stopped
from shared.kernel.events import family, registered
from shared.sql.ports import Connection, Database, Databases, LogBusy, StorageFailed

LOOK_EVERY = 20  # steps, between two looks for what was rebuilt


def fingerprint(service: Service) -> str:
    """Changes whenever the code that builds the read models changes (all of a service's `projections/`): an upgrade rebuilds by itself."""
    files = {inspect.getfile(type(projection)) for projection in service.projections}
    digest = sha256(schema(service).encode())
    digest.update(_sources(frozenset(files), inspect.getfile(service.due) if service.due is not None else None))
    listens = {name for projection in service.projections for name in projection.listens}
    for name, _ in registered():  # a version that was too new may be known now
        if family(name) in listens:
            digest.update(name.encode())
    return digest.hexdigest()[:12]


@cache
def _sources(files: frozenset[str], due: str | None) -> bytes:
    """Of all modules beside these files, read once: a process runs what it started with, whatever is installed meanwhile."""
    sources = {source for file in files for source in _beside(Path(file))} | ({Path(due)} if due else set())
    return sha256(b"".join(source.name.encode() + source.read_bytes() for source in sorted(sources))).digest()


def _beside(file: Path) -> Iterable[Path]:
    """What a projection of a service may share with its neighbours; one that services share stands for itself."""
    return file.parent.glob("*.py") if file.parent.name == "projections" else (file,)


def newest(databases: Databases, service: Service, form: str | None = None) -> str:
    """The name of the generation in today's form: the last that was rebuilt whole (`alerts.0123456789ab-2`), or the first."""
    form = form or f"{service.name}.{fingerprint(service)}"
    rebuilt = [name for name in databases.names() if name.startswith(f"{form}-") and databases.at(name).marked() is not None]
    return max(rebuilt, key=number, default=form)


def in_use(databases: Databases, service: Service) -> str | None:
    """The name of the generation that answers queries; None when none was built."""
    today = newest(databases, service)
    there = [name for name in databases.names() if name.startswith(f"{service.name}.")]
    marks = {name: mark for name in there if (mark := databases.at(name).marked()) is not None}
    if today in marks or not marks:
        return today if today in there else None
    return max(marks, key=lambda name: marks[name])


def number(name: str) -> int:
    """How often a generation of this form was built, this one counted."""
    return int(name.rpartition("-")[2]) if "-" in name else 1


def _same_or_next(name: str, today: str) -> bool:
    """One of today's form with a higher number is being rebuilt by `ortoo rebuild`."""
    return name.partition("-")[0] == today.partition("-")[0] and number(name) >= number(today)


class Generations:
    """The read models of one service. Queries of any thread ask `look`; the reader thread calls `step`.

    A database that was level with its logs once is marked so. Until the new one is, the newest marked one answers, as it stands.
    """

    def __init__(self, databases: Databases, service: Service, own: EventFeed, others: Sequence[EventFeed]) -> None:
        self._databases, self._feeds = databases, (own, *others)
        self._form = f"{service.name}.{fingerprint(service)}"
        self._today = today = newest(databases, service, self._form)
        self._newest = databases.at(today)
        self._steps = 0
        older = [name for name in databases.names() if name.startswith(f"{service.name}.") and not _same_or_next(name, today)]
        marks = {name: mark for name in older if (mark := databases.at(name).marked()) is not None}
        self._older = sorted(older, key=lambda name: marks.get(name, ""))
        self._level = self._newest.marked() is not None
        self._old: Database | None = databases.at(self._older[-1]) if marks and not self._level else None
        self._lock, self._local = threading.Lock(), threading.local()
        self.reader = Reader(service, own, others, self._newest)

    @property
    def name(self) -> str:
        """Of the database that answers queries."""
        return (self._old or self._newest).name

    def look(self) -> Connection:
        """This thread's connection to what answers queries."""
        return self._look(self._old or self._newest)

    def positions(self) -> Mapping[str, int]:
        """How far what answers queries has applied each log."""
        return positions(self.look()) if self._old else self.reader.positions()

    def level(self, ends: Mapping[str, int]) -> bool:
        """Every log is applied up to these ends, by whichever process."""
        applied = self.reader.positions()
        return all(applied.get(feed.name, 0) >= ends[feed.name] for feed in self._feeds)

    def stopped(self) -> list[tuple[str, str, int, str]]:
        """Projections of the own log that stand still: (projection, log, position, reason)."""
        return stopped(self._look(self._newest))

    def parked(self) -> list[Parked]:
        """Events of foreign logs that a projection could not take."""
        return parked(self._look(self._newest))

    def step(self) -> bool:
        """Apply one chunk. Once the new generation is level, queries move to it and the old ones go."""
        with self._lock:
            self._steps += 1
            if self._steps % LOOK_EVERY == 0:
                self._take_rebuilt()
            moved = self.reader.step()
            if not self._level and self._is_level():
                self._level, self._old = True, None
            if self._level and self._older and self.reader.counts:
                self._clear()
        return moved

    def replay(self, projection: str, log: str, stream: str) -> int:
        with self._lock:
            return self.reader.replay(projection, log, stream)

    def close(self) -> None:
        with self._lock:
            self.reader.close()

    def _look(self, database: Database) -> Connection:
        held: tuple[Database, Connection] | None = getattr(self._local, "held", None)
        if held is None or held[0] is not database:
            if held is not None:
                held[1].close()
            held = self._local.held = (database, database.look())
        return held[1]

    def _take_rebuilt(self) -> None:
        """What `ortoo rebuild` built meanwhile takes the place of what is in use, once it has applied what came since."""
        today = newest(self._databases, self.reader.service, self._form)
        if today == self._today:
            return
        database = self._databases.at(today)
        reader = Reader(self.reader.service, self._feeds[0], self._feeds[1:], database)
        self.reader.close()
        self._older, self._old, self._level = [*self._older, self._today], self._newest, False
        self._today, self._newest, self.reader = today, database, reader

    def _is_level(self) -> bool:
        if not self.reader.counts:
            return self._newest.marked() is not None  # by who counts
        applied = self.reader.positions()
        if any(feed.read(applied[feed.name], 1) for feed in self._feeds):
            return False
        self._newest.mark()
        return True

    def _clear(self) -> None:
        # A process of the release before may still answer from the newest of them; that one goes with the next release.
        for name in self._older[:-1] if self._databases.shared else self._older:
            self._databases.drop(name)
        self._older = []


def rebuild(databases: Databases, service: Service, own: EventFeed, others: Sequence[EventFeed], progress: Callable[[int], None]) -> str:
    """Build the read models once more, beside those in use, until they are level; whoever has them in use takes them. Their name.

    StorageFailed when a projection stops again, LogBusy when the turn to build them was lost: what is in use stays in use.
    """
    form = f"{service.name}.{fingerprint(service)}"
    name = f"{form}-{1 + max((number(there) for there in databases.names() if there.partition('-')[0] == form), default=1)}"
    reader = Reader(service, own, others, databases.at(name))
    try:
        while reader.step():
            progress(reader.positions()[own.name])
        whole, failed = reader.counts, stopped(databases.at(name).look())
    finally:
        reader.close()
    if not whole:
        databases.drop(name)
        raise LogBusy(f"the turn to build {name} was lost before it was level: start it again")
    if failed:
        databases.drop(name)
        projection, log, position, reason = failed[0]
        raise StorageFailed(f"{projection} stops again at {log}:{position}: {reason}")
    databases.at(name).mark()
    return name
