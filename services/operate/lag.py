"""`ortoo lag`: how far each reader of each log is, in events, and how long the oldest of them waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from services.operate.places import Home, Log, Place, Servers
from shared.handling.policies import READER, SEEN_AGAIN
from shared.handling.reader import positions
from shared.kafka.topic import KafkaTopic
from shared.runtime.generations import in_use
from shared.sql.ports import LogBusy, StorageFailed


@dataclass(frozen=True, slots=True)
class Lag:
    """One reader of one log."""

    log: str
    reader: str
    position: int | None
    behind: int = 0
    seconds: float = 0.0  # how long the first event it has not read waits
    note: str = ""

    def line(self) -> str:
        """As it is printed."""
        at = "-" if self.position is None else f"{self.position:,}"
        late = f"{self.behind:,} events, {self.seconds:,.0f} s" if self.behind else "level" if self.position is not None else "-"
        return f"{self.log:<20} {self.reader:<24} {at:>12}  {late:<24} {self.note}".rstrip()


def lags(place: Place, now: datetime) -> Iterator[Lag]:
    """Every reader of every log that is reached from here."""
    for home in place.homes():
        try:
            yield from _of(place, home, now)
        except (StorageFailed, LogBusy) as error:
            yield Lag(home.log_name, "head", None, note=str(error))


def _of(place: Place, home: Home, now: datetime) -> Iterator[Lag]:
    log = home.log()
    if log is None:
        return
    with closing(log):
        head = log.head()
        yield Lag(log.name, "head", head.position, note=head.time.isoformat(timespec="seconds") if head.time else "")
        yield from _models(home, log, now)
        yield from _policies(log, log, "policies", now)
        if isinstance(place, Servers):
            yield _relay(place, log, now)
        for name, inbox in place.carried(log.name):
            yield _lag(log, name, inbox.head().position, now)
            inbox.close()
        for other in home.heard():
            with closing(other):
                yield from _policies(log, other, f"policies of {home.service.name}", now)


def _policies(log: Log, of: Log, reader: str, now: datetime) -> Iterator[Lag]:
    """How far those whose cursors lie in a log have read this one."""
    kept = log.cursor(READER, of.name)
    if kept is not None:
        at = max(kept[0], min(kept[0] + SEEN_AGAIN, of.head().position))
        yield _lag(of, reader, at, now, note=f"saved at {kept[0]:,}")


def _models(home: Home, log: Log, now: datetime) -> Iterator[Lag]:
    databases = home.models()
    name = in_use(databases, home.service) if databases else None
    if databases is None or name is None:
        yield Lag(log.name, "read models", None, note="not built yet")
        return
    database = databases.at(name)
    with closing(database.look()) as db:
        applied = positions(db)
    yield _lag(log, "read models", applied.get(log.name, 0), now, note=name)
    for other in home.heard():
        with closing(other):
            yield _lag(other, f"read models of {home.service.name}", applied.get(other.name, 0), now, note=name)


def _relay(place: Servers, log: Log, now: datetime) -> Lag:
    with closing(KafkaTopic(place.settings.kafka, log.name)) as topic:
        try:
            last = topic.last()
        except StorageFailed as error:
            return Lag(log.name, "relay", None, note=str(error))
    if last is not None and log.chain_at(last[0]) != last[1]:
        return Lag(log.name, "relay", last[0], note="the topic holds another history: ortoo doctor says which")
    return _lag(log, "relay", last[0] if last else 0, now)


def _lag(log: Log, reader: str, position: int, now: datetime, note: str = "") -> Lag:
    head = log.head().position
    if position > head:
        return Lag(log.name, reader, position, note="further than the log: ortoo doctor")
    behind = head - position
    waiting = log.read(position, 1) if behind else []
    seconds = max(0.0, (now - waiting[0].envelope.time).total_seconds()) if waiting else 0.0
    return Lag(log.name, reader, position, behind, seconds, note)
