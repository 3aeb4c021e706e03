"""Every operation of resources, commands as one table."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from services.resources.api import (
    agreements,
    allocations,
    availability,
    dispatch,
    donations,
    files,
    masters,
    papers,
    photos,
    relief,
    requests,
    requisitions,
    scans,
    stock,
    stocktakes,
)
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host

# Each has a table COMMANDS and `add(router, host, directory, routes)` for what needs more.
PARTS: tuple[Any, ...] = (
    masters,
    availability,
    stock,
    stocktakes,
    files,
    scans,
    papers,
    photos,
    requests,
    allocations,
    dispatch,
    agreements,
    requisitions,
    relief,
    donations,
)


def router(host: Host, directory: Directory, beside: Any = None) -> APIRouter:
    """All operations, to be mounted under `/api/resources`."""
    made = APIRouter(tags=["resources"])
    routes = CommandRoutes(made, "resources", host.log("resources"))
    for part in PARTS:
        for path, command in part.COMMANDS:
            routes.post(path, command)
        part.add(made, host, directory, routes)
    return made
