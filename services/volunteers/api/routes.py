"""Every operation of the volunteers service, commands as one table."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from services.volunteers.api import callups, candidates, codes, forces, honours, hours, merging, people, registration
from services.volunteers.reception.desk import Desk
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host

PARTS: tuple[Any, ...] = (
    people,
    forces,
    candidates,
    callups,
    hours,
    honours,
)  # each has a table COMMANDS and `add(router, host, routes)` for what needs more


def router(host: Host, directory: Directory, desk: Desk | None) -> APIRouter:
    """All operations, to be mounted under `/api/volunteers`."""
    made = APIRouter(tags=["volunteers"])
    routes = CommandRoutes(made, "volunteers", host.log("volunteers"))
    for part in PARTS:
        for path, command in part.COMMANDS:
            routes.post(path, command)
        part.add(made, host, routes)
    merging.add(routes, host, desk)
    registration.add(made, host, desk)
    codes.add(made, host, desk)
    return made
