"""A worker that takes from topics what others sent: Faust brings the records, a source keeps them. `ortoo cluster import`.

Faust acknowledges a batch when its block is left, even by an exception, and may commit past one that is still in work. So nothing of ours
rests on what it acknowledges or commits: no topic is acknowledged at all, each source says where to read on, and whatever fails ends
the process. The supervisor starts it again, and it reads on from what is stored.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, NoReturn, cast
from uuid import uuid4

import faust
from faust.app.base import BootStrategy
from faust.types import TP

from shared.kafka.client import demand
from shared.kafka.loading import load
from shared.kafka.ports import TopicFault, in_words
from shared.kernel.errors import LogFork, LogGap, Unreadable
from shared.runtime.kinds import Kind
from shared.runtime.sources import Source
from shared.sql.ports import LogBusy, StorageFailed
from shared.web.logging import log, log_bug
from shared.web.metrics import Sample

AT_ONCE, WITHIN_S = 500, 0.02
MANY = 20_000  # records that wait: more are loaded raw before Faust takes over
SHOWN_S = 30.0  # a fault that a person has to cure is shown so long before the process ends and tries again
TOGETHER_S = 3.0  # so long the first source that is ready waits for the others
AGAIN_S = 1.0  # between two tries to reach the broker
LOOK_S = 5.0  # between two looks whether what lies on a topic is still brought
STOP_S = 5.0
FAILED = 70  # exit status of "internal software error"


class Restart(Exception):
    """The process is to end and to be started again."""


class _Boot(BootStrategy):
    """Nothing but a consumer: no web server, no producer."""

    enable_web = False
    enable_kafka_producer = False


class _App(faust.App):
    BootStrategy = _Boot

    def _create_directories(self) -> None:
        """There are no tables: nothing is kept on this disk."""


class Importing:
    """One Faust worker over any number of sources, inside the process that shows its health."""

    def __init__(self, name: str, bootstrap: str, sources: Sequence[Source], check: Callable[[Sequence[str]], Sequence[str]]) -> None:
        """`check` names what is not as it should be with topics."""
        demand()
        self.name, self._bootstrap, self._sources, self._check = name, bootstrap, sources, check
        self._next: dict[str, dict[int, int]] = {}  # topic -> partition -> offset
        self._taken: Sequence[str] = ()  # the topics that Faust was given
        self._sought: dict[tuple[str, int], int] = {}  # what was asked for when the partition was assigned
        self._threads = {source.topic: ThreadPoolExecutor(1, f"{name}-{source.topic}") for source in sources}
        self._faults: dict[str, str] = {source.topic: Kind.UNREAD for source in sources}
        self._away: dict[str, str] = {}  # what is taken as it comes, were there anybody to bring it
        self._app: Any = None
        self._stopping = False

    def faults(self) -> dict[str, str]:
        """What is wrong now, by topic; empty when everything is read as it comes."""
        return {f"{self.name}.{topic}": fault for topic, fault in (self._away | self._faults).items()}

    def samples(self) -> Iterator[Sample]:
        """For Prometheus."""
        for topic, partitions in self._next.items():
            for partition, offset in partitions.items():
                labels = (("log", topic), ("partition", str(partition)))
                yield Sample("ortoo_import_offset", "Records of the topic that were stored or passed", labels, offset)
                if (end := self._end(topic, partition)) is not None:
                    yield Sample("ortoo_import_lag", "Records on the topic that are not stored yet", labels, max(0, end - offset))
        for engine, fault in self.faults().items():
            yield Sample("ortoo_fault", "What is in trouble, and how", (("engine", engine), ("kind", fault.partition(":")[0])), 1)

    @asynccontextmanager
    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Take what comes, from entering to leaving."""
        work = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._stopping = True
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop(work), STOP_S)

    async def _run(self) -> None:
        tasks: list[asyncio.Task[None]] = []
        try:
            tasks = [asyncio.create_task(self._begin(source)) for source in self._sources]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            _, late = await asyncio.wait(tasks, timeout=TOGETHER_S)
            ready = [source for source, begun in zip(self._sources, tasks, strict=True) if begun not in late]
            self._taken = [source.topic for source in ready]
            self._app = self._made(ready)
            await self._app.start()
            tasks += [asyncio.create_task(self._app.wait_until_stopped()), asyncio.create_task(self._watch(ready))]
            done, _ = await asyncio.wait({*late, *tasks[-2:]}, return_when=asyncio.FIRST_COMPLETED)
            if not self._stopping:
                for task in done:
                    task.result()
                raise Restart("a source became ready" if done & late else "the Faust worker stopped by itself")
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # whatever it is, it is told, and the process ends
            await self._fail("worker", error)
        finally:
            for task in tasks:
                task.cancel()

    async def _stop(self, work: asyncio.Task[None]) -> None:
        if self._app is not None:
            await self._app.stop()
        work.cancel()
        await asyncio.wait([work])
        for thread in self._threads.values():
            await asyncio.to_thread(thread.shutdown)

    async def _begin(self, source: Source) -> None:
        """Find where to read on, however long the broker is away; load at once what would take Faust minutes."""
        while True:
            try:
                if wrong := await self._in_thread(source, self._check, [source.topic]):
                    raise TopicFault("; ".join(wrong))
                found = await self._in_thread(source, source.begin)
                self._next[source.topic] = {partition: offset for partition, (offset, _) in found.items()}
                if source.ordered:
                    await self._load(source, *found[0])
                break
            except (StorageFailed, LogBusy) as trouble:
                if self._faults[source.topic] != (words := in_words(trouble)):
                    log("import held up", topic=source.topic, fault=words)
                self._faults[source.topic] = words
                await asyncio.sleep(AGAIN_S)
            except (Unreadable, LogGap, LogFork) as fault:
                await self._fail(source.topic, fault)
        self._faults[source.topic] = Kind.UNASSIGNED

    async def _load(self, source: Source, offset: int, end: int) -> None:
        if end - offset < MANY:
            return
        log("loading", topic=source.topic, records=end - offset)
        self._faults[source.topic] = f"{Kind.LOADING}: {end - offset} records"

        def told(at: int) -> None:
            self._next[source.topic][0] = at

        thread = self._threads[source.topic]
        at = await load(self._bootstrap, source.topic, offset, end, lambda records: source.store(0, records), thread, told)
        log("loaded", topic=source.topic, records=at - offset)

    def _made(self, sources: Sequence[Source]) -> Any:
        app = _App(
            f"ortoo.{self.name}.{uuid4()}",  # a group for each start: Kafka would give one that comes back what it was given before
            broker=[f"kafka://{broker.strip()}" for broker in self._bootstrap.split(",")],
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=4 * 1024 * 1024,
            topic_disable_leader=True,
            topic_allow_declare=False,
            autodiscover=False,
            store="memory://",
            stream_buffer_maxsize=MANY,  # Faust pauses a full partition for a second; more than this wait only for the bulk loader
        )
        for source in sources:
            topic = app.topic(source.topic, acks=False, key_serializer="raw", value_serializer="raw")
            app.agent(topic, name=source.topic, concurrency=1)(self._agent(source))
        app.on_partitions_assigned.connect(cast(Any, self._assigned))
        return app

    def _agent(self, source: Source) -> Any:
        async def take(stream: Any) -> None:
            async for events in stream.take_events(AT_ONCE, within=WITHIN_S):
                try:
                    await self._store(source, events)
                except BaseException as error:
                    if self._stopping:
                        raise
                    await self._fail(source.topic, error)

        return take

    async def _store(self, source: Source, events: Sequence[Any]) -> None:
        by_partition: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for event in events:
            by_partition[event.message.partition].append((event.message.offset, event.message.value or b""))
        for partition, records in by_partition.items():
            since = self._sought[source.topic, partition]
            if records[0][0] < since:  # Kafka began again by itself; what may come twice begins where we asked
                raise TopicFault(f"offset {records[0][0]} of topic {source.topic} came after {since}: it was emptied or made anew")
            await self._in_thread(source, source.store, partition, records)
            self._next[source.topic][partition] = records[-1][0] + 1

    async def _assigned(self, app: Any, assigned: set[TP], **_: object) -> None:
        """Where Kafka thinks we are does not matter. What is not ours any more is not taken."""
        for topic in self._taken:
            if topic in {tp.topic for tp in assigned}:
                self._faults.pop(topic, None)
            else:
                self._faults[topic] = Kind.UNASSIGNED
        for tp in assigned:
            offset = self._next[tp.topic].get(tp.partition)
            if offset is None:
                await self._fail(tp.topic, RuntimeError("a partition that was not there"))  # it is, when the process starts again
            self._sought[tp.topic, tp.partition] = offset
            await app.consumer.seek(tp, offset)

    async def _watch(self, sources: Sequence[Source]) -> None:
        """A consumer may lose a topic that was away, or wait for the end of one that was made anew, and say nothing."""
        stood: dict[str, Mapping[int, int]] = {}
        while True:
            await asyncio.sleep(LOOK_S)
            for source in sources:
                at = dict(self._next[source.topic])
                if not await self._waits(source, at):
                    stood.pop(source.topic, None)
                elif stood.get(source.topic) != at:
                    stood[source.topic] = at
                else:
                    await self._fail(source.topic, TopicFault(f"topic {source.topic} is not brought on from {at}: it is asked anew"))

    async def _waits(self, source: Source, at: Mapping[int, int]) -> bool:
        """Something lies on the topic that was not stored, or the topic is another one."""
        try:
            found = await self._in_thread(source, source.begin)
        except (StorageFailed, LogBusy) as trouble:  # nothing to be had anywhere: Faust goes on by itself, or the next look says more
            self._away[source.topic] = in_words(trouble)
            return False
        self._away.pop(source.topic, None)
        now = self._next[source.topic]
        return now == at and any(offset < at.get(partition, 0) or end > at.get(partition, 0) for partition, (offset, end) in found.items())

    async def _in_thread(self, source: Source, call: Any, *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads[source.topic], call, *arguments)

    def _end(self, topic: str, partition: int) -> int | None:
        if self._app is None or topic in self._faults:
            return None
        end: int | None = self._app.consumer.highwater(TP(topic, partition))
        return end

    async def _fail(self, topic: str, error: BaseException) -> NoReturn:
        """End the process: nothing more is taken, and the supervisor starts it again."""
        if isinstance(error, Unreadable | LogGap | LogFork):
            kind = {LogGap: Kind.GAP, LogFork: Kind.FORK}.get(type(error), Kind.UNREADABLE)
            self._faults[topic] = f"{kind}: {error}"
            log("import stopped", topic=topic, fault=str(error))
            await asyncio.sleep(SHOWN_S)
        elif isinstance(error, StorageFailed | LogBusy):
            log("import stopped", topic=topic, fault=in_words(error))
        elif isinstance(error, Restart):
            log("import starts again", topic=topic, why=str(error))
        else:
            log_bug(error)
        os._exit(FAILED)
