"""PostgreSQL: a database is one schema, used by any number of processes and machines."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from shared.sql.dialect import Context, named_row, translated
from shared.sql.pool import Pool, transaction
from shared.sql.ports import Cursor, NotReadable, StorageFailed
from shared.sql.sessions import AS_OWNER, PLANS, Session, dial, ended, quoted, settings, storage

PREPARED = 2  # a statement said more often is prepared
IDLE_MS = 10_000  # who has a turn and says nothing for so long is frozen or cut off: the server ends its session, and with it the turn
SPEAKS_S = 2.0  # so often it says something
_MARK = "obj_description(oid, 'pg_namespace')"
_MAKES = re.compile(r"CREATE (?:UNIQUE )?(?:TABLE|INDEX) IF NOT EXISTS (\w+)")
Dial = Callable[[], Session]


def _dial(dsn: str, told: dict[str, str], row_factory: Any = tuple_row) -> Session:
    return dial(dsn, told, prepare_threshold=PREPARED, context=Context(), cursor_factory=psycopg.RawCursor, row_factory=row_factory)


class PgConnection:
    """A session; when it was ended, the unit of work it was in fails, and the next one opens another."""

    def __init__(self, dial: Dial, *, failed: type[StorageFailed] = StorageFailed, renews: bool = True) -> None:
        self._dial, self._failed, self._renews = dial, failed, renews
        self._unit = False
        self._db = self._opened()

    @property
    def in_transaction(self) -> bool:
        return self._unit

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        text, names = translated(sql)
        if names:
            parameters = [parameters[name] for name in names]
        if text in ("COMMIT", "ROLLBACK"):
            return self._end(text)
        with storage(self._failed):
            cursor = self._session().cursor(binary=True)
            cursor.execute(text, parameters)
        self._unit = self._unit or text == "BEGIN"
        return cursor

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        text, names = translated(sql)
        rows = [[row[name] for name in names] for row in parameters] if names else list(parameters)
        with storage(self._failed):
            cursor = self._session().cursor()
            cursor.executemany(text, rows)
        return cursor

    def executescript(self, sql: str, /) -> Cursor:
        """One process after the other; what is there is left alone, since `IF NOT EXISTS` locks a table to find its index there."""
        if not self._unit:
            with transaction(self):
                return self.executescript(sql)
        cursor = self.execute(f"SELECT pg_advisory_xact_lock({_key('schema')})")
        for statement in filter(None, map(str.strip, sql.split(";"))):
            made = _MAKES.match(statement)
            if made is None or self.execute("SELECT to_regclass(?) IS NULL", (made[1],)).fetchone()[0]:
                cursor = self.execute(statement)
        return cursor

    def close(self) -> None:
        self._unit = False
        self._db.close()

    def renew(self) -> None:
        """Open another session when this one was ended."""
        if ended(self._db):
            self._db.close()
            self._db = self._opened()

    @property
    def alive(self) -> bool:
        return not ended(self._db)

    def _opened(self) -> Session:
        try:
            return self._dial()
        except StorageFailed as error:
            raise self._failed(str(error)) from error

    def _session(self) -> Session:
        if not self._unit and self._renews:
            self.renew()
        return self._db

    def _end(self, text: str) -> Cursor:
        """COMMIT or ROLLBACK. PostgreSQL takes a COMMIT after an error for a ROLLBACK, and says so only on the side."""
        unit, self._unit = self._unit, False
        with storage(self._failed):
            try:
                cursor = self._db.execute(text, prepare=False)
            except psycopg.Error:
                if text == "COMMIT":
                    raise
                self._db.close()  # with its session it is rolled back
                return psycopg.Cursor(self._db)
        if text == "COMMIT" and not (unit and cursor.statusmessage == "COMMIT"):
            raise self._failed("the transaction had failed: nothing of it is stored")
        return cursor

    def __del__(self) -> None:
        with suppress(Exception):
            self._db.close()


class Looking:
    """For queries of any thread: each statement takes a session of the pool for as long as it is answered."""

    in_transaction = False

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        with self._pool.use() as db:
            return db.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        raise NotReadable("this connection only reads")

    def executescript(self, sql: str, /) -> Cursor:
        raise NotReadable("this connection only reads")

    def close(self) -> None:
        """Nothing is held."""


class Turn:
    """A lock that its session holds; `connection` is that session: what is written through it is stored in turn, or not at all."""

    def __init__(self, dsn: str, name: str, *, schema: str | None = None, durable: bool = True) -> None:
        told = settings(schema or "public", durable=durable) | PLANS | {"idle_session_timeout": str(IDLE_MS)}
        self.name, self.term = name, 0
        self.connection = PgConnection(partial(_dial, dsn, told), renews=False)
        self._take, self._give = _take(name), f"SELECT pg_advisory_unlock({_key('turn', name)})"
        self._mine, self._spoke = False, 0.0

    def held(self) -> bool:
        if self._mine and self.connection.alive:
            if time.monotonic() - self._spoke < SPEAKS_S:
                return True
            with suppress(StorageFailed):
                self.connection.execute("SELECT 1")
                self._spoke = time.monotonic()
                return True
        self._mine = False
        self.connection.renew()
        self._spoke = time.monotonic()
        self._mine = bool(self.connection.execute(self._take).fetchone()[0])
        self.term += self._mine
        return self._mine

    def close(self) -> None:
        if self._mine:
            with suppress(StorageFailed):  # at once; with its session it would be a moment later
                self.connection.execute(self._give)
        self._mine = False
        self.connection.close()


class Schema:
    """One schema of the database that `dsn` names."""

    def __init__(self, dsn: str, name: str) -> None:
        self.dsn, self.name = dsn, name
        looks = partial(_dial, dsn, settings(name, read_only=True), named_row)
        self._looks = Pool(lambda: PgConnection(looks, failed=NotReadable))

    @property
    def place(self) -> str:
        return f"schema {self.name} of {conninfo_to_dict(self.dsn).get('dbname', '')}"

    def connect(self, *, durable: bool = True, private: bool = False) -> PgConnection:
        """`private` asks for nothing more: only the role that made a schema can read it, unless somebody grants it."""
        return self._made(PgConnection(partial(_dial, self.dsn, settings(self.name, durable=durable) | PLANS)))

    def scrub(self) -> None:
        """VACUUM. The server may keep deleted bytes in free space, its log and its replicas: only what is sealed may be said to be gone."""
        with closing(self.connect()) as db:
            for (table,) in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = ?", (self.name,)).fetchall():
                db.execute(f"VACUUM {quoted(table)}")

    def look(self) -> Looking:
        return Looking(self._looks)

    def turn(self, *, durable: bool = True) -> Turn:
        turn = Turn(self.dsn, self.name, schema=self.name, durable=durable)
        self._made(turn.connection)
        return turn

    def mark(self) -> None:
        with closing(self.connect()) as db:
            db.execute(f"COMMENT ON SCHEMA {quoted(self.name)} IS '{datetime.now(UTC).isoformat()}'")

    def marked(self) -> str | None:
        row = self.look().execute(f"SELECT {_MARK} FROM pg_namespace WHERE nspname = ?", (self.name,)).fetchone()
        at: str | None = row[0] if row else None
        return at

    def close(self) -> None:
        """Give back what queries used."""
        self._looks.close()

    def _made(self, db: PgConnection) -> PgConnection:
        db.execute(AS_OWNER.replace("%s", "?"), (self.name,))
        if db.execute("SELECT 1 FROM pg_namespace WHERE nspname = ?", (self.name,)).fetchone() is None:
            db.executescript(f"CREATE SCHEMA IF NOT EXISTS {quoted(self.name)}")
        return db


class Schemas:
    """The schemas of a database whose names begin so."""

    shared = True

    def __init__(self, dsn: str, prefix: str = "") -> None:
        self.dsn, self._prefix = dsn, prefix

    def at(self, name: str) -> Schema:
        return Schema(self.dsn, self._prefix + name)

    def names(self) -> list[str]:
        with closing(self._session()) as db:
            rows = db.execute("SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'")
            return sorted(row[0].removeprefix(self._prefix) for row in rows if row[0].startswith(self._prefix))

    def drop(self, name: str) -> None:
        with closing(self._session()) as db:
            if db.execute(_take(self._prefix + name)).fetchone()[0]:
                db.execute(f"DROP SCHEMA IF EXISTS {quoted(self._prefix + name)} CASCADE")

    def _session(self) -> PgConnection:
        return PgConnection(partial(_dial, self.dsn, settings("public")))


def holder(dsn: str, name: str) -> str | None:
    """How the process that has a turn calls its sessions; None when nobody has it."""
    key = _key("turn", name) % 2**64
    asked = """SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND classid = ? AND objid = ?"""
    with closing(PgConnection(partial(_dial, dsn, settings("public", read_only=True)))) as db:
        row = db.execute(asked, (key >> 32, key % 2**32)).fetchone()
        return row[0] if row else None


def _take(name: str) -> str:
    return f"SELECT pg_try_advisory_lock({_key('turn', name)})"


def _key(*words: str) -> int:
    """Of an advisory lock."""
    return int.from_bytes(sha256("\0".join(words).encode()).digest()[:8], "big", signed=True)
