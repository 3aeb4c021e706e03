"""Timers: a due table kept by the reader, and the engine that sends what is due, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from shared.handling.declare import Rows, Service, Start, Stop, Table
from shared.handling.pending import Busy, Pending, fingerprint
from shared.kernel.commands import Signature, derived_id
from shared.kernel.decoding import convert
from shared.kernel.envelope import Envelope
from shared.kernel.errors import DomainError
from shared.sql.ports import Connection, LogBusy, StorageFailed

AT_ONCE = 500  # deadlines sent in one step
CHUNK = 500
Key = tuple[str, str, str, str]
"""Stream, clock, due time, and the event that started it: what was ended and is started again with the same due time passes again."""

DUE = Table(
    "due",
    key=("stream", "clock"),
    columns={
        "stream": "TEXT NOT NULL",
        "clock": "TEXT NOT NULL",
        "due_at": "TEXT NOT NULL",
        "command": "TEXT NOT NULL",
        "args": "TEXT NOT NULL",
        "division": "TEXT",
        "incident": "TEXT",
        "cause": "TEXT NOT NULL",
    },
    indexes=(("due_at",),),
)
OPEN = Table(
    "due_open", key=("stream",), columns={"stream": "TEXT NOT NULL", "clocks": "TEXT NOT NULL"}
)  # the clocks that run on a stream, so that `Stop("ack.*")` finds them through the unit of work


class DueTable:
    """The projection behind every timer: which deadlines run, and what is sent when one passes."""

    tables: tuple[Table, ...] = (DUE, OPEN)

    def __init__(self, due: Callable[[Any, Envelope], Iterable[Start | Stop]], listens: tuple[str, ...]) -> None:
        self._due, self.listens = due, listens

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        for change in self._due(event, at):
            open_row = rows.get(OPEN, at.streamid)
            clocks: list[str] = msgspec.json.decode(open_row["clocks"]) if open_row else []
            if isinstance(change, Start):
                rows.put(
                    DUE,
                    stream=at.streamid,
                    clock=change.key,
                    due_at=utc(change.due_at),
                    command=change.command,
                    args=msgspec.json.encode(change.args).decode(),
                    division=at.division,
                    incident=at.correlationid,
                    cause=at.id,
                )
                clocks = sorted({*clocks, change.key})
            else:
                gone = [clock for clock in clocks if _matches(change.key, clock)]
                for clock in gone:
                    rows.delete(DUE, at.streamid, clock)
                clocks = [clock for clock in clocks if clock not in gone]
            rows.put(OPEN, stream=at.streamid, clocks=msgspec.json.encode(clocks).decode())


class Timers:
    """Sends the command of each deadline that has passed; its id follows from its key, so it counts once for each time it was started."""

    def __init__(
        self, service: Service, look: Callable[[], Connection], submit: Callable[[Pending], None], clock: Callable[[], datetime]
    ) -> None:
        """`look` gives this thread's connection to the read models in use."""
        self._service, self._look, self._submit, self._clock = service, look, submit, clock
        self._sent: set[Key] = set()
        self.stuck: dict[Key, str] = {}  # deadlines whose command hits a bug; sent again when the node starts again

    def step(self) -> bool:
        """Send what is due now. False when nothing was."""
        if self._service.due is None:
            return False
        now = self._clock()
        limit = AT_ONCE + len(self._sent)  # what was sent may stay in the table, refused: it must not hide what is due after it
        rows = self._look().execute("SELECT * FROM due WHERE due_at <= ? ORDER BY due_at LIMIT ?", (utc(now), limit)).fetchall()
        due: dict[Key, Mapping[str, Any]] = {(row["stream"], row["clock"], row["due_at"], row["cause"]): row for row in rows}
        self._sent.intersection_update(due)
        return self._send({key: row for key, row in due.items() if key not in self._sent}, now)

    def _send(self, due: Mapping[Key, Mapping[str, Any]], now: datetime) -> bool:
        sent, broken = False, None
        for key, row in due.items():
            try:
                pending = self._pending(row, key, now)
            except Exception as bug:  # the other deadlines are sent first
                broken = bug
                continue
            self._sent.add(key)  # before it is handed over: the answer may come at once
            try:
                self._submit(pending)
            except Busy:
                self._sent.discard(key)
                return sent
            sent = True
        if broken is not None:
            raise broken
        return sent

    def _pending(self, row: Mapping[str, Any], key: Key, now: datetime) -> Pending:
        cls, _, _ = self._service.handler(row["command"])
        by = Signature("SYS.TIMER", ("SYS",), row["division"])
        command = convert({**msgspec.json.decode(row["args"]), "by": by, "now": now}, cls)
        return Pending(
            id=timer_id(*key),
            command=command,
            fingerprint=fingerprint(row["command"], b""),  # the id says it all
            done=lambda result: self._settled(key, result),
            causation=row["cause"],
            incident=row["incident"],
            derived=True,
        )

    def _settled(self, key: Key, result: object) -> None:
        if isinstance(result, StorageFailed | LogBusy):
            self._sent.discard(key)  # not decided: send it again
        elif isinstance(result, BaseException) and not isinstance(result, DomainError):
            self.stuck[key] = type(result).__name__


def timer_id(stream: str, clock: str, due_at: str, cause: str) -> UUID:
    """The id of the command that a deadline sends. Of the event that started it the position counts: a whole copy of a log has the same."""
    return derived_id(stream, clock, due_at, cause.rpartition(":")[2])


@lru_cache(4_096)  # one event's times are asked for by several projections
def utc(at: datetime) -> str:
    """ISO text in UTC with microseconds, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _matches(pattern: str, clock: str) -> bool:
    return clock.startswith(pattern[:-1]) if pattern.endswith("*") else clock == pattern
