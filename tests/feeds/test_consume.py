"""docs/consume.md as it is written: a node's real warnings, a broker with its ACLs, and each way to read, run to the letter.

A `…` in a `text` block stands for anything.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from services.registry.provinces import province
from services.start.feeding import audiences
from services.wiring import directory_of
from shared.eventlog.sqlite import SqliteLog
from shared.handling.feeding import Filter
from shared.handling.relay import Relay
from shared.kafka.topic import KafkaTopic
from shared.runtime.clock import RealClock
from tests.architecture.house import ROOT
from tests.feeds.world import check, run_dry
from tests.infra.centres import FEED, OTHER, WORD, Door, door
from tests.support import Node, Post, cap, started
from tools import acls

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]  # a broker, a dozen of Java's programs and a node start before the first test
DOC = ROOT / "docs/consume.md"
SOURCE = "150000.alerts"
SERVER = "kafka:9094"  # as the page calls it


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[Door]:
    """The broker of infra/centres.yml, with a log that is nobody's but ours."""
    with door(tmp_path_factory.mktemp("broker"), SOURCE) as made:
        yield made


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
        with closing(KafkaTopic(broker.inside, name)) as topic:
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


def run(script: str, broker: Door, folder: Path) -> subprocess.CompletedProcess[str]:
    """A block, run beside the files that a centre was given."""
    given(broker, folder)
    return broker.run(script.replace(SERVER, broker.centres), folder)


def given(broker: Door, folder: Path) -> None:
    (folder / "password").write_text(WORD + "\n")
    (folder / "ca.pem").write_bytes(broker.ca.read_bytes())


def shell(script: str, broker: Door, folder: Path) -> str:
    """What a block prints."""
    done = run(script, broker, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_python_of_the_page_prints_what_the_page_says(broker, feed, tmp_path):
    found = dict(blocks("With Python"))
    given(broker, tmp_path)
    (tmp_path / "read.py").write_text(found["python"].replace(SERVER, broker.centres))
    assert len(found["python"].splitlines()) <= 37 and "shared" not in found["python"] and "services" not in found["python"]
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


def client(kind: type, broker: Door, **more: object) -> closing:
    return closing(kind(**broker.access, **more))


def first(consumer: KafkaConsumer, topic: str) -> bytes:
    """The first record of a topic, as somebody reads it."""
    with closing(consumer):
        consumer.assign([TopicPartition(topic, 0)])
        consumer.seek_to_beginning()
        for _ in range(60):
            for records in consumer.poll(500).values():
                return records[0].value
    raise AssertionError("nothing came")


def test_a_centre_reads_its_own_topic_and_no_other(broker, feed, tmp_path):
    assert first(KafkaConsumer(**broker.access), FEED) == feed.read(0, 1)[0].cloud_event()
    (_, script), _ = blocks("With Kafka's own console consumer")
    (_, tail), _ = blocks("With `ortoo feed tail`")
    for topic in (SOURCE, OTHER):
        refused = run(script.replace(f"--topic {FEED} ", f"--topic {topic} "), broker, tmp_path)
        assert f"Not authorized to access topics: [{topic}]" in refused.stdout, refused
        assert "specversion" not in refused.stdout
    refused = run(tail.replace("tail 150724 ", "tail 150725 "), broker, tmp_path)
    assert refused.returncode == 2 and "does not let us read it" in refused.stderr
    assert first(KafkaConsumer(bootstrap_servers=broker.inside), SOURCE)  # there is something to read: one of us reads it
    with client(KafkaConsumer, broker) as consumer:
        assert consumer.topics() == {FEED}


def test_a_centre_writes_nothing_not_even_to_its_own_topic(broker, feed):
    for topic in (FEED, OTHER, SOURCE):
        with client(KafkaProducer, broker, enable_idempotence=False) as producer, pytest.raises(TopicAuthorizationFailedError):
            producer.send(topic, b"forged").get(20)
    with closing(KafkaTopic(broker.inside, FEED)) as own:
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
