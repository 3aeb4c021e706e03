"""The client commands of `ortoo`: `story play`, `story load`, `watch` and `import cap`.

`services/cli.py` adds `story`, `watch` and `imports` to its app and passes a `Minting` as the context's object: `app(obj=...)`.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from services.client import show
from services.client.cap_import import alert_files, import_files
from services.client.demo import load_demo
from services.client.load import is_loaded, load_story
from services.client.openapi import Api, Unfit
from services.client.past import ask_then
from services.client.script import BadStory, Story, read_story
from services.client.session import Mint, Refused, Session
from services.client.story import Player
from services.client.watch import follow, line

Minting = Callable[[Path], Mint]
"""Gives the mint of the node whose data folder this is."""

HERE = f"http://127.0.0.1:{os.environ.get('ORTOO_PORT') or 8000}"
DATA = Path("data")
IMPORTER, WATCHER, READER = ("CLI.IMPORT", "SYS"), ("CLI.WATCH", "SYS"), ("STORY.READER", "SYS")

Url = Annotated[str, typer.Option("--url", envvar="ORTOO_URL", help="the node")]
Data = Annotated[Path, typer.Option("--data", envvar="ORTOO_DATA", help="the node's data folder: its key signs the tokens")]
Token = Annotated[str | None, typer.Option("--token", envvar="ORTOO_TOKEN", help="use this token instead of one signed here")]
StoryFile = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]
Only = Annotated[list[str] | None, typer.Option("--only", metavar="ID", help="a step or the prefix of several; may be repeated")]

story = typer.Typer(help="Play a story against a node.", no_args_is_help=True)
imports = typer.Typer(help="Take in messages.", no_args_is_help=True)


@story.command("play")
def play(ctx: typer.Context, file: StoryFile, url: Url = HERE, data: Data = DATA, only: Only = None) -> None:
    """Send the steps of FILE to a node under `--story-clock` and compare what happens; of a node where nothing happened yet, load the
    header first."""
    with _story_session(ctx, file, url, data) as (session, told):
        if only and not any(step.chosen(only) for step in told.steps):
            raise typer.BadParameter(f"no step is called {', '.join(only)}")
        if not is_loaded(session, told):
            show.loaded(Console(highlight=False), load_story(session, told))
        counts = show.played(Console(highlight=False), Player(session, told).play(only or ()))
    raise typer.Exit(1 if counts["failed"] else 0)


@story.command("load")
def load(ctx: typer.Context, file: StoryFile, url: Url = HERE, data: Data = DATA) -> None:
    """Load the header of FILE through ordinary commands and name what has no command yet."""
    with _story_session(ctx, file, url, data) as (session, told):
        counts = show.loaded(Console(highlight=False), load_story(session, told))
    raise typer.Exit(1 if counts["failed"] else 0)


def watch(
    ctx: typer.Context,
    url: Url = HERE,
    data: Data = DATA,
    token: Token = None,
    division: Annotated[str | None, typer.Option(help="a division and everything below it")] = None,
    type: Annotated[str | None, typer.Option(help="a family of types, such as alerts.alert")] = None,
    incident: Annotated[str | None, typer.Option(help="one incident")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="end after so many events")] = None,
) -> None:
    """Print a node's events as they come; goes on where it broke off."""
    console, notes = Console(highlight=False), Console(stderr=True, highlight=False)
    filters = {"division": division, "type": type, "incident": incident}
    with _api(url) as api:
        signed = token or ctx.obj(data)(*WATCHER, None)
        events = follow(api, filters, signed, broken=lambda why, pause_s: notes.print(Text(f"{why}; again in {pause_s:g} s", style="dim")))
        with suppress(KeyboardInterrupt):  # the usual way to end it
            for event in islice(events, count):
                console.print(Text(line(event)), soft_wrap=True)


@imports.command("cap")
def import_cap(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", exists=True)],
    url: Url = HERE,
    data: Data = DATA,
    token: Token = None,
    in_flight: Annotated[int, typer.Option(min=1, max=64, help="requests at a time")] = 8,
) -> None:
    """Import CAP, Atom or JSON warnings from a file or a whole folder; ends with 1 if a request failed."""
    console, files = Console(highlight=False), alert_files(path)
    if not files:
        raise typer.BadParameter(f"{path} holds no .xml, .cap, .atom or .json file")
    with _api(url) as api:
        signed, began = token or ctx.obj(data)(*IMPORTER, None), time.monotonic()
        columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            results = list(bar.track(import_files(api, files, signed, in_flight), total=len(files)))
    show.imported(console, results, time.monotonic() - began)
    raise typer.Exit(1 if any(one.failure for one in results) else 0)


def at(
    ctx: typer.Context,
    moment: Annotated[str, typer.Argument(help="such as 2021-07-18T20:00; without an offset in the node's own time")],
    query: Annotated[str, typer.Argument(help="the operationId of a query")] = "GetBoard",
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="what the query asks for")] = None,
    url: Url = HERE,
    data: Data = DATA,
    token: Token = None,
) -> None:
    """Ask a query as it would have been answered at a past moment: what the duty room knew then."""
    given = dict(one.partition("=")[::2] for one in arguments or ())
    notes = Console(stderr=True, highlight=False)
    with _api(url) as api:
        signed = token or ctx.obj(data)(*READER, None)
        answer = ask_then(api, moment, query, given, signed, lambda how_far: notes.print(Text(how_far, style="dim")))
    print(json.dumps(answer.body, ensure_ascii=False, indent=2))
    raise typer.Exit(0 if answer.accepted else 1)


def demo(ctx: typer.Context, url: Url = HERE, data: Data = DATA) -> None:
    """Give a running node some demonstration warnings; asking again the same day adds nothing."""
    failed = False
    with _api(url) as api:
        for done in load_demo(api, ctx.obj(data), datetime.now(UTC).astimezone()):
            body = done.answer.body if isinstance(done.answer.body, dict) else {}
            typer.echo(f"{body.get('outcome') or body.get('code', done.answer.status):<22} {done.step}")
            failed |= done.answer.status >= 400
    raise typer.Exit(1 if failed else 0)


@contextmanager
def _api(url: str) -> Iterator[Api]:
    """The node's operations; what goes wrong on the way is said in one line, with exit status 2."""
    try:
        with Api.connect(url) as api:
            yield api
    except httpx.HTTPError as error:
        _give_up(f"no answer from {url}: {error}; --url or ORTOO_URL names another node")
    except (Refused, Unfit) as error:
        _give_up(str(error))


@contextmanager
def _story_session(ctx: typer.Context, file: Path, url: str, data: Path) -> Iterator[tuple[Session, Story]]:
    try:
        told = read_story(file)
    except BadStory as error:
        _give_up(str(error))
    with _api(url) as api:
        yield Session(api, ctx.obj(data), (*READER, told.root)), told


def _give_up(why: str) -> NoReturn:
    Console(stderr=True, highlight=False).print(Text(why, style="red"), soft_wrap=True)
    raise typer.Exit(2)
