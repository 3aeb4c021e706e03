"""The PostgreSQL log: the suite of its ports, and what is its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shared.eventlog.ports import Handled
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.verify import verify
from shared.sql.ports import LogBusy, StorageFailed
from shared.sql.sessions import Limits
from shared.testing.conformance import StoreConformance
from shared.testing.conformance_feed import FeedConformance
from shared.testing.facts import new, put, run_of
from tests.waiting import until

NAME = "150000.alerts"
OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"
END_ALL = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {OTHERS}"


class PostgresVandal:
    """A session of the tables' owner."""

    def __init__(self, dsn) -> None:
        self._dsn = dsn

    def change(self, position):
        forged = "convert_to(replace(convert_from(record, 'UTF8'), 'urn:ortoo', 'urn:0rtoo'), 'UTF8')"
        self.run("DROP TRIGGER event_no_change ON event", f"UPDATE event SET record = {forged} WHERE position = {position}")

    def cut(self, position):
        self.run("DROP TRIGGER event_no_change ON event", f"DELETE FROM event WHERE position > {position}")

    def update(self):
        self.run("UPDATE event SET type = 'other' WHERE position = 1")

    def delete(self):
        self.run("DELETE FROM event WHERE position = 1")

    def run(self, *statements):
        with psycopg.connect(self._dsn, autocommit=True) as db:
            for statement in (f'SET search_path = "{NAME}"', *statements):
                db.execute(statement)


@pytest.fixture
def log(pg):
    log = PostgresLog(pg, NAME)
    yield log
    log.close()


class TestPostgresLog(StoreConformance):
    @pytest.fixture
    def open_log(self, pg):
        return partial(PostgresLog, pg, NAME)

    @pytest.fixture
    def vandal(self, pg):
        return PostgresVandal(pg)


class TestPostgresFeed(FeedConformance):
    @pytest.fixture
    def feed(self, log):
        return log, lambda: put(log, new(NAME, "a-1", log.head().position + 1))


ROWS = (
    "INSERT INTO command VALUES ('00000000-0000-0000-0000-000000000001', 'f', 'accepted', 1, '{}')",
    "INSERT INTO attempt (at, command, actor, code, rule) VALUES ('', 'X', 'A', 'c', 'r')",
)


@pytest.mark.parametrize(
    "statement",
    [
        *(f"{verb} {table}" for table in ("event", "command", "attempt") for verb in ("DELETE FROM", "TRUNCATE")),
        "UPDATE event SET type = type",
        "UPDATE command SET outcome = outcome",
        "UPDATE attempt SET code = code",
        "INSERT INTO event SELECT * FROM event WHERE position = 2 ON CONFLICT (position) DO UPDATE SET record = 'x'",
        "MERGE INTO event USING head ON event.position = 2 WHEN MATCHED THEN UPDATE SET record = 'x'",
        "UPDATE head SET position = 4",
        "DELETE FROM head",
        "TRUNCATE head",
    ],
)
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_no_row_of_the_record_can_be_changed_or_deleted(log, pg, statement, role):
    put(log, *run_of(NAME, "a-1", 1, 5))
    vandal = PostgresVandal(pg)
    vandal.run(*ROWS)
    with pytest.raises(psycopg.IntegrityError, match=r"append-only|only goes forward"):
        vandal.run(f"SET session_replication_role = {role}", statement)
    assert verify(log).fault is None and log.unguarded() == []


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("DROP TRIGGER event_no_change ON event", "event"),
        ("ALTER TABLE command DISABLE TRIGGER command_no_change", "command"),
        ("ALTER TABLE attempt DISABLE TRIGGER ALL", "attempt"),
        ("ALTER TABLE head ENABLE TRIGGER head_no_return", "head"),
    ],
)
def test_a_guard_that_somebody_took_away_is_named(log, pg, statement, table):
    PostgresVandal(pg).run(statement)
    assert log.unguarded() == [table]


def test_a_guard_that_was_taught_to_allow_everything_is_no_guard(log, pg):
    PostgresVandal(pg).run("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    assert log.unguarded() == ["attempt", "command", "event", "head"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET stream = 'b-1' WHERE position = 3",
        "UPDATE event SET type = 'testing.thing.other.v1' WHERE position = 3",
        "UPDATE event SET version = 9 WHERE position = 3",
        "UPDATE event SET chain = 'x' WHERE position = 3",
        "UPDATE event SET record = '{}' WHERE position = 3",
        "DELETE FROM event WHERE position = 3",
        "UPDATE event SET position = 99 WHERE position = 3",
    ],
)
def test_whatever_is_changed_in_a_row_is_named_by_its_position(log, pg, change):
    put(log, *run_of(NAME, "a-1", 1, 5))
    PostgresVandal(pg).run("DROP TRIGGER event_no_change ON event", change)
    verdict = verify(log)
    assert verdict.position == 2
    assert verdict.fault.startswith("position 3")


def test_a_moved_head_is_noticed(log, pg):
    put(log, *run_of(NAME, "a-1", 1, 5))
    PostgresVandal(pg).run("DROP TRIGGER head_no_return ON head", "UPDATE head SET position = 4")
    assert verify(log).fault is not None


@pytest.mark.parametrize("race", range(5))
def test_many_may_open_a_new_log_at_once(pg, race):
    start = Barrier(8, timeout=20)

    def open_it(_):
        start.wait()
        return PostgresLog(pg, NAME).head().position

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_it, range(8))) == [0] * 8


def test_who_cannot_have_the_pen_in_time_is_told_it_is_busy(log, pg):
    hurried = PostgresLog(pg, NAME, limits=Limits(wait_ms=50))
    with log.pen() as pen:
        pen.append([new(NAME, "a-1", 1)])
        with pytest.raises(LogBusy), hurried.pen():
            pass
    with hurried.pen() as pen:
        assert pen.head.position == 1


def test_who_looks_at_a_log_neither_makes_nor_changes_it(pg, log):
    looking = PostgresLog(pg, NAME, read_only=True)
    put(log, new(NAME, "a-1", 1))
    assert verify(looking).position == 1
    with pytest.raises(StorageFailed, match="read-only"):
        put(looking, new(NAME, "a-1", 2))
    with pytest.raises(StorageFailed, match="never made here"):
        PostgresLog(pg, "650000.alerts", read_only=True).head()


def test_a_value_that_no_column_holds_fails_alone(log):
    with pytest.raises(psycopg.DataError):
        put(log, new(NAME, "a\0", 1))
    put(log, new(NAME, "a-1", 1))
    assert verify(log).position == 1


def test_a_session_that_the_server_ended_is_replaced_unnoticed(log, pg):
    put(log, new(NAME, "a-1", 1))
    PostgresVandal(pg).run(END_ALL)
    put(log, new(NAME, "a-1", 2))
    assert verify(log).position == 2


def test_a_log_is_read_by_its_indexes_also_when_its_statements_were_planned_while_it_was_empty(log, pg):
    log.read(0), log.stream("a-1"), log.streams(["a-1"])
    ids = [UUID(int=n) for n in range(1, 300)]
    for n in range(1, 40):
        with log.pen() as pen:
            pen.handled(ids)
            pen.append(run_of(NAME, f"a-{n}", 1, 50), [Handled(ids[n], b"f", "accepted", n, b"{}")])
            log.streams([f"a-{n}"])
    log.close()
    assert rows_read_by_scans(pg, counted=lambda found: set(found) >= {"event", "command"}) == {"event": 0, "command": 0}


def rows_read_by_scans(pg, counted):
    """Of the tables that grow; the server counts when a session ends."""
    asked = "SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE relname IN ('event', 'command') AND n_tup_ins > 0"
    with psycopg.connect(pg, autocommit=True) as db:
        return until(lambda: found if counted(found := dict(db.execute(asked).fetchall())) else None)


class TestAServerThatIsNotWhatItMustBe:
    def test_no_such_database(self, pg):
        with pytest.raises(StorageFailed, match="ORTOO_DATABASE"):
            PostgresLog(f"{pg}_elsewhere", NAME)

    def test_no_server(self):
        with pytest.raises(StorageFailed):
            PostgresLog("postgresql://127.0.0.1:1/x", NAME)

    def test_no_address(self):
        with pytest.raises(StorageFailed, match="is no address"):
            PostgresLog("postgres//somebody:secret@here", NAME)

    def test_a_role_that_may_make_no_schema(self, pg, stranger):
        with pytest.raises(StorageFailed, match="GRANT CREATE ON DATABASE"):
            PostgresLog(stranger, NAME)

    def test_a_role_that_may_not_even_look(self, pg, log, stranger):
        with pytest.raises(StorageFailed, match=r"may not write the schema.*GRANT it"):
            PostgresLog(stranger, NAME)

    def test_a_role_that_may_only_read(self, pg, log, stranger):
        role = conninfo_to_dict(stranger)["user"]
        PostgresVandal(pg).run(f'GRANT USAGE ON SCHEMA "{NAME}" TO {role}', f'GRANT SELECT ON ALL TABLES IN SCHEMA "{NAME}" TO {role}')
        with pytest.raises(StorageFailed, match="may not write"):
            PostgresLog(stranger, NAME)
        assert PostgresLog(stranger, NAME, read_only=True).head().position == 0

    @pytest.fixture
    def stranger(self, pg):
        """The address of a role without rights."""
        role = f"stranger_{conninfo_to_dict(pg)['dbname']}"
        with psycopg.connect(pg, autocommit=True) as db:
            db.execute(f"CREATE ROLE {role} LOGIN")
            yield make_conninfo(pg, user=role)
            db.execute(f"DROP OWNED BY {role}")
            db.execute(f"DROP ROLE {role}")
