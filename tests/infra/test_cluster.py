"""`make cluster`: docker-compose.yml's own commands as processes. They serve one origin, come back, and leave nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from kafka import KafkaProducer

from services.start.cluster import ALL
from shared.kafka.topics import Topics
from tests.infra.compose import staying
from tests.support import AUTHOR, Door
from tests.waiting import PATIENCE_S, until
from tools.cluster import READY, Cluster
from tools.components import free_port
from tools.compose import INFRA
from tools.leash import ROOT

pytestmark = pytest.mark.cluster

STARTS = pytest.mark.timeout(400)  # a whole cluster is started, more than once


@pytest.fixture
def door(cluster):
    door = Door(cluster.url, cluster.data)
    yield door
    door.http.close()


def gone(process: int) -> bool:
    """Whether nobody has this number; one that ended and was not yet waited for counts as gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@STARTS
@pytest.mark.parametrize("name", staying())
def test_a_process_runs_the_command_and_the_settings_of_the_file(cluster, name):
    pid, declared = cluster.process(name).pid, staying()[name]
    assert Path(f"/proc/{pid}/cmdline").read_text().split("\0")[2:-1] == declared["command"]
    environment = dict(line.split("=", 1) for line in Path(f"/proc/{pid}/environ").read_text().split("\0") if line)
    assert {key for key in environment if key.startswith("ORTOO_")} == set(declared["environment"])
    for key, value in declared["environment"].items():
        if not any(part in str(value) for part in (":", "/", "8000", "0.0.0.0")):
            assert environment[key] == str(value), key
    assert Path(environment["ORTOO_POSTGRES_PASSWORD_FILE"]).read_text()


@STARTS
def test_one_origin_serves_the_services_and_what_they_decided_comes_back_over_kafka(door):
    made = door.draft()
    assert made.status_code == 201, made.text
    assert door.settle(made.headers["Ortoo-Position"], "/api/alerts/alerts", AUTHOR).status_code == 200
    assert door.get("/api/registry/divisions", AUTHOR).status_code == 200
    assert "text/html" in door.get("/").headers["content-type"]
    stream = made.json()["stream"]
    until(lambda: any(stream in str(event) for event in door.get("/api/events", AUTHOR, type="alerts.alert", limit=2000).json()))


@STARTS
def test_a_service_goes_on_while_one_of_its_processes_is_killed_and_that_one_comes_back(cluster, door):
    killed = cluster.process("alerts")
    before = killed.pid
    killed.kill()
    assert [door.draft().status_code for _ in range(4)] == [201] * 4
    killed.wait_healthy()
    assert killed.pid != before and not gone(killed.pid)


@STARTS
def test_a_process_that_was_stopped_stays_down_until_it_is_started(cluster):
    stopped = cluster.process("import-front")
    stopped.stop()
    starts = stopped.starts
    time.sleep(3)  # longer than the pause before anything is started again
    assert stopped.starts == starts and gone(stopped.pid)
    stopped.start()
    stopped.wait_healthy()


@STARTS
def test_every_number_that_an_alert_rests_on_is_told_by_some_process(cluster, door):
    rules = (INFRA / "prometheus/alerts.yml").read_text(encoding="utf-8")
    rest_on = set(re.findall(r"\b(ortoo_\w+)", rules)) - {"ortoo_fault"}  # told only while there is one
    assert door.get("/api/alerts/alerts/none", AUTHOR).status_code == 404

    def told() -> str:
        return "".join(httpx.get(f"{cluster.process(name).url}/metrics", timeout=PATIENCE_S).text for name in staying())

    until(lambda: rest_on <= set(re.findall(r"^(ortoo_\w+)\{", told(), re.MULTILINE)))
    relayed = set(re.findall(r'^ortoo_relay_lag\{log="(.+)"\}', told(), re.MULTILINE))
    assert relayed == {*(f"150000.{name}" for name in ALL), "150000.to.150724"}


@STARTS
def test_three_brokers_lose_one_and_take_records_all_the_same(cluster_folder, topic_name):
    with Cluster(cluster_folder, services=["kafka", "kafka2", "kafka3"], three_brokers=True) as cluster:
        servers = [f"127.0.0.1:{process.component.port}" for process in cluster.processes.values()]
        topic = f"{topic_name}.registry"
        Topics(",".join(servers), replicas=3).make([topic])
        producer = KafkaProducer(bootstrap_servers=servers, enable_idempotence=True, acks="all")
        assert producer.send(topic, b"one").get(60).offset == 0
        cluster.process("kafka2").stop()
        assert producer.send(topic, b"two").get(60).offset == 1
        producer.close()
        assert not Topics(",".join(servers), replicas=3).check([topic])


def make(target: str, folder: Path, port: int) -> str:
    command = [sys.executable, "-m", "tools.cluster", target, str(folder), *(["1"] if target == "up" else [])]
    env = {**os.environ, "ORTOO_LISTEN": f"127.0.0.1:{port}"}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=200, check=True).stdout


def below(folder: Path) -> list[int]:
    """The processes that work in a folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cwd").readlink().is_relative_to(folder) and not gone(int(process.name)):
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.fixture
def port(cluster_folder):
    """Where a cluster is made to listen; it is ended, whatever happened to it."""
    port = free_port()
    yield port
    make("down", cluster_folder, port)


@STARTS
def test_make_cluster_says_one_line_and_nothing_outlives_it_however_it_ends(cluster_folder, port):
    said = make("up", cluster_folder, port)
    assert said.startswith(f"{READY} http://127.0.0.1:{port};") and said.count("\n") == 1
    assert len(below(cluster_folder)) >= len(staying())
    door = Door(f"http://127.0.0.1:{port}", cluster_folder / "volumes/node")
    stream = door.draft().json()["stream"]
    os.kill(int((cluster_folder / "supervisor").read_text()), signal.SIGKILL)
    until(lambda: not below(cluster_folder))

    make("up", cluster_folder, port)
    with closing(door.http):
        assert door.get(f"/api/alerts/alerts/{stream.removeprefix('alert-')}", AUTHOR).status_code == 200, "what was answered is kept"
    make("down", cluster_folder, port)
    assert not below(cluster_folder)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/")
    assert make("down", cluster_folder, port) == ""
