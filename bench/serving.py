"""Servers for a benchmark, each in a process of its own: a real node, and its no-op twin."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ORTOO = ("-c", "from services.cli import main; main()")  # the `ortoo` command of this folder, installed or not
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def node(place: Path) -> Iterator[Server]:
    """`ortoo serve` on a folder of its own."""
    with _process([*ORTOO, "serve"], {"ORTOO_DATA": str(place), "ORTOO_LOG": "WARNING"}) as server:
        yield server


@contextmanager
def module(name: str, *arguments: str) -> Iterator[Server]:
    """A module of the benchmarks that serves on ORTOO_PORT."""
    with _process(["-m", name, *arguments], {}) as server:
        yield server


def token(place: Path, roles: Sequence[str] = ("EMD.duty", "EMD.officer"), division: str = "150722") -> str:
    """The bearer token of an officer of a node."""
    named = [word for role in roles for word in ("--role", role)]
    asked = [*ORTOO, "token", "--actor", "DUTY.1", *named, "--division", division]
    return subprocess.check_output([sys.executable, *asked], env={**os.environ, "ORTOO_DATA": str(place)}, text=True).strip()


@contextmanager
def _process(command: list[str], settings: dict[str, str]) -> Iterator[Server]:
    port = _free()
    environment = {**os.environ, "ORTOO_PORT": str(port), **settings}
    process = subprocess.Popen([sys.executable, *command], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server does not listen")
