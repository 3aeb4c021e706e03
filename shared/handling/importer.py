"""The importer: what lies on a topic goes into an inbox. Where to read on, the inbox says; that it is still that topic, its last record."""

from __future__ import annotations

from shared.eventlog.ports import Inbox
from shared.kafka.ports import Topic
from shared.kernel.envelope import carried
from shared.kernel.errors import Unreadable

BATCH = 1_000


class Importer:
    """Steps by itself where one thread does everything; in a cluster Faust brings the records, from where `begin` says."""

    def __init__(self, topic: Topic, inbox: Inbox) -> None:
        self.inbox, self._topic = inbox, topic
        self._at: int | None = None  # the offset to read on from; None: to be found

    def begin(self) -> int:
        """The offset to read on from. A topic that was emptied or made again is noticed, noted, and read from its beginning."""
        offset, topic = self.inbox.offset(), self._topic.name
        begin, end = self._topic.bounds()
        if offset > end:
            self.inbox.rewind(begin, f"topic {topic} ends at offset {end}, and was read up to {offset}: it was emptied or made anew")
        elif offset > begin and not self._is_that_topic(offset - 1):
            self.inbox.rewind(begin, f"topic {topic} holds at offset {offset - 1} another record than was read: it was made anew")
        return max(begin, self.inbox.offset())

    def step(self) -> bool:
        """Store a batch. False when there was none. After any error it begins anew."""
        at, self._at = self.begin() if self._at is None else self._at, None
        records = self._topic.read(at, BATCH)
        self.inbox.store(records)
        self._at = records[-1][0] + 1 if records else at
        return bool(records)

    def close(self) -> None:
        """Give topic and inbox back."""
        self._topic.close()
        self.inbox.close()

    def _is_that_topic(self, offset: int) -> bool:
        records = self._topic.read(offset, 1)
        if not records or records[0][0] != offset or any(fault.offset == offset for fault in self.inbox.faults()):
            return True  # a mark of Kafka's own, or what was passed over: what follows will tell
        try:
            recorded = carried(self.inbox.name, records[0][1])
        except Unreadable:
            return False
        return self.inbox.chain_at(recorded.position) == recorded.chain
