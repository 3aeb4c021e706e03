"""Spreadsheets as people send them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

HEADING = ("仓库", "物资", "批次", "数量", "单位", "有效期至", "货位", "单据")


def row(lot: str, qty: Any = 10, item: str = "WATER", **changed: Any) -> tuple[Any, ...]:
    said = {"store": "WH-MD", "item": item, "lot": lot, "qty": qty, "unit": None, "expires": None, "position": "A-01", "cause": "DN-1"}
    return tuple((said | changed).values())


def xlsx(rows: Iterable[Sequence[Any]], heading: Sequence[str] = HEADING, merged: str = "") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(heading))
    for one in rows:
        sheet.append(list(one))
    if merged:
        sheet.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv(rows: Iterable[Sequence[Any]], heading: Sequence[str] = HEADING, mark: str = ",") -> str:
    return "\n".join(mark.join("" if cell is None else str(cell) for cell in one) for one in (heading, *rows))
