"""The relay: what the log holds goes to its topic, in order. It keeps no cursor: the topic itself says how far it is."""

from __future__ import annotations

from shared.eventlog.ports import EventStore
from shared.kafka.ports import Topic
from shared.kernel.errors import LogFork

BATCH = 1_000


class Relay:
    """Sends what the topic lacks. A crash, or two relays at once, send some records twice; inboxes skip what they have."""

    def __init__(self, log: EventStore, topic: Topic) -> None:
        self._log, self._topic = log, topic
        self.position: int | None = None  # the last one known to be on the topic; None: it was never asked
        self._sure = False

    @property
    def lag(self) -> int | None:
        """How many events wait, as far as is known."""
        return None if self.position is None else max(0, self._log.head().position - self.position)

    def step(self) -> bool:
        """Send a batch; with nothing to send, see that the topic is as it was left. False when nothing was sent. BrokerAway, TopicFault.

        LogFork: the topic holds what this log does not; a person decides.
        """
        if self.position is None or not self._sure:
            self.position = self._asked()
        self._sure = False  # after any error the topic is asked
        batch = self._log.read(self.position, BATCH)
        if self._topic.send(batch):
            self._sure = True
            self.position = batch[-1].position if batch else self.position
        return bool(batch)

    def close(self) -> None:
        self._topic.close()

    def _asked(self) -> int:
        last = self._topic.last()
        if last is None:
            return 0
        position, chain = last
        own = self._log.chain_at(position)  # older than the last one sent, when another relay sends too: what follows goes twice
        if own is None:
            raise LogFork(
                f"topic {self._topic.name} ends with position {position}, this log with {self._log.head().position}: the log was restored "
                f"from an older copy. Stop its service; `ortoo log heal {self._log.name}` takes back what the topic holds"
            )
        if own != chain:
            raise LogFork(
                f"topic {self._topic.name} holds another event at position {position}: two copies of this log were written to. "
                f"Stop the one that is not to go on; `ortoo log heal {self._log.name}` says where they part"
            )
        return position
