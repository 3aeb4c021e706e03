"""A shipment, a requisition and a gift as they are shown, and how they are printed in a test."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from services.resources.api.papers import sheets
from services.resources.api.papers.sheets import Printing
from services.resources.api.papers.words import Language, Words
from shared.paper.sheet import Paper
from tests.resources.world import NOW, at

ITEMS = {"QUILT": ("棉被", "Cotton quilt", "件"), "WATER": ("饮用水", "Drinking water", "升"), "FOOD": ("方便食品", "Ready meals", "份")}
PLACES = {"150722": ("莫力达瓦达斡尔族自治旗", "Morin Dawa"), "150700": ("呼伦贝尔市", "Hulunbuir")}
LINES = [
    {"item": "QUILT", "lot": "HL-QUILT-1", "qty": 400, "expires": None},
    {"item": "WATER", "lot": "HL-WATER-1", "qty": 3000, "expires": "2022-03-31"},
    {"item": "FOOD", "lot": "HL-FOOD-1", "qty": 3000, "expires": "2021-12-31"},
]
SHIPMENT: dict[str, Any] = {
    "shipment": "SH-1",
    "from_store": "WH-HL",
    "to_store": "WH-MD",
    "receiver": "W.MD1",
    "vehicle": "蒙E-12345",
    "driver": "DRV-7",
    "request": "RQ-1",
    "incident": "INC-1",
    "division": "150700",
    "to_division": "150722",
    "lines": LINES,
    "pick_list": {"A-01": {"HL-QUILT-1": 400}, "B-02": {"HL-WATER-1": 3000}, "": {"HL-FOOD-1": 3000}},
    "departed_at": "2021-07-18T12:00:00Z",
    "approval": "PASS-15-0718",
    "received": {"HL-QUILT-1": 398, "HL-WATER-1": 2988, "HL-FOOD-1": 3000},
    "short_lots": {"HL-QUILT-1": 2},
    "damaged_lots": {"HL-WATER-1": 12},
    "received_at": "2021-07-19T02:30:00Z",
    "result": "short",
    "note": "两包棉被未到，一箱饮用水破损。",
}
REVIEW = "自知道本决定之日起60日内可以申请行政复议", "a review may be asked for within 60 days of knowing this decision"
STORE = {"store": "WH-MD", "owner": "150722"}
MOVEMENTS: list[dict[str, Any]] = [
    {"at": "2021-07-19T02:30:00Z", "lot": "HL-QUILT-1", "cause": "SH-1", "reason": "", "change": 398, "balance": 498, "by": "W.MD1"},
    {
        "at": "2021-07-18T02:30:00Z",
        "lot": "MD-QUILT-1",
        "cause": "INC-1",
        "reason": "转移安置",
        "change": -200,
        "balance": 100,
        "by": "W.MD1",
        "reverses": 3,
    },
]
CERTIFICATE: dict[str, Any] = {
    "requisition": "REQ-1",
    "issuer": "150722",
    "incident": "INC-1",
    "approved": {"by": "B.GOV", "second": None, "necessity": "运送群众转移，别无其他车辆", "at": at("17:00")},
    "oral": None,
    "notice": {
        "at": at("17:30"),
        "remedy": {"organ": "the government of 150722", "text": f"{REVIEW[0]} / {REVIEW[1]}", "article": "ARC-20"},
    },
    "taken": {"at": at("18:00"), "condition": "完好，里程 82,310 公里"},
    "returned": {"at": at("09:00", 21), "condition": "左前灯损坏"},
    "lost": None,
    "wanted": {
        "subject": "OW-1",
        "item": "大客车",
        "quantity": 2,
        "model": "45 座",
        "value": "480000.00",
        "basis": "ERL-76.1",
        "purpose": "requisition",
        "use": "转移群众，往返西瓦尔图镇",
        "necessity": "",
        "until": at("18:00", 25),
        "executor": "B.OFF",
        "tariff": "requisition_vehicle",
    },
}
GIFT: dict[str, Any] = {
    "donation": "DON-1",
    "receipt": "CH-2021-0001",
    "donor": "donor 12",
    "receiver": "CHA.RC",
    "campaign": "CAM-1",
    "money": Decimal("20000.00"),
    "pieces": 300,
    "intent": "150722",
    "handler": "CHA.OFF",
    "at": at("10:00", 20),
    "division": "150722",
    "goods": [("DN-QUILT-1", "QUILT", 300, 285)],
}
LOTS = [{**line, "qty": line["qty"], "shelves": {"A-01": 1}} for line in LINES]


def printing(language: Language) -> Printing:
    zh = language == "zh"

    def item(name: str) -> tuple[str, str]:
        found = ITEMS[name]
        return found[0 if zh else 1], found[2]

    return Printing(Words(language), "W.MD1", NOW, item, lambda code: PLACES[code][0 if zh else 1] if code else "")


def every(language: Language) -> dict[str, Paper]:
    """Each kind of paper once."""
    p = printing(language)
    return {
        "pick_list": sheets.pick_list(p, SHIPMENT),
        "delivery_note": sheets.delivery_note(p, SHIPMENT),
        "receipt": sheets.receipt(p, SHIPMENT),
        "card": sheets.stock_card(p, STORE, "QUILT", MOVEMENTS),
        "certificate": sheets.certificate(p, CERTIFICATE),
        "donation": sheets.donation_receipt(p, GIFT),
        "labels": sheets.labels(p, "WH-MD", LOTS, ["A-01", "B-01"]),
    }
