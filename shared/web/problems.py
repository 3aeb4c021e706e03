"""One table of statuses, and every refusal as `application/problem+json` (RFC 9457) with all faults at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from shared.handling.pending import Busy, KeyReused
from shared.kernel.errors import Behind, Destroyed, DomainError, Failure, LogFork, NotAllowed, NotFound, OnHold, RuleBroken, WrongState
from shared.sql.ports import LogBusy, NotReadable, StorageFailed
from shared.web.known import fields_at
from shared.web.logging import log_bug, trace

MEDIA_TYPE = "application/problem+json"
NO_OBJECT = ("model_attributes_type", "model_type", "dict_type")  # text, or a list, where an object belongs
UNPARSED = "There was an error parsing the body"  # FastAPI's words
STRANGE = ("extra_forbidden", "unexpected_keyword_argument")  # what pydantic calls a name it does not know
BUG = (500, "bug")
answered: Counter[tuple[int, str]] = Counter({BUG: 0})
"""Problems answered by this process, by status and code, for `/metrics`; bugs from the start, so that the first is an increase."""


class Unauthenticated(DomainError):
    """No caller, or a token that does not hold."""

    code = "unauthenticated"


class Malformed(DomainError):
    """The shape is wrong; nothing was stored."""

    code = "malformed"


class TooLarge(DomainError):
    """The body is larger than this operation takes."""

    code = "too_large"


class TooMany(DomainError):
    """Too often from one place; nothing was stored. Try again after `retry_after_s`."""

    code = "too_many"

    def __init__(self, *failures: Failure, retry_after_s: int = 1) -> None:
        super().__init__(*failures)
        self.retry_after_s = retry_after_s


STATUS: Mapping[type[BaseException], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    WrongState: 409,
    Destroyed: 410,
    TooLarge: 413,
    KeyReused: 422,
    RuleBroken: 422,
    OnHold: 423,
    TooMany: 429,
    Behind: 503,
    Busy: 503,
    LogBusy: 503,
    StorageFailed: 503,
    NotReadable: 503,
    LogFork: 503,
}
TITLES = {
    400: "The request is malformed",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Not in this state",
    410: "Destroyed",
    413: "Too large",
    415: "Unsupported content type",
    422: "A rule stands against it",
    423: "On hold",
    429: "Too often",
    503: "Not now",
}
CURES: Mapping[type[BaseException], tuple[str, Failure]] = {
    Busy: ("busy", Failure("limit.queue", "too many commands are waiting; send it again after the time in Retry-After")),
    LogBusy: ("busy", Failure("log.pen", "another writer holds the log; send it again")),
    NotReadable: ("rebuilding", Failure("read.generation", "the read models are being built again; ask again")),
    StorageFailed: (
        "storage",
        Failure("log.storage", "the log cannot be written: free disk space or make the data folder writable; nothing was stored"),
    ),
    LogFork: ("log_fork", Failure("log.chain", "the log holds two histories; writing has stopped; run `ortoo log verify`")),
}


def status_of(error: BaseException) -> int:
    """The HTTP status of an error, by its nearest family; 500 for a bug."""
    for family in type(error).__mro__:
        if family in STATUS:
            return STATUS[family]
    return 500


def problem(error: BaseException) -> Response:
    """The answer for an error. Says what, why and what would cure it; never a personal value or a stack trace."""
    status = status_of(error)
    if isinstance(error, DomainError):
        wait = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooMany) else None
        return problem_response(status, error.code, error.failures, wait)
    for family, (code, failure) in CURES.items():
        if isinstance(error, family):
            return problem_response(status, code, [failure])
    log_bug(error)
    told = f" (trace {trace.get()})" if trace.get() else ""
    return problem_response(*BUG, [Failure("bug", f"the node logged what went wrong{told}; send it again or tell the operator")])


SECOND = "the second person's own token goes along in the header Ortoo-Cosigner: Bearer ..."


def problem_response(status: int, code: str, failures: Sequence[Failure], headers: Mapping[str, str] | None = None) -> Response:
    """A problem by its parts, for what is refused before there is an error to speak of."""
    failures = [replace(f, cure=f"{f.cure} ({SECOND})") if f.rule == "two.persons" and " sign" in f.cure else f for f in failures]
    rule, cure = failures[0].rule, "; ".join(failure.cure for failure in failures)
    answered[status, code] += 1
    body: dict[str, Any] = {
        "type": f"urn:ortoo:problem:{code}",
        "title": TITLES.get(status, "The node failed"),
        "status": status,
        "detail": f"{rule}: {cure}",
        "code": code,
        "rule": rule,
        "cure": cure,
        "failures": [{"rule": f.rule, "cure": f.cure, "field": f.field} for f in failures],
    }
    extra = dict(headers or {})
    if status == 503:
        extra["Retry-After"] = "1"
    if status == 401:
        extra["WWW-Authenticate"] = "Bearer"
    return Response(_encoded(body), status, extra, MEDIA_TYPE)


def _encoded(body: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:  # a cure that quotes half of a surrogate pair
        return json.dumps(body).encode()


def install(app: FastAPI) -> None:
    """Answer every error of an app as a problem."""

    async def shape(request: Request, error: RequestValidationError) -> Response:
        body = getattr(request.scope.get("route"), "body_field", None)
        shape = body.field_info.annotation if body is not None else None
        return problem_response(400, "malformed", [_fault(item, shape) for item in error.errors()])

    async def other(request: Request, error: HTTPException) -> Response:
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(
            error.status_code, "malformed" if error.status_code == 400 else "http"
        )
        json_told = "json" in request.headers.get("content-type", "")
        cure = "the body is no JSON in UTF-8: send it as such" if error.detail == UNPARSED and json_told else str(error.detail)
        failure = Failure("http", "see /openapi.json for what there is" if error.status_code in (404, 405) else cure)
        return problem_response(error.status_code, code, [failure], error.headers)

    async def any_error(request: Request, error: Exception) -> Response:
        return problem(error)

    async def hung_up(request: Request, error: ClientDisconnect) -> Response:
        return problem_response(400, "malformed", [Failure("schema", "send the whole body")])  # nobody is there to read it

    app.add_exception_handler(RequestValidationError, shape)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, other)  # type: ignore[arg-type]
    app.add_exception_handler(ClientDisconnect, hung_up)  # type: ignore[arg-type]
    for family in (DomainError, Busy, LogBusy, StorageFailed, LogFork, Exception):
        app.add_exception_handler(family, any_error)


def _fault(item: Mapping[str, Any], body: Any) -> Failure:
    """What is wrong and where; of a name that is not known there, which are."""
    said, loc = str(item["msg"]), item["loc"]
    if item["type"] in STRANGE and loc[0] == "body" and (known := fields_at(body, loc[1:-1])):
        said = f"{loc[-1]} is not known here; what is: {', '.join(known)}"
    if item["type"] in NO_OBJECT and loc == ("body",):
        said = "send a JSON object, with Content-Type: application/json"
    place = ".".join(str(part) for part in loc if part not in ("body", "query", "path", "header"))
    return Failure("schema", said, place or None)


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (400, 401, 403, 404, 409, 413, 422, 503)
}
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "rule", "cure", "failures"],
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "code", "rule", "cure")},
        "status": {"type": "integer"},
        "failures": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["rule", "cure", "field"],
                "properties": {"rule": {"type": "string"}, "cure": {"type": "string"}, "field": {"type": ["string", "null"]}},
            },
        },
    },
}
