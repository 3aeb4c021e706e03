"""Topics as `topics.toml` declares them: made when missing, compared at every start, never changed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from shared.kafka.client import connected, demand, missing, spoken

DECLARED = Path(__file__).with_name("topics.toml")
SHAPE = ("partitions", "replication")  # what is not a setting of Kafka's
LATER = "message.timestamp."  # settings declared since there are topics: one that never was given them has the broker's own


@dataclass(frozen=True, slots=True)
class Declared:
    """What a topic of one kind has to be."""

    partitions: int
    replication: int
    settings: Mapping[str, str]


def kind(topic: str) -> str:
    """`150000.observations`, `150000.to.150724`, or else a log."""
    return "observations" if topic.endswith(".observations") else "feed" if ".to." in topic else "log"


def declared(replicas: int = 1, path: Path = DECLARED) -> dict[str, Declared]:
    """What is declared for each kind of topic. ValueError when nothing is for so many replicas."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    choices = told.pop("replicas")
    if str(replicas) not in choices:
        raise ValueError(f"ORTOO_KAFKA_REPLICAS is {replicas}; {path.name} knows {', '.join(sorted(choices))}")
    return {name: _declared({**section, **choices[str(replicas)]}) for name, section in told.items()}


def _declared(section: Mapping[str, Any]) -> Declared:
    settings = {name: str(value).lower() for name, value in section.items() if name not in SHAPE}
    return Declared(section["partitions"], section["replication"], settings)


class Topics:
    """The topics of a cluster, made and compared. BrokerAway, TopicFault."""

    def __init__(self, bootstrap: str, replicas: int = 1) -> None:
        demand()
        self._bootstrap, self._declared = bootstrap, declared(replicas)

    def make(self, names: Iterable[str]) -> list[str]:
        """Make those that are missing, as declared; their names."""
        with self._admin(", ".join(names := list(names))) as admin:
            there = self._there(admin, names)
            lacking = [name for name in names if name not in there]
            for name in lacking:
                made = self._declared[kind(name)]
                shape = {"num_partitions": made.partitions, "replication_factor": made.replication, "configs": dict(made.settings)}
                with suppress(TopicAlreadyExistsError):  # another process was first; what it made is compared like any other
                    admin.create_topics({name: shape})
            if lacking:
                admin.wait_for_topics(lacking)
        return lacking

    def check(self, names: Iterable[str], *, strict: bool = False) -> list[str]:
        """What is not as declared, in words with the cure; empty when all is well. `strict`: also what a topic was not told itself."""
        with self._admin(", ".join(names := list(names))) as admin:
            there = self._there(admin, names)
            found = [str(missing(name)) for name in names if name not in there]
            for name, topic in there.items():
                found += self._compared(name, topic, self._settings(admin, name, strict))
        return found

    def _compared(self, name: str, topic: Mapping[str, Any], settings: Mapping[str, str]) -> Iterator[str]:
        want = self._declared[kind(name)]
        partitions = len(topic["partitions"])
        if partitions != want.partitions:
            cure = "delete it and make it again: its relay sends everything anew"
            if kind(name) == "observations":
                cure = f"kafka-topics.sh --alter --topic {name} --partitions {want.partitions}, or declare {partitions}"
            yield f"topic {name} has {partitions} partitions instead of {want.partitions}: {cure}"
        copies = min((len(partition["replica_nodes"]) for partition in topic["partitions"]), default=0)
        if copies < want.replication:
            yield f"topic {name} has {copies} replicas instead of {want.replication}: kafka-reassign-partitions.sh gives it more brokers"
        for setting, value in want.settings.items():
            if settings.get(setting) != value:
                alter = f"kafka-configs.sh --alter --entity-type topics --entity-name {name} --add-config {setting}={value}"
                yield f"topic {name} has {setting}={settings.get(setting)} instead of {value}: {alter}"

    def _there(self, admin: KafkaAdminClient, names: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        return {topic["name"]: topic for topic in admin.describe_topics(list(names)) if topic["error_code"] == 0}

    def _settings(self, admin: KafkaAdminClient, name: str, strict: bool) -> dict[str, str]:
        told = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)], config_filter="all")
        found = {setting: entry["value"] for setting, entry in told["topic"][name].items()}
        if not strict:
            own = {setting for setting, entry in told["topic"][name].items() if entry["config_source"] == "DYNAMIC_TOPIC_CONFIG"}
            want = self._declared[kind(name)].settings
            found |= {setting: want[setting] for setting in want if setting.startswith(LATER) and setting not in own}
        return found

    @contextmanager
    def _admin(self, topics: str) -> Iterator[KafkaAdminClient]:
        with spoken(self._bootstrap, topics):
            admin = connected(KafkaAdminClient, self._bootstrap)
            try:
                yield admin
            finally:
                admin.close()
