"""PostgreSQL and Kafka as processes of one's own, for tests and for `make cluster`: on loopback, durable as in service."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from tools.leash import leash
from tools.programs import java, postgres_program

START_S, STOP_S = 60.0, 30.0
PORTS = range(15000, 32000)  # below the ports that systems hand out themselves, so that nobody takes ours while we are down
CLUSTER_ID = "b3J0b28tYnJva2VyLTAwMA"

POSTGRES = {"fsync": "on", "synchronous_commit": "on", "shared_buffers": "32MB", "max_connections": "300", "max_wal_size": "256MB"}
KAFKA = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "broker.session.timeout.ms": "2000",  # a broker that was killed is let in again after this
    "broker.heartbeat.interval.ms": "500",
}


def free_port() -> int:
    """A port nobody listens on, which no outgoing connection will be given either."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Component:
    """A server process with a folder and a session of its own, which ends when its owner does."""

    ENDS = signal.SIGTERM
    EPHEMERAL = True  # the folder goes when the owner ends

    def __init__(self, folder: Path, owner: int | None = None, port: int | None = None) -> None:
        self.folder, self.owner, self.port = folder, owner or os.getpid(), port or free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def log(self) -> Path:
        """What the server wrote about itself."""
        return self.folder / "server.log"

    def start(self) -> None:
        """Start on the same port and data as before, and return when it answers."""
        self.launch()
        end = time.monotonic() + START_S
        while not self.answers():
            if not self.runs or time.monotonic() > end:
                raise RuntimeError(f"{type(self).__name__} did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def launch(self) -> None:
        """Start it and do not wait."""
        assert not self.runs, "it runs already"
        with self.log.open("ab") as log:
            how: dict[str, Any] = {"cwd": self.folder, "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **self._run_as()}
            self.process = subprocess.Popen(self._command(), start_new_session=True, **how)
        leash(self.owner, self.process.pid, self.ENDS, self.folder if self.EPHEMERAL else None)

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def done(self) -> bool:
        """Whether it ended, and well."""
        return self.process is not None and self.process.poll() == 0

    def answers(self) -> bool:
        """Whether it does its work."""
        raise NotImplementedError

    def trouble(self) -> str:
        """What it says of itself when it does not do its work."""
        return ""

    def stop(self) -> None:
        """End it in order: what it was told is on the disk."""
        process = self._running()
        process.send_signal(self.ENDS)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
            return
        self.kill()

    def kill(self) -> None:
        """End it as a power cut would, with all its processes: a backend of PostgreSQL has a group of its own and may answer once more."""
        children = _children(self._running().pid)
        self._to_all(signal.SIGKILL)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._running().wait()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self._to_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._to_all(signal.SIGCONT)

    def detach(self) -> None:
        """Leave it running, to its owner's end."""
        self._running().returncode = 0  # not ours to wait for, and Popen would say so

    def remove(self) -> None:
        """Kill it and delete its data."""
        if self.runs:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None, "it was not started"
        return self.process

    def _to_all(self, sign: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._running().pid, sign)

    def _run_as(self) -> dict[str, Any]:
        return {}

    def _command(self) -> list[str]:
        raise NotImplementedError


def _children(pid: int) -> list[int]:
    """The processes it has started; none when it is gone."""
    try:
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    except OSError:
        return []


class PostgresServer(Component):
    """A private PostgreSQL; texts sort as people do, so that a forgotten COLLATE "C" shows. Without a password whoever comes is trusted."""

    ENDS = signal.SIGINT  # "fast shutdown": does not wait for clients

    INITDB: Sequence[str] = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh")

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None, password: str | None = None, **where: Any) -> None:
        super().__init__(folder, **where)
        self.settings, self.password = {**POSTGRES, **(settings or {})}, password
        if not (folder / "data").exists():
            self._initialise()

    @property
    def dsn(self) -> str:
        """The server's address without a database."""
        return f"postgresql://postgres{f':{self.password}' if self.password else ''}@127.0.0.1:{self.port}"

    def fresh_database(self) -> str:
        """The address of a new, empty database."""
        return fresh_database(self.dsn)

    def answers(self) -> bool:
        try:
            psycopg.connect(f"{self.dsn}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password or "none")
        if user := self._run_as().get("user"):
            shutil.chown(self.folder, user, user)
            shutil.chown(secret, user, user)
        access = ["-U", "postgres", "-A", "scram-sha-256" if self.password else "trust", f"--pwfile={secret}"]
        _run([postgres_program("initdb"), "-N", *access, *self.INITDB, "-D", str(self.folder / "data")], **self._run_as())
        secret.unlink()

    def _run_as(self) -> dict[str, Any]:
        """PostgreSQL refuses root, so root lends it the user that its package made."""
        return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}

    def _command(self) -> list[str]:
        settings = {**self.settings, "port": str(self.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        return [postgres_program("postgres"), "-D", "data", *(f"--{name}={value}" for name, value in settings.items())]


class KafkaBroker(Component):
    """A private broker that is its own controller (KRaft), unless its settings name others."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None, cluster: str = CLUSTER_ID, **where: Any) -> None:
        super().__init__(folder, **where)
        own, voter = f"PLAINTEXT://127.0.0.1:{self.port}", f"127.0.0.1:{free_port()}"
        alone = {"listeners": f"{own},CONTROLLER://{voter}", "advertised.listeners": own, "controller.quorum.voters": f"1@{voter}"}
        self.settings, self.cluster = settings or {**KAFKA, **alone}, cluster
        self._format()

    @property
    def bootstrap(self) -> str:
        """Where clients find it."""
        return f"127.0.0.1:{self.port}"

    def empty(self) -> None:
        """Lose every topic, as a broker with a new disk does, and start."""
        if self.runs:
            self.kill()
        shutil.rmtree(self.folder / "data")
        self._format()
        self.start()

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        except (OSError, KafkaError):
            return False
        admin.close()
        return True

    def _format(self) -> None:
        settings = {**self.settings, "log.dirs": str(self.folder / "data")}
        properties = self.folder / "server.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        _run([*java("kafka.tools.StorageTool"), "format", "--ignore-formatted", "-t", self.cluster, "-c", str(properties)])

    def _command(self) -> list[str]:
        return [*java("kafka.Kafka"), "server.properties"]


def fresh_database(dsn: str) -> str:
    """Make a new, empty database on the server at `dsn`; its address."""
    name = f"t{os.getpid()}_{os.urandom(5).hex()}"
    with psycopg.connect(f"{dsn}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"{dsn}/{name}"


def drop_database(dsn: str) -> None:
    """Remove a database, whoever is still connected to it."""
    server, _, name = dsn.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def _run(command: list[str], **how: Any) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **how)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
