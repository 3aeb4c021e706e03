"""The importer as a process over a real broker: killed, stopped, cut off, fed with rubbish; its inbox is whole, or says what is wrong."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress

import httpx
import pytest

from shared.eventlog.inbox import SqliteInbox
from shared.eventlog.sqlite import SqliteLog
from shared.handling.relay import Relay
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.sql.ports import StorageFailed
from shared.testing.conformance_inbox import history
from shared.testing.facts import all_of, put, run_of
from tests.kafka.topics import delete, make
from tests.kafka.topics import put as put_on_topic
from tools.components import free_port

PATIENCE_S = 90
pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]


class Bench:
    """A log with its relay, and an importer that can be started and killed; it is started again whenever it ended by itself."""

    def __init__(self, folder, bootstrap, name, made=True):
        self.folder, self.bootstrap, self.name, self.port = folder, bootstrap, name, free_port()
        if made:
            Topics(bootstrap).make([name])
        self.log = SqliteLog(folder / "log.db", name)
        self.inbox = SqliteInbox(folder / "inbox.db", name)
        self.relay = Relay(self.log, KafkaTopic(bootstrap, name))
        self.process = None
        self.ends = []

    def happen(self, count, relayed=True):
        position = self.log.head().position
        put(self.log, *run_of(self.name, "a-1", position + 1, count, "x" * 50))
        while relayed and self.relay.step():
            pass

    def start(self):
        arguments = [self.bootstrap, self.name, str(self.folder / "inbox.db"), str(self.port)]
        with (self.folder / "importer.log").open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "tests.kafka.importer", *arguments], stdout=log, stderr=log)

    def end(self, sign):
        self.process.send_signal(sign)
        code = self.process.wait(PATIENCE_S)
        self.process = None
        return code

    def until(self, done, within_s=PATIENCE_S):
        """Wait, and supervise meanwhile."""
        end = time.monotonic() + within_s
        while not done():
            assert time.monotonic() < end, f"{self.inbox.head().position} of {self.log.head().position}\n{self.said()[-3000:]}"
            if self.process is not None and self.process.poll() is not None:
                self.ends.append(self.process.returncode)
                self.start()
            time.sleep(0.02)

    def level(self):
        return self.inbox.head().position == self.log.head().position

    def settle(self):
        self.until(self.level)
        assert [r.cloud_event() for r in all_of(self.inbox)] == [r.cloud_event() for r in all_of(self.log)]

    def said(self):
        return (self.folder / "importer.log").read_text(errors="replace")

    def get(self, path):
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)
        return None

    def ready(self):
        answer = self.get("/health/ready")
        return answer is not None and answer.status_code == 200

    def standing(self):
        return [fault for fault in self.inbox.faults() if fault.ended is None]

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.relay.close()
        self.inbox.close()
        self.log.close()


@pytest.fixture
def bench(tmp_path, broker, topic_name):
    with closing(Bench(tmp_path, broker, topic_name)) as made:
        yield made


@pytest.fixture
def own_bench(tmp_path, own_broker, topic_name):
    with closing(Bench(tmp_path, own_broker.bootstrap, topic_name)) as made:
        yield made


def test_what_is_relayed_arrives_and_the_process_shows_how_it_is(bench):
    bench.happen(1_200)
    bench.start()
    bench.settle()
    bench.until(bench.ready)
    bench.happen(3)
    bench.settle()
    assert bench.get("/health/live").json() == {"status": "live"}
    bench.until(lambda: f'ortoo_import_lag{{log="{bench.name}",partition="0"}} 0.0' in bench.get("/metrics").text)
    assert bench.end(signal.SIGTERM) == 0
    assert bench.ends == []
    assert all(json.loads(line) for line in bench.said().splitlines() if line.startswith("{"))
    assert "Traceback" not in bench.said()


def test_killed_again_and_again_it_loses_nothing_and_stores_nothing_twice(bench):
    bench.start()
    bench.until(bench.ready)
    for n in range(3):
        bench.happen(700)
        bench.until(lambda before=700 * n: bench.inbox.head().position > before)
        bench.end(signal.SIGKILL)
        bench.happen(50)
        bench.start()
    bench.settle()
    assert bench.ends == []  # what came before the first offset asked for was no reason to end


def test_one_that_was_frozen_while_another_took_over_does_no_harm(bench):
    bench.happen(100)
    bench.start()
    bench.settle()
    frozen = bench.process
    frozen.send_signal(signal.SIGSTOP)
    bench.port = free_port()
    bench.start()
    bench.happen(500)
    bench.settle()
    frozen.send_signal(signal.SIGCONT)
    try:
        bench.happen(500)
        bench.settle()
        bench.happen(100)
        bench.settle()
    finally:
        frozen.kill()
        frozen.wait()


def test_many_records_are_loaded_at_once_and_faust_goes_on_from_there(bench):
    for _ in range(25):
        bench.happen(1_000, relayed=False)
    bench.happen(1)
    bench.start()
    bench.until(lambda: bench.inbox.head().position > 3_000)
    bench.end(signal.SIGKILL)
    bench.start()
    bench.settle()
    bench.happen(10)
    bench.settle()
    assert '"what":"loading"' in bench.said()


def test_a_broker_that_comes_and_goes_delays_and_loses_nothing(own_broker, own_bench):
    bench = own_bench
    bench.happen(10)
    bench.start()
    bench.settle()
    own_broker.kill()
    bench.happen(10, relayed=False)
    own_broker.start()
    bench.happen(10)
    bench.settle()
    bench.end(signal.SIGKILL)
    own_broker.stop()
    bench.start()
    bench.until(lambda: (answer := bench.get("/health/ready")) is not None and "broker away: nobody listens" in answer.text)
    own_broker.start()
    bench.settle()
    bench.until(bench.ready)


def refilled(own_broker, bench):
    """The relay fills a topic of a broker that lost everything."""
    bench.happen(3, relayed=False)
    while bench.relay.lag:
        with suppress(StorageFailed):
            bench.relay.step()
    bench.settle()


def test_a_topic_that_was_emptied_under_a_running_importer_is_read_again(own_broker, own_bench):
    bench = own_bench
    bench.happen(40)
    bench.start()
    bench.settle()
    own_broker.empty()
    Topics(bench.bootstrap).make([bench.name])
    refilled(own_broker, bench)


def test_a_topic_that_was_emptied_is_noted_and_read_from_its_beginning(own_broker, own_bench):
    bench = own_bench
    bench.happen(40)
    bench.start()
    bench.settle()
    bench.end(signal.SIGKILL)
    own_broker.empty()
    Topics(bench.bootstrap).make([bench.name])
    bench.start()
    bench.until(bench.standing)
    refilled(own_broker, bench)
    (noted,) = bench.inbox.faults()
    assert noted.kind == "restarted" and "ends at offset 0, and was read up to 40" in noted.words
    bench.until(lambda: not bench.standing())


def test_a_topic_that_is_missing_or_wrong_is_waited_for_with_words(tmp_path, broker, topic_name):
    with closing(Bench(tmp_path, broker, topic_name, made=False)) as bench:
        bench.start()
        bench.until(lambda: (answer := bench.get("/health/ready")) is not None and "ortoo cluster topics" in answer.text)
        make(broker, topic_name, partitions=2, retention_ms="-1")
        bench.until(lambda: "2 partitions instead of 1" in bench.get("/health/ready").text)
        delete(broker, topic_name)
        time.sleep(0.5)
        Topics(broker).make([topic_name])
        bench.happen(5)
        bench.settle()
        assert bench.ends == []


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("unreadable", lambda events: b"\xff noise"),
        ("fork", lambda events: history(6, events[0].envelope.log, "otherwise")[3].cloud_event()),
    ],
)
def test_damage_stops_it_is_named_until_a_person_passes_over_it(bench, kind, spoil):
    bench.happen(10, relayed=False)
    events = bench.log.read(0)
    true = [event.cloud_event() for event in events]
    put_on_topic(bench.bootstrap, bench.name, *true[:5], spoil(events), *true[5:])
    bench.start()
    bench.until(lambda: 70 in bench.ends)
    (fault,) = bench.standing()
    assert (fault.kind, fault.offset, bench.inbox.head().position) == (kind, 5, 5)
    bench.until(lambda: (answer := bench.get("/health/ready")) is not None and f"{kind}: offset 5" in answer.text)
    bench.until(lambda: f'kind="{kind}"' in getattr(bench.get("/metrics"), "text", ""))
    assert bench.inbox.pass_over(5)
    bench.settle()
    bench.until(lambda: not bench.standing())
