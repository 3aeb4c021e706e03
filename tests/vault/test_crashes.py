"""The process dies at each commit and each change of the root file: whoever opens the vault next finds keys and content in step."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field

import pytest

from shared.kernel.errors import Destroyed
from shared.sql.postgres import Schemas
from shared.sql.sqlite import Files, SqliteConnection, connect
from shared.vault.personal import Personal
from shared.vault.root import RootFile
from shared.vault.vault import open_vault, open_with
from tests.vault.vaults import CALLED, HOUR, NOW, PHONE, A, B, person, ref


class Crash(BaseException):
    """The process dies."""


@dataclass
class Points:
    """Every commit and every step of the root file; the process dies at the n-th."""

    die_at: int
    passed: int = 0
    dead: bool = False
    names: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        if self.dead:
            raise Crash
        self.passed += 1
        self.names.append(name)
        if self.passed == self.die_at:
            self.dead = True
            raise Crash(name)


def mortal(points: Points):
    class Mortal(SqliteConnection):
        def execute(self, sql, parameters=(), /):
            if points.dead and sql != "ROLLBACK":
                raise Crash
            if sql != "COMMIT":
                return super().execute(sql, parameters)
            points("before commit")
            done = super().execute(sql, parameters)
            points("after commit")
            return done

        def executescript(self, sql, /):
            points("before making tables")
            return super().executescript(sql)

    def opened(path, synchronous="FULL"):
        connect(path, synchronous).close()
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Mortal)
        sqlite3.Connection.execute(db, "PRAGMA journal_mode = WAL")
        return db

    return opened


@dataclass
class Told:
    """What callers were told is done, by reference: the phone it holds, or None once a destruction was begun."""

    phones: dict[str, str | None] = field(default_factory=dict)
    maybe: set[str] = field(default_factory=set)  # nobody was told; both are right


def history(stores, root, points, told):
    vault = open_with(stores, RootFile(root, points))
    first, second, called, orphan, late = (ref() for _ in range(5))
    told.maybe |= {first, second, called, orphan, late}
    vault.keep(A, first, person(), NOW)
    vault.confirm([first])
    told.phones[first] = PHONE
    vault.keep(B, second, person(), NOW)
    vault.confirm([second])
    told.phones[second] = PHONE
    vault.copy(A, CALLED, called, ["phone"], NOW)
    told.phones[called] = PHONE
    told.maybe.add(second), told.phones.pop(second)
    vault.correct(second, {"phone": Personal("13900139000")})
    told.phones[second] = "13900139000"
    vault.keep(B, orphan, person(), NOW)
    told.phones.pop(first)
    vault.destroy([A])
    told.phones[first] = None
    vault.sweep(NOW + HOUR)
    vault.replace_root()
    vault.keep(A, late, person(), NOW + HOUR)
    vault.confirm([late])
    told.phones[late] = PHONE
    told.phones.pop(called), told.phones.pop(late)
    vault.destroy([CALLED, A])
    told.phones |= {called: None, late: None}
    vault.close()


def survivors(tmp_path):
    """What `kill -9` leaves: the files as they lie."""
    shutil.copytree(tmp_path / "node", tmp_path / "after")
    return Files(tmp_path / "after" / "data"), tmp_path / "after" / "root.key"


def died(tmp_path, at):
    points, told = Points(at), Told()
    with suppress(Crash):
        history(Files(tmp_path / "node" / "data", mortal(points)), tmp_path / "node" / "root.key", points, told)
    return points, told


def holds(stores, vault, root, told):
    for made, phone in told.phones.items():
        try:
            assert vault.read([made], ["phone"])[made]["phone"].reveal() == phone
        except Destroyed:
            assert phone is None, made
    with closing(stores.at("vault").look()) as content, closing(stores.at("keyring").look()) as keyring:
        refs = [row[0] for row in content.execute("SELECT ref FROM reference")]
        keys = {row[0] for row in keyring.execute("SELECT id FROM data_key")}
        for table in ("reference", "holder"):
            assert {row[0] for row in content.execute(f"SELECT DISTINCT data_key FROM {table}")} <= keys, f"{table} without key"
        for table in ("entry", "lookup"):
            assert {row[0] for row in content.execute(f"SELECT DISTINCT ref FROM {table}")} <= set(refs), f"{table} without reference"
        assert keys == {row[0] for row in content.execute("SELECT data_key FROM reference")}, "key without reference"
        assert keyring.execute("SELECT count(*) FROM index_key").fetchone()[0] <= 1
        assert content.execute("SELECT count(DISTINCT index_key) FROM lookup").fetchone()[0] <= 1
    assert set(refs) <= told.maybe
    if refs:
        vault.read(refs, ["phone", "name"])
        assert all(vault.known([values["phone"].reveal()]) for values in vault.read(refs, ["phone"]).values())
    assert [path.name for path in root.parent.glob("root.key*")] == ["root.key"] and vault.counts()["foreign"] == 0


def test_the_history_runs_through_when_nothing_dies(tmp_path):
    points, told = died(tmp_path, 10_000)
    assert not points.dead and None in told.phones.values() and {"stage", "promote", "overwrite"} < set(points.names)
    assert points.passed < LAST


LAST = 150  # more points than the history has


@pytest.mark.parametrize("part", range(10))
def test_keys_and_content_are_in_step_after_a_crash_at_any_point(part, tmp_path):
    for at in range(part + 1, LAST, 10):
        folder = tmp_path / str(at)
        points, told = died(folder, at)
        if not points.dead:
            break
        stores, root = survivors(folder)
        vault = open_vault(stores, root)
        vault.sweep(NOW + 100 * HOUR)
        told.maybe -= {made for made, phone in told.phones.items() if phone is None}
        holds(stores, vault, root, told)
        vault.destroy([A, B, CALLED])
        assert vault.counts() == {"refs": 0, "pending": 0, "quarantined": 0, "destroying": 0, "keys": 0, "foreign": 0}, points.names[-1]
        vault.close()


def test_a_crash_while_another_crash_is_mended(tmp_path):
    points, told = died(tmp_path / "first", 10_000)
    begun = points.names.index("stage")
    for at in range(begun - 6, begun + 10):
        folder = tmp_path / str(at)
        _, told = died(folder, at)
        stores, root = survivors(folder)
        for again in range(1, 40):
            points = Points(again)
            with suppress(Crash):
                open_with(Files(folder / "after" / "data", mortal(points)), RootFile(root, points)).close()
            if not points.dead:
                break
        vault = open_vault(stores, root)
        vault.sweep(NOW + 100 * HOUR)
        holds(stores, vault, root, told)
        vault.close()


class Dying:
    """A connection to PostgreSQL whose process dies at a commit: before it, the server never hears of it; after it, nobody else does."""

    def __init__(self, db, points):
        self._db, self._points = db, points

    def __getattr__(self, name):
        return getattr(self._db, name)

    def execute(self, sql, parameters=(), /):
        if self._points.dead and sql != "ROLLBACK":
            raise Crash
        if sql != "COMMIT":
            return self._db.execute(sql, parameters)
        self._points("before commit")
        done = self._db.execute(sql, parameters)
        self._points("after commit")
        return done


class DyingSchemas:
    """Databases whose connections die."""

    def __init__(self, stores, points):
        self._stores, self._points = stores, points

    def at(self, name):
        made, points = self._stores.at(name), self._points
        connect = made.connect
        made.connect = lambda **asked: Dying(connect(**asked), points)
        return made


@pytest.mark.parametrize("part", range(2))
def test_keys_and_content_are_in_step_on_postgresql_too(part, pg_fresh, tmp_path):
    for at in range(8 + 5 * part, LAST, 10):
        folder, stores = tmp_path / str(at), Schemas(pg_fresh(), "test.")
        points, told = Points(at), Told()
        with suppress(Crash):
            history(DyingSchemas(stores, points), folder / "root.key", points, told)
        if not points.dead:
            break
        vault = open_vault(stores, folder / "root.key")
        vault.sweep(NOW + 100 * HOUR)
        told.maybe -= {made for made, phone in told.phones.items() if phone is None}
        holds(stores, vault, folder / "root.key", told)
        vault.close()
