"""Operations on retention, destruction and copies. Who names no incident means the only one that is open for the register."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.privacy.api.records import ACCEPTED
from services.privacy.deciders.retention import commands
from services.privacy.projections import certificates, retention
from services.privacy.searching.searcher import Searcher
from shared.kernel.commands import Command
from shared.kernel.errors import Behind, Failure, NotFound, RuleBroken
from shared.web.call import Call, answered, call
from shared.web.commands import CommandRoutes, Fill
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/certificates/{certificate}/copies/{holder}", commands.ConfirmCopyDestroyed),
    ("/copy-holders/{holder}", commands.RegisterCopyHolder),
    ("/copy-holders/{holder}/release", commands.ReleaseCopyHolder),
)
OF_A_PART: tuple[tuple[str, type[Command]], ...] = (
    ("findings", commands.AssessRetention),
    ("decision", commands.DecideRetention),
    ("destruction", commands.DestroyPersonalData),
)
Register = Annotated[
    str, Path(min_length=1, max_length=64, description="volunteers, resources or alerts; register (only to verify): a standing record")
]
Id = Annotated[str, Field(min_length=1, max_length=64)]


class VerifyBody(BaseModel):
    """Which destruction is searched after."""

    model_config = ConfigDict(extra="forbid")

    certificate: Id
    incident: Id | None = None


def add(router: APIRouter, host: Host, routes: CommandRoutes, searcher: Searcher | None, log: str) -> None:
    for path, command in OF_A_PART:
        routes.post(f"/retention/{{register}}/{path}", command, fill=_only_one(host))

    @router.post(
        "/retention/{register}/verification", operation_id="VerifyDestruction", status_code=201, response_model=None, responses=ACCEPTED
    )
    async def verify(register: Register, body: VerifyBody, caller: Annotated[Call, Depends(call)]) -> Response:
        """Search what is rebuilt, exported and restored for anybody, then note what was found. May take minutes."""
        caller.allowed(lambda: host.directory.may("VerifyDestruction", caller.by, None))
        if searcher is None:
            raise Behind(Failure("vault", "this process has no vault: ask the privacy service itself"))
        incident = body.incident or await run_in_threadpool(_incident_of, host, register, body.certificate)
        most = host.directory.rules_for(caller.by.division, caller.now, caller.pack).value("privacy.backups_most")
        found = await run_in_threadpool(searcher.search, body.certificate, most)
        fields = {
            "register": register,
            "incident": incident,
            "certificate": body.certificate,
            "replay_shows_person": found.replay > 0,
            "export_shows_person": found.export > 0,
            "backup_shows_person": found.backup > 0,
            "searched": found.searched,
            "backup": found.oldest,
            "backups": found.backups,
            "found": found.replay + found.export + found.backup + (found.blobs or 0),
            "blobs_show_person": None if found.blobs is None else found.blobs > 0,
            "records": found.records,
            "finders": found.finders,
            "words": found.words,
            "words_found": found.words_found,
            "unsearched": found.unsearched,
        }
        return answered(log, await caller.handle("privacy", commands.VerifyDestruction, fields))

    @router.get("/searches", operation_id="ListSearches", responses=RESPONSES)
    def searches(caller: Caller) -> Row:
        """What the searches after a destruction that run in this process are at; `of` 0: nobody knows of how many."""
        caller.require("ListSearches")
        running = searcher.progress if searcher is not None else {}
        return {"items": [{"certificate": name, "step": at.step, "done": at.done, "of": at.of} for name, at in dict(running).items()]}


def _only_one(host: Host) -> Fill:
    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        if not fields["incident"]:
            fields["incident"] = await run_in_threadpool(_incident, host, fields["register"])

    return fill


def _incident_of(host: Host, register: str, certificate: str) -> str | None:
    """The incident a certificate is of; none where one person's standing record was destroyed under it."""
    row = certificates.find(host.read("privacy"), certificate)
    if row is None:
        raise NotFound(Failure("reference", f"{certificate} is no certificate: see ListDestructions", "certificate"))
    if row["register"] != register:
        cure = f"{certificate} is of register {row['register']}: POST /api/privacy/retention/{row['register']}/verification"
        raise RuleBroken(Failure("ERL-85", cure, "register"))
    incident: str | None = row["incident"]
    return incident


def _incident(host: Host, register: str) -> str:
    """The only incident whose assessment is open for a register."""
    found = retention.of_register(host.read("privacy"), register)
    waiting = [row for row in found if row["state"] in ("opened", "reviewed", "decided")] or found
    if not waiting:
        raise NotFound(Failure("reference", f"no assessment of {register[:64]} is open", "register"))
    if len({row["incident"] for row in waiting}) > 1:
        raise RuleBroken(Failure("ERL-85", f"several are open for {register}: name the incident", "incident"))
    return str(waiting[0]["incident"])
