"""A log's topic in Kafka: what is sent is there, in order and whole; what others did to the topic is noticed."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from contextlib import closing

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaTimeoutError

from shared.eventlog.chain import seal_all
from shared.eventlog.inbox import SqliteInbox
from shared.eventlog.ports import Head
from shared.kafka import client
from shared.kafka.ports import BrokerAway, TopicFault, TopicMissing
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.kernel.envelope import genesis
from shared.testing.conformance_inbox import history
from shared.testing.facts import new
from tests.kafka.topics import delete, make, put, read
from tools.components import free_port


@pytest.fixture
def topic(broker, topic_name):
    Topics(broker).make([topic_name])
    with closing(KafkaTopic(broker, topic_name)) as opened:
        yield opened


def sent(topic, records):
    topic.last()
    assert topic.send(records)
    return records


def test_what_was_sent_is_what_any_client_reads(broker, topic):
    streams = [new(topic.name, f"item-{n % 3}", n // 3 + 1, "水") for n in range(9)]
    events = sent(topic, seal_all(Head(0, genesis(topic.name), None), streams))
    found = read(broker, topic.name)
    assert [record.value for record in found] == [event.cloud_event() for event in events]
    assert [record.key.decode() for record in found] == [event.stream for event in events]
    assert {tuple(record.headers) for record in found} == {(("content-type", b"application/cloudevents+json"),)}


def test_the_last_record_says_how_far_the_topic_is(topic):
    events = history(7, topic.name)
    assert topic.last() is None
    for part in (events[:3], events[3:]):
        sent(topic, part)
        assert topic.last() == (part[-1].position, part[-1].chain)
    assert topic.bounds() == (0, 7)
    assert topic.read(2, 3) == [(n, events[n].cloud_event()) for n in (2, 3, 4)]
    assert topic.read(7, 3) == []


def test_more_than_one_kafka_batch_holds_arrives_in_order(topic, tmp_path):
    large = [new(topic.name, "a-1", version, "x" * 250_000) for version in range(1, 13)]
    sent(topic, seal_all(Head(0, genesis(topic.name), None), large))
    inbox = SqliteInbox(tmp_path / "inbox.db", topic.name)
    assert inbox.store(topic.read(0, 100)) == 12


def test_what_others_wrote_behind_the_last_event_is_looked_past(broker, topic):
    events = sent(topic, history(3, topic.name))
    put(broker, topic.name, *[b"noise"] * 150, history(9, "150000.stranger")[8].cloud_event())
    assert topic.last() == (3, events[2].chain)


def test_marks_of_kafka_itself_are_no_records(broker, topic):
    events = sent(topic, history(3, topic.name))
    with closing(KafkaProducer(bootstrap_servers=broker, transactional_id=topic.name)) as producer:
        producer.init_transactions()
        for _ in range(2):
            producer.begin_transaction()
            producer.send(topic.name, b"noise", partition=0).get(10)
            producer.abort_transaction()
    assert topic.bounds() == (0, 7)
    assert topic.last() == (3, events[2].chain)


def test_who_writes_behind_our_back_is_noticed_before_anything_is_sent(broker, topic):
    events = history(5, topic.name)
    sent(topic, events[:3])
    put(broker, topic.name, events[3].cloud_event())
    assert not topic.send(events[3:])
    assert topic.bounds() == (0, 4)
    assert topic.last() == (4, events[3].chain)
    assert topic.send(events[4:])


def test_a_missing_topic_is_said_with_its_cure(broker, topic_name):
    with closing(KafkaTopic(broker, topic_name)) as topic:
        for ask in (topic.last, topic.bounds):
            with pytest.raises(TopicFault, match=f"no topic {topic_name}: `ortoo cluster topics`"):
                ask()


def test_a_topic_that_was_made_again_is_noticed_once_and_taken_as_it_is(broker, topic):
    events = sent(topic, history(5, topic.name))
    delete(broker, topic.name)
    with pytest.raises((TopicFault, BrokerAway)):
        topic.send(events[4:])
    Topics(broker).make([topic.name])
    with pytest.raises(TopicFault, match="ended at offset 5, now at 0"):
        topic.last()
    assert topic.last() is None
    sent(topic, events)


def test_a_topic_that_lost_its_beginning_is_told_from_a_whole_one(broker, topic):
    put(broker, topic.name, *[event.cloud_event() for event in history(9, topic.name)[4:]])
    with pytest.raises(TopicFault, match="ends with position 9 but holds 5 records"):
        topic.last()


def test_an_event_larger_than_the_topic_takes_is_said_with_its_cure(broker, topic_name):
    make(broker, topic_name, max_message_bytes="2000")
    events = seal_all(Head(0, genesis(topic_name), None), [new(topic_name, "a-1", 1, "x"), new(topic_name, "a-1", 2, "x" * 5000)])
    with closing(KafkaTopic(broker, topic_name)) as topic:
        topic.last()
        with pytest.raises(TopicFault, match=r"max\.message\.bytes"):
            topic.send(events)
        last = topic.last()
    assert last in (None, (1, events[0].chain))  # the first of them or none, never the second alone


@pytest.mark.parametrize("many", [1, 500])
def test_a_record_whose_time_the_topic_refuses_is_said_with_its_cure_and_is_no_broker_that_is_away(broker, topic_name, many):
    make(broker, topic_name, message_timestamp_before_max_ms="0")
    with closing(KafkaTopic(broker, topic_name)) as topic:
        topic.last()
        with pytest.raises(TopicFault, match=r"the time of a record.*message\.timestamp\.before\.max\.ms.*topics\.toml"):
            topic.send(history(many, topic_name))


def test_a_broker_that_was_away_is_spoken_to_again(own_broker, topic_name):
    events = history(3, topic_name)
    Topics(own_broker.bootstrap).make([topic_name])
    with closing(KafkaTopic(own_broker.bootstrap, topic_name)) as topic:
        sent(topic, events[:1])
        own_broker.stop()
        for ask in (topic.last, topic.last, topic.bounds, lambda: topic.send(events[1:])):
            with pytest.raises(BrokerAway, match=r"ORTOO_KAFKA|Kafka at"):
                ask()
        own_broker.start()
        assert topic.last() == (1, events[0].chain)
        assert topic.send(events[1:])
        assert topic.last() == (3, events[2].chain)


def test_a_frozen_broker_is_away_and_the_topic_has_no_hole_afterwards(own_broker, topic_name, tmp_path, monkeypatch):
    events = history(6, topic_name)
    Topics(own_broker.bootstrap).make([topic_name])
    with closing(KafkaTopic(own_broker.bootstrap, topic_name)) as topic:
        sent(topic, events[:2])
        monkeypatch.setattr(topic, "_ends", lambda: 2)  # it froze just after it was asked
        own_broker.pause()
        with pytest.raises(BrokerAway):
            topic.send(events[2:4])
        monkeypatch.undo()
        own_broker.resume()
        last = topic.last()
        assert last is not None
        position, chain = last
        assert position in (2, 4) and chain == events[position - 1].chain
        assert topic.send(events[position:])
        assert SqliteInbox(tmp_path / "inbox.db", topic_name).store(topic.read(0, 100)) == 6


def test_without_crc32c_nothing_starts():
    tried = "import sys; sys.modules['crc32c'] = None; from shared.kafka.topic import KafkaTopic; KafkaTopic('127.0.0.1:9', 'a')"
    done = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "TopicFault: the package crc32c is missing" in done.stderr


@pytest.mark.parametrize(("code", "kind"), [(3, TopicMissing), (29, TopicFault), (5, BrokerAway), (0, BrokerAway)])
def test_a_topic_is_missing_only_when_the_broker_says_so(monkeypatch, code, kind):
    class Admin:
        def describe_topics(self, names):
            return [{"name": names[0], "error_code": code}]

        def close(self):
            """Nothing is held."""

    monkeypatch.setattr(client, "connected", lambda *_: Admin())
    assert type(client.unknown("b:1", "150000.alerts")) is kind


def test_who_cannot_connect_leaves_no_socket_behind(monkeypatch):
    monkeypatch.setattr(client, "_reach", lambda bootstrap: None)
    monkeypatch.setitem(client.WAITS, "bootstrap_timeout_ms", 300)
    open_before = len(os.listdir("/proc/self/fd"))
    gc.disable()
    try:
        with pytest.raises(KafkaTimeoutError):
            client.connected(KafkaConsumer, f"127.0.0.1:{free_port()}", group_id=None)
        assert len(os.listdir("/proc/self/fd")) == open_before
    finally:
        gc.enable()
