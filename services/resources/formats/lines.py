"""Rows of a spreadsheet as lines of receipts or counts: headings in Chinese or English, every fault by row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.resources.formats.tables import Cell, Fault, Sheet

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "store": ("仓库", "库点", "仓库编号", "store", "warehouse"),
    "item": ("物资", "物资编码", "品种", "item"),
    "lot": ("批次", "批号", "批次号", "lot", "batch"),
    "qty": ("数量", "实盘数", "实盘数量", "qty", "quantity", "counted"),
    "unit": ("单位", "计量单位", "unit"),
    "expires": ("有效期至", "到期日", "失效日期", "expires", "expiry", "expiry date"),
    "position": ("货位", "库位", "position", "bin"),
    "damaged": ("破损", "破损数量", "damaged"),
    "cause": ("单据", "单据号", "凭证", "document", "cause"),
}
RECEIPTS: Mapping[str, bool] = {  # column -> whether it must be there
    "store": True,
    "item": True,
    "lot": True,
    "qty": True,
    "unit": False,
    "expires": False,
    "position": False,
    "damaged": False,
    "cause": False,
}
COUNTS: Mapping[str, bool] = {"lot": True, "qty": True, "position": False, "unit": False}
_WHOLE, _DATES = ("qty", "damaged"), ("expires",)
_DIGITS = re.compile(r"[+-]?\d{1,15}")
_FORMULA = re.compile(r"[=@]|[+-]\D")
_SIGNED = re.compile(r"[+-]\d")  # -1F, -18C, +2楼: a place or a grade, and to a spreadsheet a formula; so it is kept behind a quote
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_NAMES = {name: column for column, names in HEADINGS.items() for name in names}


@dataclass(frozen=True, slots=True)
class Half:
    """A row of which something could not be read: what could be, and the columns that could not, or were left out."""

    row: int
    fields: dict[str, Any]
    unread: frozenset[str]


@dataclass(slots=True)
class Lines:
    """What was read: the fields of each line with its row, the heading of each field, and what is wrong; rows with a fault beside them."""

    fields: list[dict[str, Any]]
    rows: list[int]
    headings: dict[str, str]
    faults: list[Fault]
    halves: list[Half] = field(default_factory=list)


def lines(sheet: Sheet, columns: Mapping[str, bool]) -> Lines:
    """Every row with every fault; a row with one has no line."""
    at, faults = _headed(sheet.heading, columns)
    found = Lines([], [], {column: sheet.heading[place] for column, place in at.items()}, [*sheet.faults, *faults])
    if not (sheet.rows or found.faults):
        found.faults.append(Fault(1, None, "import.lines", "there is no line in it: write one below the headings"))
    if faults:
        return found
    spoiled, told = {fault.row for fault in sheet.faults}, {(fault.row, fault.column) for fault in sheet.faults}
    for row, cells in sheet.rows:
        made, wrong = _line(row, cells, at, found.headings, columns, sheet.typed)
        found.faults += [one for one in wrong if (one.row, one.column) not in told]  # a formula is not empty too
        if not wrong and row not in spoiled:
            found.fields.append(made)
            found.rows.append(row)
        else:
            unread = {one.column for one in (*wrong, *sheet.faults) if one.row == row}
            named = {column for column, heading in found.headings.items() if heading in unread}
            found.halves.append(Half(row, {name: made[name] for name in made.keys() - named}, frozenset(named)))
    found.faults.sort(key=lambda one: one.row or 0)
    return found


def _headed(heading: tuple[str, ...], columns: Mapping[str, bool]) -> tuple[dict[str, int], list[Fault]]:
    at: dict[str, int] = {}
    faults = []
    for place, name in enumerate(heading):
        column = _NAMES.get(" ".join(name.lower().split()))
        if column is None or column not in columns:
            if name:
                known = ", ".join(HEADINGS[one][0] + "/" + one for one in columns)
                faults.append(Fault(1, name, "file.column", f"no such column; those read are {known}: rename or remove it"))
        elif column in at:
            faults.append(Fault(1, name, "file.column", f"this column is there twice ({heading[at[column]]}): keep one"))
        else:
            at[column] = place
    for column, needed in columns.items():
        if needed and column not in at:
            faults.append(Fault(1, None, "file.column", f"the column {HEADINGS[column][0]} ({column}) is missing: add it"))
    return at, faults


def _line(
    row: int, cells: tuple[Cell, ...], at: Mapping[str, int], headings: Mapping[str, str], columns: Mapping[str, bool], typed: bool
) -> tuple[dict[str, Any], list[Fault]]:
    made: dict[str, Any] = {}
    faults = []
    for column, place in at.items():
        cell = cells[place] if place < len(cells) else None
        if cell is None or cell == "":
            if columns[column]:
                faults.append(Fault(row, headings[column], "file.cell", "nothing stands here: fill it"))
            continue
        if column not in _WHOLE and isinstance(cell, str) and _FORMULA.match(cell.strip()):
            cure = "a spreadsheet would take this text for a formula: begin it with a letter or a digit"
            faults.append(Fault(row, headings[column], "file.formula", cure))
            continue
        value, cure = _value(column, cell, typed)
        if cure:
            faults.append(Fault(row, headings[column], "file.cell", cure))
        else:
            made[column] = value
    if any(cell not in (None, "") for place, cell in enumerate(cells) if place not in at.values()):
        faults.append(Fault(row, None, "file.cell", "something stands where there is no heading: remove it"))
    return made, faults


def _value(column: str, cell: Cell, typed: bool) -> tuple[Any, str]:
    if column in _WHOLE:
        return _whole(cell, typed)
    if column in _DATES:
        return _date(cell, typed)
    if isinstance(cell, bool | date):
        return None, f"{cell} is no text: format the cell as text"
    if isinstance(cell, float) and not cell.is_integer():
        return None, f"{cell} is a fraction: format the cell as text"
    text = str(int(cell)) if isinstance(cell, float) else str(cell).strip()
    return (text[1:] if text[:1] == "'" and _SIGNED.match(text, 1) else text), ""


def _whole(cell: Cell, typed: bool) -> tuple[int | None, str]:
    if isinstance(cell, str):
        if typed:
            return None, "the number is text: turn the cell into a number"
        return (int(cell), "") if _DIGITS.fullmatch(cell) else (None, f"{cell[:40]} is no whole number (no commas, no unit)")
    if isinstance(cell, bool | date) or (isinstance(cell, float) and not cell.is_integer()):
        return None, f"{cell} is no whole number: count in the item's unit or a pack of it"
    return int(cell or 0), ""


def _date(cell: Cell, typed: bool) -> tuple[date | None, str]:
    if isinstance(cell, date):
        return cell, ""
    if isinstance(cell, int | float):
        return None, f"{cell} is a date as a bare number: format the cell as a date"
    if (found := _DAY.fullmatch(str(cell).strip())) is not None:
        try:
            return date(*map(int, found.groups())), ""
        except ValueError:
            pass
    return None, f"{str(cell)[:40]} is no date: write it as 2026-03-31"


def made_anew(found: Lines) -> bytes:
    """What was read, as CSV: kept in the place of the file, which tells more than was asked (who wrote it, other versions). No cell of
    it is a formula to whoever opens it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(found.headings)
    for fields in found.fields:
        writer.writerow([_kept(fields.get(column)) for column in found.headings])
    return out.getvalue().encode()


def _kept(value: Any) -> str:
    if isinstance(value, str) and _SIGNED.match(value):
        return f"'{value}"
    return "" if value is None else str(value)
