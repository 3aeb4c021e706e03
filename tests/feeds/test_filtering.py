"""`ortoo cluster filter` as a process: from inboxes in PostgreSQL to the topic, whenever it is killed, and however many of it there are."""

from __future__ import annotations

import json
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.eventlog.sqlite import SqliteLog
from shared.kafka.topics import Topics
from shared.kernel.envelope import Recorded
from shared.testing.facts import all_of
from tests.feeds.world import check
from tests.support import DUTY, ORTOO, Post, cap, environment, ortoo, started
from tests.waiting import PATIENCE_S, until

pytestmark = pytest.mark.cluster

AUDIENCES = """
[audience.{id}]
zh = "呼伦贝尔"
en = "Hulunbuir"
division = "150700"
logs = ["alerts"]
types = ["alerts.alert.published", "alerts.message"]
visibility = ["public", "internal"]
organ = "HQ"
"""
DEADLINE_S = 60.0
ROUNDS = 3


class Site:
    """What a filter of a cluster needs: its database, the broker, an audience of its own with its topic."""

    def __init__(self, postgres: str, servers: str, folder: Path) -> None:
        name = uuid.uuid4().hex[:8]
        self.folder, self.servers, self.audience = folder, servers, f"t-{name}"
        self.dsn = f"{postgres}/t{name}_filter"
        with psycopg.connect(f"{postgres}/postgres", autocommit=True) as db:
            db.execute(f'CREATE DATABASE "t{name}_filter"'.encode())
        (folder / "audiences.toml").write_text(AUDIENCES.format(id=self.audience), encoding="utf-8")
        told = {"ORTOO_POSTGRES": postgres, "ORTOO_DATABASE": f"t{name}", "ORTOO_KAFKA": servers}
        self.settings = told | {"ORTOO_AUDIENCES": str(folder / "audiences.toml")}
        Topics(servers).make([self.feed])

    @property
    def feed(self) -> str:
        return f"150000.to.{self.audience}"

    @contextmanager
    def filter(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / f"{name}.log").open("wb") as log:
            env = environment(self.folder / "data", **self.settings)
            process = subprocess.Popen([ORTOO, "cluster", "filter"], env=env, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)

    def receive(self, log: SqliteLog, offset: int, until: int) -> None:
        """As an importer does."""
        with closing(PostgresInbox(self.dsn, log.name)) as inbox:
            records = enumerate(recorded.cloud_event() for recorded in all_of(log))
            inbox.store([record for record in records if offset <= record[0] < until])

    def given(self) -> list[Recorded]:
        with closing(PostgresLog(self.dsn, self.feed)) as log:
            return all_of(log)

    def wait_for(self, count: int) -> None:
        until(
            lambda: len(self.given()) >= count,
            lambda: f"{len(self.given())} of {count}: " + (self.folder / "one.log").read_text()[-3000:],
        )

    def tailed(self, count: int) -> list[str]:
        done = ortoo(self.folder / "data", "feed", "tail", self.audience, "--json", "--count", str(count), ORTOO_KAFKA=self.servers)
        assert done.returncode == 0, done.stderr
        return [json.loads(line)["origin"] for line in done.stdout.splitlines()]


@pytest.fixture
def site(postgres_server, broker, tmp_path) -> Site:
    return Site(postgres_server, broker, tmp_path)


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> dict[str, SqliteLog]:
    """The logs of a node at which some warnings were given, in and around the league."""
    folder = tmp_path_factory.mktemp("node") / "data"
    with started(folder) as node:
        for n in range(12):
            division = ("150722", "150724", "150102")[n % 3]
            author, second = Post("MET1", "SECT.weather", division), Post("MET2", "SECT.weather.approver", division)
            assert node.draft(author, alert=f"AL-{n}", areas=[division]).status_code == 201
            if n % 4:
                assert node.post(f"/api/alerts/alerts/AL-{n}/approval", second).status_code == 201
                assert node.post(f"/api/alerts/alerts/AL-{n}/publication", second).status_code == 201
        assert node.take(cap("EX-1"), DUTY).status_code == 201
    return {name: SqliteLog(folder / "logs" / f"150000.{name}.db", f"150000.{name}", read_only=True) for name in ("registry", "alerts")}


def expected(log: SqliteLog) -> set[str]:
    """Published in the league, or issued for it: by the streams' names, as this node names them."""
    league = {f"AL-{n}" for n in range(12) if n % 3 != 2 and n % 4}
    streams = ("alert", "cap")
    ours = (recorded for recorded in all_of(log) if recorded.stream.partition("-")[0] in streams)
    return {recorded.id for recorded in ours if json.loads(bytes(recorded.envelope.data)).get("alert") in league}


@pytest.mark.timeout(300)
def test_what_two_filters_give_is_whole_though_they_are_killed_all_the_while(site, logs):
    wanted, total = expected(logs["alerts"]), logs["alerts"].head().position
    assert len(wanted) > 20
    site.receive(logs["registry"], 0, logs["registry"].head().position)
    for n in range(ROUNDS):
        before = len(site.given())
        with site.filter("one"), site.filter("two"):
            site.receive(logs["alerts"], total * n // ROUNDS, total * (n + 1) // ROUNDS)
            site.wait_for(before + 1)  # the first of them is written: both are killed at once
    with site.filter("one") as filter:
        site.wait_for(len(wanted))
        origins = site.tailed(len(wanted))
        filter.send_signal(signal.SIGTERM)
        assert filter.wait(PATIENCE_S) == 0
    given = site.given()
    assert {recorded.envelope.origin for recorded in given} == wanted
    assert origins == [recorded.envelope.origin for recorded in given]
    with closing(PostgresLog(site.dsn, site.feed)) as feed:
        check(feed, [logs["alerts"]])


def test_a_filter_without_a_sound_configuration_says_so_and_ends(site):
    Path(site.settings["ORTOO_AUDIENCES"]).write_text(AUDIENCES.format(id="B").replace('organ = "HQ"', ""), encoding="utf-8")
    done = ortoo(site.folder / "data", "cluster", "filter", **site.settings)
    assert done.returncode == 1 and "internal is for an organ" in done.stderr and "Traceback" not in done.stderr
