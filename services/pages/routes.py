"""`/` and `/docs`, their files, and the two small things they ask for: who is signed in, and how the node is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from shared.kernel.errors import NotAllowed
from shared.kernel.realm import REAL
from shared.runtime.node_api import state
from shared.runtime.process import Process
from shared.web.call import Call, call
from shared.web.principals import ANYBODY
from shared.web.problems import RESPONSES, Unauthenticated

MARK = """<p class="exercise" role="note"><strong>演练 EXERCISE {realm}</strong>
  <span>这里的一切都不是真实的，不会发给任何人</span>
  <span lang="en">Nothing here is real, and nothing reaches anybody outside</span></p>"""
STATIC = Path(__file__).parent / "static"
FRESH = "no-cache"  # kept by the browser, but asked for again by its ETag: a new version shows at once


class Me(BaseModel):
    """The caller as the node knows them: a post, never a person's name. `actor` is null for anybody."""

    actor: str | None
    roles: list[str]
    division: str | None
    level: int | None
    organ: str | None
    realm: str


def exercised(page: str, realm: str) -> str:
    """A page of a drill's node: says so first of all, in words, in both languages, without any script; and in its title."""
    marked = re.sub(r"<title>", f"<title>【演练 EXERCISE {realm}】", page, count=1)
    return re.sub(r"<body[^>]*>", lambda body: f"{body[0]}\n  {MARK.format(realm=realm)}", marked, count=1)


def router(host: Process, version: str) -> APIRouter:
    """The pages of a node."""
    made = APIRouter()
    files = StaticFiles(directory=STATIC)

    async def file(path: str, request: Request) -> Response:
        if "\0" in path:
            raise HTTPException(404)
        if host.principals.realm != REAL and path.endswith(".html") and (page := STATIC / Path(path).name).is_file():
            return HTMLResponse(exercised(page.read_text(encoding="utf-8"), host.principals.realm), headers={"Cache-Control": FRESH})
        answer = await files.get_response(path, request.scope)
        answer.headers["Cache-Control"] = FRESH
        return answer

    @made.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def first_page(request: Request) -> Response:
        return await file("index.html", request)

    @made.api_route("/docs", methods=["GET", "HEAD"], include_in_schema=False)
    async def operations_page(request: Request) -> Response:
        return await file("docs.html", request)

    @made.api_route("/report", methods=["GET", "HEAD"], include_in_schema=False)
    async def report_page(request: Request) -> Response:
        return await file("report.html", request)

    @made.api_route("/pages/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def page_file(path: str, request: Request) -> Response:
        return await file(path, request)

    @made.get("/pages.json", include_in_schema=False)
    def node_for_pages(caller: Annotated[Call, Depends(call)]) -> dict[str, Any]:
        """The node for anybody who opens the page: what `/metrics` and `/health/ready` tell everybody; to whom GetNode is allowed
        also the chain heads. Of what is wrong only where it is."""
        shown = state(host, version) | {"faults": sorted(host.faults())}
        try:
            caller.require("GetNode")
        except (NotAllowed, Unauthenticated):
            for log in shown["logs"]:
                del log["chain"]
        return shown

    @made.get("/api/me", operation_id="GetMe", tags=["node"], responses=RESPONSES)
    async def get_me(caller: Annotated[Call, Depends(call)]) -> Me:
        """Who is calling: by bearer token, by session cookie, or anybody."""
        by = caller.by
        if by is ANYBODY:
            return Me(actor=None, roles=[], division=None, level=None, organ=None, realm=host.principals.realm)
        return Me(actor=by.actor, roles=list(by.roles), division=by.division, level=by.level, organ=by.organ, realm=host.principals.realm)

    return made
