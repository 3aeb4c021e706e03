"""Many sources in one importing process: what one of them meets is shown, and stops none of the others. The worker is played."""

from __future__ import annotations

import asyncio

import pytest

from shared.kafka.ports import BrokerAway, TopicFault
from shared.kernel.errors import LogFork
from shared.runtime import importing
from shared.runtime.importing import Importing
from shared.sql.ports import StorageFailed


class Ended(BaseException):
    """The process ends here."""


class Kept:
    """A source whose topic is away, missing or forked for as long as it is said to be."""

    ordered = True

    def __init__(self, topic: str, trouble: Exception | None = None) -> None:
        self.topic, self.trouble = topic, trouble

    def begin(self) -> dict[int, tuple[int, int]]:
        if self.trouble is not None:
            raise self.trouble
        return {0: (0, 0)}

    def store(self, partition: int, records: object) -> None:
        raise AssertionError("nothing comes")


class Worker:
    """Faust, as far as the host knows it."""

    def __init__(self, host: Importing) -> None:
        self._host, self._stopped = host, asyncio.Event()

    async def start(self) -> None:
        for topic in self._host._taken:
            self._host._faults.pop(topic, None)

    async def wait_until_stopped(self) -> None:
        await self._stopped.wait()

    async def stop(self) -> None:
        self._stopped.set()


class Host(Importing):
    """With a worker that is played."""

    def _made(self, sources):
        return Worker(self)


def exits(status: int) -> None:
    raise Ended(status)


@pytest.fixture
def host(monkeypatch):
    monkeypatch.setattr(importing, "AGAIN_S", 0.01)
    monkeypatch.setattr(importing, "LOOK_S", 0.01)
    monkeypatch.setattr(importing, "TOGETHER_S", 0.05)
    monkeypatch.setattr(importing, "SHOWN_S", 0.05)
    monkeypatch.setattr("os._exit", exits)
    return lambda *sources: Host("test", "nowhere:9", sources, lambda topics: ())


def played(host: Importing, *acts) -> BaseException | None:
    """Run the host; each act waits for what it asks and may change something. What ended the process, if anything did."""

    async def play() -> BaseException | None:
        work = asyncio.create_task(host._run())
        for asks in acts:
            for _ in range(1_000):
                if asks() or work.done():
                    break
                await asyncio.sleep(0.01)
            else:
                raise AssertionError(host.faults())
        if work.done():
            return work.exception()
        host._stopping = True
        await host._stop(work)
        return None

    return asyncio.run(play())


def test_the_healthy_are_taken_while_one_is_held_up_and_all_of_them_once_it_is_well(host):
    sick = Kept("a", TopicFault("there is no topic a"))
    made = host(sick, Kept("b"))

    def cured() -> bool:
        if made.faults() != {"test.a": "topic: there is no topic a"}:
            return False
        sick.trouble = None
        return True

    ended = played(made, cured, lambda: False)
    assert list(made._taken) == ["b"]
    assert isinstance(ended, Ended), "the process is started again, and takes both"


def test_all_begin_together_when_all_are_well(host):
    made = host(Kept("a"), Kept("b"))
    assert played(made, lambda: made.faults() == {}) is None
    assert list(made._taken) == ["a", "b"]


@pytest.mark.parametrize("trouble", [BrokerAway("nobody listens"), StorageFailed("the disk is full")])
def test_a_broker_that_went_away_is_told_until_it_is_back(host, trouble):
    source = Kept("a")
    made = host(source)

    def went() -> bool:
        source.trouble = trouble
        return made.faults() == {}

    def told() -> bool:
        found = made.faults()
        source.trouble = None if found else trouble
        return bool(found)

    assert played(made, lambda: made.faults() == {} and went(), told, lambda: made.faults() == {}) is None


def test_when_nobody_watches_any_more_the_process_ends(host):
    source = Kept("a")
    made = host(source)

    def forked() -> bool:
        source.trouble = LogFork("another history")
        return made.faults() == {}

    assert isinstance(played(made, lambda: made.faults() == {} and forked(), lambda: False), Ended)
