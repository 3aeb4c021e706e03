"""Goods in stores over HTTP: one call per scan, on the short way past FastAPI; what lies where, the stock card, the accounts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.resources.api.seen import placed
from services.resources.deciders.stock import commands as c
from services.resources.projections import loans, movements, stock
from shared.handling.timers import utc
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/stock/receipts", c.ReceiveLot),
    ("/stock/quality-passes", c.PassQuality),
    ("/stock/quality-failures", c.FailQuality),
    ("/stock/put-aways", c.PutAway),
    ("/stock/returns", c.ReturnStock),
    ("/stock/transfers", c.TransferStock),
    ("/stock/write-offs", c.WriteOff),
    ("/stock/losses", c.RecordLoss),
    ("/stock/quarantines", c.QuarantineLot),
    ("/stock/recalls", c.RecallLot),
    ("/stock/reversals", c.ReverseMovement),
    ("/stock/loans", c.LendStock),
    ("/stock/loan-returns", c.ReturnLoan),
)
OPERATIONS = ("GetStock", "GetLot", "ListMovements", "GetAccounts", "ListLoans")
MOST = 2_000  # lots in one answer
Named = Annotated[str | None, Query(max_length=64)]
Id = Annotated[str, Path(max_length=64)]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """An issue, which needs the division tree beside its body; and what is asked about goods, each by who may see the store."""
    routes.post("/stock/issues", c.IssueStock, fill=placed(directory), stamped=("placed",))
    _lots(router, host)
    _books(router, host)


def _lots(router: APIRouter, host: Host) -> None:
    @router.get("/stock/{store}", operation_id="GetStock", responses=RESPONSES)
    def get_stock(store: Id, caller: Caller, item: Named = None, stocked: bool = False, after: Named = None) -> Row:
        """What a store has, by lot: available, reserved (for which allocation), apart, where on the shelves, until when it is good. Lots of
        which nothing is left are shown too unless `stocked`; with more than fit, `next` says after which lot to go on."""
        caller.require("GetStock")
        sees = host.sees(caller.by)
        rows = stock.of_store(host.read("resources"), store, item=item, stocked=stocked, after=after or "", limit=MOST)
        if rows and not sees(rows[0]["division"], rows[0]["visibility"]):
            raise NotFound(Failure("reference", f"no store {store} that you may see", "store"))
        today = caller.now.date().isoformat()
        more = {"next": rows[-1]["lot"]} if len(rows) == MOST else {}
        return {row["lot"]: stock.shown(row, today) for row in rows} | more | {"positions": host.positions()}

    @router.get("/lots/{lot}", operation_id="GetLot", responses=RESPONSES)
    def get_lot(lot: Id, caller: Caller) -> Row:
        """A lot in every store it ever came to: what a recall has to reach."""
        caller.require("GetLot")
        sees = host.sees(caller.by)
        rows = [row for row in stock.of_lot(host.read("resources"), lot) if sees(row["division"], row["visibility"])]
        if not rows:
            raise NotFound(Failure("reference", f"no lot {lot} that you may see", "lot"))
        today = caller.now.date().isoformat()
        return {"lot": lot, "stores": {row["store"]: stock.shown(row, today) for row in rows}, "positions": host.positions()}


def _books(router: APIRouter, host: Host) -> None:
    @router.get("/movements", operation_id="ListMovements", responses=RESPONSES)
    def list_movements(
        caller: Caller, limit: Limit = 100, before: Before = None, store: Named = None, item: Named = None, lot: Named = None
    ) -> Row:
        """The stock card, the last movement first: what moved between which accounts, why, who entered it, and what was on hand after it.
        `version` is what an undo names, `reversed` the one that took it back, `reverses` the one that it takes back, under its cause."""
        caller.require("ListMovements")
        sees = host.sees(caller.by)
        named: dict[str, Any] = {"store": store, "item": item, "lot": lot}
        rows, more = page(
            lambda at: movements.listed(host.read("resources"), before=at, limit=limit, **named),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        return {"items": [movements.shown(row) for row in rows], "next": more, "positions": host.positions()}

    @router.get("/accounts", operation_id="GetAccounts", responses=RESPONSES)
    def get_accounts(caller: Caller, store: Named = None, item: Named = None) -> Row:
        """Per item what was given, what is in stock and where the rest went, over all stores the caller sees. Both sides are equal."""
        caller.require("GetAccounts")
        sees = host.sees(caller.by)
        rows = movements.balances(host.read("resources"), store=store, item=item)
        mine = [row for row in rows if sees(row["division"], row["visibility"])]
        return {"accounts": movements.summed(mine), "positions": host.positions()}

    @router.get("/loans", operation_id="ListLoans", responses=RESPONSES)
    def list_loans(caller: Caller, limit: Limit = 100, before: Before = None, store: Named = None, overdue: bool = False) -> Row:
        """What is lent, the last changed first; `overdue`: only what should be back."""
        caller.require("ListLoans")
        sees, now = host.sees(caller.by), utc(caller.now)
        rows, more = page(
            lambda at: loans.listed(host.read("resources"), before=at, limit=limit, store=store),
            lambda row: sees(row["division"], row["visibility"]) and (not overdue or loans.shown(row, now)["overdue"]),
            limit,
            before,
        )
        return {"items": [loans.shown(row, now) for row in rows], "next": more, "positions": host.positions()}
