"""What the registry has before it answers: the province's divisions, loaded into a registry that never had any."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from services.registry.api.routes import router
from services.registry.deciders.divisions import UNITS, LoadDivisions
from services.registry.directory import Directory
from services.registry.provinces import Province
from services.registry.service import REGISTRY
from services.start.part import Part
from services.start.settings import Settings
from shared.handling.pending import Pending, fingerprint
from shared.kernel.commands import Signature, derived_id
from shared.runtime.process import Process
from shared.sql.ports import Databases
from shared.web.host import Host


def furnish(host: Process, stores: Databases, own: Province, settings: Settings) -> None:
    load_divisions(host, own)


def load_divisions(host: Process, own: Province) -> None:
    """The province's divisions into a registry that never had any; who does so at the same time changes nothing by it."""
    if own.root in host.directory.divisions:
        return
    by = Signature("SYS.SETUP", ("SYS", "ADMIN"), own.root, 1)
    writer = host.running[REGISTRY.name].writer
    failed: list[BaseException] = []
    for start in range(0, len(own.units), UNITS):
        command = LoadDivisions(by=by, now=host.now(), root=own.root, units=own.units[start : start + UNITS], source="province")
        writer.submit(
            Pending(
                id=derived_id("province", own.root, start),
                command=command,
                fingerprint=fingerprint("LoadDivisions", b""),
                done=lambda result: failed.append(result) if isinstance(result, BaseException) else None,
            )
        )
    while writer.step():
        pass
    if failed:
        raise failed[0]
    host.guarded_directory()


def routes(host: Host, directory: Directory, beside: Any) -> APIRouter:
    return router(host, directory)


PART = Part(REGISTRY, routes, furnish, master=None)
