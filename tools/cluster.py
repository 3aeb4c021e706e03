"""`make cluster`: the services of infra/docker-compose.yml as local processes, with the commands and variables that stand there.

`python -m tools.cluster up FOLDER BROKERS`, `down FOLDER`. In tests: `with Cluster(folder) as cluster: cluster.process("alerts").kill()`.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.errors import DuplicateDatabase

from tools.components import PostgresServer
from tools.compose import INFRA, Places, environment_file, read
from tools.services import component
from tools.supervised import ClusterFailed, Process

UP_S = 300.0
PATIENCE = 5  # a service that ends this often before it was ever healthy will not be
READY = "the cluster is ready at"
OPERATE = "operate"
NOT_HERE = frozenset({"prometheus", OPERATE})  # nobody packs Prometheus for every system; its rules are checked by a test


class Cluster:
    """All services of docker-compose.yml, or those asked for, on this machine; state and logs in one folder."""

    def __init__(
        self,
        folder: Path,
        *,
        services: Collection[str] | None = None,
        variables: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        three_brokers: bool = False,
        story_clock: bool = False,
        listen: int | None = None,
    ) -> None:
        """`variables` fill in the file's `${...}`; `environment` is added to that of `ortoo`'s processes; `listen` is the port of nginx."""
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        more = environment_file(INFRA / "three-brokers.env") if three_brokers else {}
        profiles = f"{more.get('COMPOSE_PROFILES', '')},{OPERATE}"
        self._declared: dict[str, Any] = read({**(variables or {}), **more, "COMPOSE_PROFILES": profiles})["services"]
        self._names = set(services or self._declared) - NOT_HERE
        self._places = Places(self.folder, self._declared, {"nginx:8080": listen} if listen else {})
        self._environment, self._story = dict(environment or {}), story_clock
        self._processes: dict[str, Process] = {}
        self._came_up: set[str] = set()
        self.ending = threading.Event()  # set: nothing is started again, and what waits to come up gives up
        self._watching = threading.Thread(target=self._watch, name="cluster", daemon=True)

    @property
    def url(self) -> str:
        """The one origin."""
        return self.process("nginx").url

    @property
    def processes(self) -> Mapping[str, Process]:
        """Every process by the name of its service."""
        return self._processes

    @property
    def data(self) -> Path:
        """ORTOO_DATA of its processes: the signing key lies there."""
        return self.folder / "volumes" / "node"

    def process(self, name: str) -> Process:
        """The process of a service."""
        return self._processes[name]

    def environment(self, name: str) -> dict[str, str]:
        """The variables a service runs with, for one more process like it."""
        return {**self._places.environment(name, self._declared[name]), **self._environment}

    @property
    def operator(self) -> dict[str, str]:
        """The variables of `ortoo doctor` and the other commands that look at the whole cluster."""
        return {name: value for name, value in self.environment("operate").items() if name not in {"ORTOO_HOST", "ORTOO_PORT"}}

    @property
    def superuser(self) -> dict[str, str]:
        """What lets a process use every database."""
        return {name: value for name, value in self.operator.items() if name.startswith("ORTOO_POSTGRES")}

    def up(self) -> None:
        """Start everything in the order of depends_on, and return when every health check passes. ClusterFailed if one never does."""
        subprocess.run([INFRA / "secrets.sh", self.folder / "secrets"], check=True)
        self._watching.start()
        try:
            with ThreadPoolExecutor(len(self._names)) as pool:
                for done in as_completed([pool.submit(self._bring_up, name) for name in self._names]):
                    if done.exception():
                        self.ending.set()  # the others need not wait
                    done.result()
            (self.folder / "operator.env").write_text("".join(f"{name}='{value}'\n" for name, value in self.operator.items()))
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """End everything: first who serves, last the stores."""
        self.ending.set()
        self._watching.join()
        stores = [process for name, process in self._processes.items() if "depends_on" not in self._declared[name]]
        with ThreadPoolExecutor() as pool:
            list(pool.map(Process.stop, [p for p in self._processes.values() if p not in stores]))
            list(pool.map(Process.stop, stores))

    def __enter__(self) -> Cluster:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def _bring_up(self, name: str) -> None:
        service = self._declared[name]
        end = time.monotonic() + UP_S
        for needed, how in service.get("depends_on", {}).items():
            while needed in self._names and not self._is(needed, how["condition"]):
                if self.ending.is_set() or time.monotonic() > end:
                    raise ClusterFailed(f"{name} waits for {needed}, which is not up")
                time.sleep(0.05)
        folder = self.folder / "processes" / name
        made = component(name, service, self._places, folder, self._environment)
        process = self._processes[name] = Process(name, made, once=service["restart"] == "on-failure")
        process.start()
        while not process.healthy:
            if process.starts > PATIENCE or time.monotonic() > end or self.ending.is_set():
                raise ClusterFailed(f"{name} does not come up. {process.said()}")
            time.sleep(0.1)
        if self._story and isinstance(made, PostgresServer):
            self._share_a_clock(made)
        self._came_up.add(name)

    def _share_a_clock(self, server: PostgresServer) -> None:
        """A story's clock lies in a database that all processes write, so they all come as the superuser."""
        with psycopg.connect(f"{server.dsn}/postgres", autocommit=True) as db, suppress(DuplicateDatabase):
            db.execute("CREATE DATABASE ortoo_story")
        self._environment |= {"ORTOO_STORY_CLOCK": "1", **self.superuser}

    def _is(self, name: str, condition: str) -> bool:
        return name in (self._processes if condition == "service_started" else self._came_up)

    def _watch(self) -> None:
        while not self.ending.wait(0.05):
            for process in list(self._processes.values()):
                process.revive()


def run(folder: Path, brokers: str) -> int:
    """Hold a cluster up until SIGTERM. Whoever holds the lock is the one whose number is in it."""
    lock = (folder / "supervisor").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"a cluster runs in {folder} already: make cluster-down")
        return 1
    lock.truncate(0)
    print(os.getpid(), file=lock, flush=True)
    listen = int(os.environ.get("ORTOO_LISTEN", "127.0.0.1:8080").rpartition(":")[2])
    cluster = Cluster(folder, variables=os.environ, listen=listen, three_brokers=brokers == "3")
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: cluster.ending.set())
    try:
        with cluster:
            print(f"{READY} {cluster.url}; logs are in {folder}/processes; make cluster-down ends it", flush=True)
            cluster.ending.wait()
    except (ClusterFailed, RuntimeError, ValueError) as error:
        print(error)
        return 1
    return 0


def up(folder: Path, brokers: str) -> int:
    """Start a cluster that goes on without us, and say its one line."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tools.cluster", "run", str(folder), brokers]
    with (folder / "supervisor.log").open("w") as log:
        supervisor = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    said = folder / "supervisor.log"
    try:
        while supervisor.poll() is None and READY not in said.read_text():
            time.sleep(0.1)
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait()
    print(said.read_text(), end="")
    return supervisor.poll() or 0


def down(folder: Path) -> int:
    """End the cluster in a folder and wait until it has."""
    with (folder / "supervisor").open("a+") as lock:
        lock.seek(0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.kill(int(lock.read()), signal.SIGTERM)
            fcntl.flock(lock, fcntl.LOCK_EX)
    return 0


def main() -> int:
    """What the Makefile calls."""
    name, where, *brokers = sys.argv[1:]
    folder = Path(where).resolve()
    if name == "down":
        return down(folder)
    return (up if name == "up" else run)(folder, *brokers)


if __name__ == "__main__":
    sys.exit(main())
