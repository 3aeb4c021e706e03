"""The relay against a bare producer of the same records, and against what a cluster's API takes in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing

from kafka import KafkaProducer

from bench import load, serving
from bench.cluster.stores import broker_of, happen, postgres_of, shared_folder
from bench.figures import Figure, Scale, rates
from bench.http import CLIENTS, Drafts
from shared.eventlog.postgres import PostgresLog
from shared.handling.relay import Relay
from shared.kafka.topic import BATCH_BYTES, HEADERS, LINGER_MS, KafkaTopic
from shared.kafka.topics import Topics
from tools.cluster import Cluster
from tools.components import KafkaBroker

SERVICES = ("kafka", "postgres", "topics", "registry", "alerts", "import-alerts")
Record = tuple[bytes, bytes]  # key, value


def run(scale: Scale) -> list[Figure]:
    """Commands over HTTP, with the relay beside them; then a full log by the relay and by a producer, on the same stores."""
    count, asked = scale.of(100_000, 2_000), scale.of(8_000, 256)
    against_bare, against_http = [], []
    with shared_folder() as place, Cluster(place, services=SERVICES) as cluster:
        broker, drafts = broker_of(cluster), Drafts(serving.token(cluster.data))
        dsn, port = postgres_of(cluster).fresh_database(), cluster.process("alerts").component.port
        load.closed(port, drafts.requests(CLIENTS), CLIENTS)  # warms up
        for n in range(scale.runs):
            report = load.closed(port, drafts.requests(asked), CLIENTS)
            assert set(report["statuses"]) == {"201"}, report
            with closing(PostgresLog(dsn, f"150000.relay{n}")) as log:
                happen(log, count)
                ours = count / relayed(broker, log)
                bare = count / produced(broker, f"150000.bare{n}", [(e.stream.encode(), e.cloud_event()) for e in log.read(0, count)])
            against_bare.append((ours, bare))
            against_http.append((ours, report["rate"]))
    return [
        rates("relay, from PostgreSQL to its topic, against a bare kafka-python producer", "events/s", against_bare, 0.8),
        rates("the same against the sustained rate of commands over HTTP, 64 clients", "events/s", against_http, 3),
    ]


def relayed(broker: KafkaBroker, log: PostgresLog) -> float:
    """Seconds until the whole log is on its topic, connecting included."""
    Topics(broker.bootstrap).make([log.name])
    with closing(KafkaTopic(broker.bootstrap, log.name)) as topic:
        relay = Relay(log, topic)
        began = time.perf_counter()
        while relay.step():
            pass
        took = time.perf_counter() - began
        assert relay.lag == 0, relay.lag
    return took


def produced(broker: KafkaBroker, topic: str, records: Sequence[Record]) -> float:
    """Seconds until a producer with the relay's settings has every record acknowledged, connecting included."""
    Topics(broker.bootstrap).make([topic])
    settings = {"acks": "all", "enable_idempotence": True, "batch_size": BATCH_BYTES, "max_request_size": 2 * BATCH_BYTES}
    began = time.perf_counter()
    with closing(KafkaProducer(bootstrap_servers=broker.bootstrap, linger_ms=LINGER_MS, metrics_enabled=False, **settings)) as producer:
        sent = [producer.send(topic, key=key, value=value, headers=HEADERS, partition=0) for key, value in records]
        producer.flush()
        took = time.perf_counter() - began
        assert sent[-1].get().offset == len(records) - 1
    return took
