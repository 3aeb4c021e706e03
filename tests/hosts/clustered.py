"""Processes of a cluster over a real PostgreSQL, started one by one, with inboxes filled as an importer would."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from services.start.cluster import ALL
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.runtime.filtering import NAME as FILTER
from shared.runtime.front import NAME as FRONT
from tests.support import ORTOO, Node, environment, ortoo

DATABASES = (*ALL, FRONT, FILTER, "vault")
NOBODY = "127.0.0.1:9"  # no broker listens there
_numbers = itertools.count(1)


class Process(Node):
    """A started process of a cluster."""

    READY = re.compile(r"^ortoo \w+ is ready at (http://\S+)$", re.MULTILINE)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(10)

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def faults(self) -> dict[str, str]:
        """What `/health/ready` tells, by engine."""
        answer = self.get("/health/ready")
        return {} if answer.status_code == 200 else {failure["rule"]: failure["cure"] for failure in answer.json()["failures"]}


class Processes:
    """The databases of one cluster at a server, and its processes."""

    def __init__(self, server: str, folder: Path, kafka: str = NOBODY) -> None:
        self.server, self.folder = server, folder
        self.prefix = f"c{os.getpid()}_{next(_numbers)}"
        self._settings = {"ORTOO_POSTGRES": server, "ORTOO_DATABASE": self.prefix, "ORTOO_KAFKA": kafka}
        self._settings |= {"ORTOO_VAULT": server, "ORTOO_ROOT_KEY": str(folder / "root.key")}
        self._started: list[Process] = []
        for name in DATABASES:
            self._say(f"CREATE DATABASE {self.prefix}_{name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")

    def start(self, *command: str, **more: str) -> Process:
        """`ortoo cluster ...`; returns when it answers."""
        return self.begin(*command, **more)()

    def begin(self, *command: str, **more: str) -> Callable[[], Process]:
        """As `start`, in two steps: what comes back waits until it answers."""
        number = next(_numbers)
        said, logged = (self.folder / f"{number}.{end}" for end in ("out", "log"))
        env = environment(self.folder / "data", **{**self._settings, **more})
        with said.open("w") as out, logged.open("w") as log:
            process = subprocess.Popen([ORTOO, "cluster", *command], env=env, stdout=out, stderr=log)

        def answers() -> Process:
            try:
                made = Process(process, self.folder / "data", said, logged)
            except BaseException:
                process.kill()
                raise
            self._started.append(made)
            return made

        return answers

    def ortoo(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command that looks at the cluster."""
        return ortoo(self.folder / "data", *command, **self._settings)

    def dsn(self, name: str) -> str:
        return f"{self.server}/{self.prefix}_{name}"

    def log(self, service: str) -> PostgresLog:
        """The log of a service, as it lies in its database."""
        return PostgresLog(self.dsn(service), f"150000.{service}", read_only=True)

    def carry(self, service: str, to: str) -> None:
        """What a relay and an importer do, without a topic between."""
        log, inbox = self.log(service), PostgresInbox(self.dsn(to), f"150000.{service}")
        while batch := log.read(inbox.head().position, 500):
            inbox.store([(recorded.position - 1, recorded.cloud_event()) for recorded in batch])
        log.close()
        inbox.close()

    def close(self) -> None:
        for process in self._started:
            process.http.close()
            if process.process.poll() is None:
                process.kill()
        for name in DATABASES:
            self._say(f"DROP DATABASE {self.prefix}_{name} WITH (FORCE)")

    def _say(self, sql: str) -> None:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as db:
            db.execute(sql.encode())


@contextmanager
def processes(server: str, folder: Path, kafka: str = NOBODY) -> Iterator[Processes]:
    """Ends every process, and drops the databases."""
    made = Processes(server, folder, kafka)
    try:
        yield made
    finally:
        made.close()
