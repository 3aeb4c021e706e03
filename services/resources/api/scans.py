"""A scanner's one question: what is this, and what may I do with it?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.resources.api.dispatch import both_ends
from services.resources.formats import codes
from services.resources.projections import shipments, stock, warehouses
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotAllowed, NotFound
from shared.web.call import Call
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = ()
OPERATIONS = ("GetScan",)
OF_LOT = ("PutAway", "CountLine", "IssueStock", "QuarantineLot", "PassQuality", "FailQuality", "ReturnStock", "WriteOff", "RecordLoss")
OF_POSITION, OF_STORE = ("PutAway", "CountLine"), ("ReceiveLot", "OpenStocktake")
OF_SHIPMENT = {
    "Ordered": ("PickLine", "ConfirmPick"),
    "Picked": ("ConfirmLoad",),
    "Loaded": ("Depart",),
    "Arrived": ("ConfirmReceipt",),
}
ON_ROAD = ("ReportPosition", "Arrive")


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """Labels are read here; what is done with what they name are the commands themselves."""

    @router.get("/scans", operation_id="GetScan", responses=RESPONSES)
    def get_scan(
        caller: Caller, code: Annotated[str, Query(max_length=200)], store: Annotated[str | None, Query(max_length=64)] = None
    ) -> Row:
        """What a label names, as far as the caller may see it, and which commands of it are theirs. `store`: only what lies there."""
        caller.require("GetScan")
        said = codes.parsed(code)
        found = {codes.LOT: _lot, codes.POSITION: _position, codes.STORE: _store, codes.SHIPMENT: _shipment}[said.kind]
        shown, may, divisions = found(host, caller, said.named, store)

        def theirs(name: str) -> bool:
            for division in divisions:
                try:
                    directory.may(name, caller.by, (division,))
                except NotAllowed:
                    continue
                return True
            return False

        return {
            "kind": codes.WORDS[said.kind],
            **said.named,
            **shown,
            "may": [name for name in may if theirs(name)],
            "positions": host.positions(),
        }


Found = tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]
"""What is shown, which commands it is of, and in which divisions."""


def _lot(host: Host, caller: Call, named: dict[str, str], store: str | None) -> Found:
    sees = host.sees(caller.by)
    rows = [
        row
        for row in stock.of_lot(host.read("resources"), named["lot"])
        if sees(row["division"], row["visibility"]) and store in (None, row["store"])
    ]
    if not rows:
        raise _unknown("lot", named["lot"])
    stores = {row["store"]: stock.shown(row, "") for row in rows}
    held = any(row["on_hand"] for row in stores.values())
    may = OF_LOT if held else ("ReceiveLot", "CountLine", "ReturnStock")
    return {"item": rows[0]["item"], "expires": rows[0]["expires"], "stores": stores}, may, _divisions(rows)


def _position(host: Host, caller: Call, named: dict[str, str], store: str | None) -> Found:
    shown, _, divisions = _store(host, caller, named, store)
    if named["position"] not in shown["places"]:
        raise _unknown("position", f"{named['store']} {named['position']}")
    rows = stock.of_store(host.read("resources"), named["store"], item=None, stocked=True, after="", limit=10_000)
    lying = {row["lot"]: qty for row in rows if (qty := stock.shown(row, "")["shelves"].get(named["position"]))}
    return {"status": shown["status"], "lots": lying}, OF_POSITION, divisions


def _store(host: Host, caller: Call, named: dict[str, str], store: str | None) -> Found:
    row = warehouses.find(host.read("resources"), named["store"])
    if row is None or not host.sees(caller.by)(row["division"], row["visibility"]):
        raise _unknown("store", named["store"])
    told = warehouses.told(row)
    return {"status": told["status"], "places": told["positions"]}, OF_STORE, (row["owner"],)


def _shipment(host: Host, caller: Call, named: dict[str, str], store: str | None) -> Found:
    row = shipments.find(host.read("resources"), named["shipment"])
    if row is None or not both_ends(host, caller.by)(row):
        raise _unknown("shipment", named["shipment"])
    told = shipments.shown(row)
    kept = {name: told[name] for name in ("state", "from_store", "to_store", "receiver", "vehicle", "lines", "picked")}
    may = OF_SHIPMENT.get(row["state"], ON_ROAD if row["state"] in shipments.UNDER_WAY else ())
    return kept, may, tuple(dict.fromkeys((row["division"], row["to_division"])))


def _divisions(rows: list[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["division"] for row in rows if row["division"]))


def _unknown(kind: str, name: str) -> NotFound:
    return NotFound(Failure("reference", f"no {kind} {name} that you may see", "code"))
