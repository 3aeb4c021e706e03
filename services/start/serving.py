"""How every process of ours meets the world: a socket, one line once it answers, clear words when it cannot start."""

from __future__ import annotations

import errno
import faulthandler
import os
import socket
import sys
from typing import NoReturn

import uvicorn
from rich.console import Console
from starlette.types import ASGIApp

from services.start.settings import Settings
from shared.runtime.protocol import Limited
from shared.web.logging import configure
from shared.web.origin import Proxied, Published

GRACE_S = 2  # open requests get this long when the process stops


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


def start_logging() -> None:
    """JSON lines on standard error; ORTOO_LOG says how much. A process that a library tears down says there where it was."""
    if sys.__stderr__ is not None:
        faulthandler.enable(sys.__stderr__)
    configure(os.environ.get("ORTOO_LOG", "INFO").upper())


def settings_of(story_clock: bool = False) -> Settings:
    """The environment's settings of a node; ends the process when a variable means nothing."""
    try:
        return Settings.from_environment(story_clock)
    except ValueError as error:
        fail(str(error))


def listen(settings: Settings) -> tuple[socket.socket, str]:
    """The socket, bound, and its address; ends the process when that cannot be."""
    host, port = settings.host, settings.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            fail(f"port {port} on {host} is taken: stop what uses it, or set ORTOO_PORT")
        fail(f"cannot listen on {host}:{port}: {error.strerror}; set ORTOO_HOST and ORTOO_PORT")
    listening.set_inheritable(True)
    return listening, f"http://{host}:{listening.getsockname()[1]}"


def serve(app: ASGIApp, listening: socket.socket, ready: str, public_url: str | None = None, *, proxied: bool = False) -> None:
    """Answer until SIGTERM. What a request says of its sender's address or scheme does not count; the public URL does, and behind our
    own proxy the address that one names."""
    app = Proxied(app) if proxied else app
    config = uvicorn.Config(
        Published(app, public_url) if public_url else app,
        log_config=None,
        access_log=False,
        server_header=False,
        loop="uvloop",
        http=Limited,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
        proxy_headers=False,
    )
    Server(config, ready).run(sockets=[listening])


def fail(why: str) -> NoReturn:
    """End the process with these words."""
    Console(stderr=True, soft_wrap=True).print(why, markup=False, highlight=False)
    sys.exit(1)
