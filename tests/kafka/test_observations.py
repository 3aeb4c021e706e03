"""Stations over Kafka: the same readings come to the same crossings as over HTTP, in whatever order and partition they lie."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from functools import partial

import pytest
from kafka import KafkaProducer

from services.alerts.observations.store import ObservationStore
from shared.eventlog.sqlite import SqliteLog
from shared.kafka.topics import Topics
from shared.sql.sqlite import File
from shared.testing.facts import all_of
from tests.alerts.test_monitor import Desk, monitor, run
from tests.alerts.test_stations import body
from tests.alerts.weather import STORY, rain
from tests.alerts.world import at
from tests.support import OFFICER, Post, fresh, started
from tests.waiting import until
from tools.components import free_port

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]
WEATHER = Post("B.W", "SECT.weather")


@pytest.fixture
def importer(broker, topic_name, tmp_path):
    """The importer of an observation topic: its topic, its store, and the process, to kill."""
    topic, path = f"{topic_name}.observations", tmp_path / "observations.db"
    Topics(broker).make([topic])
    began = []

    def start():
        with (tmp_path / "importer.log").open("ab") as log:
            arguments = [sys.executable, "-m", "tests.kafka.importer", broker, topic, str(path), str(free_port())]
            began.append(subprocess.Popen(arguments, stdout=log, stderr=log))
        return began[-1]

    yield topic, ObservationStore(File(path)), start
    for process in began:
        process.kill()
        process.wait()


def put(broker, topic, bodies):
    with closing(KafkaProducer(bootstrap_servers=broker)) as producer:
        for n, value in enumerate(bodies):
            producer.send(topic, key=b"station", value=value, partition=n % 4).get(10)


def crossed(event):
    used = sorted((reading.at, reading.hours, reading.value) for reading in event.readings)
    return event.station, event.hazard, event.colour.value, event.until, event.value, used


def test_the_same_readings_over_http_and_over_kafka_come_to_the_same_crossings(broker, importer, tmp_path):
    topic, store, start = importer
    station = fresh("ST")
    sent = [json.loads(body(reading, station=station)) for reading in STORY]
    with started(tmp_path / "node") as node:
        assert node.post(f"/api/alerts/stations/{station}", OFFICER, {"division": "150722", "properties": ["rain"]}).status_code == 201
        assert node.post("/api/alerts/observations/batch", WEATHER, {"readings": sent}).status_code == 201
        log = SqliteLog(node.folder / "logs" / "150000.alerts.db", "150000.alerts", read_only=True)
        until(lambda: len(over_http(log, station)) == 2)
        http = over_http(log, station)
        log.close()

    store.enroll(station, "150722")
    start()
    backwards = [body(reading, station=station) for reading in reversed(STORY)]
    put(broker, topic, [*backwards, b"noise", *backwards])
    until(lambda: len(store.since(0)) == len(STORY) and store.refused())
    desk = Desk()
    run(monitor(store, desk))
    assert [crossed(event) for _, event in desk.streams.log] == http


def over_http(log, station):
    crossings = [recorded.event for recorded in all_of(log) if recorded.type == "alerts.threshold.crossed.v1"]
    return [crossed(event) for event in crossings if event.station == station]


def test_an_importer_killed_again_and_again_keeps_every_reading_once(broker, importer):
    topic, store, start = importer
    readings = [rain(1, n % 7, at("00:00", 1 + n // 20), station=f"G-{n % 20}") for n in range(400)]

    def beyond(least: int) -> bool:
        return len(store.since(0)) > least

    process = start()
    for part in range(4):
        put(broker, topic, [body(reading) for reading in readings[100 * part : 100 * (part + 1)]])
        until(partial(beyond, 100 * part))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = start()
    until(lambda: len(store.since(0)) == len(set(readings)))
    assert (store.refused(), store.conflicts()) == ([], [])
