"""Backup and restore of a cluster: each database by PostgreSQL's own pg_dump, as of one moment, with the same manifest."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shared.eventlog.postgres import PostgresLog
from shared.handling.healing import mark_restored
from shared.runtime.backup import About, BackupFailed, End, Manifest, Progress, check_log, empty, read_manifest, seal
from shared.sql.postgres import Schemas
from shared.sql.sessions import Session, dial, quoted, settings, storage
from shared.vault.vault import CONTENT, quarantine

RESTORING = "ortoo_restoring"  # a schema that is there from before a restore's first line until its last log was marked and checked
REBUILT = '"read."*'  # the schemas of read models
LOGS = """SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = 'head' AND to_regclass(quote_ident(n.nspname) || '.event') IS NOT NULL ORDER BY 1"""


def back_up(databases: Mapping[str, str], to: Path, about: About, told: Progress) -> Manifest:
    """Dump every database (service -> address), its processes running or not; each as of one moment: logs, inboxes, blobs and stores."""
    empty(to)
    ends: dict[str, End] = {}
    for name, dsn in databases.items():
        told(name)
        with _moment(dsn) as (db, snapshot):
            ends |= {f"{name}/{log}": end for log, end in _ends(db)}
            _run("pg_dump", dsn, "--format=custom", f"--snapshot={snapshot}", f"--exclude-schema={REBUILT}", f"--file={to / name}.dump")
        (to / f"{name}.dump").chmod(0o600)
    return seal(to, "cluster", about, ends)


def restore(source: Path, databases: Mapping[str, str], told: Progress, only: Collection[str] = ()) -> Manifest:
    """Put a backup, or some of its databases, into empty ones, and check every chain. Logs are not written to before `ortoo log heal`."""
    manifest = read_manifest(source, "cluster")
    held = [file.removesuffix(".dump") for file in manifest.files]
    if unknown := set(only) - set(held):
        raise BackupFailed(f"{', '.join(sorted(unknown))} is not in {source}, which holds {', '.join(held)}")
    names = [name for name in held if name in (only or held)]
    for name in names:
        if name not in databases:
            raise BackupFailed(f"the database of {name} cannot be reached: make it as infra/postgres/init.sh does")
        if full := [schema for schema in Schemas(databases[name]).names() if schema not in ("public", RESTORING)]:
            raise BackupFailed(f"the database of {name} is not empty, it holds {', '.join(full[:3])}: make a new one")
    for name in names:
        told(name)
        ends = {log: end for place, end in manifest.logs.items() for of, _, log in [place.partition("/")] if of == name}
        _put(source / f"{name}.dump", databases[name], ends, told)
    return manifest


def unfinished(dsn: str) -> bool:
    """Whether a restore into the database is in work or was broken off: nothing may be served from it."""
    return RESTORING in Schemas(dsn).names()


def _put(dump: Path, dsn: str, ends: Mapping[str, End], told: Progress) -> None:
    """One database. There is no moment in which a service would take what was put back for what it was."""
    with storage(), closing(dial(dsn, settings("public"))) as db:
        db.execute(f"CREATE SCHEMA IF NOT EXISTS {RESTORING}".encode())
        _run("pg_restore", dsn, "--exit-on-error", "--single-transaction", str(dump))
        for log in ends:
            if not _received(dsn, log):
                with closing(PostgresLog(dsn, log)) as own:
                    mark_restored(own)
        if CONTENT in Schemas(dsn).names():
            quarantine(Schemas(dsn).at(CONTENT))
        for log, end in ends.items():
            told(log)
            check_log(PostgresLog(dsn, log, read_only=True), end)
        db.execute(f"DROP SCHEMA {RESTORING}".encode())


@contextmanager
def _moment(dsn: str) -> Iterator[tuple[Session, str]]:
    """A transaction that sees one moment, and what lets pg_dump see the same."""
    with storage(), closing(dial(dsn, settings("public", read_only=True) | {"idle_in_transaction_session_timeout": "0"})) as db:
        db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield db, db.execute("SELECT pg_export_snapshot()").fetchall()[0][0]


def _ends(db: Session) -> Iterator[tuple[str, End]]:
    for (log,) in db.execute(LOGS).fetchall():
        position, chain, time = db.execute(f"SELECT position, chain, time FROM {quoted(log)}.head").fetchall()[0]
        yield log, End(position, chain.hex(), datetime.fromisoformat(time) if time else None)


def _received(dsn: str, log: str) -> bool:
    """Whether it is a neighbour's log: its own importer fills it again."""
    with closing(dial(dsn, settings("public", read_only=True))) as db:
        return db.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{quoted(log)}.inbox_fault"]).fetchall() == [(True,)]


def _run(tool: str, dsn: str, *arguments: str) -> None:
    told = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    secret = {"PGPASSWORD": told.pop("password")} if "password" in told else {}
    address = make_conninfo("", **told)  # the password is not for everybody who lists processes
    done = subprocess.run(
        [_tool(tool), f"--dbname={address}", *arguments], env={**os.environ, **secret}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupFailed(f"{tool}: {done.stderr.strip()[-500:]}")


def _tool(name: str) -> str:
    """The newest there is: it must not be older than the server."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        raise BackupFailed(f"{name} is not on this machine: install the PostgreSQL client programs of the server's version")
    return found
