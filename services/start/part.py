"""A service to whoever composes a process of it. Each has one entry in `services/wiring.py`; most give only the first two fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from services.registry.directory import Directory
from services.registry.provinces import Province
from services.start.settings import Settings
from shared.handling.declare import Service
from shared.runtime.process import Process
from shared.sql.ports import Database, Databases
from shared.web.host import Host


def _nothing(host: Process, stores: Databases, own: Province, settings: Settings) -> None:
    """It has its log, and nothing beside it."""


def _no_pages(host: Host, beside: Any) -> Sequence[APIRouter]:
    return ()


@dataclass(frozen=True)
class Part:
    """One service, with what is beside its log: stores and the engines over them, pages, larger bodies."""

    service: Service
    routes: Callable[[Host, Directory, Any], APIRouter]  # its operations; the last is what `furnish` gave, None to only describe them
    furnish: Callable[[Process, Databases, Province, Settings], Any] = _nothing  # once its log is open and before anybody is answered
    pages: Callable[[Host, Any], Sequence[APIRouter]] = _no_pages  # beside `/api`, such as for who has no token
    asked: Sequence[str] = ()  # operations that need a permission row, beside its commands
    limits: Mapping[str, int] = field(default_factory=dict)  # path to bytes of a body, where more than usual is taken
    stores: Mapping[str, Callable[[Database], Any]] = field(default_factory=dict)  # what `ortoo log copy` takes along, by name
    vault: bool = False  # it needs the vault, which in a cluster only few processes reach
    late_vault: bool = False  # and in a cluster all else goes on while the vault is away
    master: tuple[str, ...] | None = ()  # how streams begin that a drill starts with, of no case's doing; None: all of them
