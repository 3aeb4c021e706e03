"""Where a node's data lies, opened to be looked at: a data folder (SQLite), or the databases of a cluster (PostgreSQL)."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.start.realms import drill_of, logs_of
from services.start.settings import ClusterSettings, Settings
from services.wiring import SERVICES
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.sqlite import SqliteLog
from shared.handling.declare import Service
from shared.runtime.embedded import FolderTaken, take_folder
from shared.sql.ports import Database, Databases, StorageFailed
from shared.sql.postgres import Schemas
from shared.sql.sessions import dial, settings
from shared.sql.sqlite import File, Files

Log = SqliteLog | PostgresLog
OURS = "ortoo operate"  # how sessions of these commands call themselves at the server
READ = "read."
VAULT = "vault"  # of personal values, with its keyring; never with the root key
FILTER, OF_A_FEED = "filter", ".to."  # whose database holds the feed logs, and how they are known


class Running(Exception):
    """What is to be changed is in use: says by whom, and how to stop it."""


class Own(Protocol):
    """One log that is written here, and what is beside it."""

    @property
    def log_name(self) -> str: ...
    def log(self, *, write: bool = False) -> Log | None:
        """None when it was never made."""
        ...

    def store(self, name: str) -> Database | None:
        """A store beside the log, such as its blobs."""
        ...


class Home(Own, Protocol):
    """One service's data."""

    @property
    def service(self) -> Service: ...
    def tables(self) -> Database | None:
        """The tables of its log, for what lies beside the events."""
        ...

    def models(self) -> Databases | None:
        """Its read models; None when none were built."""
        ...

    def heard(self) -> list[Log]:
        """The logs of the services it listens to, as far as they are here."""
        ...


class Place(Protocol):
    """A node, or a cluster."""

    @property
    def words(self) -> str: ...
    def homes(self) -> list[Home]: ...
    def logs(self) -> list[Own]:
        """The logs of the homes, and the feed logs."""
        ...

    def carried(self, log: str) -> list[tuple[str, Log]]:
        """Other copies of a log as neighbours received it, with what each is called."""
        ...

    def vault(self) -> Databases | None:
        """The stores of personal values and of their keys; None when nobody can look at them."""
        ...

    def unasked(self) -> Mapping[str, str]:
        """Databases that are there and cannot be looked at: whose, and why."""
        ...

    def stopped(self) -> AbstractContextManager[None]:
        """Nothing else writes inside. Running when something does."""
        ...


@dataclass(frozen=True, slots=True)
class FolderHome:
    """A service in a data folder."""

    folder: Path
    province: str
    service: Service

    @property
    def log_name(self) -> str:
        return f"{self.province}.{self.service.name}"

    def log(self, *, write: bool = False) -> Log | None:
        path = self.folder / "logs" / f"{self.log_name}.db"
        return SqliteLog(path, self.log_name, read_only=not write) if path.exists() else None

    def heard(self) -> list[Log]:
        names = [f"{self.province}.{name}" for name in self.service.listens_to]
        paths = [(self.folder / "logs" / f"{name}.db", name) for name in names]
        return [SqliteLog(path, name, read_only=True) for path, name in paths if path.exists()]

    def tables(self) -> Database | None:
        return File(path) if (path := self.folder / "logs" / f"{self.log_name}.db").exists() else None

    def models(self) -> Databases | None:
        return Files(self.folder / "read") if (self.folder / "read").is_dir() else None

    def store(self, name: str) -> Database | None:
        return Files(self.folder).at(name) if (self.folder / f"{name}.db").exists() else None


@dataclass(frozen=True, slots=True)
class Folder:
    """The data folder of an embedded node."""

    folder: Path
    province: str

    @property
    def words(self) -> str:
        return f"the folder {self.folder}"

    def homes(self) -> list[Home]:
        return [FolderHome(self.folder, self.province, service) for service in SERVICES]

    def logs(self) -> list[Own]:
        return [*self.homes()]

    def carried(self, log: str) -> list[tuple[str, Log]]:
        return []

    def vault(self) -> Databases | None:
        return Files(self.folder)

    def unasked(self) -> Mapping[str, str]:
        return {}

    @contextmanager
    def stopped(self) -> Iterator[None]:
        try:
            lock = take_folder(self.folder)
        except FolderTaken as error:
            raise Running(f"a node runs on {self.folder}: stop it first") from error
        with lock:
            yield


@dataclass(frozen=True, slots=True)
class Feed:
    """A log in a PostgreSQL database, such as the feed log of an audience."""

    dsn: str
    log_name: str

    def log(self, *, write: bool = False) -> Log | None:
        return PostgresLog(self.dsn, self.log_name, read_only=not write) if self.store(self.log_name) else None

    def store(self, name: str) -> Database | None:
        schemas = Schemas(self.dsn)
        return schemas.at(name) if name in schemas.names() else None


@dataclass(frozen=True, slots=True)
class SchemaHome:
    """A service in its PostgreSQL database."""

    dsn: str
    province: str
    service: Service

    @property
    def log_name(self) -> str:
        return f"{self.province}.{self.service.name}"

    def log(self, *, write: bool = False) -> Log | None:
        return Feed(self.dsn, self.log_name).log(write=write)

    def store(self, name: str) -> Database | None:
        return Feed(self.dsn, self.log_name).store(name)

    def tables(self) -> Database | None:
        return self.store(self.log_name)

    def models(self) -> Databases | None:
        return Schemas(self.dsn, READ)

    def heard(self) -> list[Log]:
        logs = (Feed(self.dsn, f"{self.province}.{name}").log() for name in self.service.listens_to)
        return [log for log in logs if log is not None]


@dataclass(frozen=True, slots=True)
class Servers:
    """The databases of a cluster, by service; `ortoo_front` and the like hold inboxes only."""

    settings: ClusterSettings
    databases: Mapping[str, str]  # service -> address of its database
    refused: Mapping[str, str]  # service -> why its database could not be reached
    absent: Collection[str] = ()  # those of them that the server says were never made

    @property
    def words(self) -> str:
        return f"the databases {', '.join(f'{self.settings.database}_{name}' for name in self.databases)}"

    def homes(self) -> list[Home]:
        province = self.settings.province
        return [SchemaHome(self.databases[s.name], province, s) for s in SERVICES if s.name in self.databases]

    def logs(self) -> list[Own]:
        if (dsn := self.databases.get(FILTER)) is None:
            return [*self.homes()]
        return [*self.homes(), *(Feed(dsn, name) for name in Schemas(dsn).names() if OF_A_FEED in name)]

    def carried(self, log: str) -> list[tuple[str, Log]]:
        found: list[tuple[str, Log]] = []
        for name, dsn in self.databases.items():
            own = name == (FILTER if OF_A_FEED in log else log.rpartition(".")[2])
            if not own and log in Schemas(dsn).names():
                found.append((f"the inbox of {name}", PostgresLog(dsn, log, read_only=True)))
        return found

    def vault(self) -> Databases | None:
        return Schemas(dsn) if (dsn := self.databases.get(VAULT)) is not None else None

    def unasked(self) -> Mapping[str, str]:
        return {name: why for name, why in self.refused.items() if name not in self.absent}

    @contextmanager
    def stopped(self) -> Iterator[None]:
        for name, dsn in self.databases.items():
            if busy := sessions(dsn):
                raise Running(f"{busy} sessions of ortoo use the database of {name}: stop every process of the cluster first")
        yield


def sessions(dsn: str) -> int:
    """How many sessions of ortoo's processes a database has, beside our own."""
    ours = "application_name LIKE 'ortoo%%' AND application_name <> %s"
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {ours}"
    with closing(dial(dsn, settings("public", read_only=True))) as db:
        count: int = db.execute(asked, [OURS]).fetchall()[0][0]
    return count


def runs(place: Place) -> bool:
    """Whether something writes there now. Changes nothing."""
    if isinstance(place, Folder) and not (place.folder / "node.lock").exists():
        return False
    try:
        with place.stopped():
            return False
    except Running:
        return True
    except StorageFailed:  # a folder we may not write: doctor says so
        return False


def here() -> Place:
    """What the environment names: a cluster when ORTOO_POSTGRES is set, else the data folder; a drill's folder is never a cluster.

    ValueError, StorageFailed."""
    told = Settings.from_environment()
    if os.environ.get("ORTOO_POSTGRES") and drill_of(told.folder) is None:
        return servers(ClusterSettings.from_environment())
    return Folder(told.folder, logs_of(told.folder, told.province))


def servers(told: ClusterSettings) -> Servers:
    """The databases that are there and can be reached with the address's role. StorageFailed when none can."""
    found, refused = {}, {}
    for name in (*(service.name for service in SERVICES), "front", FILTER, VAULT):
        dsn = make_conninfo(told.dsn(name), application_name=OURS)
        try:
            dial(dsn, settings("public", read_only=True)).close()
            found[name] = dsn
        except StorageFailed as error:
            refused[name] = str(error)
    if not found:
        raise StorageFailed(next(iter(refused.values())))
    with closing(dial(next(iter(found.values())), settings("public", read_only=True))) as db:
        made = {row[0] for row in db.execute("SELECT datname FROM pg_database").fetchall()}
    return Servers(told, found, refused, [name for name in refused if conninfo_to_dict(told.dsn(name))["dbname"] not in made])
