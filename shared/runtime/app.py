"""One origin: every service's own FastAPI app mounted under `/api/<service>`, the node's routes and one merged OpenAPI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from shared.kernel.realm import log_prefix
from shared.runtime.past import AtMoment, Past
from shared.runtime.process import Process
from shared.web import asyncapi, express, problems, session
from shared.web.body import Bodies
from shared.web.host import Host

DESCRIPTION = (
    "Every command is one operation whose operationId is the command's name. Answers carry Ortoo-Position; send it back with a GET "
    "to read your own write. "
    "GET /api/<service>/at/<moment>/... answers as it would have been at that moment. Idempotency-Key makes a command "
    "repeatable; refusals are application/problem+json with all faults at once."
)


HEADERS: dict[str, Any] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key and body again get the first answer again; with another body 422 key_reused.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
    "Cosigner": {
        "name": "Ortoo-Cosigner",
        "in": "header",
        "description": "`Bearer <token>` of the second person who signs this command.",
        "schema": {"type": "string", "pattern": "^Bearer [!-~]+$"},
    },
    "Position": {
        "name": "Ortoo-Position",
        "in": "header",
        "description": "`<log>:<position>` as an answer gave it: the read waits up to 2 s until it shows that position, else 503 behind.",
        "schema": {"type": "string", "pattern": "^[!-~]+:[0-9]{1,15}$"},
    },
}


def service_app(host: Host, name: str, router: APIRouter, version: str) -> FastAPI:
    """The app of one service, whole by itself."""
    app = FastAPI(title=f"Ortoo {name}", version=version, docs_url=None, redoc_url=None)
    app.state.host = host
    app.router.routes.extend(router.routes)  # included as a router, each request would look for its route twice, and slowly
    problems.install(app)
    return app


def build(
    host: Process,
    version: str,
    *,
    here: Callable[[Host], Mapping[str, APIRouter]],
    elsewhere: Mapping[str, APIRouter] | None = None,
    beside: Sequence[APIRouter],
    limits: Mapping[str, int],
) -> ASGIApp:
    """One process as an ASGI app; its lifespan starts and stops the host's threads.

    `here` makes the routes of the services it answers for, now and at any past moment; `elsewhere` are those it only describes in its
    documents: other processes of the origin answer.
    """
    past, own = Past(host), here(host)
    app = FastAPI(
        title="Ortoo",
        version=version,
        description=DESCRIPTION,
        lifespan=partial(_living, host, past),
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0"},
    )
    app.state.host = host
    for router in beside:
        app.include_router(router)
    problems.install(app)
    parts = {name: service_app(host, name, router, version) for name, router in own.items()}
    for name, part in parts.items():
        app.mount(f"/api/{name}/at", AtMoment(past, partial(_at_moment, past, here, name, version)))
        app.mount(f"/api/{name}", part)
    others = {name: service_app(host, name, router, version) for name, router in (elsewhere or {}).items()}
    _documents(app, host, parts | others, version)
    short = [way for name, router in own.items() for way in express.ways(f"/api/{name}", parts[name], router)]
    return Bodies(express.Express(app, short), limits)


def _at_moment(past: Past, here: Callable[[Host], Mapping[str, APIRouter]], name: str, version: str) -> FastAPI:
    return service_app(past, name, here(past)[name], version)


@asynccontextmanager
async def _living(host: Process, past: Past, app: FastAPI) -> AsyncIterator[None]:
    hub = host.attach(asyncio.get_running_loop())
    app.state.hub = hub
    host.start()
    delivering = asyncio.create_task(hub.run()) if hub is not None else None
    try:
        yield
    finally:
        if delivering is not None:
            delivering.cancel()
            with suppress(asyncio.CancelledError):
                await delivering
        await asyncio.to_thread(host.stop)
        past.close()


def _documents(app: FastAPI, host: Process, parts: Mapping[str, FastAPI], version: str) -> None:
    @cache
    def described() -> dict[str, Any]:
        return asyncapi.document(log_prefix(host.principals.realm, host.province), host.services, version)

    @app.get("/asyncapi.json", include_in_schema=False)
    def asyncapi_json() -> dict[str, Any]:
        """Made when it is first asked for, on a thread of the pool: no start waits for it."""
        return described()

    plain = app.openapi

    def merged() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = merge(plain(), {f"/api/{name}": part.openapi() for name, part in parts.items()})
        return app.openapi_schema

    app.openapi = merged  # type: ignore[method-assign]


def merge(root: dict[str, Any], parts: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """One OpenAPI document of the root's and the services' own."""
    schemas: dict[str, Any] = root.setdefault("components", {}).setdefault("schemas", {})
    for prefix, part in parts.items():
        for path, item in part.get("paths", {}).items():
            root["paths"][prefix + path] = item
        for name, schema in part.get("components", {}).get("schemas", {}).items():
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two services describe {name} differently")
    schemas["Problem"] = problems.PROBLEM_SCHEMA
    root["components"]["parameters"] = HEADERS
    for item in root["paths"].values():
        for method, operation in item.items():
            named = {"post": ("IdempotencyKey", "Cosigner"), "get": ("Position",)}.get(method, ())
            operation.setdefault("parameters", []).extend({"$ref": f"#/components/parameters/{name}"} for name in named)
            for status, answer in problems.RESPONSES.items() if named else ():
                operation["responses"].setdefault(str(status), answer)
    root["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "`ortoo token`"},
        "session": {"type": "apiKey", "in": "cookie", "name": session.COOKIE},
    }
    root["security"] = [{"token": []}, {"session": []}, {}]
    return root
