"""Files of many lines: looked over without storing anything, received all or nothing, taken back as a whole; the same as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.resources.deciders.imports import commands as c
from services.resources.deciders.imports.receiving import judged, strange
from services.resources.deciders.imports.state import UNDONE, file_of
from services.resources.deciders.stocktakes.commands import Counted, CountMany
from services.resources.deciders.streams import import_stream
from services.resources.events.goods import Source
from services.resources.events.stock_file import StockFileLines, StockFileLineUndone, StockFileReceived
from services.resources.formats.lines import COUNTS, RECEIPTS, Lines, lines, made_anew
from services.resources.formats.tables import read
from services.resources.projections import files
from shared.blobs.store import digest
from shared.handling.guard import unfit_texts
from shared.kernel.commands import Command
from shared.kernel.errors import DomainError, Failure, NotAllowed, NotFound, RuleBroken
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted, CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/stock-files/undone", c.UndoImport),
    ("/stock-files/{file}/lines/{line}/undone", c.UndoImportLine),
)
OPERATIONS = ("PreviewStockFile", "ListStockFiles", "GetStockFile")
LIMIT = 8 * 1024 * 1024  # bytes of a file, or of as many lines as JSON
PREFIX = "/api/resources"
LIMITS = {f"{PREFIX}{path}": LIMIT for path in ("/stock-files", "/stock-files/previews", "/stock/receipts/lines", "/stocktakes/sheets")}
OF_TEXTS = ("PIPL-5", "text.length", "id.pattern")
BLANK: dict[str, Any] = {"store": "", "item": "", "lot": "0", "qty": 1}  # in the place of what could not be read
SHOWN, TOLD = 20, 1_000  # lines and faults in an answer
TYPES = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv", "application/octet-stream")
BODY = {"requestBody": {"required": True, "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES}}}
ANSWERS: dict[int | str, dict[str, Any]] = {201: {"model": Accepted}, 200: {"model": Accepted, "description": "A repeat"}, **RESPONSES}
Named = Annotated[str, Query(max_length=200)]
CallerOf = Annotated[Call, Depends(call)]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """A file looked over or received; its lines as JSON; what was received so far."""

    async def stamp(caller: Call, fields: dict[str, Any]) -> None:
        fields["digest"], fields["content"] = sha256(await caller.request.body()).hexdigest(), None

    routes.post("/stock/receipts/lines", c.ReceiveMany, fill=stamp, stamped=("digest", "content"))
    _previewed(router, host, directory)
    _received(router, host, directory)
    _one(router, host)

    @router.get("/stock-files", operation_id="ListStockFiles", responses=RESPONSES)
    def list_stock_files(caller: Caller, limit: Limit = 100, before: Before = None) -> Row:
        """What was received as one, the last changed first; `content` is what was read of it, as CSV."""
        caller.require("ListStockFiles")
        sees = host.sees(caller.by)
        rows, more = page(
            lambda at: files.listed(host.read("resources"), before=at, limit=limit),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        return {"items": [files.told(row) for row in rows], "next": more, "positions": host.positions()}


def _one(router: APIRouter, host: Host) -> None:
    @router.get("/stock-files/{file}", operation_id="GetStockFile", responses=RESPONSES)
    def get_stock_file(file: Annotated[str, Path(max_length=64)], caller: Caller) -> Row:
        """One file with its lines, numbered as they stood in it, and which of them were taken back."""
        caller.require("GetStockFile")
        row = files.find(host.read("resources"), file)
        if row is None or not host.sees(caller.by)(row["division"], row["visibility"]):
            raise NotFound(Failure("reference", f"no file {file} that you may see", "file"))
        facts = [one.event for one in host.history("resources", import_stream(file))]
        came = max(at for at, fact in enumerate(facts) if isinstance(fact, StockFileReceived))  # taken back it may have come again
        kept = [line for fact in facts[came:] if isinstance(fact, StockFileLines) for line in fact.lines]
        gone = {fact.line for fact in facts[came:] if isinstance(fact, StockFileLineUndone)}
        over = row["status"] == UNDONE
        told = [{"line": at, **msgspec.to_builtins(line), "undone": over or at in gone} for at, line in enumerate(kept, 1)]
        return files.told(row) | {"items": told, "positions": host.positions()}


def _previewed(router: APIRouter, host: Host, directory: Directory) -> None:
    @router.post("/stock-files/previews", operation_id="PreviewStockFile", responses=RESPONSES, openapi_extra=BODY)
    async def preview_stock_file(
        request: Request, caller: CallerOf, source: Source = Source.PURCHASE, cause: Named = "", stocktake: Named = ""
    ) -> Row:
        """What a file would come to, and everything that is wrong with it by row and column with its cure; nothing is stored. What is
        damaged comes on top of the quantity. With `stocktake` its lines are counts, judged by the rows alone."""
        caller.require("PreviewStockFile")
        body = await request.body()

        def looked() -> Row:
            found = _read(body, stocktake)
            faults = _unread(found)
            told: Row = {"digest": sha256(body).hexdigest(), "lines": len(found.fields), "shown": found.fields[:SHOWN]}
            if not stocktake:
                made = _command(caller, found, source, cause, "", body)
                known = files.find(host.read("resources"), file_of(made.digest))
                told |= {
                    "repeated": bool(known and known["status"] == "received"),
                    "stores": dict(Counter(one.store for one in made.lines)),
                }
                faults += _judged(made, found, host, directory, caller)
            faults.sort(key=lambda one: one["row"] or 0)
            return told | {"faults": faults[:TOLD], "wrong": len(faults), "positions": host.positions()}

        return await run_in_threadpool(looked)


def _received(router: APIRouter, host: Host, directory: Directory) -> None:
    async def import_stock_file(
        request: Request, caller: CallerOf, source: Source = Source.PURCHASE, cause: Named = "", name: Named = "", stocktake: Named = ""
    ) -> Response:
        """Receive a file (xlsx, or CSV in UTF-8 or GB18030), all lines or none; the same file again adds nothing. What is damaged comes on
        top of the quantity. With `stocktake` its lines are counts of that stocktake."""
        kind = "CountMany" if stocktake else "ReceiveMany"
        caller.allowed(lambda: directory.may(kind, caller.by, None))  # before anything is read: reading costs more
        body = await request.body()
        found = await run_in_threadpool(_read, body, stocktake)

        def rest() -> list[Row]:
            """What else is wrong with a file that could not be read whole: all faults at once."""
            return [] if stocktake else _judged(_command(caller, found, source, cause, "", body), found, host, directory, caller)

        if found.faults:
            wrong = await run_in_threadpool(lambda: _unread(found) + rest())
            told = sorted(wrong, key=lambda one: one["row"] or 0)[:TOLD]
            raise RuleBroken(*[Failure(one["rule"], one["cure"], _where(one["row"], one["column"])) for one in told])
        made: Command
        if stocktake:
            counts = tuple(Counted(**fields) for fields in found.fields)
            made, blobs = CountMany(by=caller.by, now=caller.now, cosigner=caller.cosigner, stocktake=stocktake, lines=counts), {}
        else:
            kept = await run_in_threadpool(made_anew, found)
            made, blobs = _command(caller, found, source, cause, name, body, digest(kept)), {digest(kept): kept}
        try:
            answer = await caller.send("resources", made, request.scope["path"] + str(request.query_params), body, blobs)
        except DomainError as refusal:
            each = await run_in_threadpool(_each, refusal.failures, made, host)
            raise type(refusal)(*(_spoken(one, found) for one in each)) from refusal
        return answered(host.log("resources"), answer)

    router.add_api_route(
        "/stock-files",
        import_stock_file,
        methods=["POST"],
        operation_id="ImportStockFile",
        summary="Import stock file",
        status_code=201,
        response_model=None,
        responses=ANSWERS,
        openapi_extra=BODY,
    )


def _read(body: bytes, stocktake: str) -> Lines:
    return lines(read(body), COUNTS if stocktake else RECEIPTS)


def _command(caller: Call, found: Lines, source: Source, cause: str, name: str, body: bytes, content: str | None = None) -> c.ReceiveMany:
    made = tuple(c.ReceiptLine(**fields) for fields in found.fields)
    sent = sha256(body).hexdigest()
    signed: dict[str, Any] = {"by": caller.by, "now": caller.now, "cosigner": caller.cosigner}
    return c.ReceiveMany(**signed, lines=made, source=source, cause=cause, name=name, digest=sent, content=content)


def _judged(made: c.ReceiveMany, found: Lines, host: Host, directory: Directory, caller: Call) -> list[Row]:
    """What the decider would say, over what is shown: permissions, masters, lots; and what is no public text."""
    halves = [c.ReceiptLine(**BLANK | half.fields) for half in found.halves]
    every = (*made.lines, *halves)
    stores = {line.store for line in every}
    states = files.known(host.read("resources"), stores, {line.item for line in every}, (line.lot for line in every))
    wrong = [*strange(made, states), *judged(made, states)[2]] if made.lines else []
    wrong += _each(unfit_texts(made, host.knows), made, host)
    try:
        owners = {state.owner for stream, state in states.items() if stream.startswith("store-") and state.owner}
        directory.may("ReceiveMany", caller.by, tuple(sorted(owners)))
    except NotAllowed as refusal:
        wrong += refusal.failures
    return [_told(one, found) for one in wrong] + _beside(replace(made, lines=tuple(halves)), found, states)


def _unread(found: Lines) -> list[Row]:
    return [{"row": one.row, "column": one.column, "rule": one.rule, "cure": one.cure} for one in found.faults]


def _beside(made: c.ReceiveMany, found: Lines, states: Mapping[str, Any]) -> list[Row]:
    """What is wrong with the rows that could not be read whole, beside what could not be read of them."""
    rows = replace(found, rows=[half.row for half in found.halves])
    told = []
    for fault in (*strange(made, states), *judged(made, states)[2]):
        parts = (fault.field or "").split(".")
        if len(parts) > 2 and parts[2] not in found.halves[int(parts[1])].unread:
            told.append(_told(fault, rows))
    return told


def _each(faults: Iterable[Failure], made: Any, host: Host) -> list[Failure]:
    """The faults of texts, which are told of all lines together, by the lines that have them."""
    found: list[Failure] = []
    for fault in faults:
        of_texts = fault.field == "lines" and fault.rule in OF_TEXTS
        spoiled = [at for at, line in enumerate(made.lines) if _unfit(line, fault.rule, made, host)] if of_texts else []
        found += [replace(fault, field=f"lines.{at}") for at in spoiled[:TOLD]] or [fault]
    return found


def _unfit(line: Any, rule: str, made: Any, host: Host) -> bool:
    """Whether a text of this line alone breaks the rule."""
    return any(one.rule == rule for one in unfit_texts(replace(made, lines=(line,)), host.knows))


def _told(fault: Failure, found: Lines) -> Row:
    row, column = _placed(fault, found)
    return {"row": row, "column": column, "rule": fault.rule, "cure": fault.cure}


def _spoken(fault: Failure, found: Lines) -> Failure:
    """The fault of a line by the row and column of the file."""
    row, column = _placed(fault, found)
    return fault if row is None else Failure(fault.rule, fault.cure, _where(row, column))


def _placed(fault: Failure, found: Lines) -> tuple[int | None, str | None]:
    parts = (fault.field or "").split(".")
    if parts[0] != "lines" or len(parts) < 2:
        return None, None
    column = parts[2] if len(parts) > 2 else ""
    return found.rows[int(parts[1])], found.headings.get(column)


def _where(row: int | None, column: str | None) -> str:
    return ", ".join(part for part in (f"row {row}" if row else "", column or "") if part) or "file"
