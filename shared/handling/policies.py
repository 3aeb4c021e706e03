"""The policy runner: facts in, commands out. Its cursor lies in the log of the service that receives the commands."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from shared.eventlog.chain import Cursor
from shared.eventlog.ports import EventFeed, EventStore
from shared.handling.declare import Policy, Service
from shared.handling.pending import Busy, Pending, Result, fingerprint
from shared.kernel.commands import derived_id
from shared.kernel.envelope import Recorded, genesis
from shared.kernel.errors import DomainError
from shared.kernel.events import family
from shared.sql.ports import LogBusy, StorageFailed

CHUNK = 200
FEW = 16  # events are reacted to at once
MANY = 600  # events are waited for where only the newest of each stream counts,
LOOKS = 8  # looks long: less than two seconds
READER = "policies"
SEEN_AGAIN = 1_000  # events a restart may look at again, none of which had sent anything


class PolicyRunner:
    """Reads a log, lets each policy react, sends the commands, and moves on once all of a chunk are decided.

    A crash in between sends some commands again: their ids follow from (event, policy, n), so they count once.
    A policy that raises, or whose command hits a bug, parks that event's stream for itself; other streams go on.
    """

    def __init__(self, service: Service, log: EventStore, feed: EventFeed, submit: Callable[[Pending], None]) -> None:
        self._policies = {policy.name: policy for policy in service.policies if _listens(policy, _whose(feed, service, log))}
        self._log, self._feed, self._submit = log, feed, submit
        self.parking = log.parking()
        for policy in self._policies.values():
            for name in set(policy.formerly.values()) - {policy.name}:
                self.parking.rename(name, policy.name, feed.name)
        self._cursor = Cursor(*(log.cursor(READER, feed.name) or self._first()))
        self._saved = self._cursor.position
        self._since = {policy.name: self._begun(policy) for policy in self._policies.values()}
        self._open: set[Pending] = set()
        self._unsent: deque[Pending] = deque()
        self._then: Callable[[], None] | None = None  # what makes the chunk in work final
        self._again = False
        self._looked = self._looks = 0  # how far the log went when it was looked at last, and how often it was waited for more
        self._prompt, self._patient = (
            {kind for policy in self._policies.values() if policy.newest is newest for kind in policy.listens} for newest in (False, True)
        )
        self._bugs: list[tuple[Policy, Recorded, str]] = []
        self._listening: dict[str, list[Policy]] = {}

    @property
    def follows(self) -> str:
        """The log it reads."""
        return self._feed.name

    @property
    def position(self) -> int:
        return self._cursor.position

    @property
    def busy(self) -> bool:
        """A chunk is sent and not yet final."""
        return self._then is not None

    def level(self, end: int) -> bool:
        """Everything up to this position was reacted to, and every command that followed was decided."""
        return not self.busy and self._cursor.position >= end

    def step(self) -> bool:
        """Send the next chunk's commands or, once all of them are decided, save the cursor. False when idle or waiting."""
        if self._then is not None:
            return self._push() or self._settle()
        cursor = Cursor(self._cursor.position, self._cursor.chain)
        batch = self._batch(cursor)
        if not batch:
            return False
        enough = self._enough(batch)
        commands = [pending for recorded in batch for pending in self._reactions(recorded, enough)]
        self._send(commands, lambda: self._pass(cursor, bool(commands)))
        return True

    def _batch(self, cursor: Cursor) -> list[Recorded]:
        """The next events. While they come fast, and only the newest of each stream counts, more are waited for, some looks long."""
        batch = cursor.follow(self._feed.read(cursor.position, CHUNK))
        if len(batch) <= FEW or not self._patient:
            return batch
        if len(batch) == CHUNK:
            batch += cursor.follow(self._feed.read(cursor.position, MANY - CHUNK))
        kinds = {family(each.type) for each in batch}
        patient = bool(kinds & self._patient) and not kinds & self._prompt
        waits = patient and len(batch) < MANY and cursor.position > self._looked and self._looks < LOOKS
        self._looked, self._looks = cursor.position, self._looks + 1 if waits else 0
        return [] if waits else batch

    def replay(self, policy: str, stream: str) -> int:
        """React again to a parked stream; it is released once every command is decided. Raises while its cause is not cured."""
        if self._then is not None:
            raise Busy
        waiting = self.parking.waiting(policy, self._feed.name, stream)
        pending = [p for recorded in waiting for p in self._commands(self._policies[policy], recorded)]
        self._send(pending, lambda: None if self._bugs else self.parking.release(policy, self._feed.name, stream))
        return len(waiting)

    def close(self) -> None:
        """Another process reacts from now on."""
        self.parking.close()

    def _send(self, commands: Sequence[Pending], then: Callable[[], None]) -> None:
        self._open, self._then, self._again, self._bugs = set(commands), then, False, []
        self._unsent = deque(commands)
        self._push()

    def _push(self) -> bool:
        """Send on what the queue has room for; the rest waits, in order."""
        before = len(self._unsent)
        with suppress(Busy):
            while self._unsent:
                self._submit(self._unsent[0])
                self._unsent.popleft()
        return len(self._unsent) < before

    def _settle(self) -> bool:
        if self._open:
            return False
        then, self._then = self._then, None
        for policy, recorded, reason in self._bugs:
            self.parking.park(policy.name, self._feed.name, recorded, reason)
        if self._again or then is None:
            return False  # nothing was decided: give way before the chunk is sent again
        then()
        return True

    def _pass(self, cursor: Cursor, sent: bool) -> None:
        """Move on. A cursor saved for every chunk that moved nobody would take the pen from the writer as often as it writes."""
        if sent or cursor.position - self._saved >= SEEN_AGAIN:
            self._save(cursor)
        self._cursor = cursor

    def _save(self, cursor: Cursor) -> None:
        self._log.save_cursor(READER, self._feed.name, cursor.position, cursor.chain)
        self._cursor, self._saved = cursor, cursor.position

    def _enough(self, batch: Sequence[Recorded]) -> dict[tuple[str, str], int]:
        """Of a policy for which the newest fact of a stream is enough: by policy and stream where that stands."""
        eager = [policy for policy in self._policies.values() if policy.newest]
        return {(one.name, each.stream): each.position for one in eager for each in batch if family(each.type) in one.listens}

    def _reactions(self, recorded: Recorded, enough: Mapping[tuple[str, str], int]) -> list[Pending]:
        found: list[Pending] = []
        for policy in self._listeners(recorded.type):
            if recorded.position <= self._since[policy.name]:
                continue
            if recorded.position < enough.get((policy.name, recorded.stream), 0):
                continue
            if self.parking.holds(policy.name, self._feed.name, recorded.stream):
                self.parking.park(policy.name, self._feed.name, recorded, "follows a parked event")
                continue
            try:
                found += self._commands(policy, recorded)
            except Exception as error:  # parked with its reason, never skipped
                self.parking.park(policy.name, self._feed.name, recorded, f"{type(error).__name__}: {error}")
        return found

    def _listeners(self, kind: str) -> list[Policy]:
        found = self._listening.get(kind)
        if found is None:
            found = self._listening[kind] = [policy for policy in self._policies.values() if family(kind) in policy.listens]
        return found

    def _commands(self, policy: Policy, recorded: Recorded) -> list[Pending]:
        at, made = recorded.envelope, list[Pending]()
        name = policy.formerly.get(family(recorded.type), policy.name)
        for n, command in enumerate(policy.react(recorded.event, at)):
            pending = Pending(
                id=derived_id(at.origin or at.id, name, n),  # of a copied event the same command as of the first
                command=command,
                fingerprint=fingerprint(type(command).__name__, b""),  # the id says it all, also after a policy was reworded
                done=_nobody,
                causation=at.id,
                incident=at.correlationid,
                traceparent=at.traceparent,
                derived=True,
            )
            pending.done = _Decided(self, policy, recorded, pending)
            made.append(pending)
        return made

    def decided(self, policy: Policy, recorded: Recorded, pending: Pending, result: Result) -> None:
        """Called by the writer, on its thread, for each command of a chunk: only notes, writes nothing."""
        if isinstance(result, StorageFailed | LogBusy):
            self._again = True  # nothing was decided: the chunk is sent again
        elif isinstance(result, BaseException) and not isinstance(result, DomainError):
            self._bugs.append((policy, recorded, f"{type(result).__name__}: {result}"))
        self._open.discard(pending)

    def _first(self) -> tuple[int, bytes]:
        """The end of our own log, or the beginning of a neighbour's; saved at once, so that nothing falls between two starts."""
        first = self._end() or (0, genesis(self._feed.name))
        self._log.save_cursor(READER, self._feed.name, *first)
        return first

    def _end(self) -> tuple[int, bytes] | None:
        if self._feed.name != self._log.name:
            return None
        head = self._log.head()
        return head.position, head.chain

    def _begun(self, policy: Policy) -> int:
        """A policy that is new to a log reacts from the head on, never to the past; under another name it is not new."""
        begun = self._log.cursor(policy.name, self._feed.name)
        if begun is None:
            known = [self._log.cursor(name, self._feed.name) for name in policy.formerly.values()]
            begun = min(filter(None, known), default=None) or self._end() or (self._cursor.position, self._cursor.chain)
            self._log.save_cursor(policy.name, self._feed.name, *begun)
        return begun[0]


def runners(service: Service, log: EventStore, others: Sequence[EventFeed], submit: Callable[[Pending], None]) -> tuple[PolicyRunner, ...]:
    """One that follows the service's own log, then one for each neighbour's that a policy listens to."""
    heard = [feed for feed in others if any(_listens(policy, _whose(feed, service, log)) for policy in service.policies)]
    return tuple(PolicyRunner(service, log, feed, submit) for feed in (log, *heard))


def _whose(feed: EventFeed, service: Service, log: EventStore) -> str:
    """The service whose facts a log holds: our own, whatever our log is called; of a neighbour's log the last of its name."""
    return service.name if feed.name == log.name else feed.name.rpartition(".")[2]


def _listens(policy: Policy, name: str) -> bool:
    """To a fact of this service."""
    return name in {family.partition(".")[0] for family in policy.listens}


class _Decided:
    """The callback of one policy command."""

    __slots__ = ("_pending", "_policy", "_recorded", "_runner")

    def __init__(self, runner: PolicyRunner, policy: Policy, recorded: Recorded, pending: Pending) -> None:
        self._runner, self._policy, self._recorded, self._pending = runner, policy, recorded, pending

    def __call__(self, result: Result) -> None:
        self._runner.decided(self._policy, self._recorded, self._pending, result)


def _nobody(result: Result) -> None:
    raise AssertionError("replaced before it is sent")
