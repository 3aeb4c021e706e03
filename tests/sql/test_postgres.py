"""What only PostgreSQL can do to us: sessions that end, locks that are lost with them, commits that were none."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shared.eventlog.postgres import PostgresLog
from shared.sql import postgres, sessions
from shared.sql.pool import transaction
from shared.sql.ports import NotReadable, StorageFailed
from shared.sql.postgres import Schema, Schemas, Turn
from tests.waiting import until

TABLE = "CREATE TABLE IF NOT EXISTS item (name TEXT PRIMARY KEY)"


@pytest.fixture
def schema(pg):
    return Schema(pg, "150000.alerts")


@pytest.fixture
def db(schema):
    db = schema.connect()
    db.executescript(TABLE)
    return db


@pytest.fixture
def end(pg):
    """End the session of a connection, as a restart or an administrator does."""
    ending = Schema(pg, "public").connect()

    def end(db):
        ending.execute("SELECT pg_terminate_backend(CAST(? AS INTEGER), 5000)", (db._db.info.backend_pid,))

    return end


def put(db, name):
    db.execute("INSERT INTO item VALUES (?)", (name,))


def names(schema):
    return [row["name"] for row in schema.look().execute("SELECT name FROM item ORDER BY name")]


def test_a_session_that_ended_between_two_units_is_replaced_in_silence(schema, db, end):
    put(db, "a")
    end(db)
    put(db, "b")
    end(db)
    with transaction(db):
        put(db, "c")
    assert names(schema) == ["a", "b", "c"]


def test_a_unit_whose_session_ended_fails_whole_and_the_next_goes_on(schema, db, end):
    with pytest.raises(StorageFailed), transaction(db):
        put(db, "a")
        end(db)
        put(db, "b")
    assert not db.in_transaction
    with pytest.raises(StorageFailed), transaction(db):
        put(db, "c")
        end(db)
    put(db, "d")
    assert names(schema) == ["d"]


def test_no_statement_of_a_broken_unit_is_done_outside_it(schema, db, end):
    db.execute("BEGIN IMMEDIATE")
    put(db, "a")
    end(db)
    for name in ("b", "c"):
        with pytest.raises(StorageFailed):
            put(db, name)
    with pytest.raises(StorageFailed):
        db.execute("COMMIT")
    db.execute("BEGIN IMMEDIATE")
    end(db)
    db.execute("ROLLBACK")
    assert names(schema) == []


def test_a_commit_after_an_error_is_never_taken_for_one(schema, db):
    db.execute("BEGIN IMMEDIATE")
    put(db, "a")
    with pytest.raises(StorageFailed):
        db.execute("SELECT * FROM nothing")
    with pytest.raises(StorageFailed, match="nothing of it is stored"):
        db.execute("COMMIT")
    with pytest.raises(StorageFailed):
        db.execute("COMMIT")
    assert names(schema) == []


def test_queries_go_on_after_a_restart_of_the_server(own_postgres):
    from tools.components import fresh_database

    schema = Schema(fresh_database(own_postgres.dsn), "one")
    db, look = schema.connect(), schema.look()
    db.executescript(TABLE)
    put(db, "a")
    assert look.execute("SELECT count(*) FROM item").fetchone()[0] == 1
    own_postgres.kill()
    with pytest.raises(NotReadable):
        look.execute("SELECT count(*) FROM item")
    with pytest.raises(StorageFailed):
        put(db, "b")
    own_postgres.start()
    put(db, "c")
    assert [row[0] for row in look.execute("SELECT name FROM item ORDER BY name")] == ["a", "c"]


def test_one_turn_is_held_by_one_and_goes_to_the_next_when_it_is_given_back(pg):
    first, second, other = Turn(pg, "alerts reactor"), Turn(pg, "alerts reactor"), Turn(pg, "alerts relay")
    assert (first.held(), second.held(), other.held(), first.held()) == (True, False, True, True)
    first.close()
    assert second.held() and (second.term, other.term) == (1, 1)


def test_a_holder_whose_session_ended_knows_it_and_cannot_write_before_it_holds_the_turn_again(schema, db, end):
    turn, next_ = schema.turn(), schema.turn()
    assert turn.held() and not next_.held()
    end(turn.connection)
    with pytest.raises(StorageFailed):
        put(turn.connection, "a")
    assert next_.held() and not turn.held()
    next_.close()
    assert turn.held() and turn.term == 2
    put(turn.connection, "b")
    assert names(schema) == ["b"]


def test_a_holder_that_says_nothing_loses_the_turn_and_one_that_is_asked_keeps_it(pg, monkeypatch):
    monkeypatch.setattr(postgres, "IDLE_MS", 500)
    monkeypatch.setattr(postgres, "SPEAKS_S", 0.1)
    silent, alive, next_ = Turn(pg, "a"), Turn(pg, "b"), Turn(pg, "a")
    assert silent.held() and alive.held()
    until(lambda: next_.held() or not alive.held())
    assert alive.held() and alive.term == 1
    assert not silent.held()


def test_a_transaction_that_says_nothing_is_ended_and_does_not_stand_in_the_way(schema, db, monkeypatch):
    monkeypatch.setattr(sessions, "USUAL", sessions.Limits(wait_ms=15_000, silent_ms=300))
    frozen = schema.connect()
    frozen.execute("BEGIN IMMEDIATE")
    put(frozen, "a")
    put(db, "a")  # waits for the one before, which is ended
    with pytest.raises(StorageFailed):
        frozen.execute("COMMIT")
    assert names(schema) == ["a"]


def test_of_several_schemas_one_in_turn_is_not_dropped(pg):
    schemas = Schemas(pg, "read.")
    turn = schemas.at("one").turn()
    schemas.at("two").connect().executescript(TABLE)
    assert turn.held()
    schemas.drop("one")
    schemas.drop("two")
    assert schemas.names() == ["one"]
    turn.close()
    schemas.drop("one")
    assert schemas.names() == []


def test_a_text_with_a_zero_is_kept_without_it(schema, db):
    put(db, "a\0b")
    assert names(schema) == ["a\ufffdb"]
    assert db.execute("SELECT count(*) FROM item WHERE name = ?", ("a\0b",)).fetchone()[0] == 1


def test_what_cannot_be_reached_is_told_with_its_cure(pg):
    with pytest.raises(StorageFailed, match="ORTOO_DATABASE"):
        Schema(pg + "x", "one").connect()
    with pytest.raises(StorageFailed):
        Schema("postgresql://postgres@127.0.0.1:1/x", "one").connect()
    with pytest.raises(StorageFailed, match="ORTOO_PROVINCE"):
        Schema(pg, "nowhere").look().execute("SELECT * FROM event")


@pytest.fixture
def owner(pg):
    """The address of the role that owns the database, which is that of a service."""
    role = f"service_{conninfo_to_dict(pg)['dbname']}"
    with psycopg.connect(pg, autocommit=True) as db:
        db.execute(f"CREATE ROLE {role} LOGIN")
        db.execute(f"ALTER DATABASE {conninfo_to_dict(pg)['dbname']} OWNER TO {role}")
        yield make_conninfo(pg, user=role)
        db.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER")
        db.execute(f"DROP ROLE {role}")


def test_what_an_operator_makes_is_the_services_own(pg, owner):
    with closing(Schema(pg, "read.alerts.1").connect()) as made:
        made.executescript(TABLE)
    Schema(pg, "read.alerts.1").mark()
    with closing(PostgresLog(pg, "150000.alerts")) as log:
        log.parking()
    theirs = Schema(owner, "read.alerts.1")
    with closing(theirs.connect()) as db:
        put(db, "a")
        db.executescript("CREATE TABLE IF NOT EXISTS other (name TEXT PRIMARY KEY)")
    Schemas(owner, "read.").drop("alerts.1")
    with closing(PostgresLog(owner, "150000.alerts")) as log:
        assert log.parking().listed() == [] and log.head().position == 0
        log.save_cursor("a", "b", 1, b"")


def test_who_starts_does_not_stand_in_the_way_of_those_who_work(schema, db):
    made = f"{TABLE}; CREATE INDEX IF NOT EXISTS item_name ON item (name)"
    db.executescript(made)
    with transaction(db):
        put(db, "a")
        schema.connect().executescript(made)  # would wait for the one before, whose table it looks at
    assert names(schema) == ["a"]
