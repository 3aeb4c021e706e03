"""A log moved to another database, byte by byte: events, command outcomes, attempts, cursors, parked events and the head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, Protocol
from uuid import UUID

from shared.eventlog.chain import Cursor, verbatim
from shared.eventlog.ports import EventStore, Handled, Head, Pen
from shared.eventlog.verify import verify
from shared.kernel.envelope import genesis
from shared.kernel.errors import LogFork, LogGap

CHUNK = 2_000  # events or outcomes to one statement
FIRST = UUID(int=0)
NOTHING = "nothing was copied, see `ortoo log verify`"


class Whole(EventStore, Protocol):
    """A log that also lists what it keeps beside its events."""

    def outcomes(self, after: UUID, limit: int) -> list[Handled]:
        """What became of commands, in the order of their ids, after an id."""
        ...

    def cursors(self) -> list[tuple[str, str, int, bytes]]:
        """(reader, log, position, chain) of all, sorted."""
        ...


MOVED = "moved"  # the cursor that says of a log that it was copied and goes on elsewhere


class CopyFailed(Exception):
    """Why a log was not copied, and what to do; the target is as it was, or is whole."""


def copy_log(source: Whole, target: Whole, progress: Callable[[int], None] = lambda _: None) -> None:
    """Copy into an empty log, in one transaction; then compare everything. A copy that is already there is only compared.

    Nobody may write to the source meanwhile. `progress` is told how many events, and then outcomes, were copied.
    """
    end, there = source.head(), target.head()
    if not (there.position or target.outcomes(FIRST, 1) or target.attempts(1)):
        with target.pen() as pen:
            _fill(source, target, pen, end, progress)
    elif there != end:
        raise CopyFailed(f"the log {target.name} there is not empty and not this one: copy into a new database, or drop that schema")
    _compare(source, target)


def mark_moved(log: EventStore, *, moved: bool = True) -> None:
    """The copy decides from now on, this log no more; or, by a person's word, this one again."""
    head = log.head()
    log.save_cursor(MOVED, log.name, head.position, head.chain if moved else b"")


def is_moved(log: EventStore) -> bool:
    """Whether its copy decides. Written to as well, the two would become two histories."""
    kept = log.cursor(MOVED, log.name)
    return kept is not None and kept[1] != b""


def _fill(source: Whole, target: Whole, pen: Pen, end: Head, progress: Callable[[int], None]) -> None:
    for reader, log, position, chain in _cursors(source):  # again and again comes to the same, should the copy be broken off
        target.save_cursor(reader, log, position, chain)
    parking = target.parking()
    for parked, recorded in _parked(source):
        parking.park(parked.reader, parked.log, recorded, parked.reason)
    cursor = Cursor(0, genesis(source.name))
    try:
        while batch := cursor.follow(source.read(cursor.position, CHUNK)):
            pen.append([verbatim(recorded) for recorded in batch], time=end.time)
            progress(cursor.position)
    except (LogFork, LogGap) as fault:
        raise CopyFailed(f"the log {source.name} is broken: {fault}; {NOTHING}") from fault
    if (cursor.position, cursor.chain) != (end.position, end.chain):
        raise CopyFailed(f"the log {source.name} is cut off after position {cursor.position}; {NOTHING}")
    done = cursor.position
    for handled in _outcomes(source):
        if (last := max(each.position for each in handled)) > end.position:
            raise CopyFailed(f"the log {source.name} is cut off after position {cursor.position}, a command names {last}; {NOTHING}")
        pen.append([], handled)
        progress(done := done + len(handled))
    for attempts in _chunks(source.attempts(2**53)[::-1]):
        pen.append([], attempts=attempts)


def _compare(source: Whole, target: Whole) -> None:
    verdict, end = verify(target), source.head()
    if verdict.fault or (verdict.position, verdict.chain) != (end.position, end.chain):
        raise CopyFailed(f"the copy of {source.name} is not whole: {verdict.fault or 'another head'}")
    for what, ours, theirs in (
        ("command outcomes", _outcomes(source), _outcomes(target)),
        ("attempts", [source.attempts(2**53)], [target.attempts(2**53)]),
        ("cursors", [_cursors(source)], [_cursors(target)]),
        ("parked events", [source.parking().listed()], [target.parking().listed()]),
    ):
        if any(one != other for one, other in zip_longest(ours, theirs)):
            raise CopyFailed(f"the {what} of {source.name} there are others: it was written to since it was copied")


def _outcomes(log: Whole) -> Iterator[list[Handled]]:
    last = FIRST
    while found := log.outcomes(last, CHUNK):
        yield found
        last = found[-1].id


def _cursors(log: Whole) -> list[tuple[str, str, int, bytes]]:
    return [kept for kept in log.cursors() if kept[0] != MOVED]


def _parked(log: Whole) -> Iterator[tuple[Any, Any]]:
    parking = log.parking()
    listed = {(each.reader, each.log, each.position): each for each in parking.listed()}
    for reader, of, stream in {(each.reader, each.log, each.stream) for each in listed.values()}:
        for recorded in parking.waiting(reader, of, stream):
            yield listed[reader, of, recorded.position], recorded


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
