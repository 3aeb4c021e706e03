"""The engine that sends what is queued and tells the log what became of it. A crash may send twice; the log is told once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.eventlog.chain import Cursor
from shared.eventlog.ports import EventFeed
from shared.handling.deciding import RulesFor
from shared.handling.pending import Busy, Pending, Result, fingerprint
from shared.kernel.commands import derived_id
from shared.kernel.envelope import genesis
from shared.kernel.errors import DomainError
from shared.reach.ports import Correspondence, Delivery, Letter, Outcome
from shared.reach.queue import Queue, Settled
from shared.web.logging import log, log_bug

CHUNK = 500
SEEN_AGAIN = 1_000  # events a restart may look at again, none of which had a letter
AT_ONCE = 8  # attempts under way; each has a thread of its own
PATIENCE = timedelta(seconds=60)  # for one attempt; whoever keeps us longer, drop by drop, takes no place away from others
REPORTS = 100  # commands waiting for the pen

Launch = Callable[[Callable[[], None]], None]
"""Runs an attempt beside the engine."""


class Outbox:
    """Steps without waiting: follows the log, starts attempts, takes back their outcomes, reports them.

    `clock` is the node's time, by which what is sent lapses; `wall` the machine's, by which retries wait: a story's clock stands still.
    """

    def __init__(
        self,
        queue: Queue,
        feed: EventFeed,
        correspondence: Correspondence,
        *,
        rules_for: RulesFor,
        submit: Callable[[Pending], None],
        clock: Callable[[], datetime],
        wall: Callable[[], datetime],
        launch: Launch,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._queue, self._feed, self._correspondence = queue, feed, correspondence
        self._rules_for, self._submit, self._clock, self._wall = rules_for, submit, clock, wall
        self._launch, self._wake = launch, wake
        self._cursor = Cursor(*(queue.cursor(feed.name) or (0, genesis(feed.name))))
        self._saved = self._cursor.position
        self._under_way: dict[int, tuple[Letter, datetime]] = {}
        self._tried: deque[tuple[Letter, Outcome]] = deque()  # filled by the attempts' threads
        self._reporting: set[int] = set()
        self._reported: deque[tuple[int, bool]] = deque()  # filled by the writer's thread
        self._empty = queue.waiting() == 0

    def step(self) -> bool:
        """False when there was nothing to do but wait."""
        if self._follow():
            return True  # nothing goes out before the whole log is known: what follows may say that it went already
        moved = self._give_up() | self._take_outcomes() | self._take_reports()
        if self._empty:
            return moved
        moved |= self._report() | self._start()
        self._empty = self._queue.waiting() == 0
        return moved

    def close(self) -> None:
        """Give the file back."""
        self._queue.close()

    def _follow(self) -> bool:
        cursor = Cursor(self._cursor.position, self._cursor.chain)
        batch = cursor.follow(self._feed.read(cursor.position, CHUNK))
        if not batch:
            return False
        noted = [one for recorded in batch if (one := self._correspondence.noted(recorded)) is not None]
        if noted or cursor.position - self._saved >= SEEN_AGAIN:  # each time would be a commit for every commit of the log
            self._queue.take(noted, self._feed.name, cursor.position, cursor.chain)
            self._saved = cursor.position
        self._cursor = cursor  # last: what could not be kept is read again
        self._empty = self._empty and not any(isinstance(one, Letter) for one in noted)
        return True

    def _start(self) -> bool:
        started = False
        for letter in self._queue.outdated():
            if letter.position not in self._under_way:
                self._queue.settle(letter, Delivery.FAILED, "not sent: a newer one about the same took its place")
                started = True
        for letter in self._queue.due(self._wall(), AT_ONCE + len(self._under_way)):
            if len(self._under_way) >= AT_ONCE:
                break
            if letter.position not in self._under_way:
                self._attempt(letter)
                started = True
        return started

    def _attempt(self, letter: Letter) -> None:
        ready = self._correspondence.attempt(letter, self._clock())
        self._under_way[letter.position] = letter, self._wall()
        if isinstance(ready, Outcome):
            self._tried.append((letter, ready))
            return

        def attempt() -> None:
            try:
                outcome = ready()
            except Exception as bug:  # counts as a failed attempt: the letter is never left without an outcome
                log_bug(bug)
                outcome = Outcome(Delivery.QUEUED, "a fault of this node, see its log")
            self._tried.append((letter, outcome))
            self._wake()

        self._launch(attempt)

    def _give_up(self) -> bool:
        late = [letter for letter, since in self._under_way.values() if self._wall() - since > PATIENCE]
        self._tried.extend((letter, Outcome(Delivery.QUEUED, "no answer in time")) for letter in late)
        return bool(late)

    def _take_outcomes(self) -> bool:
        moved = False
        while self._tried:
            letter, outcome = self._tried[0]
            now = self._under_way.get(letter.position)
            if outcome.state is Delivery.QUEUED and (now is None or now[0].attempts != letter.attempts):
                self._tried.popleft()  # of an attempt that was given up: another has begun
                continue
            self._keep(letter, outcome)  # before it is forgotten here: if the disk is full, it is kept again in the next step
            self._tried.popleft()
            self._under_way.pop(letter.position, None)
            moved = True
        return moved

    def _keep(self, letter: Letter, outcome: Outcome) -> None:
        if outcome.state is not Delivery.QUEUED:
            self._queue.settle(letter, outcome.state, outcome.detail)
            return
        waits = self._rules_for(letter.division, self._clock(), None).value("channel.retry_waits")
        tried = letter.attempts + 1
        if tried > len(waits):
            self._queue.settle(letter, Delivery.FAILED, f"{outcome.detail}; given up after {tried} attempts")
        else:
            self._queue.later(letter, tried, self._wall() + timedelta(seconds=float(waits[tried - 1])))

    def _report(self) -> bool:
        started = False
        for settled in self._queue.settled(REPORTS):
            position = settled.letter.position
            if position in self._reporting or position in self._under_way:  # of what is being sent more will be known
                continue
            self._reporting.add(position)
            try:
                self._submit(self._pending(settled))
            except Busy:
                self._reporting.discard(position)
                return started
            started = True
        return started

    def _pending(self, settled: Settled) -> Pending:
        letter, state = settled.letter, settled.state
        command = self._correspondence.report(letter, state, settled.detail, self._clock())
        return Pending(
            id=derived_id("outbox", letter.event, state.value),
            command=command,
            fingerprint=fingerprint(type(command).__name__, f"{letter.event} {state}".encode()),
            done=lambda result: self._decided(letter.position, result),
            causation=letter.event,
            derived=True,
        )

    def _decided(self, position: int, result: Result) -> None:
        decided = not isinstance(result, BaseException) or isinstance(result, DomainError)
        if isinstance(result, DomainError):
            log("report refused", code=result.code, rule=result.rule, position=position)
        self._reported.append((position, decided))  # else storage failed or a bug: it is submitted again, in a while
        if decided:
            self._wake()

    def _take_reports(self) -> bool:
        moved = False
        while self._reported:
            position, decided = self._reported[0]
            if decided:
                self._queue.drop(position)
            self._reported.popleft()
            self._reporting.discard(position)
            moved = moved or decided
        return moved


def launch(work: Callable[[], None]) -> None:
    """In a thread that does not hold up the node's end: what was cut off is sent again at the next start."""
    threading.Thread(target=work, name="carrier", daemon=True).start()
