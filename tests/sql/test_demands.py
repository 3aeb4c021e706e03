"""A PostgreSQL server that is not what it must be is refused at the first session, with what cures it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psycopg
import pytest

from shared.sql import sessions
from shared.sql.ports import StorageFailed
from shared.sql.sessions import dial, settings
from tests.components import running
from tools.components import PostgresServer


def refusal(dsn: str) -> str | None:
    try:
        dial(dsn, settings("public")).close()
    except StorageFailed as error:
        return str(error)
    return None


def test_an_older_server_is_refused_with_the_version_it_must_have(pg, monkeypatch):
    assert refusal(pg) is None
    monkeypatch.setattr(sessions, "OLDEST", 990_000)
    assert "run 15 or newer" in str(refusal(pg))


def test_a_server_that_would_lose_what_was_answered_is_refused():
    folder = Path(tempfile.mkdtemp(prefix="ortoo-demands-"))
    with running(PostgresServer(folder, {"fsync": "off"}, owner=os.getpid())) as server:
        server.start()
        said = refusal(f"{server.dsn}/postgres")
    assert said == "the PostgreSQL server runs with fsync=off and would lose what was answered: set fsync=on and restart it"


def test_a_database_that_does_not_keep_every_letter_is_refused(pg):
    name = f"{psycopg.conninfo.conninfo_to_dict(pg)['dbname']}_ascii"
    with psycopg.connect(pg, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'".encode())
        try:
            said = refusal(psycopg.conninfo.make_conninfo(pg, dbname=name))
        finally:
            db.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
    assert said == "the database's encoding is SQL_ASCII: make it with ENCODING 'UTF8' TEMPLATE template0"


@pytest.mark.parametrize("standby", [True, False])
def test_a_standby_is_no_server_to_write_to(standby):
    if not standby:
        sessions._demand(150_000, "on", "UTF8", standby)
        return
    with pytest.raises(StorageFailed, match="give the address of the primary"):
        sessions._demand(150_000, "on", "UTF8", standby)
