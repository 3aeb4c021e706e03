"""Every operation of the registry, commands as one table."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.registry.api import queries
from services.registry.deciders.divisions import ChangeDivision, LoadDivisions
from services.registry.deciders.organs import AssignPost, EndPost, RegisterOrgan
from services.registry.deciders.packs import AdoptRulePack
from services.registry.deciders.rosters import AcknowledgeHandOver, PublishRoster
from services.registry.directory import Directory
from shared.kernel.commands import Command
from shared.kernel.errors import NotFound, refuse_all
from shared.rules.book import find_pack
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted, CommandRoutes, Moment
from shared.web.host import Host
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/divisions/{root}/units", LoadDivisions),
    ("/divisions/{root}/changes", ChangeDivision),
    ("/organs/{organ}", RegisterOrgan),
    ("/organs/{organ}/posts/{post}", AssignPost),
    ("/organs/{organ}/posts/{post}/end", EndPost),
    ("/rosters/{roster}", PublishRoster),
    ("/rosters/{roster}/hand-over", AcknowledgeHandOver),
)


class AdoptRulePackBody(BaseModel):
    """The digest is looked up, so that what is adopted is what this node has."""

    model_config = ConfigDict(extra="forbid")

    pack: Annotated[str, Field(min_length=1, max_length=120, description="id, or id@digest to be sure of the content")]
    starts: Moment | None = None
    reason: str | None = None


def router(host: Host, directory: Directory) -> APIRouter:
    """All operations, to be mounted under `/api/registry`."""
    made = APIRouter(tags=["registry"])
    log = host.log("registry")
    routes = CommandRoutes(made, "registry", log)
    for path, command in COMMANDS:
        routes.post(path, command)
    _adoption(made, directory, log)
    queries.add(made, host, directory)
    return made


def _adoption(made: APIRouter, directory: Directory, log: str) -> None:
    responses: dict[int | str, dict[str, Any]] = {201: {"model": Accepted}, 200: {"model": Accepted}, **RESPONSES}

    @made.post("/divisions/{division}/rule-pack", operation_id="AdoptRulePack", status_code=201, response_model=None, responses=responses)
    async def adopt_rule_pack(
        division: Annotated[str, Path(max_length=20)], body: AdoptRulePackBody, caller: Annotated[Call, Depends(call)]
    ) -> Response:
        """Judge by this pack from a moment on, here and in all below that adopts none of its own."""
        caller.require("AdoptRulePack")  # who may is asked before what exists
        refuse_all(NotFound, directory.known([division], "division"))
        pack = find_pack(directory.packs, body.pack)
        fields = {"division": division, "pack": pack.id, "digest": pack.digest, "starts": body.starts, "reason": body.reason}
        return answered(log, await caller.handle("registry", AdoptRulePack, fields))
