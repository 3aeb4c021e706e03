"""The filter: copies the streams an audience may see into its feed log, whole, in order and once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, takewhile
from typing import Any, NamedTuple, Protocol

import msgspec

from shared.eventlog.chain import Cursor
from shared.eventlog.ports import EventFeed, EventStore, New, Pen
from shared.geo.divisions import Divisions
from shared.handling import forged
from shared.handling.audiences import Audience, Scope
from shared.handling.matters import AS_WRITTEN, NARROW, Learned, Matters, Sees
from shared.handling.relay import told
from shared.kernel.envelope import Envelope, Recorded, genesis, seal
from shared.kernel.errors import LogFork, LogGap, TooNew
from shared.kernel.events import is_too_new

BATCH = 500
SEEN_AGAIN = 1_000  # events a restart may look at again, of which nothing was given
INSIDE: Mapping[str, Any] = {"traceparent": None, "commandid": None, "commandevents": 1}
KEPT = 50_000  # streams remembered; all are forgotten at once, and looked up again


ANEW = "the feed log is made anew: docs/operate.md#feedforged"


class _Newer(NamedTuple):
    """What stops a batch: an event that this release cannot read, or may not judge, and the first position that has to wait for it."""

    at: int
    event: Recorded


class Source(EventFeed, Protocol):
    """A log or an inbox, read on from a position and by stream."""

    def stream(self, stream: str, after: int = 0) -> list[Recorded]: ...


class Filter:
    """Reads the sources of one audience, each from its own cursor, and appends to the feed log what the audience lacks.

    Whether a stream is given is decided by its latest event, for all of it: a stream that becomes visible is given from its first
    event, and one that no longer is gets no further. A feed therefore holds of every stream a beginning without a gap.
    Given is what the feed log holds: under its pen, versions it has are left out. The cursors may lag, and any number may step.
    What this release cannot read is never given, nor passed: the source is read up to there, and on after the upgrade. What was given
    stays what its source holds, or nothing more is given: LogFork.
    A cursor belongs to a scope: when the tree or the audience changes, the sources are read again from the beginning.
    `matters` withholds further what serves a matter that is narrower than the stream says, and never gives more: of a stream what comes
    from such an event on. What was withheld is looked at again when its stream goes on, or when the scope changes.
    """

    def __init__(
        self,
        audience: Audience,
        sources: Sequence[Source],
        out: EventStore,
        divisions: Callable[[], Divisions],
        matters: Matters = AS_WRITTEN,
    ) -> None:
        self.audience, self.out = audience, out
        self._sources, self._divisions, self._matters = sources, divisions, matters
        self._tree: Divisions | None = None
        self._scope: Scope | None = None
        self._cursors: dict[str, Cursor] = {}
        self._saved: dict[str, int] = {}
        head = out.head()
        self._own = Cursor(head.position, head.chain)  # how far the feed log is counted
        self._given: dict[tuple[str, str], int] = {}  # (source, stream) -> version
        self._asked: dict[tuple[str, str], bool] = {}  # (source, stream) -> an event of the audience's families is in it

    @property
    def lacks(self) -> str | None:
        """Why nothing can be given, in words."""
        return None if self._scope is not None else f"audience {self.audience.id}: division {self.audience.division} is not in the registry"

    def positions(self) -> Mapping[str, int]:
        """How far each source was read."""
        return {name: cursor.position for name, cursor in self._cursors.items()}

    def step(self) -> bool:
        """Take the next events of every source. False when there are none. TooNew: one waits for an upgrade, the others went on."""
        self._look_at_the_tree()
        if self._scope is None:
            return False
        moved, newer = False, list[TooNew]()
        for source in self._sources:
            try:
                moved |= self._advance(source, self._scope)
            except TooNew as error:
                newer.append(error)
        if newer:  # the next process begins where the others came to
            for source in self._sources:
                self._keep(source, self._scope)
            raise newer[0]
        return moved

    def _look_at_the_tree(self) -> None:
        tree = self._divisions()
        if tree is self._tree:
            return
        scope = self.audience.scope(tree)
        if scope is not None and scope != self._scope:  # all of it or nothing: the cursors of one scope mean nothing in another
            cursors = {each.name: Cursor(*(self.out.cursor(scope.digest, each.name) or (0, genesis(each.name)))) for each in self._sources}
            self._cursors, self._saved = cursors, {name: cursor.position for name, cursor in cursors.items()}
        self._tree, self._scope = tree, scope

    def _advance(self, source: Source, scope: Scope) -> bool:
        cursor, batch, lacking = self._next(source, scope)
        if not batch:
            return False
        gave = self._give(source, lacking)
        self._cursors[source.name] = cursor
        if gave or cursor.position - self._saved[source.name] >= SEEN_AGAIN:
            self._keep(source, scope)
        return True

    def _keep(self, source: Source, scope: Scope) -> None:
        cursor = self._cursors[source.name]
        if cursor.position != self._saved[source.name]:
            self.out.save_cursor(scope.digest, source.name, cursor.position, cursor.chain)
            self._saved[source.name] = cursor.position

    def _next(self, source: Source, scope: Scope) -> tuple[Cursor, list[Recorded], list[Recorded]]:
        """The next batch of a source, the cursor behind it, and what the audience lacks of it. TooNew: all of it waits."""
        kept = self._cursors[source.name]
        ahead = Cursor(kept.position, kept.chain).follow(source.read(kept.position, BATCH))
        at_end = len(ahead) < BATCH
        while True:
            if not ahead:
                return kept, [], []
            lacking, newer = self._lacking(source, scope, ahead, at_end)
            if newer is None:
                return Cursor(ahead[-1].position, ahead[-1].chain), ahead, lacking
            if newer.at == ahead[0].position:
                raise TooNew(_cure(self.out.name, source.name, newer.event))
            ahead, at_end = [each for each in ahead if each.position < newer.at], False

    def _lacking(self, source: Source, scope: Scope, batch: Sequence[Recorded], at_end: bool) -> tuple[list[Recorded], _Newer | None]:
        """What the audience should have of the streams in the batch, up to its end and in the source's order, and what it may not pass."""
        touched: dict[str, list[Recorded]] = {}
        for recorded in batch:
            touched.setdefault(recorded.stream, []).append(recorded)
        seen = self._seen(source, scope, [fresh[-1] for fresh in touched.values()])
        shown = {stream: fresh for stream, fresh in touched.items() if stream in seen}
        self._warm(source, shown)
        gathered: list[tuple[Sequence[Recorded], list[Recorded]]] = []
        for stream, fresh in shown.items():
            if self._is_asked(source, scope, stream, fresh):
                given = self._given[source.name, stream]
                self._still_so(source, [each for each in fresh if each.version <= given])
                whole = at_end and fresh[0].version == given + 1
                gathered.append((fresh if whole else source.stream(stream, given), fresh))
        learned = self._learned(source, chain.from_iterable(newest for newest, _ in gathered))
        found: list[Recorded] = []
        newer: list[_Newer] = []
        for newest, fresh in gathered:
            if newest and _is_unknown(newest[-1], learned):
                newer.append(_Newer(fresh[0].position, newest[-1]))
            elif newest and _may_be_given(newest[-1], learned, scope.sees):  # it may have become narrower since this batch
                due = [each for each in newest if each.position <= batch[-1].position]
                free = list(takewhile(partial(_serves_no_narrower, learned, scope.sees), due))
                unread = [each for each in free if is_too_new(each.type)]
                unread += [each for each in due[len(free) : len(free) + 1] if _is_unknown(each, learned)]
                for first in unread[:1]:
                    newer.append(_Newer(max(first.position, fresh[0].position), first))
                found += free
        return sorted(found, key=lambda recorded: recorded.position), min(newer, key=lambda each: each.at, default=None)

    def _seen(self, source: Source, scope: Scope, latest: Sequence[Recorded]) -> set[str]:
        """The streams that may be given, by the latest event of each, or of which nobody here can say."""
        near = [one for one in latest if scope.sees(one.envelope.division, one.envelope.visibility)]
        learned = self._learned(source, near)
        return {one.stream for one in near if _is_unknown(one, learned) or _may_be_given(one, learned, scope.sees)}

    def _learned(self, source: Source, events: Iterable[Recorded]) -> Learned:
        """Of what is public nothing has to be found out: it is never withheld."""
        return self._matters.learn(source.name, [one for one in events if not _is_public(one)])

    def _is_asked(self, source: Source, scope: Scope, stream: str, fresh: Sequence[Recorded]) -> bool:
        key = source.name, stream
        if not self._asked.get(key) and any(scope.asks(recorded.type) for recorded in fresh):
            self._asked[key] = True
        elif key not in self._asked:
            self._asked[key] = any(scope.asks(recorded.type) for recorded in source.stream(stream))
        return self._asked[key]

    def _warm(self, source: Source, streams: Mapping[str, object]) -> None:
        """Look up how far streams were given, before the pen is taken."""
        if len(self._given) > KEPT:
            self._given.clear()
            self._asked.clear()
        cold = sorted(stream for stream in streams if (source.name, stream) not in self._given)
        self._given.update(((source.name, stream), 0) for stream in cold)
        for recorded in self.out.streams(cold) if cold else ():
            self._gave(recorded, source.name)

    def _gave(self, recorded: Recorded, source: str | None = None) -> None:
        origin = (recorded.envelope.origin or "").rpartition(":")[0]
        if source is not None and origin != source:
            raise LogFork(f"{self.out.name}: stream {recorded.stream} of {source} was given as one of {origin or 'nowhere'}")
        key = origin, recorded.stream
        if key in self._given:
            self._given[key] = recorded.version

    def _still_so(self, source: Source, given: Sequence[Recorded]) -> None:
        """What was given of a stream is what its source holds. Where a forged record was, the true one comes later, and is not skipped."""
        if not given:
            return
        held = {each.version: each for each in self.out.stream(given[0].stream, given[0].version - 1)}
        for true in given:
            ours = held[true.version]
            if _copied(true.envelope, self.out.name, ours.position) != msgspec.structs.replace(ours.envelope, **INSIDE):
                forged.mark(self.out, source.name, ours)
                raise LogFork(f"{self.out.name}: {forged.in_words(source.name, ours)}, but {told(true)}: forged, or restored; {ANEW}")

    def _give(self, source: Source, lacking: Sequence[Recorded]) -> bool:
        if not lacking:
            return False
        given: dict[str, int] = {}
        with self.out.pen() as pen:
            self._catch_up(pen)
            events: list[New] = []
            for recorded in lacking:
                before = given.get(recorded.stream, self._given[source.name, recorded.stream])
                if recorded.version <= before:
                    continue
                if recorded.version != before + 1:
                    raise LogGap(f"{source.name}: stream {recorded.stream} goes from version {before} to {recorded.version}")
                given[recorded.stream] = recorded.version
                events.append(_copy(recorded, self.out.name))
            pen.append(events)
            head = pen.head
        self._own = Cursor(head.position, head.chain)
        self._given.update(((source.name, stream), version) for stream, version in given.items())
        return True

    def _catch_up(self, pen: Pen) -> None:
        """What another process gave meanwhile."""
        while self._own.is_behind(pen.head):
            others = self._own.follow(self.out.read(self._own.position))
            if not others:
                raise LogGap(f"the head says {pen.head.position}, the log ends at {self._own.position}")
            for recorded in others:
                self._gave(recorded)


def _is_public(recorded: Recorded) -> bool:
    return recorded.envelope.visibility == "public"


def _may_be_given(latest: Recorded, learned: Learned, sees: Sees) -> bool:
    """A stream with this latest event."""
    at = latest.envelope
    return sees(at.division, at.visibility) and (_is_public(latest) or learned.shown(latest, sees))


def _serves_no_narrower(learned: Learned, sees: Sees, one: Recorded) -> bool:
    """Of a stream that may be given: where it lay at this event does not count, whose matter it was does."""
    own = one.envelope.division, one.envelope.visibility
    plain = own[1] not in NARROW
    return _is_public(one) or learned.shown(one, lambda *asked: (plain and asked == own) or sees(*asked))


def _is_unknown(recorded: Recorded, learned: Learned) -> bool:
    return not _is_public(recorded) and learned.unknown(recorded)


def _cure(feed: str, source: str, event: Recorded) -> str:
    told = f"{source}:{event.position} {event.type} is of a newer release than this process, or of an incident with such an event"
    return f"{told}: upgrade `ortoo cluster filter`; {feed} goes on from there by itself, and nothing is left out"


def _copy(recorded: Recorded, log: str) -> New:
    return New(recorded.stream, recorded.version, recorded.type, partial(_seal, log, recorded.envelope))


def _seal(log: str, envelope: Envelope, position: int) -> bytes:
    return seal(_copied(envelope, log, position))


def _copied(envelope: Envelope, log: str, position: int) -> Envelope:
    """The event as it leaves the node: what it says, who decided it and why stay; its place is that of the feed.

    `traceparent` stays inside: it leads into the node's own traces, and is whatever a client sent. So does what its writer keeps of
    the command (`commandid`, `commandevents`), since not all that it wrote need be here.
    """
    place = {"id": f"{log}:{position}", "source": f"urn:ortoo:{log}", "log": log, "position": position, "origin": envelope.id}
    return msgspec.structs.replace(envelope, **place, **INSIDE)
