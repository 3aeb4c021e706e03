"""Healing: a log that was restored from an older backup takes back its own later events from where they had been carried to.

A topic, a neighbour's inbox or an export holds the same records with the same chain. What follows our last event there is ours, byte for
byte. With the events come the outcomes of their commands, so that whoever sends one again, a client, a policy, a timer, gets its first
answer and nothing happens twice. A command that was refused left no event: it is decided again, as if it had come late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from uuid import UUID

from shared.eventlog.chain import Cursor, branches, verbatim
from shared.eventlog.ports import EventFeed, EventStore, Handled, Head, Pen
from shared.handling.carried import Carried
from shared.handling.pending import UNKNOWN, Answer, encode_answer
from shared.kernel.envelope import Recorded
from shared.kernel.errors import LogFork, LogGap

RESTORED = "restored"  # the cursor that says a log came from a backup and may lack what was carried of it
CHUNK = 1_000  # events to one commit, and what belongs to the last command of them


@dataclass(frozen=True, slots=True)
class Healed:
    """What came back: the events after `before` up to `position`."""

    log: str
    before: int
    position: int
    commands: int  # whose outcomes are known again
    cut: str | None = None  # in words: the last command's events are not all there

    @property
    def events(self) -> int:
        return self.position - self.before


def heal(log: EventStore, source: EventFeed | Carried, progress: Callable[[int], None] = lambda _: None) -> Healed:
    """Append what the source holds after our head. LogFork: its history is another one; LogGap: what follows our head is missing there.

    Nobody else may write meanwhile. Whatever stops it, what is appended is ours, and it goes on from there.
    """
    before = head = log.head()
    commands = 0
    for part in _parts(log, source, head):
        with log.pen() as pen:
            if pen.head != head:
                raise LogFork(f"{log.name} was written to while it was healed: stop every process of its service first")
            commands += _append(pen, part)
            head = pen.head
        progress(head.position)
    return Healed(log.name, before.position, head.position, commands, cut(log))


@dataclass(frozen=True, slots=True)
class Commanded:
    """The events one command wrote, as far as they are known."""

    id: str
    events: Sequence[Recorded]
    there: int = 0  # how many of them the log holds already

    @property
    def whole(self) -> bool:
        return len(self.events) >= self.events[0].envelope.commandevents

    def outcome(self) -> Handled | None:
        """What the command table said of it. None: events of a release that did not write the command's id, or of a feed log, which
        decided nothing."""
        if self.events[0].envelope.origin:
            return None
        try:
            id = UUID(self.id)
        except ValueError:
            return None
        first, last = self.events[0], self.events[-1]
        version = max(recorded.version for recorded in self.events if recorded.stream == first.stream)
        types = tuple(recorded.type for recorded in self.events)
        answer = Answer(command=self.id, stream=first.stream, version=version, position=last.position, events=types)
        return Handled(id, UNKNOWN, "accepted", last.position, encode_answer(answer))


def cut(log: EventStore) -> str | None:
    """In words, when the last command's events are not all there: the source ended inside it. What others saw of it stays; a person
    finishes it."""
    if not (there := _begun(log)):
        return None
    last = there[-1].envelope
    came = f"only {len(there)} of its {last.commandevents} events came back"
    return f"{came}: command {last.command} of {last.actor or '-'}; look at {last.streamid} and finish by hand"


def mark_restored(log: EventStore) -> None:
    """The log comes from a backup: nobody writes to it before it was healed."""
    head = log.head()
    log.save_cursor(RESTORED, log.name, head.position, head.chain)


def mark_healed(log: EventStore) -> None:
    """The log may be written to. The answer of a command that stays cut in two is what is there: sent again, it has no second effect."""
    if (begun := _begun(log)) and (outcome := _by_command(begun)[0].outcome()):
        with log.pen() as pen:
            if not pen.handled([outcome.id]):
                pen.append([], [outcome])
    log.save_cursor(RESTORED, log.name, log.head().position, b"")


def lacks_healing(log: EventStore) -> bool:
    """Whether it was restored, and not healed since. Written to, it would become another history than the one that was carried."""
    kept = log.cursor(RESTORED, log.name)
    return kept is not None and kept[1] != b""


def parting(log: EventStore, source: EventFeed | Carried) -> tuple[Recorded, Recorded] | None:
    """The first position from which the two tell differently, as each tells it; None when one is the beginning of the other."""
    for batch in _walk(source, 0):
        for other in batch:
            own = log.chain_at(other.position)
            if own is not None and own != other.chain and branches(log, other):
                return log.read(other.position - 1, 1)[0], other
    return None


def _walk(source: EventFeed | Carried, after: int) -> Iterator[list[Recorded]]:
    if isinstance(source, Carried):
        yield from source.walk(after)
        return
    while batch := source.read(after, CHUNK):
        yield batch
        after = batch[-1].position


def _parts(log: EventStore, source: EventFeed | Carried, head: Head) -> Iterator[list[Commanded]]:
    """What follows the head, in parts that end where a command ends. A command that the log ends in goes on."""
    rest = _begun(log)
    there = len(rest)
    try:
        for fresh in _following(log, source, head):
            rest += fresh
            commands = _by_command(rest, there)
            if len(commands) > 1:
                yield commands[:-1]
                rest, there = list(commands[-1].events), 0
    except (LogFork, LogGap):  # up to here it is ours all the same
        if len(rest) > there:
            yield _by_command(rest, there)
        raise
    if len(rest) > there:
        yield _by_command(rest, there)


def _following(log: EventStore, source: EventFeed | Carried, head: Head) -> Iterator[list[Recorded]]:
    """What follows the head, chain checked. Anybody may have put something between: it is told only when nothing of ours comes after it."""
    cursor, met = Cursor(head.position, head.chain), head.position == 0
    stray: LogFork | LogGap | None = None
    first: int | None = None  # of the positions beyond the head
    for batch in _walk(source, max(0, head.position - 1)):
        fresh = []
        for recorded in batch:
            if first is None and recorded.position > head.position:
                first = recorded.position
            try:
                fresh += cursor.follow([recorded])
            except (LogFork, LogGap) as error:
                stray = stray or error
            else:
                if recorded.position == cursor.position:
                    met, stray = True, None
        yield fresh
    if not met:
        _same_history(log, source, head, first)
    if stray is not None:
        raise stray


def _same_history(log: EventStore, source: EventFeed | Carried, head: Head, first: int | None) -> None:
    """Our last event was not found there."""
    if found := parting(log, source):
        own, other = found
        raise LogFork(f"{log.name} and what was carried of it part at position {own.position}: here {_line(own)}, there {_line(other)}")
    if first is not None:
        raise LogGap(f"{log.name} ends at {head.position}; what was carried begins at {first}")


def _line(recorded: Recorded) -> str:
    at = recorded.envelope
    when = at.time.isoformat(timespec="seconds")
    return f"{recorded.type} of {recorded.stream}@{recorded.version} by {at.actor or '-'} at {when}, chain {recorded.chain.hex()[:12]}"


def _begun(log: EventStore) -> list[Recorded]:
    """What is there of the last command's events, when it is not all."""
    head = log.head()
    last = log.read(head.position - 1, 1)[0].envelope if head.position else None
    if last is None or last.commandevents == 1:
        return []
    there = [r for r in log.read(head.position - last.commandevents, last.commandevents) if r.envelope.command == last.command]
    return there if len(there) < last.commandevents else []


def _by_command(events: Sequence[Recorded], there: int = 0) -> list[Commanded]:
    found = [Commanded(id, tuple(of)) for id, of in groupby(events, key=lambda recorded: recorded.envelope.command or "")]
    return [*(replace(each, there=there) for each in found[:1]), *found[1:]]


def _append(pen: Pen, commands: Sequence[Commanded]) -> int:
    events = [recorded for command in commands for recorded in command.events[command.there :]]
    if not events:
        return 0
    outcomes = [outcome for command in commands if command.whole and (outcome := command.outcome())]
    known = pen.handled([outcome.id for outcome in outcomes])
    fresh = [outcome for outcome in outcomes if outcome.id not in known]
    sealed = pen.append([verbatim(recorded) for recorded in events], fresh, time=events[-1].envelope.time)
    if sealed[-1].chain != events[-1].chain:
        raise LogFork(f"position {events[-1].position}: the chain of what was carried does not follow from ours")
    return len(fresh)
