"""The short way of the hot commands: a request in order is handled at once, anything else goes through FastAPI, which says what is wrong.

It saves more than half of what a request costs the event loop (`python -m bench http`).
OpenAPI, errors and
answers are those of the route it stands for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from math import inf
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIRouter
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import problem

Direct = Callable[[Request, bytes], Awaitable[Response | None]]
"""Answers a request whose body was read; None sends it the long way."""
Way = tuple[FastAPI, Direct, int | None]


def directly(endpoint: Any, direct: Direct, most: int | None = None) -> None:
    """Give an endpoint of a path without parameters its short way; `most`: only for bodies that say to have no more bytes."""
    endpoint.direct = direct, most  # read back by `ways`


def sent(request: Request, body: bytes, model: type[BaseModel]) -> BaseModel | None:
    """The body as its model; None when it is not JSON or does not fit."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        return model.model_validate_json(body)
    except ValidationError:
        return None


def ways(prefix: str, app: FastAPI, router: APIRouter) -> dict[str, Way]:
    """The short ways of a service's routes, by path."""
    routes = [(route.path, getattr(route.endpoint, "direct", None)) for route in router.routes if isinstance(route, APIRoute)]
    return {prefix + path: (app, *way) for path, way in routes if way is not None}


class Express:
    """Stands before the app and takes what has a short way."""

    def __init__(self, app: ASGIApp, ways: Mapping[str, Way]) -> None:
        self._app, self._ways = app, ways

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = self._ways.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
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
                response = await direct(Request({**scope, "app": app}, read.again()), read.body)
            except Exception as error:  # answered as the app's handlers would, bugs logged
                response = problem(error)
        await (response or self._app)(scope, read.again(), send)


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
