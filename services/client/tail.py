"""`ortoo feed tail`: a feed log as its audience reads it."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from services.client import feed, watch
from shared.kernel.errors import LogFork, LogGap, Unreadable

_console = Console(highlight=False)

Province = Annotated[str, typer.Option(envvar="ORTOO_PROVINCE", help="whose node it is")]


def tail(
    audience: Annotated[str, typer.Argument(help="such as 150724")],
    province: Province = "150000",
    servers: Annotated[str, typer.Option(envvar="ORTOO_KAFKA", help="the brokers")] = "127.0.0.1:9092",
    first: Annotated[int | None, typer.Option("--from", min=1, help="the first position to print")] = None,
    cursor: Annotated[Path | None, typer.Option(help="a file that keeps the place: begin behind it, and move it")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print each event as it is, one a line")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="end after so many events")] = None,
    user: Annotated[str | None, typer.Option(envvar="ORTOO_KAFKA_USER", help="who we are to the broker, such as centre-150724")] = None,
    password_file: Annotated[Path | None, typer.Option(envvar="ORTOO_KAFKA_PASSWORD_FILE", exists=True, dir_okay=False)] = None,
    mechanism: Annotated[str, typer.Option(help="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")] = "SCRAM-SHA-512",
    ca: Annotated[Path | None, typer.Option(envvar="ORTOO_KAFKA_CA", exists=True, dir_okay=False, help="encrypt, and trust this")] = None,
) -> None:
    """Print a feed log as it comes. Checks every position and the chain; ends with 1 at a gap or a fork, which it names."""
    log = f"{province}.to.{audience}"
    password = password_file.read_text(encoding="utf-8").strip() if password_file else None
    access = feed.Access(servers, user, password, mechanism, str(ca) if ca else None)
    counted = _count(log, first, cursor)
    try:
        with suppress(KeyboardInterrupt):  # the usual way to end it
            for event in islice(feed.follow(access, log, counted), count):
                print(json.dumps(event, ensure_ascii=False)) if as_json else _console.print(Text(watch.line(event)), soft_wrap=True)
                if cursor is not None:
                    feed.keep(cursor, counted.place)  # behind what was printed: what a crash cuts off is printed again
    except feed.Unreachable as error:
        _give_up(str(error), 2)
    except (LogGap, LogFork, Unreadable) as fault:
        after = counted.place.position
        cure = f"read again with --from {after + 1}; if it stays, do not go on, and tell who runs the node"
        _give_up(f"{_FAULTS[type(fault)]} in {log} after position {after}: {fault}; {cure}", 1)


_FAULTS: dict[type[Exception], str] = {LogGap: "gap", LogFork: "fork", Unreadable: "unreadable"}


def _count(log: str, first: int | None, cursor: Path | None) -> feed.Count:
    if first is not None:
        return feed.Count(log, first - 1, None)
    try:
        place = feed.kept(cursor) if cursor else None
        return feed.Count(log, place.position, bytes.fromhex(place.chain)) if place else feed.Count(log, 0, None)
    except (OSError, ValueError) as error:
        _give_up(f"{cursor} does not say how far {log} was read: {error}", 2)


def _give_up(why: str, status: int) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(why))
    raise typer.Exit(status)
