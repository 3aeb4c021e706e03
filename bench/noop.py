"""The no-op twin of a node: the same app shape, middleware, mount and body model, a constant answer, the same server settings.

`python -m bench.noop short` answers by the short way (`shared/web/express.py`), as a node's commands without a path parameter do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from services.alerts.deciders.warnings.commands import DraftAlert
from services.resources.deciders.stock.commands import ReceiveLot
from shared.runtime.tuning import tune
from shared.web import problems
from shared.web.body import Bodies
from shared.web.commands import body_of
from shared.web.express import Express, Way, directly, sent, ways

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
Receipt: Any = body_of(ReceiveLot)


def answer() -> Response:
    return Response(ANSWER, 201, {"Ortoo-Position": "150000.alerts:1"}, "application/json")


async def draft_alert(body: Draft) -> Response:
    return answer()


async def receive_lot(body: Receipt) -> Response:
    return answer()


async def import_alert(request: Request) -> Response:
    await request.body()
    return answer()


async def draft_directly(request: Request, body: bytes) -> Response | None:
    return None if sent(request, body, Draft) is None else answer()


async def receive_directly(request: Request, body: bytes) -> Response | None:
    return None if sent(request, body, Receipt) is None else answer()


async def import_directly(request: Request, body: bytes) -> Response:
    return answer()


def app(short: bool) -> Bodies:
    """Apps mounted in another, as the node's are."""
    directly(draft_alert, draft_directly)
    directly(import_alert, import_directly)
    directly(receive_lot, receive_directly)
    whole = FastAPI(openapi_url=None)
    problems.install(whole)
    found = mounted(whole, "/api/alerts", {"/alerts": draft_alert, "/imports": import_alert})
    found += mounted(whole, "/api/resources", {"/stock/receipts": receive_lot})
    served: ASGIApp = Express(whole, found) if short else whole
    return Bodies(served, {})


def mounted(whole: FastAPI, prefix: str, endpoints: Mapping[str, Callable[..., Any]]) -> list[tuple[str, Way]]:
    """The no-ops of one service; answers their short ways."""
    router, part = APIRouter(), FastAPI(openapi_url=None)
    for path, endpoint in endpoints.items():
        router.add_api_route(path, endpoint, methods=["POST"], status_code=201, response_model=None)
    part.router.routes.extend(router.routes)  # as a service does
    problems.install(part)
    whole.mount(prefix, part)
    return ways(prefix, part, router)


if __name__ == "__main__":
    tune()
    uvicorn.run(
        app("short" in sys.argv),
        host="127.0.0.1",
        port=int(os.environ["ORTOO_PORT"]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
    )
