"""What the tests of this folder do to topics behind our back."""

from __future__ import annotations

from contextlib import closing, contextmanager

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient


@contextmanager
def admin(bootstrap):
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as client:
        yield client


def make(bootstrap, name, partitions=1, replication=1, **settings):
    """A topic as somebody made it by hand."""
    with admin(bootstrap) as client:
        configs = {key.replace("_", "."): value for key, value in settings.items()}
        client.create_topics({name: {"num_partitions": partitions, "replication_factor": replication, "configs": configs}})
        client.wait_for_topics([name])


def delete(bootstrap, name):
    with admin(bootstrap) as client:
        client.delete_topics([name])


def put(bootstrap, name, *values, key=b"k", **settings):
    """Records of whoever may write to the topic."""
    with closing(KafkaProducer(bootstrap_servers=bootstrap, **settings)) as producer:
        for value in values:
            producer.send(name, value=value, key=key, partition=0).get(10)


def read(bootstrap, name):
    """Everything on the topic, as any client reads it."""
    partition = TopicPartition(name, 0)
    with closing(KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")) as consumer:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        found = []
        while consumer.position(partition) < consumer.end_offsets([partition])[partition]:
            found += consumer.poll(1000).get(partition, [])
        return found
