"""`ortoo`: start a node, look at its logs, mint tokens, play stories, import and watch."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvicorn
from rich.console import Console

from services.client import commands as client
from services.client.session import Mint
from services.logtools import log_commands
from services.wiring import VERSION, Settings, open_node
from shared.eventlog.ports import LogBusy, StorageFailed
from shared.runtime.embedded import FolderTaken
from shared.runtime.protocol import Limited
from shared.web.logging import configure
from shared.web.principals import Principals
from shared.web.session import Links

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Ortoo: emergency coordination on one machine."
)
app.add_typer(log_commands, name="log", help="Look at a node's logs; the node may be running.")
app.add_typer(client.story, name="story")
app.add_typer(client.imports, name="import")
app.command("watch")(client.watch)
app.command("demo")(client.demo)
GRACE_S = 2  # open requests get this long when the node stops


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
    realm: Annotated[str, typer.Option(help="real, or the drill it belongs to")] = "real",
    organ: Annotated[str | None, typer.Option(help="the organ it signs for")] = None,
) -> None:
    """Print a bearer token of this data folder's node, and nothing else."""
    folder = _settings().folder
    try:
        principals = Principals(folder / "keys" / "node.pem")
    except (OSError, ValueError) as error:
        _fail(f"the key in {folder} cannot be used: {error}; make the folder writable, or set ORTOO_DATA")
    print(principals.mint(actor, tuple(role), division, organ=organ, realm=realm))


def _settings(story_clock: bool = False) -> Settings:
    try:
        return Settings.from_environment(story_clock)
    except ValueError as error:
        _fail(str(error))


def _serve(settings: Settings, *, link: bool) -> None:
    configure(os.environ.get("ORTOO_LOG", "INFO").upper())
    try:
        listening = _listen(settings.host, settings.port)
        node = open_node(settings)
    except FolderTaken:
        _fail(f"another node runs on {settings.folder}: stop it, or set ORTOO_DATA to another folder")
    except (StorageFailed, LogBusy, OSError) as error:
        _fail(f"the data folder {settings.folder} cannot be used: {error}; make it writable and free some space, or set ORTOO_DATA")
    except ValueError as error:
        _fail(str(error))
    links = Links()
    address = f"http://{settings.host}:{listening.getsockname()[1]}"
    if link:
        code = links.make(node.host.principals.mint("DUTY.1", ("EMD.duty", "EMD.officer"), node.province.root))
        print(f"值班入口（一次有效）/ sign in, works once: {address}/enter/{code}")
        print("演示数据（可选）/ demo data, if you like: .venv/bin/ortoo demo", flush=True)
    config = uvicorn.Config(
        node.app(links),
        log_config=None,
        access_log=False,
        server_header=False,
        loop="uvloop",
        http=Limited,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
    )
    Server(config, f"ortoo is ready at {address} with data in {settings.folder}").run(sockets=[listening])


class Server(uvicorn.Server):
    """Says one line once it really answers."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._ready, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._captured_signals.clear()  # asked to stop and stopped: exit status 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            _fail(f"port {port} on {host} is taken: stop what uses it, or set ORTOO_PORT")
        _fail(f"cannot listen on {host}:{port}: {error.strerror}; set ORTOO_HOST and ORTOO_PORT")
    listening.set_inheritable(True)
    return listening


def _fail(why: str) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print(why, markup=False, highlight=False)
    sys.exit(1)


def main() -> None:
    """The `ortoo` command."""
    app(obj=minting)


def minting(folder: Path) -> Mint:
    """Signs tokens with the key of a data folder, for the client commands that run beside their node."""
    settings = Settings.from_environment()
    principals = Principals(folder / "keys" / "node.pem")

    def mint(actor: str, role: str, division: str | None, realm: str = "real") -> str:
        return principals.mint(actor, (role,), division or settings.province, realm=realm)

    return mint
