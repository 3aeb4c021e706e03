"""Topics are made as declared, and what is otherwise is said with its cure."""

from __future__ import annotations

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from shared.kafka.ports import BrokerAway
from shared.kafka.topics import Topics, declared, kind
from tests.kafka.topics import admin, make


def test_every_kind_of_topic_is_declared_for_one_broker_and_for_three():
    for replicas, in_sync in ((1, "1"), (3, "2")):
        for name, topic in declared(replicas).items():
            assert (topic.replication, topic.settings["min.insync.replicas"]) == (replicas, in_sync)
            assert topic.settings["cleanup.policy"] == "delete"
            assert (topic.partitions == 1 and topic.settings["retention.ms"] == "-1") or name == "observations"
    assert {kind(topic) for topic in ("150000.alerts", "150000.to.150724", "150000.observations")} == set(declared())
    with pytest.raises(ValueError, match="ORTOO_KAFKA_REPLICAS"):
        declared(2)


def test_a_missing_topic_is_named_and_made_as_declared_once(broker, topic_name):
    topics, names = Topics(broker), [topic_name, f"{topic_name}.to.1", f"{topic_name}.observations"]
    assert len(missing := topics.check(names)) == 3
    assert all(f"no topic {name}:" in words for name, words in zip(names, missing, strict=True))
    assert topics.make(names) == names
    assert topics.make(names) == []
    assert topics.check(names) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"partitions": 3}, "3 partitions instead of 1"),
        ({"cleanup_policy": "compact"}, "cleanup.policy=compact instead of delete"),
        ({"retention_ms": "604800000"}, "retention.ms=604800000 instead of -1"),
        ({"max_message_bytes": "1000"}, "max.message.bytes=1000 instead of"),
        ({"message_timestamp_before_max_ms": "1000"}, "message.timestamp.before.max.ms=1000 instead of 9223372036854775807"),
        ({"message_timestamp_after_max_ms": "1000"}, "message.timestamp.after.max.ms=1000 instead of 9223372036854775807"),
    ],
)
def test_wrong_settings_are_said_with_the_cure_and_left_as_they_are(broker, topic_name, wrong, said):
    settings = {"retention_ms": "-1"} | wrong
    make(broker, topic_name, **settings)
    for _ in range(2):
        (words,) = Topics(broker).check([topic_name])
        assert said in words and topic_name in words
        assert "make it again" in words or f"--entity-name {topic_name}" in words
    assert Topics(broker).make([topic_name]) == []
    assert Topics(broker).check([topic_name]) == [words]


def test_a_topic_older_than_a_declared_setting_has_the_brokers_own_which_stops_nothing_and_is_told_when_asked(broker, topic_name):
    make(broker, topic_name, retention_ms="-1")
    topics = Topics(broker)
    assert topics.check([topic_name]) == []
    (words,) = topics.check([topic_name], strict=True)
    assert "message.timestamp.after.max.ms=3600000 instead of" in words, "as Kafka 4 has it"
    _, _, told = words.rpartition("--add-config ")
    name, _, value = told.partition("=")
    with admin(broker) as client:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic_name, {"retention.ms": "-1", name: value})])
    assert topics.check([topic_name], strict=True) == []


def test_a_cure_by_hand_is_found_good(broker, topic_name):
    make(broker, topic_name, retention_ms="1000")
    topics = Topics(broker)
    assert topics.check([topic_name])
    with admin(broker) as client:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic_name, {"retention.ms": "-1"})])
    assert topics.check([topic_name]) == []


def test_too_few_replicas_are_said(broker, topic_name):
    make(broker, topic_name, retention_ms="-1")
    found = Topics(broker, replicas=3).check([topic_name])
    assert any("1 replicas instead of 3" in words for words in found)
    assert any("min.insync.replicas=1 instead of 2" in words for words in found)


def test_no_broker_is_no_fault_of_the_topics():
    with pytest.raises(BrokerAway, match="nobody listens at 127"):
        Topics("127.0.0.1:9").check(["a"])
