"""`ortoo`: start a node, look at its logs, mint tokens, play stories, import and watch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.client import commands as client
from services.client.session import Mint
from services.client.tail import tail
from services.operate import cli as operate
from services.operate.drills import drill_commands
from services.operate.feeds import feed_commands
from services.operate.inboxes import inbox_commands
from services.operate.logs import log_commands
from services.start.cli import cluster_commands
from services.start.realms import mint
from services.start.serving import fail, listen, start_logging
from services.start.serving import serve as serve_app
from services.start.settings import Settings
from services.wiring import VERSION, open_node
from shared.kernel.realm import REAL
from shared.runtime.embedded import FolderTaken
from shared.sql.ports import LogBusy, StorageFailed
from shared.web.session import Links

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Ortoo: emergency coordination on one machine."
)
app.add_typer(log_commands, name="log", help="Look at a node's logs; the node may be running.")
app.add_typer(feed_commands, name="feed", help="What command centres and neighbours are given.")
app.add_typer(inbox_commands, name="inbox", help="What a cluster's importers received, and what stopped them.")
app.add_typer(cluster_commands, name="cluster", help="The processes of a cluster.")
app.add_typer(drill_commands, name="drill", help="Realms for drills, apart from everything real.")
app.add_typer(client.story, name="story")
app.add_typer(client.imports, name="import")
feed_commands.command("tail")(tail)
app.command("watch")(client.watch)
app.command("at")(client.at)
app.command("demo")(client.demo)
operate.add_to(app, log_commands)


@app.callback(invoke_without_command=True)
def main_options(version: Annotated[bool, typer.Option("--version", help="print the version and end")] = False) -> None:
    """Ortoo: emergency coordination on one machine."""
    if version:
        print(VERSION)
        raise typer.Exit


@app.command()
def run() -> None:
    """Start a node for a person at this machine: prints a one-time link to its first page."""
    _serve(_settings(), link=True)


@app.command()
def serve(
    story_clock: Annotated[bool, typer.Option("--story-clock", help="take the time from Ortoo-At and the pack from Ortoo-Pack")] = False,
) -> None:
    """Start a node; ORTOO_HOST, ORTOO_PORT, ORTOO_DATA and ORTOO_PROVINCE say where and which."""
    _serve(_settings(story_clock), link=False)


@app.command()
def token(
    actor: Annotated[str, typer.Option(help="the public handle of the post")],
    role: Annotated[list[str], typer.Option(help="a role, such as EMD.duty; may be given again")],
    division: Annotated[str | None, typer.Option(help="division code")] = None,
    realm: Annotated[str | None, typer.Option(help="a drill of this node, whose key then signs")] = None,
    organ: Annotated[str | None, typer.Option(help="the organ it signs for")] = None,
) -> None:
    """Print a bearer token of this data folder's node, and nothing else."""
    folder = _settings().folder
    try:
        made = mint(folder, actor, tuple(role), division, organ, realm)
    except OSError as error:
        fail(f"the key in {folder} cannot be used: {error}; make the folder writable, or set ORTOO_DATA")
    except ValueError as error:
        fail(f"no token: {error}")
    print(made)


def _settings(story_clock: bool = False) -> Settings:
    try:
        return Settings.from_environment(story_clock)
    except ValueError as error:
        fail(str(error))


def _serve(settings: Settings, *, link: bool) -> None:
    start_logging()
    listening, address = listen(settings)
    try:
        node = open_node(settings)
    except FolderTaken:
        fail(f"another node runs on {settings.folder}: stop it, or set ORTOO_DATA to another folder")
    except (StorageFailed, LogBusy, OSError) as error:
        fail(f"the data folder {settings.folder} cannot be used: {error}; make it writable and free some space, or set ORTOO_DATA")
    except ValueError as error:
        fail(str(error))
    links = Links()
    if link:
        code = links.make(node.host.principals.mint("DUTY.1", ("EMD.duty", "EMD.officer"), node.province.root))
        print(f"值班入口（一次有效）/ sign in, works once: {address}/enter/{code}")
        print("演示数据（可选）/ demo data, if you like: .venv/bin/ortoo demo", flush=True)
    serve_app(node.app(links), listening, f"ortoo is ready at {address} with data in {settings.folder}", settings.public_url)


def main() -> None:
    """The `ortoo` command."""
    app(obj=minting)


def minting(folder: Path) -> Mint:
    """Signs tokens with the key of a data folder, for the client commands that run beside their node."""
    settings = Settings.from_environment()

    def signed(actor: str, role: str, division: str | None, realm: str = REAL) -> str:
        """`real` is the node's own realm, also when it is a drill's."""
        return mint(folder, actor, (role,), division or settings.province, realm=None if realm == REAL else realm)

    return signed
