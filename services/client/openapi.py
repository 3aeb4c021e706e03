"""An ordinary OpenAPI client: operations are found by `operationId`, arguments go where the document says."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

import httpx

METHODS = ("get", "put", "post", "delete", "patch")
JSON = "application/json"
PATIENCE_S = 30.0  # how long a 503 with Retry-After is believed before it is handed back


class Unfit(Exception):
    """The document and the arguments do not meet: unknown operation, missing path key, or a key with no place."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document: where its arguments belong."""

    name: str
    method: str
    path: str
    in_path: tuple[str, ...]
    in_query: tuple[str, ...]
    media: tuple[str, ...]  # content types of the body, empty without one

    def takes_raw(self, candidates: tuple[str, ...]) -> str | None:
        """The first of these content types that the operation takes."""
        return next((one for one in candidates if one in self.media), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, the parsed JSON (or the text), and the headers."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    def get(self, key: str, default: Any = None) -> Any:
        """A field of a JSON object; the default where the body is something else."""
        return self.body.get(key, default) if isinstance(self.body, dict) else default


@dataclass(frozen=True, slots=True)
class Request:
    """A call that is ready to be sent."""

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    json: Any = None
    raw: bytes | None = None

    def parts(self) -> dict[str, Any]:
        """As `httpx` names them."""
        return {"params": dict(self.query), "headers": dict(self.headers), "json": self.json, "content": self.raw}


class Api:
    """A node's operations by name. Thread-safe, as `httpx.Client` is."""

    def __init__(self, http: httpx.Client, document: Mapping[str, Any], sleep: Callable[[float], None] = time.sleep) -> None:
        self.http, self.sleep = http, sleep
        self.operations = operations(document)

    @classmethod
    def connect(cls, url: str, timeout_s: float = 30.0) -> Self:
        """Read `/openapi.json` of a node."""
        http = httpx.Client(base_url=url, timeout=timeout_s)
        try:
            answer = http.get("/openapi.json")
            answer.raise_for_status()
            return cls(http, answer.json())
        except ValueError as error:
            http.close()
            raise Unfit(f"{url}/openapi.json is no JSON") from error
        except httpx.HTTPError:
            http.close()
            raise

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def knows(self, name: str) -> bool:
        """Is there an operation of this name?"""
        return name in self.operations

    def operation(self, name: str) -> Operation:
        """The operation, or `Unfit`."""
        if name not in self.operations:
            raise Unfit(f"the node has no operation {name}")
        return self.operations[name]

    def call(self, name: str, arguments: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one operation; waits and repeats while the node answers 503 with Retry-After, up to `PATIENCE_S`."""
        return self.send(request(self.operation(name), arguments or {}, headers or {}))

    def send_raw(self, name: str, content: bytes, candidates: tuple[str, ...], headers: Mapping[str, str]) -> Answer:
        """Send bytes as they are, under the first of the content types that the operation takes."""
        operation = self.operation(name)
        media = operation.takes_raw(candidates)
        if media is None:
            raise Unfit(f"{name} takes {', '.join(operation.media)}, not {candidates[0]}")
        return self.send(Request(operation.method, operation.path, {}, {**headers, "Content-Type": media}, raw=content))

    def send(self, prepared: Request) -> Answer:
        """Send a prepared request, patiently."""
        left = PATIENCE_S
        while True:
            answer = self.once(prepared)
            wait = _seconds(answer.headers.get("retry-after"))
            if answer.status != 503 or wait is None or wait > left:
                return answer
            left -= max(wait, 0.05)
            self.sleep(wait)

    def once(self, prepared: Request) -> Answer:
        """Send a prepared request and take what comes."""
        got = self.http.request(prepared.method, prepared.path, **prepared.parts())
        is_json = "json" in got.headers.get("content-type", "")
        try:
            body = got.json() if is_json and got.content else got.text
        except ValueError:  # says JSON and is none: shown as it came
            body = got.text
        return Answer(got.status_code, body, got.headers)


def operations(document: Mapping[str, Any]) -> dict[str, Operation]:
    """Every operation of an OpenAPI document by its id."""
    found: dict[str, Operation] = {}
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if (spec := item.get(method)) and "operationId" in spec:
                parameters = [resolve(document, one) for one in [*item.get("parameters", ()), *spec.get("parameters", ())]]
                named = {where: tuple(p["name"] for p in parameters if p.get("in") == where) for where in ("path", "query")}
                media = tuple(resolve(document, spec.get("requestBody", {})).get("content", {}))
                found[spec["operationId"]] = Operation(spec["operationId"], method.upper(), path, named["path"], named["query"], media)
    return found


def resolve(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a local `$ref`."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def request(operation: Operation, arguments: Mapping[str, Any], headers: Mapping[str, str]) -> Request:
    """Put every argument into path, query or body. `raw` is the body itself where the operation takes more than JSON."""
    left = dict(arguments)
    path = operation.path
    for name in operation.in_path:
        if left.get(name) is None:
            raise Unfit(f"{operation.name} needs {name} in its path")
        path = path.replace("{" + name + "}", quote(str(left.pop(name)), safe=""))
    query = {name: _plain(left.pop(name)) for name in operation.in_query if left.get(name) is not None}
    left = {key: value for key, value in left.items() if key not in operation.in_query}
    if "raw" in left and (media := operation.takes_raw(sniffed(_bytes(left["raw"])))):
        return Request(operation.method, path, query, {**headers, "Content-Type": media}, raw=_bytes(left["raw"]))
    if operation.media:
        return Request(operation.method, path, query, headers, json=left)
    if left:
        raise Unfit(f"{operation.name} has no place for {', '.join(sorted(left))}")
    return Request(operation.method, path, query, headers)


def sniffed(content: bytes) -> tuple[str, ...]:
    """Content types that fit these bytes, best first."""
    head = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in (b"{", b"["):
        return (JSON,)
    if b"<feed" in head:
        return ("application/atom+xml", "application/xml", "text/xml")
    return ("application/cap+xml", "application/xml", "text/xml")


def _bytes(raw: str | bytes) -> bytes:
    return raw.encode() if isinstance(raw, str) else raw


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else str(value).lower() if isinstance(value, bool) else value


def _seconds(value: str | None) -> float | None:
    return float(value) if value is not None and value.replace(".", "", 1).isdigit() else None
