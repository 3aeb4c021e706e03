"""A file of 10,000 lines: looked over, received in one commit and taken back, over HTTP, in a process with everything on."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from datetime import date
from statistics import median
from urllib.request import Request, urlopen

from openpyxl import Workbook

from bench import receipts, serving
from bench.figures import Figure, Scale, folder

LINES = 10_000
HEADING = ("仓库", "物资", "批次", "数量", "单位", "有效期至", "货位", "单据")


def run(scale: Scale) -> list[Figure]:
    """Every line a lot of its own, over ten stores and twenty items: 10,230 streams, 20,200 events."""
    number = scale.of(LINES, 200)
    with folder() as place, serving.node(place) as node:
        receipts.set_up(node.port, serving.token(place))
        took = [_once(node.port, serving.token(place, ("WHK",)), number, run) for run in range(scale.runs)]
    looked, received, undone = (median(one) for one in zip(*took, strict=True))
    return [
        Figure(f"a file of {number:,} lines: preview", "s", looked, None, ""),
        Figure(f"a file of {number:,} lines: preview and import", "s", looked + received, None, "ours <= 15"),
        Figure(f"a file of {number:,} lines: taken back", "s", undone, None, ""),
    ]


def _once(port: int, token: str, number: int, run: int) -> tuple[float, float, float]:
    """The seconds of a preview, an import and its undoing."""
    body = _book(number, run)

    def ask(path: str, sent: bytes, kind: str) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        with urlopen(Request(f"http://127.0.0.1:{port}/api/resources{path}", sent, headers), timeout=60) as answer:
            found: dict[str, object] = json.loads(answer.read())
        return found

    looked, said = _timed(lambda: ask("/stock-files/previews", body, "application/octet-stream"))
    assert said["wrong"] == 0 and said["lines"] == number, said
    received, told = _timed(lambda: ask("/stock-files", body, "application/octet-stream"))
    undo = json.dumps({"file": told["file"], "reason": "measured"}).encode()
    undone, _ = _timed(lambda: ask("/stock-files/undone", undo, "application/json"))
    return looked, received, undone


def _timed(act: Callable[[], dict[str, object]]) -> tuple[float, dict[str, object]]:
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found


def _book(number: int, run: int) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADING)
    for n in range(number):
        store, item = f"WH-{n % receipts.STORES}", f"ITEM-{n // receipts.STORES % receipts.ITEMS}"
        sheet.append((store, item, f"B-{run}-{n:05}", 12, "carton", date(2099, 12, 31), "A-01", "DN-2026-0001"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
