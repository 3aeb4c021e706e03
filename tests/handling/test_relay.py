"""The relay over a real topic: whatever happens to log, topic and broker, inboxes get everything once, or somebody is told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from shared.eventlog.inbox import SqliteInbox
from shared.eventlog.sqlite import SqliteLog
from shared.handling.relay import Relay
from shared.kafka.ports import BrokerAway, TopicFault
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.kernel.errors import LogFork
from shared.sql.ports import StorageFailed
from shared.testing.facts import all_of, put, run_of
from tests.kafka.topics import delete
from tests.kafka.topics import put as put_on_topic


@pytest.fixture
def topic_name(broker, topic_name):
    Topics(broker).make([topic_name])
    return topic_name


@pytest.fixture
def log(tmp_path, topic_name):
    return SqliteLog(tmp_path / "log.db", topic_name)


@pytest.fixture
def relay(broker, log):
    with closing(Relay(log, KafkaTopic(broker, log.name))) as made:
        yield made


def happen(log, count, said=""):
    for _ in range(count):
        version = log.head().position + 1
        put(log, *run_of(log.name, "a-1", version, 1, said))


def run(relay):
    while relay.step():
        pass


def carried(bootstrap, log, tmp_path):
    """What a fresh inbox makes of the topic."""
    shutil.rmtree(tmp_path / "inbox", ignore_errors=True)
    (tmp_path / "inbox").mkdir()
    inbox = SqliteInbox(tmp_path / "inbox" / "inbox.db", log.name)
    with closing(KafkaTopic(bootstrap, log.name)) as topic:
        while records := topic.read(inbox.offset(), 5_000):
            inbox.store(records)
        return [r.chain for r in all_of(inbox)], topic.bounds()[1]


def chains(log):
    return [r.chain for r in all_of(log)]


def test_everything_is_carried_once_and_in_order(broker, log, relay, tmp_path):
    assert (relay.lag, relay.step(), relay.lag) == (None, False, 0)
    happen(log, 5)
    assert relay.lag == 5
    run(relay)
    happen(log, 3)
    run(relay)
    assert (relay.position, relay.lag) == (8, 0)
    assert carried(broker, log, tmp_path) == (chains(log), 8)


def test_a_new_relay_goes_on_where_the_topic_ends(broker, log, relay, tmp_path):
    happen(log, 5)
    run(relay)
    happen(log, 5)
    with closing(Relay(log, KafkaTopic(broker, log.name))) as other:
        run(other)
    run(relay)
    assert carried(broker, log, tmp_path) == (chains(log), 10)


def test_two_relays_at_once_do_no_harm(broker, log, tmp_path):
    start = Barrier(2, timeout=20)

    def send(_):
        with closing(Relay(log, KafkaTopic(broker, log.name))) as relay:
            start.wait()
            while relay.position != 600:
                relay.step()

    with ThreadPoolExecutor(2) as pool:
        sending = [pool.submit(send, n) for n in range(2)]
        for _ in range(12):
            put(log, *run_of(log.name, "a-1", log.head().position + 1, 50))
        for done in sending:
            done.result(60)
    found, records = carried(broker, log, tmp_path)
    assert found == chains(log) and records >= 600


def test_an_old_record_at_the_end_of_the_topic_is_no_fork(broker, log, relay, tmp_path):
    happen(log, 5)
    run(relay)
    put_on_topic(broker, log.name, log.read(2, 1)[0].cloud_event())  # as a second relay leaves it
    happen(log, 1)
    run(relay)
    assert carried(broker, log, tmp_path) == (chains(log), 9)  # 4, 5 and 6 were sent behind it


def test_a_log_restored_from_an_older_copy_sends_nothing_and_says_what_to_do(broker, log, relay, tmp_path):
    happen(log, 3)
    log.close()
    shutil.copy(tmp_path / "log.db", tmp_path / "backup.db")
    happen(log, 2)
    run(relay)
    restored = SqliteLog(tmp_path / "backup.db", log.name)
    with closing(Relay(restored, KafkaTopic(broker, log.name))) as other:
        for _ in range(2):
            with pytest.raises(LogFork, match=r"ends with position 5, this log with 3.*ortoo log heal"):
                other.step()
        happen(restored, 4, "otherwise")
        with pytest.raises(LogFork, match=r"another event at position 5.*ortoo log heal"):
            other.step()
    assert carried(broker, log, tmp_path) == (chains(log), 5)


def test_a_topic_that_was_emptied_is_noticed_even_when_nothing_happens_and_filled_again(broker, log, relay, tmp_path):
    happen(log, 5)
    run(relay)
    delete(broker, log.name)
    with pytest.raises((BrokerAway, TopicFault)):
        relay.step()
    with pytest.raises(TopicFault, match=r"no topic .*ortoo cluster topics"):
        relay.step()
    Topics(broker).make([log.name])
    with pytest.raises(TopicFault, match="ended at offset 5, now at 0"):
        relay.step()
    run(relay)
    assert carried(broker, log, tmp_path) == (chains(log), 5)


def test_a_broker_that_is_away_delays_and_loses_nothing(own_broker, tmp_path):
    log = SqliteLog(tmp_path / "log.db", "150000.things")
    Topics(own_broker.bootstrap).make([log.name])
    with closing(Relay(log, KafkaTopic(own_broker.bootstrap, log.name))) as relay:
        happen(log, 3)
        run(relay)
        own_broker.kill()
        happen(log, 4)
        for _ in range(2):
            with pytest.raises(BrokerAway):
                relay.step()
        assert (relay.position, relay.lag) == (3, 4)
        own_broker.start()
        run(relay)
        assert carried(own_broker.bootstrap, log, tmp_path)[0] == chains(log)
        own_broker.empty()
        Topics(own_broker.bootstrap).make([log.name])
        happen(log, 1)
        told = []
        while relay.lag:
            try:
                relay.step()
            except StorageFailed as fault:
                told.append(str(fault))
        assert any("ended at offset 7, now at 0" in words for words in told)
        assert carried(own_broker.bootstrap, log, tmp_path) == (chains(log), 8)


RELAY = """
import sys; from pathlib import Path
from shared.eventlog.sqlite import SqliteLog; from shared.handling.relay import Relay; from shared.kafka.topic import KafkaTopic
relay = Relay(SqliteLog(Path(sys.argv[1]), sys.argv[2]), KafkaTopic(sys.argv[3], sys.argv[2]))
print("ready", flush=True)
while True: relay.step()
"""


def test_a_relay_killed_again_and_again_leaves_no_hole(broker, log, tmp_path):
    for n in range(6):
        put(log, *run_of(log.name, "a-1", log.head().position + 1, 3_000))
        process = subprocess.Popen([sys.executable, "-c", RELAY, str(tmp_path / "log.db"), log.name, broker], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(0.05 * n)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    with closing(Relay(log, KafkaTopic(broker, log.name))) as relay:
        run(relay)
    assert carried(broker, log, tmp_path)[0] == chains(log)
