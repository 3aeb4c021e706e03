"""Stock receipts over HTTP with everything on, against a no-op on the same kind of route in the same kind of process."""

from __future__ import annotations

import msgspec

from bench import load, serving
from bench.figures import Figure, Scale, folder
from bench.http import NOOP, SHORT, against, closed, post

STORES, ITEMS = 10, 20
JSON = "application/json"


def run(scale: Scale) -> list[Figure]:
    """Each request is a scan of a lot of its own, in one of ten stores and of twenty items."""
    with folder() as place, serving.node(place) as ours, NOOP() as noop, SHORT() as short:
        set_up(ours.port, serving.token(place))
        scans = Scans(serving.token(place, ("WHK",)))
        found = closed(scale, (ours, noop, short), lambda number, _: scans.requests(number), scale.of(8_000, 256))
    return against("ReceiveLot over HTTP, 64 clients", found, 0.5)


class Scans:
    """Requests of `ReceiveLot`, each for a lot of its own."""

    def __init__(self, token: str) -> None:
        self._token, self._made = token, 0

    def requests(self, number: int) -> list[bytes]:
        found = []
        for _ in range(number):
            self._made += 1
            n = self._made
            said = {"store": f"WH-{n % STORES}", "item": f"ITEM-{n // STORES % ITEMS}", "lot": f"L-{n:08}", "qty": 12, "unit": "carton"}
            said |= {"cause": "DN-2026-0001", "expires": "2099-12-31", "position": "A-01"}
            found.append(post("/api/resources/stock/receipts", self._token, msgspec.json.encode(said), JSON))
        return found


def set_up(port: int, token: str) -> None:
    """The catalogue and the stores."""
    items = [
        {"item": f"ITEM-{n}", "code": "1999904", "zh": "饮用水", "unit": "litre", "packs": {"carton": 12}, "reusable": False}
        for n in range(ITEMS)
    ]
    stores = [
        {"store": f"WH-{n}", "owner": "150722", "place": "150722", "custodian": "W.MD1", "positions": ["A-01"]} for n in range(STORES)
    ]
    said = [("items", body) for body in items] + [("warehouses", body) for body in stores]
    work = [post(f"/api/resources/{path}", token, msgspec.json.encode(body), JSON) for path, body in said]
    report = load.closed(port, work, 1)
    assert set(report["statuses"]) == {"201"}, report
