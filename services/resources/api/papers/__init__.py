"""Papers as PDF, with the codes scanners read, drawn beside this process. Posts, ids and numbers stand on them; the name of an owner or
donor only for who just read it from the vault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from services.resources.api.dispatch import both_ends
from services.resources.api.papers import sheets, spoken
from services.resources.api.papers.named import Whose, name_of
from services.resources.api.papers.sheets import Printing
from services.resources.api.papers.words import Language, Words
from services.resources.api.requisitions import PURPOSE, certified
from services.resources.events.donation import DonationInspected, DonationReceipted, DonationReceived
from services.resources.events.requisition import PropertyLent, RequisitionRequested, RequisitionTakenOrally
from services.resources.projections import catalogue, donations, movements, shipments, stock, warehouses
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState
from shared.paper.printing import printed
from shared.paper.sheet import Paper
from shared.web.call import Call
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = ()
OF_SHIPMENT: tuple[tuple[str, str, Callable[[Printing, Row], Paper]], ...] = (
    ("pick-list", "GetPickListPaper", sheets.pick_list),
    ("delivery-note", "GetDeliveryNotePaper", sheets.delivery_note),
    ("receipt", "GetReceiptPaper", sheets.receipt),
    ("labels", "GetShipmentLabels", lambda p, row: sheets.labels(p, row["to_store"], row["lines"], [])),
)
OPERATIONS = (
    *(name for _, name, _ in OF_SHIPMENT),
    *("GetStockLabels", "GetStockCardPaper", "GetRequisitionCertificatePaper", "GetDonationReceiptPaper"),
)
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
    **RESPONSES,
}
CARD, LABELS = 200, 200  # movements on a card, labels on a paper
LOTS = 100_000  # more in one store nobody labels at once
Id = Annotated[str, Path(max_length=64)]
Named = Annotated[list[str], Query(max_length=LABELS, default_factory=list)]
Lang = Annotated[Language, Query()]
Part = Annotated[int | None, Query(ge=1, le=LOTS // LABELS)]
Reading = Annotated[str | None, Query(max_length=200)]


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """Each paper is for who may ask for what stands on it."""
    for path, name, make in OF_SHIPMENT:
        _of_shipment(router, host, directory, path, name, make)
    _of_stock(router, host, directory)
    _of_owners(router, host, directory)


def _of_shipment(router: APIRouter, host: Host, directory: Directory, path: str, name: str, make: Callable[[Printing, Row], Paper]) -> None:
    def paper(shipment: Id, caller: Caller, lang: Lang = "zh") -> Response:
        """A paper of a shipment as PDF."""
        caller.require(name)
        row = shipments.find(host.read("resources"), shipment)
        if row is None or not both_ends(host, caller.by)(row):
            raise NotFound(Failure("reference", f"no shipment {shipment} that you may see", "shipment"))
        if name == "GetReceiptPaper" and not row["received_at"]:
            raise WrongState(Failure("shipment.state", f"{shipment} was not received yet", "shipment"))
        return _pdf(make(_printing(host, directory, caller, lang), shipments.shown(row)), f"{path}-{shipment}")

    router.add_api_route(
        f"/shipments/{{shipment}}/{path}.pdf", paper, operation_id=name, response_class=Response, responses=ANSWERS, methods=["GET"]
    )


def _of_stock(router: APIRouter, host: Host, directory: Directory) -> None:
    def store_of(store: str, caller: Call) -> Row:
        row = warehouses.find(host.read("resources"), store)
        if row is None or not host.sees(caller.by)(row["division"], row["visibility"]):
            raise NotFound(Failure("reference", f"no store {store} that you may see", "store"))
        return warehouses.told(row)

    @router.get("/stock/{store}/labels.pdf", operation_id="GetStockLabels", response_class=Response, responses=ANSWERS)
    def get_stock_labels(store: Id, caller: Caller, lot: Named, position: Named, part: Part = None, lang: Lang = "zh") -> Response:
        """Labels of the named lots and positions of a store; with none named, of every lot that lies there, in parts of 200 where there are
        more. QR and Code 128; what a label cannot show stands on it in words."""
        caller.require("GetStockLabels")
        known = store_of(store, caller)
        rows = stock.of_store(host.read("resources"), store, item=None, stocked=not lot, after="", limit=LOTS)
        here = {row["lot"]: stock.shown(row, "") | {"lot": row["lot"]} for row in rows}
        missing = [one for one in lot if one not in here] + [one for one in position if one not in known["positions"]]
        if missing:
            raise NotFound(Failure("reference", f"{store} has no {', '.join(missing)}", "lot"))
        chosen = lot or ([] if position else _part(list(here), part, store))
        if not chosen and not position:
            raise NotFound(Failure("reference", f"nothing lies in {store}: name lots or positions", "lot"))
        lots = [here[one] | {"qty": here[one]["on_hand"]} for one in chosen]
        return _pdf(sheets.labels(_printing(host, directory, caller, lang), store, lots, position), f"labels-{store}")

    @router.get("/stock/{store}/card.pdf", operation_id="GetStockCardPaper", response_class=Response, responses=ANSWERS)
    def get_stock_card_paper(store: Id, caller: Caller, item: Annotated[str, Query(max_length=64)], lang: Lang = "zh") -> Response:
        """The stock card of an item in a store: its last movements, with what was on hand after each."""
        caller.require("GetStockCardPaper")
        known, db = store_of(store, caller), host.read("resources")
        rows = movements.listed(db, before=None, limit=CARD, store=store, item=item)
        if not rows:
            raise NotFound(Failure("reference", f"{item} never lay in {store}", "item"))
        return _pdf(sheets.stock_card(_printing(host, directory, caller, lang), known, item, rows), f"card-{store}-{item}")


def _part(lots: list[str], part: int | None, store: str) -> list[str]:
    """The lots of one paper. RuleBroken where they are more and no part is named: labels that are missing are noticed by nobody."""
    parts = -(-len(lots) // LABELS)
    if lots and (part or parts) > (parts if part else 1):
        cure = f"{len(lots)} lots lie in {store}, {LABELS} fit on a paper: ask for part 1 to {parts} (part=1), or name lots"
        raise RuleBroken(Failure("paper.labels", cure, "part"))
    return lots[LABELS * ((part or 1) - 1) :][:LABELS]


def _of_owners(router: APIRouter, host: Host, directory: Directory) -> None:
    @router.get(
        "/requisitions/{requisition}/certificate.pdf",
        operation_id="GetRequisitionCertificatePaper",
        response_class=Response,
        responses=ANSWERS,
    )
    def get_requisition_certificate_paper(requisition: Id, caller: Caller, lang: Lang = "zh", reading: Reading = None) -> Response:
        """The owner's certificate (RQ-03). The owner stands on it by id, and by name with `reading`: the position at which the caller just
        read it (ReadPersonalData, purpose requisition). It is stored nowhere."""
        caller.require("GetRequisitionCertificatePaper")
        said = certified(host, caller.by, requisition)
        name = name_of(reading, _owner(host, requisition), caller, directory)
        return _pdf(sheets.certificate(_printing(host, directory, caller, lang), said, name), f"certificate-{requisition}")

    @router.get("/donations/{donation}/receipt.pdf", operation_id="GetDonationReceiptPaper", response_class=Response, responses=ANSWERS)
    def get_donation_receipt_paper(donation: Id, caller: Caller, lang: Lang = "zh", reading: Reading = None) -> Response:
        """The receipt of a gift (CHL-38), once it was made out. The donor stands on it by number, and by name with `reading`: the position
        at which the caller just read it (ReadPersonalData, for the purpose it was given)."""
        caller.require("GetDonationReceiptPaper")
        db = host.read("resources")
        row = donations.find(db, donations.GIFT, donation)
        if row is None:
            raise NotFound(Failure("reference", f"no donation {donation}", "donation"))
        facts = [one.event for one in host.history("resources", f"donation-{donation}")]
        said = next((fact for fact in facts if isinstance(fact, DonationReceipted)), None)
        if said is None:
            raise WrongState(Failure("donation.state", f"no receipt was made out for {donation} yet", "donation"))
        gift = donations.gift_of(row)
        given = [(one.lot, one.item, one.qty, one.passed) for fact in facts if isinstance(fact, DonationInspected) for one in fact.goods]
        told = {name: getattr(said, name) for name in ("donation", "receipt", "money", "pieces", "receiver", "handler", "at")}
        told |= {"campaign": gift.campaign, "intent": gift.intent, "division": gift.division, "goods": given}
        told |= {"donor": donations.pseudonym(db, gift.donor)}
        name = name_of(reading, _donor(facts), caller, directory)
        return _pdf(sheets.donation_receipt(_printing(host, directory, caller, lang), told, name), f"receipt-{donation}")


def _owner(host: Host, requisition: str) -> Whose:
    """Whose thing it is."""
    facts = [one.event for one in host.history("resources", f"requisition-{requisition}")]
    begun = next(fact for fact in facts if isinstance(fact, RequisitionRequested | RequisitionTakenOrally | PropertyLent))
    return Whose(begun.subject, begun.person, begun.wanted.purpose or PURPOSE, begun.incident)


def _donor(facts: list[Any]) -> Whose:
    """Who gave it."""
    came = next((fact for fact in facts if isinstance(fact, DonationReceived)), None)
    if came is None:
        return Whose(None, None, "", None)
    return Whose(came.donor, came.person, came.purpose or "", came.incident)


def _printing(host: Host, directory: Directory, caller: Call, language: Language) -> Printing:
    db = host.read("resources")

    def item(name: str) -> tuple[str, str]:
        known = catalogue.item(db, name)
        if known is None:
            return name, ""
        return (known["en"] or known["zh"] if language == "en" else known["zh"]), spoken.unit(known["unit"], language)

    def division(code: str | None) -> str:
        unit = directory.divisions.units.get(code) if code else None
        return code or "" if unit is None else (unit.zh if language == "zh" else unit.en or unit.zh)

    return Printing(Words(language), caller.by.actor, caller.now, item, division)


def _pdf(paper: Paper, name: str) -> Response:
    """Routes that are not `async` run in a thread of their own, which waits while the paper is drawn."""
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return Response(printed(paper), media_type="application/pdf", headers=headers)
