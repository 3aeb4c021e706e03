"""The relay: what the log holds goes to its topic, in order. It keeps no cursor: the topic itself says how far it is."""

from __future__ import annotations

from shared.eventlog.chain import branches
from shared.eventlog.ports import EventStore
from shared.kafka.ports import Topic
from shared.kernel.envelope import carried
from shared.kernel.errors import LogFork, Unreadable

BATCH = 2_700  # events read at once: some three of Kafka's batches, so that seldom one is waited for that is nearly empty
LOOK_BACK = (100, 10_000)  # records from the end, until one of ours is found


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

        LogFork: the topic holds what this log does not, or this log no more what was sent; a person decides.
        """
        if self.position is None or not self._sure:
            self.position, self._chain = self._asked()
        self._sure = False  # after any error the topic is asked
        if self._log.chain_at(self.position) != self._chain:
            words = f"{self._log.name} holds no more what was sent as position {self.position}: it was put back while it was open"
            raise LogFork(f"{words}. {_cure(self._log)}")
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
            raise LogFork(parted(self._log, self._topic, *last))
        return last


def parted(log: EventStore, topic: Topic, position: int, chain: bytes) -> str:
    """In words, with the cure: why a topic ends with what the log does not hold."""
    if (offset := _stray(log, topic)) is not None:
        return (
            f"offset {offset} of the topic {topic.name} is a record that follows from none of this log: it was forged. See who else may "
            f"write to the topic, delete it and make it again with `ortoo cluster topics`: everything is sent anew, and readers skip it"
        )
    if log.chain_at(position) is None:
        return (
            f"topic {topic.name} ends with position {position}, this log with {log.head().position}: the log was restored "
            f"from an older copy. {_cure(log)}"
        )
    return (
        f"topic {topic.name} holds another event at position {position}: two copies of this log were written to. "
        f"Stop the one that is not to go on; `ortoo log heal {log.name}` says where they part"
    )


def _stray(log: EventStore, topic: Topic) -> int | None:
    """The offset of the last record behind ours when none there follows from the log; None when one does, or none of ours is near."""
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
                return None
            found = offset if found is None else found
    return found if since == begin else None


def _cure(log: EventStore) -> str:
    return f"Stop its service; `ortoo log heal {log.name}` takes back what the topic holds"
