"""What stands for each image of docker-compose.yml on this machine: PostgreSQL, Kafka and nginx from their packages, `ortoo` from .venv."""

from __future__ import annotations

import getpass
import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tools.components import Component, KafkaBroker, PostgresServer
from tools.compose import INFRA, Places
from tools.programs import nginx_program, postgres_program

BIN = Path(sys.executable).parent
NOT_PROPERTIES = {"KAFKA_HEAP_OPTS", "KAFKA_OPTS", "KAFKA_LOG4J_OPTS", "KAFKA_JMX_OPTS"}  # what the image hands to Java
NGINX_CONF = """\
pid nginx.pid;
error_log stderr warn;
worker_processes 1;
{user}
events {{ worker_connections 4096; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include ortoo.conf;
}}
"""


def component(name: str, service: Mapping[str, Any], places: Places, folder: Path, more: Mapping[str, str] | None = None) -> Component:
    """A service of docker-compose.yml as something to start here; `more` is added to the variables of a process of ours."""
    environment = places.environment(name, service)
    match service["image"].split(":")[0].split("/")[-1]:
        case "kafka":
            return Broker(folder, broker_settings(environment), environment["CLUSTER_ID"], port=places.port(name, 9092))
        case "postgres":
            return Postgres(folder, service["command"], environment, port=places.port(name, 5432))
        case "nginx-unprivileged":
            config = places.local(name, service, (INFRA / "nginx/ortoo.conf.template").read_text(encoding="utf-8"))
            return Nginx(folder, config, port=places.port(name, 8080))
        case "ortoo":
            places.make_volumes(service)
            command = [str(BIN / "ortoo"), *(places.local(name, service, part) for part in service["command"])]
            return Ortoo(folder, command, service["healthcheck"].get("test", ())[1:], {**environment, **(more or {})})
    raise ValueError(f"nothing on this machine stands for {service['image']}")


def broker_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """KAFKA_A_B__C___D=v as a.b_c-d=v, by the rule of the image."""
    kept = {name: value for name, value in environment.items() if name.startswith("KAFKA_") and name not in NOT_PROPERTIES}
    sign = {"_": ".", "__": "_", "___": "-"}
    return {re.sub("_+", lambda found: sign[found[0]], name.removeprefix("KAFKA_").lower()): value for name, value in kept.items()}


class Broker(KafkaBroker):
    """A broker whose data stay."""

    EPHEMERAL = False


class Postgres(PostgresServer):
    """A PostgreSQL whose data stay; its folder is initialised as the image does it."""

    EPHEMERAL = False

    def __init__(self, folder: Path, command: Sequence[str], environment: Mapping[str, str], port: int) -> None:
        settings = dict(part.split("=", 1) for part in command if "=" in part)
        self._secrets = Path(environment["POSTGRES_PASSWORD_FILE"]).parent
        self.INITDB = environment["POSTGRES_INITDB_ARGS"].split()
        folder.mkdir(parents=True, exist_ok=True)
        _enterable(folder)
        super().__init__(folder, settings, Path(environment["POSTGRES_PASSWORD_FILE"]).read_text(), port=port)

    def _initialise(self) -> None:
        super()._initialise()
        where = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGPASSWORD": self.password or ""}
        path = f"{Path(postgres_program('psql')).parent}:{os.environ['PATH']}"
        try:
            self.start()
            subprocess.run([INFRA / "postgres/init.sh"], check=True, env={**where, "PATH": path, "ORTOO_SECRETS": str(self._secrets)})
            self.stop()
        except BaseException:
            self.remove()  # half made it would pass for whole the next time
            raise


class Nginx(Component):
    """The door, with the template that the image reads."""

    EPHEMERAL = False

    def __init__(self, folder: Path, config: str, port: int) -> None:
        super().__init__(folder, port=port)
        program = nginx_program()
        if program is None:
            raise RuntimeError("there is no nginx on this machine: run `make dev system` (Debian: apt-get install nginx-light)")
        self.program = program
        filled = {"ORTOO_RESOLVE": "", "NGINX_LOCAL_RESOLVERS": "127.0.0.1"}
        (folder / "ortoo.conf").write_text(re.sub(r"\$\{(\w+)\}", lambda found: filled[found[1]], config))
        (folder / "nginx.conf").write_text(NGINX_CONF.format(user=f"user {getpass.getuser()};" if os.geteuid() == 0 else ""))

    def _command(self) -> list[str]:
        return [self.program, "-p", f"{self.folder}/", "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]

    def answers(self) -> bool:
        return _asked(self.port, "/health/live")[0] == 200


class Ortoo(Component):
    """A process of ours, with its own command, variables and health check."""

    EPHEMERAL = False

    def __init__(self, folder: Path, command: Sequence[str], health: Sequence[str], environment: Mapping[str, str]) -> None:
        super().__init__(folder, port=int(environment["ORTOO_PORT"]))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ORTOO_")}
        self.environment = {**kept, **environment, "PATH": f"{BIN}:{os.environ['PATH']}"}
        self._started, self._health = list(command), list(health)

    def answers(self) -> bool:
        if _asked(self.port, "/health/ready")[0] != 200:  # far cheaper, while it comes up, than the command that has the last word
            return False
        return subprocess.run(self._health, env=self.environment, capture_output=True, check=False).returncode == 0

    def trouble(self) -> str:
        status, said = _asked(self.port, "/health/ready")
        return said if status else f"It does not answer: {said}."

    def _command(self) -> list[str]:
        return self._started

    def _run_as(self) -> dict[str, Any]:
        return {"env": self.environment}


def _asked(port: int, path: str) -> tuple[int | None, str]:
    """Status and body; no status when nobody answers."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as http:
        try:
            http.request("GET", path)
            answer = http.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, HTTPException) as error:
            return None, type(error).__name__


def _enterable(folder: Path) -> None:
    """Root starts PostgreSQL as another user, who must get at the folder. ValueError with the place where it cannot."""
    if os.geteuid() == 0:
        for path in folder.parents:
            if not path.stat().st_mode & stat.S_IXOTH:
                raise ValueError(f"PostgreSQL cannot enter {path}, which is for root only: choose another folder with CLUSTER=...")
