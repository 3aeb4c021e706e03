"""Walk a log's chain from its first record and name the first position that does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.eventlog.chain import Cursor
from shared.eventlog.ports import EventStore
from shared.kernel.envelope import Recorded, genesis
from shared.kernel.errors import LogFork, LogGap, Unreadable


@dataclass(frozen=True, slots=True)
class Verdict:
    """`position` is the last good one; `fault` is None when the log is whole."""

    log: str
    position: int
    chain: bytes
    fault: str | None = None


def verify(log: EventStore, progress: Callable[[int], None] = lambda _: None) -> Verdict:
    """Recompute the chain, compare every record with its row, and the end with the head (a cut tail shows there)."""
    cursor = Cursor(0, genesis(log.name))
    versions: dict[str, int] = {}
    while True:
        head = log.head()  # before each read: a log that grows meanwhile is not a log that was cut
        batch = log.read(cursor.position, 2000)
        if not batch:
            break
        for recorded in batch:
            try:
                if not isinstance(recorded.record, bytes):
                    raise Unreadable("the record is not bytes")
                cursor.follow([recorded])
                _agrees(log.name, recorded, versions)
            except (LogFork, LogGap, Unreadable) as fault:
                bad = min(cursor.position + 1, recorded.position)
                return Verdict(log.name, bad - 1, cursor.chain, f"position {bad}: {fault}")
        progress(cursor.position)
    if (cursor.position, cursor.chain) != (head.position, head.chain):
        return Verdict(log.name, cursor.position, cursor.chain, f"position {cursor.position + 1}: cut off; the head says {head.position}")
    return Verdict(log.name, cursor.position, cursor.chain)


def _agrees(log: str, recorded: Recorded, versions: dict[str, int]) -> None:
    try:
        envelope = recorded.envelope
    except ValueError as error:
        raise Unreadable(str(error)) from error
    row = (log, recorded.position, recorded.stream, recorded.version, recorded.type)
    if row != (envelope.log, envelope.position, envelope.streamid, envelope.streamversion, envelope.type):
        raise LogFork("the row does not say what its record says")
    if recorded.version != versions.get(recorded.stream, 0) + 1:
        raise LogGap(f"stream {recorded.stream} goes from version {versions.get(recorded.stream, 0)} to {recorded.version}")
    versions[recorded.stream] = recorded.version
