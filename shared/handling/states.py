"""The writer's memory of streams: committed states, and the speculative ones of the batch in work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import reduce
from itertools import islice
from typing import Any

from shared.eventlog.ports import EventStore
from shared.handling.declare import Service
from shared.handling.pending import Pending
from shared.handling.snapshots import Snapshots
from shared.kernel.decider import About
from shared.kernel.envelope import Recorded

KEPT = 50_000  # streams remembered; the oldest are forgotten first


class Stream:
    """A stream as it is known: version (0 = no history), state, and what it is about."""

    __slots__ = ("about", "state", "version")

    def __init__(self, version: int, state: Any, about: About | None) -> None:
        self.version, self.state, self.about = version, state, about


class States:
    """Follows the log under the pen, so that a decision always sees the newest state whoever wrote it."""

    def __init__(self, service: Service, log: EventStore, snapshots: Snapshots | None = None) -> None:
        self._service, self._log, self._snapshots = service, log, snapshots
        self._kept: dict[str, Stream] = {}
        self._batch: dict[str, Stream] = {}

    def warm(self, batch: Iterable[Pending]) -> None:
        """Load the streams the batch names that are not in memory. What fails here fails again, alone, when its command is decided."""
        missing: set[str] = set()
        for pending in batch:
            for stream in self._named(pending):
                if stream not in self._kept:
                    missing.add(stream)
        missing -= {stream for stream in missing if self._opened(stream)}
        if not missing:
            return
        found: dict[str, list[Recorded]] = {}
        for recorded in self._log.streams(sorted(missing)):
            found.setdefault(recorded.stream, []).append(recorded)
        for stream in missing:
            try:
                self._kept[stream] = self._load(stream, found.get(stream, ()))
            except Exception:  # it fails again, alone, for the command that names it
                continue

    def get(self, stream: str) -> Stream:
        return self._batch.get(stream) or self._kept.get(stream) or self._load_now(stream)

    def follow(self, recorded: Recorded) -> None:
        """Somebody else's event: evolve the stream if we hold it."""
        held = self._kept.get(recorded.stream)
        if held is None or recorded.version <= held.version:
            return
        if recorded.version != held.version + 1:
            del self._kept[recorded.stream]
            return
        del self._kept[recorded.stream]  # if it cannot be followed it is read anew, and only who names it is told
        with suppress(Exception):
            decider = self._service.decider_of(recorded.stream)
            state = decider.evolve(held.state, recorded.event)
            self._kept[recorded.stream] = Stream(recorded.version, state, decider.about(state))

    def speculate(self, states: dict[str, Stream]) -> None:
        """What a decision in this batch makes true, if the commit succeeds."""
        self._batch.update(states)

    def close(self) -> None:
        """Give back what is held beside the log."""
        if self._snapshots is not None:
            self._snapshots.close()

    def keep(self) -> None:
        """The commit succeeded."""
        self._kept.update(self._batch)
        for stream, known in self._batch.items() if self._snapshots else ():
            self._note(stream, known)
        self._batch.clear()
        if len(self._kept) > KEPT:  # a tenth at once: the first key of a dict is slow to find once others before it are gone
            for stream in list(islice(self._kept, len(self._kept) - KEPT * 9 // 10)):
                del self._kept[stream]

    def drop(self) -> None:
        """The commit failed: forget what it would have made true."""
        self._batch.clear()

    def _named(self, pending: Pending) -> tuple[str, ...]:
        try:
            _, _, handles = self._service.handler(type(pending.command).__name__)
            pending.streams = handles.streams(pending.command)
            return pending.streams
        except Exception:  # it fails again, alone, when its command is decided
            return ()

    def _opened(self, stream: str) -> bool:
        """Whether it could be opened from its snapshot, and what happened since."""
        if self._snapshots is None:
            return False
        try:
            decider = self._service.decider_of(stream)
            found = self._snapshots.find(stream, decider) if decider.snapshot else None
            if found is None:
                return False
            version, state, since = found
            state = reduce(decider.evolve, (recorded.event for recorded in since), state)
            self._kept[stream] = Stream(version + len(since), state, decider.about(state))
        except Exception:  # it fails again, alone, for the command that names it
            return False
        self._note(stream, self._kept[stream])
        return True

    def _note(self, stream: str, known: Stream) -> None:
        decider = self._service.decider_of(stream)
        if decider.snapshot and self._snapshots is not None:
            self._snapshots.note(stream, decider, known.version, known.state)

    def _load_now(self, stream: str) -> Stream:
        if self._opened(stream):
            return self._kept[stream]
        loaded = self._load(stream, self._log.stream(stream))
        self._kept[stream] = loaded
        return loaded

    def _load(self, stream: str, history: Sequence[Recorded]) -> Stream:
        decider = self._service.decider_of(stream)
        if not history:
            return Stream(0, decider.initial, None)
        state = decider.fold([recorded.event for recorded in history])
        loaded = Stream(history[-1].version, state, decider.about(state))
        self._note(stream, loaded)
        return loaded
