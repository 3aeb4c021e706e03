"""Sessions of a PostgreSQL server: settings, what is demanded of the server, and its errors in our words."""

from __future__ import annotations

import select
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import psycopg.rows
from psycopg.conninfo import conninfo_to_dict

from shared.sql.ports import LogBusy, StorageFailed

Session = psycopg.Connection[Any]
OLDEST = 150_000  # server version 15
# A server that is cut off is noticed in seconds; what the address says itself goes first.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "client_encoding": "UTF8",
    "application_name": "ortoo",
}
# Plans made while a table was empty are kept while it grows: only by the indexes, then, and in their order.
PLANS = {"enable_seqscan": "off", "enable_bitmapscan": "off", "jit": "off"}
CURES = {
    "25P03": "; a lock was held too long without a word, and nothing under it is stored",
    "28P01": "; ORTOO_POSTGRES_PASSWORD_FILE names the password",
    "3D000": "; make the database, or set ORTOO_DATABASE",
    "3F000": "; it was never made here, or ORTOO_PROVINCE names another",
    "42501": "; give the role its rights: GRANT CREATE ON DATABASE, and OWNER of the schema",
    "42P01": "; it was never made here, or ORTOO_PROVINCE names another",
    "53100": "; free some space on the server",
    "53300": "; raise max_connections on the server",
}
# libpq tells no code when there was no session.
NOT_REACHED = "; look whether the server runs; ORTOO_POSTGRES, ORTOO_DATABASE and ORTOO_POSTGRES_PASSWORD_FILE say where and as whom"


# An operator's role makes what the service's role is to use: as the owner of the schema or, when there is none yet, of the database.
AS_OWNER = """SELECT set_config('role', owner::text, false) FROM (
  SELECT pg_get_userbyid(coalesce(
    (SELECT nullif(nspowner, 'pg_database_owner'::regrole) FROM pg_namespace WHERE nspname = %s), datdba)) AS owner
  FROM pg_database WHERE datname = current_database()) AS made
WHERE owner <> current_user AND pg_has_role(owner, 'MEMBER')"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one writer may stand in the way of the others."""

    wait_ms: int = 5_000  # for a lock, before a writer gives up
    silent_ms: int = 4_000  # a holder that says nothing for so long is frozen or cut off and loses it; less than the others wait


USUAL = Limits()


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def settings(schema: str, *, read_only: bool = False, durable: bool = True, limits: Limits | None = None) -> dict[str, str]:
    """What a session of one schema sets."""
    limits = limits or USUAL
    return {
        "search_path": quoted(schema),
        "default_transaction_read_only": "on" if read_only else "off",
        "default_transaction_isolation": "read committed",  # each statement sees all that was committed before it
        "synchronous_commit": "on" if durable else "off",
        "lock_timeout": str(limits.wait_ms),
        "idle_in_transaction_session_timeout": str(limits.silent_ms),
        "tcp_user_timeout": str(limits.silent_ms),  # of a holder frozen while it is being answered
        "client_min_messages": "warning",
    }


def dial(dsn: str, settings: Mapping[str, str], **more: Any) -> Session:
    """A session in autocommit; StorageFailed when the server is not what it must be."""
    try:
        address: dict[str, Any] = PATIENCE | conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:  # its words may hold a password
        raise StorageFailed("ORTOO_POSTGRES is no address: write postgresql://user@host:port") from None
    with storage():
        db: Session = psycopg.connect(**address, autocommit=True, **more)
        try:
            told = ", ".join(f"set_config('{name}', %s, false)" for name in settings)
            asked = "current_setting('fsync'), current_setting('server_encoding'), pg_is_in_recovery()"
            with psycopg.Cursor(db, row_factory=psycopg.rows.tuple_row) as cursor:
                row = cursor.execute(f"SELECT {asked}, {told}", list(settings.values()), prepare=False).fetchone()
            assert row is not None
            _demand(db.info.server_version, *row[:3])
        except BaseException:
            db.close()
            raise
    return db


def _demand(version: int, fsync: str, encoding: str, standby: bool) -> None:
    if version < OLDEST:
        raise StorageFailed(f"the PostgreSQL server is version {version // 10_000}: run 15 or newer")
    if fsync != "on":
        raise StorageFailed("the PostgreSQL server runs with fsync=off and would lose what was answered: set fsync=on and restart it")
    if encoding != "UTF8":
        raise StorageFailed(f"the database's encoding is {encoding}: make it with ENCODING 'UTF8' TEMPLATE template0")
    if standby:
        raise StorageFailed("the PostgreSQL server is a standby that cannot be written: give the address of the primary")


def ended(db: Session) -> bool:
    """Whether the session is over. The server says nothing to one that asks nothing, but that it ends."""
    if db.closed:
        return True
    waiting = select.poll()
    waiting.register(db.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


@contextmanager
def storage(failed: type[StorageFailed] = StorageFailed) -> Iterator[None]:
    """PostgreSQL's own errors as LogBusy or StorageFailed; a broken uniqueness and a value no column can hold pass through."""
    try:
        yield
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
        raise LogBusy(_said(error)) from error
    except (psycopg.IntegrityError, psycopg.DataError):
        raise
    except psycopg.Error as error:
        raise failed(_said(error)) from error


def _said(error: psycopg.Error) -> str:
    said = error.diag.message_primary or str(error).strip().partition("\n")[0]
    away = error.sqlstate is None and isinstance(error, psycopg.OperationalError)
    return f"PostgreSQL: {said}{NOT_REACHED if away else CURES.get(error.sqlstate or '', '')}"
