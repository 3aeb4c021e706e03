"""Where the servers' programs are on this machine: Debian's PostgreSQL and nginx, and Kafka's jars in a cache of our own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tools.leash import ROOT

POM = ROOT / "infra/kafka/pom.xml"
OLDEST = 15  # of PostgreSQL


def cache() -> Path:
    """Where the broker's jars are kept, outside the source tree, one folder for each pom.xml."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "ortoo" / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def has_jars() -> bool:
    """Whether the broker was fetched; the folder appears whole or not at all."""
    return any((cache() / "libs").glob("kafka_*.jar"))


def fetch_jars() -> None:
    """Let Maven copy the broker and what it needs into the cache."""
    fetched = cache().parent / f"{cache().name}.{os.getpid()}"
    subprocess.run(["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={fetched / 'libs'}"], check=True)
    shutil.rmtree(cache(), ignore_errors=True)
    fetched.rename(cache())


def has_postgres() -> bool:
    """Whether there is a PostgreSQL server new enough."""
    return bool(_postgres_bin())


def _postgres_bin() -> Path | None:
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin/initdb") if int(path.parts[-3]) >= OLDEST]
    newest = max(installed, key=lambda path: int(path.parts[-3]), default=shutil.which("initdb"))
    return Path(newest).parent if newest else None


def postgres_program(program: str) -> str:
    """Where a program of the PostgreSQL server is."""
    folder = _postgres_bin()
    if folder is None:
        raise RuntimeError("there is no PostgreSQL on this machine: run `make dev system` (Debian: apt-get install postgresql)")
    return str(folder / program)


def java(main: str) -> list[str]:
    """The command line of a program of Kafka's: it starts soon rather than runs fast."""
    if not has_jars():
        raise RuntimeError("the broker's jars were not fetched: run `make dev system`")
    quick = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={ROOT / 'infra/kafka/log4j2.yaml'}"]
    return ["java", *quick, "-cp", f"{cache() / 'libs'}/*", main]


def nginx_program() -> str | None:
    """Where nginx is, if it is: Debian puts it where only root looks."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
