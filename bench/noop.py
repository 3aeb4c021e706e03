"""The no-op twin of a node: the same app shape, middleware, mount and body model, a constant answer, the same server settings."""

from __future__ import annotations

import os
from typing import Any

import msgspec
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from services.alerts.deciders.alert_commands import DraftAlert
from shared.runtime.tuning import tune
from shared.web import problems
from shared.web.body import Bodies
from shared.web.commands import body_of

ANSWER = msgspec.json.encode(
    {
        "outcome": "accepted",
        "stream": "alert-AL-00000000",
        "version": 1,
        "position": 1,
        "flags": [],
        "events": ["alerts.alert.drafted.v1"],
        "command": "00000000-0000-4000-8000-000000000000",
    }
)
Draft: Any = body_of(DraftAlert)


def answer() -> Response:
    return Response(ANSWER, 201, {"Ortoo-Position": "150000.alerts:1"}, "application/json")


def app() -> Bodies:
    """One app mounted in another, as the node's are."""
    router = APIRouter()

    @router.post("/alerts", status_code=201, response_model=None)
    async def draft_alert(body: Draft) -> Response:
        return answer()

    @router.post("/imports", status_code=201, response_model=None)
    async def import_alert(request: Request) -> Response:
        await request.body()
        return answer()

    part, whole = FastAPI(openapi_url=None), FastAPI(openapi_url=None)
    part.include_router(router)
    problems.install(part)
    problems.install(whole)
    whole.mount("/api/alerts", part)
    return Bodies(whole, {})


if __name__ == "__main__":
    tune()
    uvicorn.run(
        app(), host="127.0.0.1", port=int(os.environ["ORTOO_PORT"]), loop="uvloop", http="httptools", log_config=None, access_log=False,
        server_header=False,
    )  # fmt: skip
