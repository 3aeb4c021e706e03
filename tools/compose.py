"""infra/docker-compose.yml as data, and what stands for its hosts, ports and paths on this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import yaml

from tools.components import free_port
from tools.leash import ROOT

INFRA = ROOT / "infra"
COMPOSE = INFRA / "docker-compose.yml"
_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\})")


def read(variables: Mapping[str, str], path: Path = COMPOSE) -> dict[str, Any]:
    """The file with `${NAME:-default}` filled in, and only the services of the profiles asked for. KeyError for a name nobody set."""

    def value(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        name, default = found["name"], found["default"]
        return variables.get(name) or default if default is not None else variables[name]

    def filled(part: Any) -> Any:
        match part:
            case str():
                return _VARIABLE.sub(value, part)
            case list():
                return [filled(item) for item in part]
            case dict():
                return {name: filled(item) for name, item in part.items()}
        return part

    whole: dict[str, Any] = filled(yaml.safe_load(path.read_text(encoding="utf-8")))
    profiles = set(variables.get("COMPOSE_PROFILES", "").split(","))
    whole["services"] = {name: s for name, s in whole["services"].items() if profiles & set(s.get("profiles", profiles))}
    return whole


def environment_file(path: Path) -> dict[str, str]:
    """NAME=value lines, as `--env-file` takes them."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass(slots=True)
class Places:
    """Which local port and path stands for a container's. Ports are kept, so that a cluster comes back where it was."""

    folder: Path
    services: Collection[str]
    ports: dict[str, int] = field(default_factory=dict)  # those given go before those kept
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        if self._kept.exists():
            self.ports = {**json.loads(self._kept.read_text()), **self.ports}

    @property
    def _volumes(self) -> Path:
        return self.folder / "volumes"

    @property
    def _kept(self) -> Path:
        return self.folder / "ports.json"

    def port(self, service: str, port: int) -> int:
        """The local port for a service's own; services that come up at once each get another."""
        name = f"{service}:{port}"
        with self._lock:
            if name not in self.ports:
                while (free := free_port()) in self.ports.values():
                    pass
                self.ports[name] = free
                draft = self._kept.with_suffix(".draft")
                draft.write_text(json.dumps(self.ports))
                draft.replace(self._kept)
            return self.ports[name]

    def paths(self, service: Mapping[str, Any]) -> dict[str, Path]:
        """Where a service's secrets and volumes lie, by their path in the container."""
        found = {f"/run/secrets/{name}": self.folder / "secrets" / name for name in service.get("secrets", ())}
        for volume in service.get("volumes", ()):
            outside, inside = volume.split(":")[:2]
            found[inside] = (INFRA / outside).resolve() if outside.startswith(".") else self._volumes / outside
        return found

    def make_volumes(self, service: Mapping[str, Any]) -> None:
        """Those that are not there yet, empty, as they are when a container is made."""
        for volume in self.paths(service).values():
            if volume.parent == self._volumes:
                volume.mkdir(mode=0o700, parents=True, exist_ok=True)

    def local(self, name: str, service: Mapping[str, Any], text: str) -> str:
        """A value of the file as it reads on this machine."""
        for inside, outside in self.paths(service).items():
            text = re.sub(rf"(?<![\w/.]){re.escape(inside)}(?![\w.-])", str(outside).replace("\\", r"\\"), text)
        hosts = "|".join(sorted(map(re.escape, self.services), key=len, reverse=True))
        text = re.sub(rf"(?<![\w.-])({hosts}):(\d+)\b", lambda found: f"127.0.0.1:{self.port(found[1], int(found[2]))}", text)
        return re.sub(r"(?<![\w.-])0\.0\.0\.0:(\d+)\b", lambda found: f"127.0.0.1:{self.port(name, int(found[1]))}", text)

    def environment(self, name: str, service: Mapping[str, Any]) -> dict[str, str]:
        """A service's variables on this machine; it listens on loopback, on a port of its own."""
        made = {key: self.local(name, service, str(value)) for key, value in service.get("environment", {}).items()}
        if "ORTOO_PORT" in made:
            made |= {"ORTOO_HOST": "127.0.0.1", "ORTOO_PORT": str(self.port(name, int(made["ORTOO_PORT"])))}
        return made
