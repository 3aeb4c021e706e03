"""A cluster to be broken, or a part of one: its processes, and ways to its stores behind their backs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from psycopg.conninfo import make_conninfo

from services.start.cluster import IMPORTS
from services.wiring import SERVICES
from shared.eventlog.postgres import PostgresLog
from shared.handling.declare import Service
from tests.faults.load import PATIENCE_S
from tests.support import ORTOO, Door
from tools.cluster import Cluster
from tools.components import KafkaBroker, free_port
from tools.services import Ortoo

PROVINCE = "150000"


class Stand:
    """One cluster for any number of faults, whole or with only some of its services."""

    def __init__(self, folder: Path, services: Collection[str] | None = None) -> None:
        self.cluster = Cluster(folder, services=services)

    def __enter__(self) -> Stand:
        self.cluster.up()
        door = "nginx" if "nginx" in self.cluster.processes else "alerts"
        self.door = Door(self.cluster.process(door).url, self.cluster.data)
        return self

    def __exit__(self, *_: object) -> None:
        self.door.http.close()
        self.cluster.down()

    @property
    def kinds(self) -> list[str]:
        """Every process that stays, always in the same order: what a seed chooses stays the same."""
        return sorted(self.cluster.processes.keys() - {"topics"})

    @property
    def ours(self) -> list[str]:
        """Those of them that are not stores or the door."""
        return [name for name in self.kinds if isinstance(self.cluster.process(name).component, Ortoo)]

    @property
    def services(self) -> Sequence[Service]:
        """Whose logs are written here."""
        return [service for service in SERVICES if service.name in self.cluster.processes]

    @property
    def imports(self) -> Mapping[str, Sequence[str]]:
        """Which of these logs are received here, and by whom."""
        here = [service.name for service in self.services]
        receivers = [owner for owner in IMPORTS if f"import-{owner}" in self.cluster.processes]
        return {owner: [name for name in here if name in IMPORTS[owner]] for owner in receivers}

    @property
    def operator(self) -> dict[str, str]:
        """The variables of an operator's command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ORTOO_")}
        return {**kept, **self.cluster.operator}

    def ortoo(self, *arguments: str, timeout: float = PATIENCE_S) -> subprocess.CompletedProcess[str]:
        """An operator's command."""
        return subprocess.run([ORTOO, *arguments], env=self.operator, capture_output=True, text=True, timeout=timeout, check=False)

    def dsn(self, service: str) -> str:
        """The database of a service, for its superuser."""
        return self.dsn_of(f"ortoo_{service}")

    def dsn_of(self, database: str) -> str:
        """Any database of the cluster's server."""
        told = self.cluster.superuser
        password = Path(told["ORTOO_POSTGRES_PASSWORD_FILE"]).read_text().strip()
        return make_conninfo(f"{told['ORTOO_POSTGRES']}/{database}", password=password)

    def log(self, service: str) -> PostgresLog:
        """A service's log, to be looked at."""
        return PostgresLog(self.dsn(service), f"{PROVINCE}.{service}", read_only=True)

    @contextmanager
    def producer(self) -> Iterator[KafkaProducer]:
        """What anybody who may write to a topic can use."""
        producer = KafkaProducer(bootstrap_servers=self.operator["ORTOO_KAFKA"], acks="all")
        try:
            yield producer
        finally:
            producer.close()

    def delete_topic(self, name: str) -> None:
        """The way a person begins to make a topic anew."""
        admin = KafkaAdminClient(bootstrap_servers=self.operator["ORTOO_KAFKA"])
        try:
            admin.delete_topics([name])
        finally:
            admin.close()

    def empty_broker(self) -> None:
        """A broker that comes back with a new disk."""
        kafka = self.cluster.process("kafka")
        kafka.stop()
        assert isinstance(kafka.component, KafkaBroker)
        kafka.component.empty()
        kafka.component.stop()
        kafka.start()
        kafka.wait_healthy()

    def recreate_database(self, service: str) -> None:
        """An empty database where a backup can be put."""
        name = f"ortoo_{service}"
        self._tell(f'DROP DATABASE "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" OWNER "{name}"')

    def copy_database(self, name: str, to: str) -> None:
        self._tell(f'CREATE DATABASE "{to}" TEMPLATE "{name}"')

    def drop_database(self, name: str) -> None:
        self._tell(f'DROP DATABASE "{name}" WITH (FORCE)')

    @contextmanager
    def one_more(self, name: str, **environment: str) -> Iterator[str]:
        """One more process like a service's, beside those of the cluster; its address."""
        like, port = self.cluster.process(name).component, free_port()
        assert isinstance(like, Ortoo)
        told = {**like.environment, **self.cluster.superuser, **environment, "ORTOO_PORT": str(port)}
        folder = self.cluster.folder / "processes" / f"{name}-more"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen([ORTOO, "cluster", "serve", name], env=told, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)

    def _tell(self, *statements: str) -> None:
        with psycopg.connect(self.dsn_of("postgres"), autocommit=True) as db:
            for statement in statements:
                db.execute(statement.encode())
