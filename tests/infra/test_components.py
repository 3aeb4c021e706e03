"""The servers that tests stand on: real, private, durable, and gone when their owner is."""

from __future__ import annotations

import subprocess
import sys

import psycopg
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from tests.waiting import until
from tools.leash import ROOT


def test_a_fresh_database_is_empty_and_its_server_flushes_to_the_disk(pg):
    with psycopg.connect(pg) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SELECT 'a' < 'B'").fetchone() == (True,), "a text without COLLATE C must not pass as bytewise"


def test_postgres_keeps_what_was_committed_before_it_was_killed(own_postgres):
    dsn = own_postgres.fresh_database()
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    own_postgres.kill()
    own_postgres.start()
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_a_broker_keeps_its_topics_over_a_restart_and_loses_them_when_emptied(own_broker, topic_name):
    admin = KafkaAdminClient(bootstrap_servers=own_broker.bootstrap)
    admin.create_topics([NewTopic(topic_name, 1, 1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=own_broker.bootstrap, enable_idempotence=True)
    producer.send(topic_name, b"one").get(10)
    producer.close()
    own_broker.kill()
    own_broker.start()
    assert topics(own_broker.bootstrap) == {topic_name}
    own_broker.empty()
    assert topics(own_broker.bootstrap) == set()


def test_a_server_ends_with_its_owner(tmp_path):
    start = "import os, sys; from tests.components import _postgres; s = _postgres(os.getpid()); print(s.process.pid, s.folder, flush=True)"
    command = [sys.executable, "-c", f"{start}; sys.stdin.read()"]
    owner = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process, folder = owner.stdout.readline().split()
    owner.kill()
    owner.communicate()
    until(lambda: not running(int(process)) and not (ROOT / folder).exists(), f"{process} or {folder} is left behind")


def running(process: int) -> bool:
    return subprocess.run(["ps", "-p", str(process)], check=False, capture_output=True).returncode == 0


def topics(bootstrap: str) -> set[str]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        return {name for name in consumer.topics() if not name.startswith("__")}
    finally:
        consumer.close()
