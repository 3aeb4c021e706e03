"""A spreadsheet as rows of cells: xlsx, or CSV in UTF-8 or GB18030. What could be read wrongly is refused with its cure, never guessed."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from shared.kernel.errors import Failure, RuleBroken

MOST = 10_000  # rows below the heading
LAST = 50_000  # row, empty ones too
TEXTS = 200_000  # different ones in a workbook: all of them are read before the first row
CELL = 500  # characters
COLUMNS = 50
UNPACKED = 64 * 1024 * 1024  # bytes an xlsx may unfold to
PARTS = 500  # files in it
FORM, ROWS = "file.form", "file.rows"
STRINGS = "xl/sharedStrings.xml"
SAVE = "save it as xlsx, or as CSV in UTF-8"
Cell = str | int | float | bool | date | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in which row and column, as the user sees them."""

    row: int | None
    column: str | None
    rule: str
    cure: str


@dataclass(slots=True)
class Sheet:
    """The heading and the rows below it, by their numbers in the file. `typed`: cells know whether they are numbers or text."""

    heading: tuple[str, ...]
    rows: list[tuple[int, tuple[Cell, ...]]]
    typed: bool
    faults: list[Fault] = field(default_factory=list)


def read(body: bytes) -> Sheet:
    """The sheet. RuleBroken when the file as a whole cannot be read."""
    if not body.strip():
        raise _unread("the file is empty")
    if body.startswith(b"PK\x03\x04"):
        return _xlsx(body)
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise _unread(f"this is an old .xls, or a workbook with a password: {SAVE}, without a password")
    return _csv(body)


def _unread(cure: str, rule: str = FORM) -> RuleBroken:
    return RuleBroken(Failure(rule, cure, "file"))


def _too_long() -> RuleBroken:
    return _unread(f"more than {MOST:,} lines: split the file", ROWS)


def _csv(body: bytes) -> Sheet:
    text = _decoded(body)
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        heading = tuple(cell.strip() for cell in next(lines))
        return _gathered(heading, ((lines.line_num, tuple(cell.strip() or None for cell in row)) for row in lines), typed=False)
    except csv.Error as error:
        raise _unread(f"line {lines.line_num} is no CSV ({error}): {SAVE}") from error


def _decoded(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in body:
        raise _unread(f"the file is neither UTF-8 nor GB18030: {SAVE}")
    for name in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    raise _unread(f"the file is neither UTF-8 nor GB18030: {SAVE}")


def _xlsx(body: bytes) -> Sheet:
    parts = _looked_into(body)
    if any(raw.count(b"<row ") > LAST for raw in parts.values()) or parts.get(STRINGS, b"").count(b"</si>") > TEXTS:
        raise _too_long()  # before they are read one by one
    try:
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
    except Exception as error:  # a reader of other people's files says in many ways that it cannot
        raise _unread(f"this is no whole xlsx: open it, and {SAVE}") from error
    sheets = [sheet for sheet in book.worksheets if any(any(row) for row in sheet.iter_rows(max_row=5, values_only=True))]
    if len(sheets) != 1:
        raise _unread(f"one sheet is read; this file has {len(sheets)} with something in it: keep the one")
    if merged := [name for name, raw in parts.items() if b"<mergeCell " in raw]:
        raise RuleBroken(Failure("file.merged", f"cells are merged ({len(merged)} sheet): unmerge them and fill each", "file"))
    faults: list[Fault] = []
    sheets[0].reset_dimensions()  # what a file says of its own size is not always so
    rows = sheets[0].iter_rows(max_col=COLUMNS + 1)
    try:
        heading = tuple(_text(cell.value) for cell in next(rows))
        sheet = _gathered(_trimmed(heading), ((n, _values(n, row, heading, faults)) for n, row in enumerate(rows, 2)), typed=True)
    except (ValueError, TypeError, KeyError) as error:
        raise _unread(f"a cell cannot be read: open it, and {SAVE}") from error
    sheet.faults = faults
    return sheet


def _looked_into(body: bytes) -> dict[str, bytes]:
    """The sheets of the workbook and its texts, unless it would unfold to more than is reasonable."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = packed.infolist()
            if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise _unread(f"unpacked it is larger than {UNPACKED // 1024 // 1024} MB: copy the cells into a new file", "file.size")
            return {
                part.filename: packed.read(part)
                for part in parts
                if part.filename.startswith("xl/worksheets/sheet") or part.filename == STRINGS
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise _unread(f"this is no whole xlsx: open it, and {SAVE}") from error


def _values(number: int, row: tuple[Any, ...], heading: tuple[str, ...], faults: list[Fault]) -> tuple[Cell, ...]:
    found: list[Cell] = []
    for at, cell in enumerate(row):
        value = cell.value
        if cell.data_type == "f":
            name = heading[at] if at < len(heading) and heading[at] else get_column_letter(at + 1)
            faults.append(Fault(number, name, "file.formula", "a formula is not read: paste its value"))
            value = None
        if isinstance(value, datetime):
            value = value.date() if (value.hour, value.minute, value.second) == (0, 0, 0) else value.isoformat()
        found.append(value if value is None or isinstance(value, str | int | float | bool | date) else str(value))
    return tuple(found)


def _gathered(heading: tuple[str, ...], rows: Iterator[tuple[int, tuple[Cell, ...]]], typed: bool) -> Sheet:
    if len(heading) > COLUMNS:
        raise _unread(f"more than {COLUMNS} columns: keep those that are asked for")
    sheet = Sheet(heading, [], typed)
    for number, row in rows:
        if number > LAST:
            raise _unread(f"there are rows below row {LAST:,}: delete those that are empty, and split the file", ROWS)
        if all(cell is None or cell == "" for cell in row):
            continue
        if len(sheet.rows) == MOST:
            raise _too_long()
        if any(isinstance(cell, str) and len(cell) > CELL for cell in row):
            raise _unread(f"a cell of row {number} has more than {CELL} characters: is a quotation mark left open?")
        sheet.rows.append((number, row))
    return sheet


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _trimmed(heading: tuple[str, ...]) -> tuple[str, ...]:
    used = max((at + 1 for at, name in enumerate(heading) if name), default=0)
    return heading[:used]
