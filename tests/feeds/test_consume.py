"""docs/consume.md as it is written: a node's real warnings, a broker with its ACLs, and each way to read, run to the letter.

A `…` in a `text` block stands for anything.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from services.feeding import audiences
from services.registry.provinces import province
from services.wiring import directory_of
from shared.eventlog.sqlite import SqliteLog
from shared.handling.feeding import Filter
from shared.handling.relay import Relay
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.runtime.clock import RealClock
from tests.architecture.house import ROOT
from tests.feeds.world import check, run_dry
from tests.support import Node, Post, cap, started
from tools import acls
from tools.components import KAFKA, KafkaBroker, free_port
from tools.programs import java

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]  # a broker, a dozen of Java's programs and a node start before the first test
DOC = ROOT / "docs/consume.md"
FEED, OTHER, SOURCE = "150000.to.150724", "150000.to.150725", "150000.alerts"
CENTRE, WORD = "centre-150724", "long-and-secret"
SERVER = "kafka:9094"  # as the page calls it
PROGRAMS = {
    "kafka-acls.sh": "org.apache.kafka.tools.AclCommand",
    "kafka-console-consumer.sh": "org.apache.kafka.tools.consumer.ConsoleConsumer",
}


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A broker that asks who somebody is and what they may, with infra/acls.sh run on it. Its own port is the administrator's."""
    folder, port, sasl, voter = tmp_path_factory.mktemp("broker"), free_port(), free_port(), free_port()
    users = " ".join(f'user_{name}="{WORD}"' for name in (CENTRE, "filter", "front"))
    settings = KAFKA | {
        "listeners": f"PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:{sasl},CONTROLLER://127.0.0.1:{voter}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:{sasl}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.quorum.voters": f"1@127.0.0.1:{voter}",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};",
    }
    server = KafkaBroker(folder / "kafka", settings, port=port)
    try:
        server.start()
        programs = folder / "bin"
        programs.mkdir()
        for name, main in PROGRAMS.items():
            (programs / name).write_text(f'#!/bin/sh\nexec {" ".join(map(repr, java(main)))} "$@"\n')
            (programs / name).chmod(0o755)
        path = f"{programs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        Topics(server.bootstrap).make([FEED, OTHER, SOURCE])
        how = {"PATH": path, "KAFKA_ACLS": f"kafka-acls.sh --bootstrap-server {server.bootstrap}"}
        done = subprocess.run(["sh", acls.SCRIPT], env={**os.environ, **how}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield SimpleNamespace(admin=server.bootstrap, sasl=f"127.0.0.1:{sasl}", path=path)
    finally:
        server.remove()


def a_day_at(node: Node) -> None:
    """A warning of the banner's own, one of a neighbour's, and a message from elsewhere."""
    for alert, division in (("AL-1", "150724"), ("AL-2", "150722")):
        author, second = Post("MET1", "SECT.weather", division), Post("MET2", "SECT.weather.approver", division)
        assert node.draft(author, alert=alert, areas=[division], issuer=f"{division} weather office").status_code == 201
        assert node.post(f"/api/alerts/alerts/{alert}/approval", second).status_code == 201
        named = {"identifier": f"{division}41600000_20260718022000"}
        assert node.post(f"/api/alerts/alerts/{alert}/publication", second, named).status_code == 201
    assert node.take(cap("EX-1")).status_code == 201


@pytest.fixture(scope="module")
def feed(broker, tmp_path_factory) -> SqliteLog:
    """The feed log of 150724 as the configuration has it, from a real node's logs, on its topic."""
    folder = tmp_path_factory.mktemp("node")
    with started(folder / "data") as node:
        a_day_at(node)
    own = province("150000")
    logs = folder / "data" / "logs"
    sources = {name: SqliteLog(logs / f"150000.{name}.db", f"150000.{name}", read_only=True) for name in ("registry", "alerts")}
    directory = directory_of(own, RealClock(own.zone))
    directory.bind(sources["registry"])
    directory.step()
    (audience,) = [each for each in audiences(ROOT / "infra/audiences.toml") if each.id == "150724"]
    log = SqliteLog(folder / "feed.db", audience.log("150000"))
    run_dry(Filter(audience, [sources[name] for name in audience.logs], log, lambda: directory.divisions))
    check(log, [sources["alerts"]])
    for name, sent in ((FEED, log), (SOURCE, sources["alerts"])):
        with closing(KafkaTopic(broker.admin, name)) as topic:
            relay = Relay(sent, topic)
            while relay.step():
                pass
    return log


def blocks(chapter: str) -> list[tuple[str, str]]:
    """The code blocks of a chapter: kind and content."""
    text = DOC.read_text(encoding="utf-8").partition(f"## {chapter}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```(python|sh|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def as_written(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.strip().split("…")))


def run(script: str, broker: SimpleNamespace, folder: Path) -> subprocess.CompletedProcess[str]:
    """A block, run beside a file with the password."""
    (folder / "password").write_text(WORD + "\n")
    command = ["bash", "-euo", "pipefail", "-c", script.replace(SERVER, broker.sasl)]
    env = {**os.environ, "PATH": broker.path}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=100, check=False)


def shell(script: str, broker: SimpleNamespace, folder: Path) -> str:
    """What a block prints."""
    done = run(script, broker, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_python_of_the_page_prints_what_the_page_says(broker, feed, tmp_path):
    found = dict(blocks("With Python"))
    (tmp_path / "password").write_text(WORD + "\n")
    (tmp_path / "read.py").write_text(found["python"].replace(SERVER, broker.sasl))
    assert len(found["python"].splitlines()) <= 36 and "shared" not in found["python"] and "services" not in found["python"]
    with subprocess.Popen([sys.executable, "read.py"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as reading:
        lines = [reading.stdout.readline() for _ in range(feed.head().position)]
        reading.terminate()
    assert as_written(found["text"]).fullmatch("".join(lines).strip()), "".join(lines)
    assert [line.split()[0] for line in lines] == [str(n + 1) for n in range(len(lines))]


def test_the_stock_console_consumer_prints_what_the_page_says(broker, feed, tmp_path):
    (_, script), (_, expected) = blocks("With Kafka's own console consumer")
    said = shell(script, broker, tmp_path)
    assert as_written(expected).fullmatch(said.strip()), said
    assert said.encode().splitlines() == [recorded.cloud_event() for recorded in feed.read(0, 3)]


def test_feed_tail_prints_what_the_page_says(broker, feed, tmp_path):
    (_, script), (_, expected) = blocks("With `ortoo feed tail`")
    said = shell(script, broker, tmp_path)
    assert as_written(expected).fullmatch(said.strip()), said


def client(kind: type, broker: SimpleNamespace, user: str = CENTRE, **more: object) -> closing:
    who = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", "sasl_plain_username": user, "sasl_plain_password": WORD}
    return closing(kind(bootstrap_servers=broker.sasl, **who, **more))


def first(broker: SimpleNamespace, topic: str, user: str = CENTRE) -> bytes:
    """The first record of a topic, as somebody reads it."""
    with client(KafkaConsumer, broker, user, enable_auto_commit=False, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        for _ in range(60):
            for records in consumer.poll(500).values():
                return records[0].value
    raise AssertionError("nothing came")


def test_a_centre_reads_its_own_topic_and_no_other(broker, feed, tmp_path):
    assert first(broker, FEED) == feed.read(0, 1)[0].cloud_event()
    (_, script), _ = blocks("With Kafka's own console consumer")
    (_, tail), _ = blocks("With `ortoo feed tail`")
    for topic in (SOURCE, OTHER):
        refused = run(script.replace(f"--topic {FEED} ", f"--topic {topic} "), broker, tmp_path)
        assert f"Not authorized to access topics: [{topic}]" in refused.stdout, refused
        assert "specversion" not in refused.stdout
    refused = run(tail.replace("tail 150724 ", "tail 150725 "), broker, tmp_path)
    assert refused.returncode == 2 and "does not let us read it" in refused.stderr
    assert first(broker, SOURCE, "front")  # there is something to read: whose business it is reads it
    with client(KafkaConsumer, broker) as consumer:
        assert consumer.topics() == {FEED}


def test_a_centre_writes_nothing_not_even_to_its_own_topic(broker, feed):
    for topic in (FEED, OTHER, SOURCE):
        with client(KafkaProducer, broker, enable_idempotence=False) as producer, pytest.raises(TopicAuthorizationFailedError):
            producer.send(topic, b"forged").get(20)
    with closing(KafkaTopic(broker.admin, FEED)) as own:
        assert own.last() == (feed.head().position, feed.head().chain) and own.bounds()[1] == feed.head().position


@pytest.mark.parametrize("group", [f"{FEED}.watch", f"{OTHER}.watch", "150000.to.1507241.watch", FEED])
def test_a_centre_uses_groups_of_its_own_and_no_other(broker, feed, group):
    with client(KafkaConsumer, broker, group_id=group, auto_offset_reset="earliest") as consumer:
        consumer.subscribe([FEED])
        if group == f"{FEED}.watch":
            assert any(consumer.poll(1000) for _ in range(30))
            consumer.commit()
        else:
            with pytest.raises(GroupAuthorizationFailedError):
                for _ in range(30):
                    consumer.poll(1000)


def test_the_acls_are_those_of_the_audiences_in_the_configuration():
    assert acls.SCRIPT.read_text(encoding="utf-8") == acls.script(audiences(ROOT / "infra/audiences.toml")), "run python -m tools.acls"
