"""`ortoo log verify | show | export | copy`: a node's logs, from its files or its databases; what runs is not disturbed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from services.start.realms import drill_of
from services.start.settings import Settings, database_at
from services.wiring import PARTS, SERVICES
from shared.eventlog.copying import CopyFailed, copy_log, mark_moved
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.runtime.embedded import FolderTaken, take_folder
from shared.sql.copying import copy_store
from shared.sql.ports import LogBusy, StorageFailed
from shared.sql.postgres import Schema
from shared.sql.sessions import dial
from shared.sql.sessions import settings as session
from shared.sql.sqlite import File
from shared.vault.vault import CONTENT

log_commands = typer.Typer(no_args_is_help=True, help="Look at a node's logs; the node may be running.")
MOST = 2**53
Log = SqliteLog | PostgresLog
Name = Annotated[str | None, typer.Argument(help="a log, such as 150000.alerts or alerts; all when left out")]


@log_commands.command("verify")
def verify_logs(log: Name = None) -> None:
    """Walk the chain from the first record; exit 1 and name the first bad position if it does not hold."""
    whole = True
    for opened in _logs(log):
        with _bar(opened.name, opened.head().position) as progress:
            verdict = verify(opened, progress)
        open_tables = opened.unguarded()
        if verdict.fault is None and opened.last_handled() > verdict.position:
            verdict = replace(verdict, fault=f"position {verdict.position + 1}: cut off; a command names {opened.last_handled()}")
        state = "whole" if verdict.fault is None else f"BROKEN at {verdict.fault}"
        guards = f"; the guard of {', '.join(open_tables)} is gone" if open_tables else ""
        print(f"{verdict.log}: {max(verdict.position, 0)} events, chain {verdict.chain.hex()[:16]}: {state}{guards}")
        whole &= verdict.fault is None and not open_tables
    if not whole:
        sys.exit(1)


@log_commands.command("show")
def show(
    log: Name = None,
    after: Annotated[int, typer.Option(min=0, max=MOST, help="begin after this position")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="events at most")] = 50,
    stream: Annotated[str | None, typer.Option(help="one stream only")] = None,
) -> None:
    """Print events, a line each."""
    for opened in _logs(log):
        found = opened.stream(stream) if stream else opened.read(after, limit)
        for recorded in found[:limit]:
            at: Any = recorded.envelope
            who = f"{at.actor or '-'} ({at.role or '-'})"
            when = at.time.isoformat(timespec="seconds")
            line = f"{opened.name}:{recorded.position}  {when}  {recorded.type}  {recorded.stream}@{recorded.version}  {who}"
            print("".join(letter if letter.isprintable() else "�" for letter in line))  # a log may hold what a terminal would obey


@log_commands.command("export")
def export(
    log: Annotated[str, typer.Argument(help="a log")],
    to: Annotated[Path | None, typer.Option(help="a file; standard output when left out")] = None,
) -> None:
    """Write every event as one CloudEvent a line (JSON Lines), chain included."""
    (opened,) = _logs(log)
    try:
        out = to.open("wb") if to else sys.stdout.buffer
    except OSError as error:
        print(f"cannot write {to}: {error.strerror}", file=sys.stderr)
        sys.exit(1)
    position = 0
    try:
        while batch := opened.read(position, 2000):
            out.write(b"".join(recorded.cloud_event() + b"\n" for recorded in batch))
            position = batch[-1].position
    finally:
        out.flush()
        if to:
            out.close()
    print(msgspec.json.encode({"log": opened.name, "events": position}).decode(), file=sys.stderr)


@log_commands.command("copy")
def copy(
    to: Annotated[str, typer.Option(envvar="ORTOO_POSTGRES", help="a PostgreSQL server, such as postgresql://ortoo@127.0.0.1:5432")],
) -> None:
    """Move a stopped node to PostgreSQL, its logs and stores, and compare every event. Broken off, it is started again."""
    try:
        folder = Settings.from_environment().folder
        if drill_of(folder) is not None:
            _fail(f"{folder} is a drill's: it stays where it is, apart from every real database")
        logs = [path for service in SERVICES for path in sorted((folder / "logs").glob(f"*.{service.name}.db"))]
        if not logs:
            _fail(f"no log in {folder / 'logs'}; ORTOO_DATA names the data folder")
        with take_folder(folder):
            _nobody_left_behind(folder)
            _made(to, [path.stem.rpartition(".")[2] for path in logs])
            _copy(folder, logs, to)
    except FolderTaken:
        _fail(f"a node runs on {folder}: stop it, then copy")
    except (CopyFailed, StorageFailed, LogBusy, ValueError) as error:
        _fail(str(error))
    print(
        f"All of it is there. Start the cluster with ORTOO_DATA={folder} for its keys; this node starts no more, since both would decide."
    )


def _nobody_left_behind(folder: Path) -> None:
    """The vault stays where its root key is: CopyFailed when it holds anybody."""
    if (folder / f"{CONTENT}.db").exists():
        with closing(File(folder / f"{CONTENT}.db").look()) as db:
            held = db.execute("SELECT count(*) FROM reference").fetchone()[0]
        if held:
            raise CopyFailed(
                f"the vault of {folder} holds personal data under {held} references, which this release does not move; "
                "docs/operate.md#people-stay says how people move"
            )


def _made(to: str, services: list[str]) -> None:
    """The databases are there. CopyFailed before anything is copied."""
    try:
        for service in services:
            dial(database_at(to, service), session("public", read_only=True)).close()
    except StorageFailed as error:
        raise CopyFailed(
            f"{error}. Nothing was copied. The databases and roles of the services are made first, as infra/postgres/init.sh does it"
        ) from error


def _copy(folder: Path, logs: list[Path], to: str) -> None:
    """Stores first: what an event names is there when the event is."""
    for service, name, make in ((part.service.name, *store) for part in PARTS for store in part.stores.items()):
        if (folder / f"{name}.db").exists():
            with _bar(name) as progress:
                rows = copy_store(File(folder / f"{name}.db"), Schema(database_at(to, service), name), make, progress)
            print(f"{name}: {sum(rows.values())} rows")
    for path in logs:
        source = SqliteLog(path, path.stem)
        target = PostgresLog(database_at(to, path.stem.rpartition(".")[2]), path.stem)
        with _bar(path.stem, 2 * source.head().position) as progress:  # about one command to an event
            copy_log(source, target, progress)
        print(f"{path.stem}: {target.head().position} events, chain {target.head().chain.hex()[:16]}: whole")
        source.close()
        target.close()
    for path in logs:
        with closing(SqliteLog(path, path.stem)) as moved:
            mark_moved(moved)


@contextmanager
def _bar(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    with Progress(transient=True, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=max(total, 1) if total is not None else None)
        yield lambda done: progress.update(task, completed=done)


def _logs(wanted: str | None) -> list[Log]:
    try:
        server, settings = os.environ.get("ORTOO_POSTGRES"), Settings.from_environment()
        if drill_of(settings.folder) is not None:
            server = None
        return _on_server(server, settings.province, wanted) if server else _in_folder(settings.folder / "logs", wanted)
    except (StorageFailed, ValueError) as error:
        _fail(f"the log cannot be read: {error}")


def _in_folder(folder: Path, wanted: str | None) -> list[Log]:
    found = [path for path in sorted(folder.glob("*.db")) if wanted in (None, path.stem, path.stem.rpartition(".")[2])]
    if not found:
        _fail(f"no log {wanted or ''} in {folder}; ORTOO_DATA names the data folder")
    names = {service.name for service in SERVICES}
    return [SqliteLog(path, path.stem, read_only=True) for path in found if path.stem.rpartition(".")[2] in names]


def _on_server(server: str, province: str, wanted: str | None) -> list[Log]:
    names = sorted(f"{province}.{service.name}" for service in SERVICES)
    found = [name for name in names if wanted in (None, name, name.rpartition(".")[2])]
    homes = {name: name.rpartition(".")[2] for name in found}
    if wanted and ".to." in wanted:
        homes = {wanted: "filter"}
    if not homes:
        _fail(f"no log {wanted} at the server: one of {', '.join(names)}; ORTOO_PROVINCE names the province")
    logs = [PostgresLog(database_at(server, home), name, read_only=True) for name, home in homes.items()]
    for log in logs:
        log.head()  # told here if it cannot be read
    return [*logs]


def _fail(why: str) -> NoReturn:
    print(why, file=sys.stderr)
    sys.exit(1)
