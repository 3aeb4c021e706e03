"""The writer: takes the pen, decides the waiting commands in turn, appends everything in one commit, then answers all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from shared.eventlog.chain import Cursor
from shared.eventlog.ports import Attempt, EventStore, Handled, Head, New, Pen
from shared.handling.deciding import Deciding, Decision, May, RulesFor
from shared.handling.declare import Service
from shared.handling.guard import Knows, nobody
from shared.handling.pending import (
    UNKNOWN,
    Answer,
    Busy,
    KeyReused,
    Pending,
    Result,
    decode_answer,
    decode_refusal,
    encode_answer,
    encode_refusal,
)
from shared.handling.snapshots import Snapshots
from shared.handling.states import States
from shared.kernel.errors import DomainError, Failure, LogFork, LogGap
from shared.sql.ports import LogBusy, StorageFailed

BATCH = 500  # commands to one commit
FAR = 1_000  # events of others that are followed under the pen; a few hundredths of a second
QUEUE = 2_000  # waiting commands; more are told to come back


class Blobs(Protocol):
    """Where content named by events is made durable first."""

    def put_many(self, blobs: dict[str, bytes]) -> None: ...


class Writer:
    """One per service and process. `submit` from any thread; `step` from the writer's own.

    Nothing is answered before its commit. When a commit fails, nothing of the batch was stored, every command of it
    is told so, and the speculative state is dropped.
    """

    def __init__(
        self,
        log: EventStore,
        service: Service,
        *,
        rules_for: RulesFor,
        may: May,
        clock: Callable[[], datetime],
        blobs: Blobs | None = None,
        deliver: Callable[[list[tuple[Pending, Result]]], None] | None = None,
        queue: int = QUEUE,
        exercise: bool = False,
        knows: Knows = nobody,
        snapshots: Snapshots | None = None,
    ) -> None:
        self.log, self.service, self.clock = log, service, clock
        self._blobs, self._deliver, self._limit = blobs, deliver or _deliver_each, queue
        self._waiting: deque[Pending] = deque()
        self._states = States(service, log, snapshots)
        self._deciding = Deciding(service, log.name, rules_for, may, exercise, knows)
        head = log.head()
        self._cursor = Cursor(head.position, head.chain)
        self._working = False
        self.wake: Callable[[], None] = lambda: None
        self.counts: dict[tuple[str, str], int] = {}  # (command, outcome or refusal code) -> number

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is being decided."""
        return not self._waiting and not self._working

    def submit(self, pending: Pending) -> None:
        """Queue a command. Busy when the queue is full."""
        if len(self._waiting) >= self._limit:
            raise Busy
        self._waiting.append(pending)
        self.wake()

    def close(self) -> None:
        """No more steps: what it holds beside the log is given back."""
        self._states.close()

    def step(self) -> bool:
        """Decide and store one batch. False when nothing waited."""
        self._working = True
        try:
            return self._step()
        finally:
            self._working = False

    def _step(self) -> bool:
        batch = self._take()
        if not batch:
            return False
        results = self._together(batch)
        for pending, result in results:
            key = (type(pending.command).__name__, _outcome(result))
            self.counts[key] = self.counts.get(key, 0) + 1
        self._deliver(results)
        return True

    def _together(self, batch: Sequence[Pending]) -> list[tuple[Pending, Result]]:
        try:
            return self._write(batch)
        except (LogBusy, StorageFailed, LogGap, LogFork) as error:  # nothing of the batch is stored, and everybody is told why
            self._states.drop()
            return [(pending, error) for pending in batch]
        except Exception as bug:  # somebody's command cannot even be stored: each alone, so that it fails nobody else's
            self._states.drop()
            if len(batch) == 1:
                return [(batch[0], bug)]
            return [result for pending in batch for result in self._together([pending])]
        except BaseException:  # a crash: nobody is answered
            self._states.drop()
            raise

    def _take(self) -> list[Pending]:
        batch: list[Pending] = []
        while self._waiting and len(batch) < BATCH:
            batch.append(self._waiting.popleft())
        return batch

    def _write(self, batch: Sequence[Pending]) -> list[tuple[Pending, Result]]:
        blobs = {digest: body for pending in batch for digest, body in pending.blobs.items()}
        if blobs and self._blobs is not None:
            self._blobs.put_many(blobs)
        self._states.warm(batch)  # cold streams are read before the pen is taken
        self._deciding.look(batch)
        with self._pen() as pen:
            now = self.clock()
            time = max(now, pen.head.time or now)  # recorded time never runs backwards
            known = pen.handled([pending.id for pending in batch if not pending.fresh])
            work = _Work(pen.head.position, time)
            results = [(pending, self._one(pending, known, work)) for pending in batch]
            pen.append(work.events, work.handled, work.attempts, time)
            head = pen.head
        self._states.keep()
        self._cursor = Cursor(head.position, head.chain)
        return results

    @contextmanager
    def _pen(self) -> Iterator[Pen]:
        """The pen, all that others wrote followed. Who is far behind reads without it first: everybody else would wait for that."""
        while True:
            with self.log.pen() as pen:
                head = pen.head
                if head.position - self._cursor.position <= FAR:
                    self._catch_up(head)
                    yield pen
                    return
            self._catch_up(head)

    def _catch_up(self, head: Head) -> None:
        while self._cursor.is_behind(head):
            others = self._cursor.follow(self.log.read(self._cursor.position))
            if not others:
                raise LogGap(f"the head says {head.position}, the log ends at {self._cursor.position}")
            for recorded in others:
                self._states.follow(recorded)

    def _one(self, pending: Pending, known: dict[Any, Handled], work: _Work) -> Result:
        before = None if pending.fresh else known.get(pending.id)
        if before is not None:
            return _repeat(pending, before)
        try:
            decision = self._deciding.decide(pending, self._states, work.time, work.position)
            answer = _answer(pending, decision, work.position + len(decision.events))
            told = encode_answer(answer)
        except DomainError as refusal:
            self._remember(pending, refusal, known, work)
            return refusal
        except Exception as bug:  # fails its own command only; the host logs it
            return bug
        work.events += decision.events
        work.position = answer.position
        self._states.speculate(decision.states)
        handled = Handled(pending.id, pending.fingerprint, "accepted", work.position, told)
        work.handled.append(handled)
        known[pending.id] = handled
        return answer

    def _remember(self, pending: Pending, refusal: DomainError, known: dict[Any, Handled], work: _Work) -> None:
        by = pending.command.by
        stream = self._deciding.first_stream(pending)
        name = type(pending.command).__name__
        work.attempts.append(Attempt(work.time, name, by.actor, by.division, refusal.code, refusal.rule, stream))
        if pending.derived:
            handled = Handled(pending.id, pending.fingerprint, "refused", work.position, encode_refusal(refusal))
            work.handled.append(handled)
            known[pending.id] = handled


class _Work:
    """What one batch is going to append."""

    __slots__ = ("attempts", "events", "handled", "position", "time")

    def __init__(self, position: int, time: datetime) -> None:
        self.position, self.time = position, time
        self.events: list[New] = []
        self.handled: list[Handled] = []
        self.attempts: list[Attempt] = []


def _repeat(pending: Pending, before: Handled) -> Result:
    if before.fingerprint not in (pending.fingerprint, UNKNOWN):
        return KeyReused(Failure("idempotency.key", "use a new Idempotency-Key for another body"))
    if before.outcome == "refused":
        return decode_refusal(before.answer)
    answer = decode_answer(before.answer)
    return Answer(
        command=answer.command,
        stream=answer.stream,
        version=answer.version,
        position=answer.position,
        flags=answer.flags,
        events=answer.events,
        extra=answer.extra,
        repeated=True,
    )


def _answer(pending: Pending, decision: Decision, position: int) -> Answer:
    last = decision.events[-1] if decision.events else None
    first = decision.acted_on if last is not None else None
    return Answer(
        command=pending.name,
        stream=first,
        version=decision.version if first is not None else None,
        position=position,
        flags=tuple(decision.flags),
        events=tuple([new.type for new in decision.events]),
        extra=dict(decision.answer),
    )


def _outcome(result: Result) -> str:
    if isinstance(result, Answer):
        return "repeated" if result.repeated else "accepted"
    return result.code if isinstance(result, DomainError) else "failed"


def _deliver_each(results: list[tuple[Pending, Result]]) -> None:
    for pending, result in results:
        pending.done(result)
