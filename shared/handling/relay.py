"""The relay: what the log holds goes to its topic, in order. It keeps no cursor: the topic itself says how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from shared.eventlog.chain import branches
from shared.eventlog.ports import EventStore
from shared.kafka.ports import Topic
from shared.kernel.envelope import Recorded, carried
from shared.kernel.errors import LogFork, TopicFork, Unreadable

BATCH = 2_700  # events read at once: some three of Kafka's batches, so that seldom one is waited for that is nearly empty
LOOK_BACK = (100, 10_000)  # records from the end, until one of ours is found
WIDE = 300  # characters of what a stranger wrote


class Relay:
    """Sends what the topic lacks. A crash, or two relays at once, send some records twice; inboxes skip what they have."""

    def __init__(self, log: EventStore, topic: Topic) -> None:
        self._log, self._topic = log, topic
        self.position: int | None = None  # the last one known to be on the topic; None: it was never asked
        self._chain: bytes | None = None  # its chain value; None when there is none
        self._sure = False

    @property
    def lag(self) -> int | None:
        """How many events wait, as far as is known."""
        return None if self.position is None else max(0, self._log.head().position - self.position)

    def step(self) -> bool:
        """Send a batch; with nothing to send, see that the topic is as it was left. False when nothing was sent. BrokerAway, TopicFault.

        TopicFork: the topic holds what this log does not; LogFork: this log no more what was sent; a person decides.
        """
        if self.position is None or not self._sure:
            self.position, self._chain = self._asked()
        self._sure = False  # after any error the topic is asked
        if self._log.chain_at(self.position) != self._chain:
            words = f"{self._log.name} holds no more what was sent as position {self.position}: it was put back while it was open"
            raise LogFork(f"{words}: {_cure(self._log)}, then start it again")
        batch = self._log.read(self.position, BATCH)
        if self._topic.send(batch):
            self._sure = True
            if batch:
                self.position, self._chain = batch[-1].position, batch[-1].chain
        return bool(batch)

    def close(self) -> None:
        self._topic.close()

    def _asked(self) -> tuple[int, bytes | None]:
        last = self._topic.last()
        if last is None:
            return 0, None
        if self._log.chain_at(last[0]) != last[1]:  # older than the last one sent, when another relay sends too: what follows goes twice
            raise TopicFork(parted(self._log, self._topic, *last))
        return last


def parted(log: EventStore, topic: Topic, position: int, chain: bytes) -> str:
    """In words, with the cure of each case: why a topic ends with what the log does not hold."""
    found = _intruder(log, topic)
    anew = "See who else may write to the topic, delete it and make it again with `ortoo cluster topics`"
    if found is not None and not found.chained:
        return (
            f"offset {found.offset} of the topic {topic.name} is a record that follows from none of this log, {told(found.recorded)}: "
            f"it was forged. {anew}: its relay looks again within seconds and sends everything anew, and readers skip it"
        )
    first = f"The first such record: offset {found.offset}, {told(found.recorded)}. " if found else ""
    forged = f"A forged record: {anew}; who took it in: `ortoo doctor` says so (`log.older`)"
    if log.chain_at(position) is None:
        return (
            f"topic {topic.name} ends with position {position}, this log with {log.head().position}: the log was restored from an older "
            f"copy, or what follows was forged. {first}A restored log: {_cure(log)}, then start it again. {forged}"
        )
    return (
        f"topic {topic.name} holds another event at position {position}: two copies of this log were written to, or a record was forged. "
        f"{first}Two copies: stop the one that is not to go on; `ortoo log heal {log.name}` says where they part. {forged}"
    )


def told(recorded: Recorded) -> str:
    """A record that may be anybody's, in a line: where it says it stands, what it is and when."""
    line = f"position {recorded.position}, {recorded.type}, {recorded.envelope.time.isoformat(timespec='seconds')}"
    return "".join(letter if letter.isprintable() else "�" for letter in line[:WIDE])


@dataclass(frozen=True, slots=True)
class _Intruder:
    """A record of a topic that the log does not hold."""

    offset: int
    recorded: Recorded
    chained: bool  # it follows from what the log holds: of a later copy, or of who could read it and forge


def _intruder(log: EventStore, topic: Topic) -> _Intruder | None:
    """The first record behind ours that follows from the log, else the last there; None when there is none, or none of ours is near."""
    begin, end = topic.bounds()
    found, since = None, end
    for window in LOOK_BACK:
        until, since = since, max(begin, since - window)
        for offset, value in reversed(topic.read(since, until - since)):
            try:
                recorded = carried(log.name, value)
            except Unreadable:
                continue
            if log.chain_at(recorded.position) == recorded.chain:
                return found
            if branches(log, recorded):
                return _Intruder(offset, recorded, True)
            found = _Intruder(offset, recorded, False) if found is None else found
    return found if since == begin else None


def _cure(log: EventStore) -> str:
    return f"stop its service; `ortoo log heal {log.name}` takes back what the topic holds"
