"""How a drill's log begins: with a copy of a real one up to a position, or with some of its streams alone.

A copied event says what it said, who decided it and when. Its place is that of the drill's log, `origin` names the real event and
`exercise` is set: no event of a drill has the id of a real one, and none can ever be healed, carried or counted into a real log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from shared.eventlog.chain import Cursor
from shared.eventlog.copying import Whole
from shared.eventlog.ports import EventFeed, EventStore, Handled, New
from shared.handling.policies import READER, SEEN_AGAIN
from shared.kernel.envelope import Envelope, Recorded, genesis, seal
from shared.kernel.errors import LogFork, LogGap

CHUNK = 2_000
FIRST = UUID(int=0)


class SeedFailed(Exception):
    """Why a drill could not be begun with a log; nothing of that log was taken."""


@dataclass(frozen=True, slots=True)
class Seed:
    """What is taken of a log."""

    until: int  # position
    streams: tuple[str, ...] | None = None  # how names of streams begin; None: the whole log, to be gone on with
    names: Mapping[str, str] = field(default_factory=dict)  # real log -> the drill's, for what names an event as its cause
    policies: Collection[str] = ()  # who reacts to the log

    def takes(self, recorded: Recorded) -> bool:
        return self.streams is None or recorded.stream.startswith(self.streams)


def sow(source: Whole, target: EventStore, seed: Seed, told: Callable[[Recorded], None] = lambda _: None) -> Cursor:
    """Begin an empty log with what is taken, told one by one, in one transaction; where the source was left, its chain checked up to there.

    Of a whole log the outcomes of its commands come along, and its policies look once more at what came last: what was decided is not
    decided again, and what nobody had reacted to yet is not lost.
    """
    cursor = Cursor(0, genesis(source.name))
    try:
        with target.pen() as pen:
            if pen.head.position:
                raise SeedFailed(f"{target.name} is not empty")
            while batch := cursor.follow(source.read(cursor.position, min(CHUNK, seed.until - cursor.position))):
                kept = [recorded for recorded in batch if seed.takes(recorded)]
                for recorded in kept:
                    told(recorded)
                pen.append([_copy(recorded, target.name, seed) for recorded in kept], time=batch[-1].envelope.time)
            if seed.streams is None:
                pen.append([], [handled for handled in _outcomes(source) if handled.position <= cursor.position])
    except (LogFork, LogGap) as fault:
        raise SeedFailed(f"the log {source.name} is broken: {fault}; see `ortoo log verify`") from fault
    if seed.streams is None:
        _look_again(source, target, cursor.position, seed.policies)
    return cursor


def through_command(log: EventFeed, position: int) -> int:
    """The last position of the command that wrote this one: what was decided together is not taken apart."""
    command = log.read(position - 1, 1)[0].envelope.command if position else None
    while command is not None and (after := log.read(position, 1)) and after[0].envelope.command == command:
        position += 1
    return position


def _copy(recorded: Recorded, log: str, seed: Seed) -> New:
    return New(recorded.stream, recorded.version, recorded.type, partial(_seal, log, seed, recorded.envelope))


def _seal(log: str, seed: Seed, envelope: Envelope, position: int) -> bytes:
    """What one command wrote is whole only in a whole log, and positions are the same only there."""
    place: dict[str, Any] = {
        "id": f"{log}:{position}",
        "source": f"urn:ortoo:{log}",
        "log": log,
        "position": position,
        "origin": envelope.id,
    }
    if seed.streams is not None:
        place |= {"commandid": None, "commandevents": 1}
    else:
        of, mark, at = (envelope.causationid or "").rpartition(":")
        place["causationid"] = f"{seed.names.get(of, of)}{mark}{at}" or None
    return seal(msgspec.structs.replace(envelope, **place, exercise=True, traceparent=None))


def _outcomes(log: Whole) -> Iterator[Handled]:
    last = FIRST
    while found := log.outcomes(last, CHUNK):
        yield from found
        last = found[-1].id


def _look_again(source: Whole, target: EventStore, end: int, policies: Collection[str]) -> None:
    """Ids of their commands follow from the real events, so that looking again at what they saw adds nothing."""
    for reader, log, position, _ in source.cursors():
        if log == source.name and reader in (READER, *policies):  # of the real log's other marks none holds for the drill
            at = max(0, min(position, end) - SEEN_AGAIN) if reader == READER else min(position, end)
            target.save_cursor(reader, target.name, at, target.chain_at(at) or genesis(target.name))
