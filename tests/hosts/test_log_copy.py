"""`ortoo log copy`: a node's logs and stores go to PostgreSQL, and the same commands look at them there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from services.wiring import SERVICES
from shared.blobs.store import Blobs, digest
from shared.eventlog.postgres import PostgresLog
from shared.runtime.embedded import take_folder
from shared.sql.postgres import Schema
from shared.sql.sessions import Limits
from shared.sql.sqlite import Files
from shared.testing.facts import new, put
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from shared.vault.vault import open_vault
from tests.support import AUTHOR, DUTY, OFFICER, ORTOO, Post, cap, commanded, environment, fresh, ortoo, started
from tests.waiting import until

SERVED = tuple(service.name for service in SERVICES)
STORES = ("blobs", "observations", "contacts", "outbox")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The folder of a node with a warning out, a foreign one taken in, readings, and somebody's address."""
    folder = tmp_path_factory.mktemp("stopped") / "data"
    with started(folder) as node:
        recipients = {"recipients": [{"actor": "T.XW", "channel": "webhook"}]}
        assert node.post("/api/alerts/recipients/150722", OFFICER, recipients).status_code == 201
        assert node.post("/api/alerts/contacts/T.XW", OFFICER, {"webhook": "http://127.0.0.1:1/"}).status_code == 201
        reading = {"station": fresh("ST"), "property": "rain", "hours": "3", "mm": "0.5"}
        assert node.post("/api/alerts/observations", Post("B.W", "SECT.weather"), reading).status_code == 201
        assert node.take(cap(fresh("EX")), DUTY).status_code == 201
        node.published()
        made = node.draft().json()["stream"].removeprefix("alert-")
        assert node.post(f"/api/alerts/alerts/{made}/approval", AUTHOR).status_code == 403, "an attempt is kept"
        until(lambda: rows(folder / "outbox.db", "letter"), "nothing waits to be sent again")
    return folder


@pytest.fixture
def folder(stopped, tmp_path):
    return shutil.copytree(stopped, tmp_path / "data")


@pytest.fixture
def server(postgres_server):
    """The settings that name a database of its own for each service."""
    with databases(postgres_server) as made:
        yield made


@pytest.fixture(scope="module")
def untouched(postgres_server):
    """The same for all who leave them empty."""
    with databases(postgres_server) as made:
        yield made


@contextmanager
def databases(postgres_server):
    prefix = f"t{os.urandom(5).hex()}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as db:
        for service in SERVED:
            db.execute(f"CREATE DATABASE {prefix}_{service}")
        yield {"ORTOO_POSTGRES": postgres_server, "ORTOO_DATABASE": prefix}
        for service in SERVED:
            db.execute(f"DROP DATABASE {prefix}_{service} WITH (FORCE)")


def database(server, service):
    return f"{server['ORTOO_POSTGRES']}/{server['ORTOO_DATABASE']}_{service}"


def rows(path, table):
    with closing(sqlite3.connect(path)) as db:
        return content(db, table)


def content(db, table):
    return sorted((tuple(row) for row in db.execute(f"SELECT * FROM {table}").fetchall()), key=repr)


def test_a_node_is_moved_and_looked_at_there(folder, server):
    done = commanded(folder, "log", "copy", **server)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": whole") == len(SERVICES)
    here, there = commanded(folder, "log", "verify"), commanded(folder, "log", "verify", **server)
    assert there.returncode == 0 and there.stdout == here.stdout, there.stdout + there.stderr
    for asked in (("show", "alerts", "--limit", "1000"), ("export", "150000.alerts"), ("export", "150000.registry")):
        assert commanded(folder, "log", *asked, **server).stdout == commanded(folder, "log", *asked).stdout != ""
    for name in STORES:
        with closing(sqlite3.connect(folder / f"{name}.db")) as ours, closing(Schema(database(server, "alerts"), name).connect()) as theirs:
            tables = [row[0] for row in ours.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
            assert {table: content(theirs, table) for table in tables} == {table: content(ours, table) for table in tables}
            assert any(content(ours, table) for table in tables), f"{name} held nothing"
    again = commanded(folder, "log", "copy", "--to", server["ORTOO_POSTGRES"], ORTOO_DATABASE=server["ORTOO_DATABASE"])
    assert (again.returncode, again.stdout) == (0, done.stdout), "what is there already is compared"
    refused = ortoo(folder, "serve")
    assert refused.returncode == 1 and "was moved by `ortoo log copy`" in refused.stderr + refused.stdout
    for log in SERVED:
        assert commanded(folder, "log", "heal", log, "--as-it-is").returncode == 0
    with started(folder) as node:
        assert node.draft().status_code == 201


def test_a_copy_that_was_killed_is_started_again(folder, server):
    blocked = PostgresLog(database(server, "alerts"), "150000.alerts", limits=Limits(silent_ms=60_000))
    registry = PostgresLog(database(server, "registry"), "150000.registry")
    with blocked.pen():
        copying = subprocess.Popen(
            [ORTOO, "log", "copy"], env=environment(folder, **server), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        until(lambda: registry.head().position or copying.poll() is not None)
        assert copying.poll() is None
        copying.kill()
        copying.communicate()
    assert blocked.head().position == 0
    done = commanded(folder, "log", "copy", **server)
    assert done.returncode == 0 and done.stdout.count(": whole") == len(SERVICES), done.stdout + done.stderr
    blocked.close()
    registry.close()


def test_a_running_node_is_not_copied(folder, untouched):
    with take_folder(folder):
        done = commanded(folder, "log", "copy", **untouched)
    assert done.returncode == 1 and "a node runs on" in done.stderr
    with psycopg.connect(database(untouched, "alerts")) as db:
        assert db.execute("SELECT 1 FROM pg_namespace WHERE nspname = '150000.alerts'").fetchone() is None


def test_a_server_without_the_databases_is_told_that_they_are_made_first(folder, postgres_server):
    done = commanded(folder, "log", "copy", "--to", postgres_server, ORTOO_DATABASE="none")
    assert done.returncode == 1 and "Nothing was copied. The databases and roles of the services are made first" in done.stderr
    assert "infra/postgres/init.sh" in done.stderr and "does not exist" in done.stderr


def test_a_log_without_an_event_is_empty(folder, server):
    log = PostgresLog(database(server, "alerts"), "150000.alerts")
    log.save_cursor("policies", "150000.alerts", 1, b"c")
    log.close()
    done = commanded(folder, "log", "copy", **server)
    assert done.returncode == 0, done.stderr


def test_a_database_that_holds_something_else_is_left_alone(folder, server):
    log = PostgresLog(database(server, "alerts"), "150000.alerts")
    put(log, new(log.name, "a-1", 1))
    log.close()
    done = commanded(folder, "log", "copy", **server)
    assert done.returncode == 1 and "is not empty" in done.stderr
    Blobs(Schema(database(server, "alerts"), "blobs")).put_many({digest(b"other"): b"other"})
    done = commanded(folder, "log", "copy", **server)
    assert done.returncode == 1 and "blobs there is not empty" in done.stderr


@pytest.mark.parametrize("command", ["verify", "copy"])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ORTOO_POSTGRES": "postgresql://127.0.0.1:1"}, "ORTOO_POSTGRES"),
        ({"ORTOO_POSTGRES": "somebody:secret@here"}, "no address"),
        ({"ORTOO_DATABASE": "nothing"}, "ORTOO_DATABASE"),
        ({"ORTOO_POSTGRES_PASSWORD_FILE": "/nowhere"}, "ORTOO_POSTGRES_PASSWORD_FILE"),
    ],
)
def test_a_server_that_is_named_wrongly_is_told_with_its_cure(folder, untouched, command, wrong, words):
    done = commanded(folder, "log", command, **{**untouched, **wrong})
    assert done.returncode == 1 and words in done.stderr and "secret" not in done.stderr


def test_what_is_not_there_is_told_with_its_cure(folder, untouched):
    assert "ORTOO_DATA" in commanded(folder / "nowhere", "log", "copy", **untouched).stderr
    assert "ORTOO_PROVINCE" in commanded(folder, "log", "verify", "650000.alerts", **untouched).stderr
    assert "ORTOO_PROVINCE" in commanded(folder, "log", "verify", **untouched).stderr, "nothing was copied yet"


def test_a_node_whose_vault_holds_somebody_stays_where_it_is(folder, untouched):
    with closing(open_vault(Files(folder), folder.with_name("data.root.key"))) as vault:
        vault.keep(Scope("V-1", "register", "register"), "ref-1", {"phone": Personal("13800138000")}, datetime.now(UTC))
    refused = commanded(folder, "log", "copy", **untouched)
    assert refused.returncode == 1 and "personal data under 1 references" in refused.stderr
    assert commanded(folder, "log", "verify").returncode == 0
