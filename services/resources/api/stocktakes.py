"""Stocktakes over HTTP: one call per scan; blind until counting is over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.resources.deciders.stocktakes import commands as c
from services.resources.projections import stocktakes
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/stocktakes", c.OpenStocktake),
    ("/stocktakes/counts", c.CountLine),
    ("/stocktakes/sheets", c.CountMany),
    ("/stocktakes/closings", c.CloseCount),
    ("/stocktakes/postings", c.PostStocktake),
    ("/stocktakes/cancellations", c.CancelStocktake),
)
OPERATIONS = ("GetStocktake", "ListStocktakes")
MOST = 2_000  # lines in one answer
Named = Annotated[str | None, Query(max_length=64)]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """What is asked about stocktakes, by who may see the store."""

    @router.get("/stocktakes", operation_id="ListStocktakes", responses=RESPONSES)
    def list_stocktakes(caller: Caller, limit: Limit = 100, before: Before = None, store: Named = None) -> Row:
        """Stocktakes and cycle counts, the last changed first."""
        caller.require("ListStocktakes")
        sees = host.sees(caller.by)
        rows, more = page(
            lambda at: stocktakes.listed(host.read("resources"), before=at, limit=limit, store=store),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        return {"items": [stocktakes.told(row) for row in rows], "next": more, "positions": host.positions()}

    @router.get("/stocktakes/{stocktake}", operation_id="GetStocktake", responses=RESPONSES)
    def get_stocktake(
        stocktake: Annotated[str, Path(max_length=64)], caller: Caller, after_lot: Named = None, after_position: Named = None
    ) -> Row:
        """A stocktake with its lines: every count of each, and, unless it is still counted blind, what the books said, the difference
        and whether goods moved since. With more lines than fit, `next` names the last."""
        caller.require("GetStocktake")
        db = host.read("resources")
        row = stocktakes.find(db, stocktake)
        if row is None or not host.sees(caller.by)(row["division"], row["visibility"]):
            raise NotFound(Failure("reference", f"no stocktake {stocktake} that you may see", "stocktake"))
        found = stocktakes.lines(db, stocktake, (after_lot or "", after_position or ""), MOST)
        told = [stocktakes.told_line(line, row["status"], bool(row["blind"])) for line in found]
        more = {"next": {name: told[-1][name] for name in ("lot", "position")}} if len(found) == MOST else {}
        return stocktakes.told(row) | {"lines": told, "positions": host.positions()} | more
