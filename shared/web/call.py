"""One request as the edge sees it: who, when, under which key; and how a command gets its answer."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from starlette.responses import Response

from shared.handling.pending import Answer, Pending, fingerprint
from shared.kernel.commands import Command, Signature, command_id, new_id
from shared.kernel.errors import Behind, DomainError, Failure, NotAllowed, WrongState
from shared.kernel.events import is_guard
from shared.web.host import Host, Waiter
from shared.web.logging import log, new_trace, trace, trace_of
from shared.web.principals import ANYBODY
from shared.web.problems import Malformed, Unauthenticated
from shared.web.session import from_cookie

_NUMBER = re.compile(r"[0-9]{1,15}")
KEY = 200  # characters of an Idempotency-Key
WAIT_S = 2.0  # how long a read waits for a position it was told of


class Call:
    """Headers made sense of. Made once per request, by the dependency `call`."""

    __slots__ = ("by", "cosigner", "host", "key", "now", "pack", "request", "traceparent")

    def __init__(
        self, request: Request, host: Host, by: Signature, cosigner: Signature | None, now: datetime, headers: Mapping[str, str]
    ) -> None:
        self.request, self.host, self.by, self.cosigner, self.now = request, host, by, cosigner, now
        self.key = headers.get("idempotency-key")
        self.pack = headers.get("ortoo-pack")
        told = headers.get("traceparent")
        self.traceparent = told if trace_of(told) else None

    async def handle(
        self, service: str, command: type[Command], fields: Mapping[str, Any], blobs: Mapping[str, bytes] | None = None
    ) -> Answer:
        """Hand a command to its writer and wait for its commit. Raises what the writer refused with."""
        if self.by is ANYBODY:  # nobody's refusals cost no commit
            self.allowed(lambda: self.host.directory.may(command.__name__, self.by, None))
        body = await self.request.body()
        _whole_text(body)
        made = command(by=self.by, now=self.now, cosigner=self.cosigner, **fields)
        return await self.send(service, made, self.request.scope["path"], body, blobs)

    async def send(
        self, service: str, made: Command, path: str, body: bytes, blobs: Mapping[str, bytes] | None = None, part: int | None = None
    ) -> Answer:
        """As `handle`, for a command made by the route; `part` numbers the commands of one request."""
        name = type(made).__name__
        key = None if self.key is None else self.key if part is None else f"{self.key}#{part}"
        waiter = Waiter(asyncio.get_running_loop())
        pending = Pending(
            id=new_id() if key is None else command_id(self.by.actor, key),
            fresh=key is None,
            command=made,
            fingerprint=fingerprint(name, body, path, self.cosigner.actor if self.cosigner else "", key=self.host.principals.secret),
            done=waiter,
            traceparent=self.traceparent,
            pack=self.pack,
            blobs=blobs or {},
        )
        self.host.submit(service, pending)
        result = await waiter.future
        if isinstance(result, Answer):
            log("command", logging.DEBUG, command=name, id=result.command, position=result.position, repeated=result.repeated)
            return result
        assert isinstance(result, BaseException)
        log("refused", command=name, error=type(result).__name__, rule=result.rule if isinstance(result, DomainError) else None)
        raise result

    def require(self, query: str) -> None:
        """Raises unless the caller may ask this query."""
        self.allowed(lambda: self.host.require(query, self.by))

    def allowed(self, check: Callable[[], object]) -> None:
        """What a caller without a token is refused is 401, not 403."""
        try:
            check()
        except NotAllowed as refusal:
            if self.by is ANYBODY:
                raise Unauthenticated(*refusal.failures) from None
            raise


def _whole_text(body: bytes) -> None:
    """JSON is UTF-8 here, and half of a surrogate pair is no text: it could be read, but never stored or sent on."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Malformed(Failure("schema", "the body is not UTF-8; send it as UTF-8")) from error
    if b"\\ud" in body or b"\\uD" in body:
        try:
            json.dumps(json.loads(body), ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Malformed(Failure("schema", "the text holds half of a surrogate pair; send whole characters")) from error


async def call(request: Request) -> Call:
    """The dependency of every route: authenticates, moves a story clock, waits for a position the caller was told of."""
    host: Host = request.app.state.host
    if request.scope["query_string"]:
        _known(request)
    # Eight are asked for, and Starlette's own mapping looks through all of them each time: 6 µs instead of 1. The first of a name counts.
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(request.scope["headers"])}
    trace.set(trace_of(headers.get("traceparent")) or new_trace())
    by = signature_of(request, headers.get("authorization"), host)
    cosigner = _cosigner(headers.get("ortoo-cosigner"), host, by)
    if not 0 < len(headers.get("idempotency-key", "-")) <= KEY:
        raise Malformed(Failure("idempotency.key", f"1 to {KEY} characters, or leave it out", "Idempotency-Key"))
    if "ortoo-at" in headers or "ortoo-pack" in headers:
        await _story(headers, host)
    if request.method == "GET" and "ortoo-position" in headers:
        await _wait(headers["ortoo-position"], host)
    return Call(request, host, by, cosigner, host.now(), headers)


def _known(request: Request) -> None:
    """A parameter nobody reads would be believed to filter: it is refused. Pages read what they like."""
    route = request.scope.get("route")
    if isinstance(route, APIRoute) and route.include_in_schema:
        asked = {one.alias for one in get_flat_params(route.dependant) if isinstance(one.field_info, Query)}
        unknown = [name for name in request.query_params if name not in asked]
        if unknown:
            cure = f"the parameters are {', '.join(sorted(asked))}" if asked else "there are no parameters"
            raise Malformed(*(Failure("schema", f"{name[:100]} is no parameter; {cure}", name[:100]) for name in dict.fromkeys(unknown)))


def signature_of(request: Request, authorization: str | None, host: Host) -> Signature:
    """Who is calling: by bearer token, by session cookie, or anybody. Unauthenticated, NotAllowed."""
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(Failure("token", "send `Authorization: Bearer <token>`"))
        return host.principals.verify(token.strip())
    return from_cookie(request, host.principals) or ANYBODY


def _cosigner(header: str | None, host: Host, by: Signature) -> Signature | None:
    if header is None:
        return None
    try:
        cosigner = host.principals.verify(header.removeprefix("Bearer ").strip())
    except Unauthenticated as bad:  # said of two tokens at once, the caller could not tell which to change
        raise Unauthenticated(*(Failure(one.rule, f"the second person's: {one.cure}", "Ortoo-Cosigner") for one in bad.failures)) from bad
    if cosigner.actor == by.actor:
        raise NotAllowed(Failure("two.persons", "the second signature must be another person's"))
    return cosigner


async def _story(headers: Mapping[str, str], host: Host) -> None:
    if not host.story:
        raise Malformed(Failure("story.clock", "this node runs on real time: leave out Ortoo-At and Ortoo-Pack", "Ortoo-At"))
    at = headers.get("ortoo-at")
    if at is None:
        return
    try:
        to = datetime.fromisoformat(at)
        if to.tzinfo is None:
            raise ValueError("no offset")
    except ValueError as error:
        raise Malformed(Failure("story.clock", "a time with offset, such as 2021-07-18T02:00:00+08:00", "Ortoo-At")) from error
    if to < host.now():
        raise WrongState(Failure("story.clock", f"the story clock stands at {host.now().isoformat()} and never goes back", "Ortoo-At"))
    await host.move_clock(to)


async def _wait(header: str, host: Host) -> None:
    log, _, number = header.rpartition(":")
    if not _NUMBER.fullmatch(number) or log not in {host.log(service) for service in host.services}:
        raise Malformed(Failure("position", "<log>:<position> as an earlier answer gave it", "Ortoo-Position"))
    deadline = asyncio.get_running_loop().time() + WAIT_S
    wanted = int(number)
    while host.positions().get(log, wanted) < wanted:  # what is shown here does not depend on a log that is not read here
        if asyncio.get_running_loop().time() > deadline:
            raise Behind(Failure("position", f"the read model is not at {header} yet; ask again"))
        await asyncio.sleep(0.004)


def answered(log: str, answer: Answer, **more: Any) -> Response:
    """The answer of a command: 201, 200 for a repeat, 202 for what was put aside for a person."""
    outcome = answer.extra.get("outcome") or ("repeated" if answer.repeated else "accepted")
    if answer.repeated:
        outcome = "repeated"
    status = 202 if outcome == "quarantined" else 200 if outcome == "repeated" else 201
    body = {
        **answer.extra,
        **more,
        "outcome": outcome,
        "stream": answer.stream,
        "version": answer.version,
        "position": answer.position,
        "flags": answer.flags,
        "events": [name for name in answer.events if not is_guard(name)],
        "command": answer.command,
    }
    return Response(msgspec.json.encode(body), status, {"Ortoo-Position": f"{log}:{answer.position}"}, "application/json")
