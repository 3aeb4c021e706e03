"""The short way of commands: a request in order is handled at once, anything else goes through FastAPI, which says what is wrong.

It saves more than half of what a request costs the event loop (`python -m bench http`). OpenAPI, errors and answers are those of the
route it stands for.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from math import inf
from types import NoneType
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.params import Body
from fastapi.routing import APIRoute, APIRouter
from pydantic import BaseModel
from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.call import call
from shared.web.problems import problem

Direct = Callable[[Request, bytes], Awaitable[Response | None]]
"""Answers a request whose body was read; None sends it the long way."""
Way = tuple[FastAPI, Direct, int | None]


def directly(endpoint: Any, direct: Direct, most: int | None = None) -> None:
    """Give an endpoint a short way of its own; `most`: only for bodies that say to have no more bytes."""
    endpoint.direct = direct, most  # read back by `ways`


def sent(request: Request, body: bytes, model: type[BaseModel]) -> BaseModel | None:
    """The body as its model; None when it is not JSON or does not fit."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:  # read first, then validated, as FastAPI does it: of JSON pydantic would choose otherwise where a field may be of several kinds
        return model.model_validate(from_json(body))
    except ValueError:
        return None


def ways(prefix: str, app: FastAPI, router: APIRouter) -> list[tuple[str, Way]]:
    """The short ways of a service's routes, by path: those they were given, and that of every route which asks for nothing but what
    stands in its path, one body and who calls, and makes its answer itself."""
    routes = [route for route in router.routes if isinstance(route, APIRoute) and route.methods == {"POST"}]
    found = [(route.path, getattr(route.endpoint, "direct", None) or _plain(route)) for route in routes]
    return [(prefix + path, (app, *way)) for path, way in found if way is not None]


def _plain(route: APIRoute) -> tuple[Direct, None] | None:
    asks, endpoint = route.dependant, route.endpoint
    body = asks.body_params[0] if asks.body_params else None
    kinds = get_args(body.field_info.annotation) or (body.field_info.annotation,) if body else ()
    models = [kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, BaseModel)]
    caller = asks.dependencies[0].name if [each.call for each in asks.dependencies] == [call] else None
    if caller is None or not _asks_for_no_more(route) or (body and (len(models) != 1 or {*kinds} - {NoneType, models[0]})):
        return None

    async def direct(request: Request, raw: bytes) -> Response | None:
        given: dict[str, Any] = {}
        for field in asks.path_params:
            given[field.name], faults = field.validate(request.path_params[field.alias], {}, loc=("path", field.alias))
            if faults:
                return None
        if body is not None and (raw or NoneType not in kinds):
            if (said := sent(request, raw, models[0])) is None:
                return None
            given[body.name] = said
        elif body is not None:
            given[body.name] = None
        answer: Response = await endpoint(**given, **{caller: await call(request)})
        return answer

    return direct, None


def _asks_for_no_more(route: APIRoute) -> bool:
    """Than its path, a JSON body and who calls; and it answers by itself."""
    asks, endpoint = route.dependant, route.endpoint
    given = (asks.query_params, asks.header_params, asks.cookie_params, asks.body_params[1:], route._embed_body_fields)
    injected = (asks.request_param_name, asks.response_param_name, asks.background_tasks_param_name, asks.http_connection_param_name)
    json = not asks.body_params or type(asks.body_params[0].field_info) is Body
    answers = inspect.iscoroutinefunction(endpoint) and inspect.get_annotations(endpoint).get("return") in ("Response", Response)
    return json and answers and type(route) is APIRoute and not any((*given, *injected))


class Express:
    """Stands before the app and takes what has a short way."""

    def __init__(self, app: ASGIApp, ways: Iterable[tuple[str, Way]]) -> None:
        self._app, self._paths = app, Paths(ways)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = scope["type"] == "http" and scope["method"] == "POST" and not scope["query_string"] and "\n" not in scope["path"]
        way, given = self._paths.find(scope["path"]) if known else (None, {})
        if way is None:
            await self._app(scope, receive, send)
            return
        app, direct, most = way
        if most is not None and _said(scope) > most:
            await self._app(scope, receive, send)
            return
        read = _Read(receive)
        response: Response | None = None
        if await read.whole():
            try:
                request = Request({**scope, "app": app, "path_params": given}, read.again())
                request._body = read.body  # as Starlette keeps what was read once
                response = await direct(request, read.body)
            except Exception as error:  # answered as the app's handlers would, bugs logged
                response = problem(error)
        await (response or self._app)(scope, read.again(), send)


class Paths:
    """Paths with `{names}`, found by their segments. A path that two could mean is that one which spells out more from the left."""

    def __init__(self, ways: Iterable[tuple[str, Way]]) -> None:
        self._root: dict[str | None, Any] = {}
        for path, way in ways:
            node, names = self._root, []
            for part in path.split("/"):
                if part.startswith("{"):
                    names.append(part.strip("{}"))
                node = node.setdefault(None if part.startswith("{") else part, {})
            node[_END] = way, names

    def find(self, path: str) -> tuple[Way | None, Mapping[str, str]]:
        """Whose path it is, and what stands in the place of its names; nothing when it is nobody's."""
        node, values = self._root, []
        for part in path.split("/"):
            inner = node.get(part)
            if inner is None:
                inner = node.get(None) if part else None
                values.append(part)
            if inner is None:
                return None, {}
            node = inner
        way, names = node.get(_END, (None, ()))
        return way, dict(zip(names, values, strict=True)) if way is not None else {}


_END = "/"  # no segment is called that


def _said(scope: Scope) -> float:
    """How long the body says to be."""
    said: bytes = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(said) if said.isdigit() and len(said) < 16 else inf


class _Read:
    """What was received, to be received again by whoever takes the request."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []
        self._failed: HTTPException | None = None
        self.body = b""

    async def whole(self) -> bool:
        """Read the body; False when the caller hung up or sent too much."""
        more = True
        while more:
            try:
                message = await self._receive()
            except HTTPException as error:
                self._failed = error
                return False
            self._messages.append(message)
            if message["type"] != "http.request":
                return False
            more = message.get("more_body", False)
        self.body = b"".join([message.get("body", b"") for message in self._messages])
        return True

    def again(self) -> Receive:
        """The same messages from the first on."""
        left = iter(self._messages)

        async def receive() -> Message:
            message = next(left, None)
            if message is not None:
                return message
            if self._failed is not None:
                raise self._failed
            return await self._receive()

        return receive
