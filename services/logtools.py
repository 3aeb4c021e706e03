"""`ortoo log verify | show | export`: read a node's logs from its files; a running node is not disturbed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from services.wiring import SERVICES, Settings
from shared.eventlog.ports import StorageFailed
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify

log_commands = typer.Typer(no_args_is_help=True)
MOST = 2**53
Name = Annotated[str | None, typer.Argument(help="a log, such as 150000.alerts or alerts; all when left out")]


@log_commands.command("verify")
def verify_logs(log: Name = None) -> None:
    """Walk the chain from the first record; exit 1 and name the first bad position if it does not hold."""
    whole = True
    for opened in _logs(log):
        with Progress(transient=True, console=Console(stderr=True)) as progress:
            task = progress.add_task(opened.name, total=max(opened.head().position, 1))
            verdict = verify(opened, lambda position, task=task, progress=progress: progress.update(task, completed=position))  # type: ignore[misc]
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


def _logs(wanted: str | None) -> list[SqliteLog]:
    folder = Settings.from_environment().folder / "logs"
    found = [path for path in sorted(folder.glob("*.db")) if wanted in (None, path.stem, path.stem.rpartition(".")[2])]
    if not found:
        print(f"no log {wanted or ''} in {folder}; ORTOO_DATA names the data folder", file=sys.stderr)
        sys.exit(1)
    names = {service.name for service in SERVICES}
    try:
        return [SqliteLog(path, path.stem, read_only=True) for path in found if path.stem.rpartition(".")[2] in names]
    except StorageFailed as error:
        print(f"the log cannot be read: {error}", file=sys.stderr)
        sys.exit(1)
