"""What a process is started with: the environment's variables, made sense of once."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypedDict
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node is started with; the environment gives the defaults."""

    folder: Path
    province: str
    host: str = "127.0.0.1"
    port: int = 8000
    story_clock: bool = False
    smtp: Mapping[str, str] = field(default_factory=dict, repr=False)  # the ORTOO_SMTP_ variables; one may be a password
    public_url: str | None = None  # where people reach this node; links in mails begin with it, and browsers' changes come from there
    root_key: Path | None = None  # the vault's root key, when it does not lie beside the data folder
    backups: Path | None = None  # where backups are kept, when not beside the data folder: the search after a destruction looks there
    proxied: bool = False  # our nginx stands before it, and listens there

    @classmethod
    def from_environment(cls, story_clock: bool = False) -> Self:
        """ValueError names a variable that means nothing."""
        get = os.environ.get
        return cls(
            folder=Path(get("ORTOO_DATA", "./data")),
            province=get("ORTOO_PROVINCE", "150000"),
            host=get("ORTOO_HOST", "127.0.0.1"),
            port=_port(get("ORTOO_PORT", "8000")),
            story_clock=story_clock or get("ORTOO_STORY_CLOCK") == "1",
            smtp={name: value for name, value in os.environ.items() if name.startswith("ORTOO_SMTP_")},
            public_url=_public(get("ORTOO_PUBLIC_URL", ""), get("ORTOO_LISTEN", "")),
            root_key=Path(file) if (file := get("ORTOO_ROOT_KEY")) else None,
            backups=Path(kept) if (kept := get("ORTOO_BACKUPS")) else None,
            proxied=bool(get("ORTOO_LISTEN")),
            **cls._more(),
        )

    @classmethod
    def _more(cls) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings(Settings):
    """What a process of a cluster is started with. Of `folder` it uses only `keys/`."""

    kafka: str  # its brokers
    replicas: int = 1  # of each topic
    postgres: str | None = None  # the server's address, without a database; for whoever stores something
    password: str | None = field(default=None, repr=False)
    vault: str | None = None  # the server's address for the vault's own database; for whoever collects or destroys personal values
    vault_password: str | None = field(default=None, repr=False)
    database: str = "ortoo"  # how the names of the databases begin
    process: str = "ortoo"  # how its sessions call themselves at the server

    @classmethod
    def _more(cls) -> dict[str, Any]:
        get = os.environ.get
        if not get("ORTOO_KAFKA"):
            raise ValueError("ORTOO_KAFKA must be set: where the cluster's brokers are, such as 127.0.0.1:9092")
        return {
            "kafka": get("ORTOO_KAFKA"),
            "replicas": _number("ORTOO_KAFKA_REPLICAS", get("ORTOO_KAFKA_REPLICAS", "1")),
            "postgres": get("ORTOO_POSTGRES"),
            "vault": get("ORTOO_VAULT"),
            "vault_password": _password(Path(file), "ORTOO_VAULT_PASSWORD_FILE") if (file := get("ORTOO_VAULT_PASSWORD_FILE")) else None,
            **_databases(),
        }

    def named(self, name: str, port: int) -> Self:
        """Of the process of this name that listens on this port: as `ortoo cluster status` lists it, with its address."""
        host = socket.gethostname() if self.host in ("0.0.0.0", "::") else self.host
        return replace(self, process=f"ortoo {name} {host}:{port}")

    def dsn(self, service: str) -> str:
        """The address of the database of a service. ValueError when ORTOO_POSTGRES is none."""
        if not self.postgres:
            raise ValueError("ORTOO_POSTGRES must be set: where the cluster's PostgreSQL is, such as postgresql://ortoo@127.0.0.1:5432")
        return _address(self.postgres, f"{self.database}_{service}", self.password, application_name=self.process)

    def vault_address(self) -> tuple[str, Path]:
        """The address of the vault's database, and the file of its root key. ValueError when nobody said where they are."""
        if not self.vault or self.root_key is None:
            raise ValueError("ORTOO_VAULT and ORTOO_ROOT_KEY must be set: where the vault's PostgreSQL is, and the file of its root key")
        return _address(self.vault, f"{self.database}_vault", self.vault_password, application_name=self.process), self.root_key


def database_at(server: str, service: str) -> str:
    """The address of a service's database at a server; the environment says the password and how the names begin. ValueError."""
    told = _databases()
    return _address(server, f"{told['database']}_{service}", told["password"])


class _Databases(TypedDict):
    """What is the same for every database of a server."""

    database: str
    password: str | None


def _databases() -> _Databases:
    file = os.environ.get("ORTOO_POSTGRES_PASSWORD_FILE")
    password = _password(Path(file), "ORTOO_POSTGRES_PASSWORD_FILE") if file else None
    return {"database": os.environ.get("ORTOO_DATABASE", "ortoo"), "password": password}


def _address(server: str, database: str, password: str | None, **more: str) -> str:
    try:
        return make_conninfo(server, dbname=database, **({"password": password} if password else {}), **more)
    except ProgrammingError as error:  # its words may hold a password
        raise ValueError("ORTOO_POSTGRES is no address of a server, such as postgresql://ortoo@127.0.0.1:5432") from error


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        raise ValueError(f"ORTOO_PORT is {text[:40]!r}; a port is a number up to 65535, 0 for any free one")
    return int(text)


def _public(url: str, listen: str) -> str | None:
    """`listen` is where the proxy of a cluster is reached."""
    host = listen.rpartition(":")[0].strip("[]")
    if not url:
        if listen and host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError(
                f"ORTOO_PUBLIC_URL must be set when others reach {listen}: by which address they do, such as https://ortoo.example"
            )
        return None
    told = urlsplit(url)
    if told.scheme not in ("http", "https") or not told.netloc:
        raise ValueError(f"ORTOO_PUBLIC_URL is {url[:100]!r}; it is the address people reach us by, such as https://ortoo.example")
    return url.rstrip("/")


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{name} is {text[:40]!r}; it is a number")
    return int(text)


def _password(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"{name} cannot be read: {error.strerror}") from error
