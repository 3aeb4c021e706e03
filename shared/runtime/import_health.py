"""What an importing process answers over HTTP: whether it lives, whether it takes what comes, and its numbers."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.kernel.errors import Failure
from shared.runtime.importing import Importing
from shared.web.metrics import exposition
from shared.web.problems import problem_response


def application(host: Importing) -> Starlette:
    """`/health/live`, `/health/ready`, `/metrics`; its lifespan is the worker's."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_: Request) -> Response:
        faults = host.faults()
        if faults:
            return problem_response(503, "not_ready", [Failure(topic, fault) for topic, fault in sorted(faults.items())])
        return JSONResponse({"status": "ready"})

    async def metrics(_: Request) -> Response:
        return Response(exposition(host.samples), media_type="text/plain; version=0.0.4; charset=utf-8")

    routes = [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]
    return Starlette(routes=routes, lifespan=host.running)
