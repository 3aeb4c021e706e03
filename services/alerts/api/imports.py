"""`ImportAlert`: CAP 1.0 to 1.2, feeds of it, and the JSON of Chinese feeds. Raw bytes are kept; nothing that comes in is lost."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.alerts.api.receiving import media_type, received
from services.alerts.deciders.warnings.message import ImportAlert
from services.alerts.deciders.warnings.quarantine import QuarantineImport
from services.alerts.formats.model import Item, Message, Reading
from services.alerts.formats.read import read_messages
from shared.blobs.store import digest
from shared.handling.guard import masked
from shared.handling.pending import Answer
from shared.kernel.errors import Failure
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted
from shared.web.directory import Directory
from shared.web.express import directly
from shared.web.host import Host
from shared.web.problems import RESPONSES, Malformed

AT_ONCE = 200  # messages of a feed handed to the writer together; they are decided in their order
INLINE = 32 * 1024  # larger bodies are read in a thread, so that others are not kept waiting
TYPES = ("application/cap+xml", "application/xml", "text/xml", "application/atom+xml")
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            **{kind: {"schema": {"type": "string"}} for kind in TYPES},
            "application/json": {
                "schema": {
                    "oneOf": [
                        {
                            "type": "object",
                            "required": ["raw"],
                            "properties": {"raw": {"type": "string", "description": "the message as text"}},
                        },
                        {"type": "object", "description": "a Chinese feed's own JSON"},
                        {"type": "array", "items": {}},
                    ]
                }
            },
        },
    }
}


HEALED: dict[str, Any] = {"alert": None, "faults": []}  # of a repeat whose first answer was lost with the disk: the message is there


class ImportFault(BaseModel):
    """What breaks the standard in a message that was understood, or why it was not."""

    code: str
    message: str
    path: str


class ImportedItem(BaseModel):
    """One message of a feed: the warning it belongs to and what became of it."""

    alert: str | None
    outcome: Literal["accepted", "accepted_with_faults", "repeated", "quarantined"]
    faults: list[ImportFault]


class Imported(Accepted):
    """The answer of an import; a feed lists its messages in `items`."""

    alert: str | None
    faults: list[ImportFault]
    items: list[ImportedItem] | None = None


def add(router: APIRouter, host: Host, directory: Directory, log: str) -> None:
    async def import_alert(request: Request, caller: Annotated[Call, Depends(call)]) -> Response:
        """Take a warning from elsewhere. What can be understood is accepted with its faults listed; what cannot is put aside
        for a person (202). Repeats add nothing. A feed answers `items`, one for each message."""
        allowed(caller)
        return await taken(caller, await request.body())

    def allowed(caller: Call) -> None:
        caller.allowed(lambda: directory.may("ImportAlert", caller.by, None))  # before anything is read: reading costs more

    async def taken(caller: Call, sent: bytes) -> Response:
        body, kind = _unwrapped(sent, caller.request.headers.get("content-type", ""))
        reading: Reading = read_messages(body, kind) if len(body) <= INLINE else await run_in_threadpool(read_messages, body, kind)
        if len(reading.items) == 1 and reading.form not in ("atom", "rss", "wrapper", "edxl-de"):
            answer = await _one(caller, directory, reading.items[0], kind, 0, 1)
            return answered(log, answer, **({} if answer.extra else HEALED))
        answers: list[Answer] = []
        for start in range(0, len(reading.items), AT_ONCE):
            part = enumerate(reading.items[start : start + AT_ONCE], start)
            answers += await asyncio.gather(*[_one(caller, directory, item, kind, n, len(reading.items)) for n, item in part])
        return _feed(log, answers, host)

    async def direct(request: Request, body: bytes) -> Response:
        caller = await call(request)
        allowed(caller)
        return await taken(caller, body)

    directly(import_alert, direct)
    router.add_api_route(
        "/imports",
        import_alert,
        methods=["POST"],
        operation_id="ImportAlert",
        summary="Import alert",
        status_code=201,
        response_model=None,
        responses={
            201: {"model": Imported},
            200: {"model": Imported, "description": "A repeat, or a feed that holds nothing new"},
            202: {"model": Imported, "description": "Put aside for a person"},
            **RESPONSES,
        },
        openapi_extra=BODY,
    )


def _unwrapped(body: bytes, content_type: str) -> tuple[bytes, str | None]:
    if not body.strip():
        raise Malformed(Failure("schema", "send a message: CAP as XML, or a feed's JSON"))
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return body, content_type or None
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body, content_type  # put aside by the reader, with its reason
    if isinstance(found, dict) and isinstance(found.get("raw"), str) and len(found) == 1:
        return found["raw"].encode(errors="surrogatepass"), None
    return body, content_type


async def _one(caller: Call, directory: Directory, item: Item, kind: str | None, n: int, of: int) -> Answer:
    name, cover = digest(item.raw), partial(masked, knows=caller.host.knows)
    part = None if of == 1 else n
    path = caller.request.scope["path"]
    if isinstance(item, Message):
        message = received(item, name, directory.divisions, cover)
        command = ImportAlert(by=caller.by, now=caller.now, cosigner=caller.cosigner, message=message)
        return await caller.send("alerts", command, path, name.encode(), {name: item.raw}, part)
    aside = QuarantineImport(
        by=caller.by,
        now=caller.now,
        cosigner=caller.cosigner,
        quarantine=name[:16],
        digest=name,
        code=item.code,
        reason=cover(item.reason)[:500],
        size=len(item.raw),
        content_type=media_type(kind, cover),
    )
    return await caller.send("alerts", aside, path, name.encode(), {name: item.raw}, part)


def _feed(log: str, answers: list[Answer], host: Host) -> Response:
    items: list[dict[str, Any]] = [
        {
            "alert": a.extra.get("alert"),
            "outcome": "repeated" if a.repeated else a.extra.get("outcome", "accepted"),
            "faults": a.extra.get("faults", []),
        }
        for a in answers
    ]
    position = max((a.position for a in answers), default=host.heads()[log])
    outcomes = {item["outcome"] for item in items}
    fresh = [a for a in answers if a.events]
    worst = next((o for o in ("quarantined", "accepted_with_faults", "accepted") if o in outcomes), "repeated")
    summary = Answer(
        command=answers[0].command if answers else "",
        stream=fresh[0].stream if fresh else None,
        version=fresh[0].version if fresh else None,
        position=position,
        flags=tuple(sorted({flag for a in answers for flag in a.flags})),
        events=tuple(kind for a in answers for kind in a.events),
        extra={"alert": items[0]["alert"] if items else None, "faults": [], "outcome": worst, "items": items},
    )
    return answered(log, summary)
