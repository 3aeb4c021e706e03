"""Files as they come: what is read, and what is refused with its cure instead of being guessed."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from services.resources.formats.lines import COUNTS, RECEIPTS, Lines, lines, made_anew
from services.resources.formats.tables import MOST, read
from shared.kernel.errors import RuleBroken
from tests.resources.counting.books import HEADING, csv, row, xlsx


def found(body: bytes) -> Lines:
    return lines(read(body), RECEIPTS)


def faults(body: bytes) -> list[tuple[int | None, str | None, str]]:
    return [(one.row, one.column, one.rule) for one in found(body).faults]


def test_a_workbook_is_read():
    got = found(xlsx([row("L-1", expires=date(2026, 3, 31)), row("L-2", 3, unit="carton", expires=datetime(2026, 4, 1))]))
    assert got.faults == []
    assert got.fields[0] == {
        "store": "WH-MD",
        "item": "WATER",
        "lot": "L-1",
        "qty": 10,
        "expires": date(2026, 3, 31),
        "position": "A-01",
        "cause": "DN-1",
    }
    assert (got.fields[1]["unit"], got.fields[1]["expires"], got.rows) == ("carton", date(2026, 4, 1), [2, 3])


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_is_read_in_three_encodings(code, mark):
    text = csv([row("L-1", cause="入库单1"), row("L-2", expires="2026年3月31日")], mark=mark)
    got = found(text.encode(code))
    assert got.faults == []
    assert (got.fields[0]["cause"], got.fields[1]["expires"]) == ("入库单1", date(2026, 3, 31))


def test_headings_in_english_and_columns_in_any_order():
    got = found(b"Qty,LOT,Item,Warehouse\n5,L-1,WATER,WH-MD\n\n,,,\n6,L-2,WATER,WH-MD\n")
    assert [(one["lot"], one["qty"]) for one in got.fields] == [("L-1", 5), ("L-2", 6)]
    assert got.rows == [2, 5]


def test_everything_that_is_wrong_is_said_at_once():
    body = xlsx([row("L-1", "12"), row("L-2", 1.5), row("L-3", None), row("L-4", expires=45000), row("L-5", "=1+1"), row("L-6")])
    assert faults(body) == [
        (2, "数量", "file.cell"),
        (3, "数量", "file.cell"),
        (4, "数量", "file.cell"),
        (5, "有效期至", "file.cell"),
        (6, "数量", "file.formula"),
    ]
    got = found(body)
    assert [one["lot"] for one in got.fields] == ["L-6"]
    assert "turn the cell into a number" in got.faults[0].cure


@pytest.mark.parametrize(
    ("cell", "cure"),
    [("1,200", "whole number"), ("12箱", "whole number"), ("-", "whole number"), ("1.5", "whole number")],
)
def test_numbers_of_a_csv(cell, cure):
    [fault] = found(csv([row("L-1", f'"{cell}"')]).encode()).faults
    assert cure in fault.cure


@pytest.mark.parametrize("cell", ["31.03.2026", "2026-02-30", "soon", "45000"])
def test_dates_of_a_csv(cell):
    [fault] = found(csv([row("L-1", expires=cell)]).encode()).faults
    assert "2026-03-31" in fault.cure


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+A1-2", "-(2+3)"])
def test_no_text_of_a_file_is_a_formula_when_what_is_kept_of_it_is_opened(text):
    for body in (csv([row("L-1", cause=text)]).encode(), csv([row("L-1", position=text)]).encode("gb18030")):
        assert [rule for *_, rule in faults(body)] == ["file.formula"]
    book = Workbook()
    book.active.append(HEADING)
    book.active.append(row("L-1"))
    cell = book.active.cell(2, HEADING.index("单据") + 1)
    cell.value, cell.data_type = text, "s"  # a text in the workbook: a formula only once it stands in a CSV
    out = io.BytesIO()
    book.save(out)
    assert [rule for *_, rule in faults(out.getvalue())] == ["file.formula"]


@pytest.mark.parametrize("text", ["-", "DN-1", "1+1", "入库单=1", "-1F", "-18C", "+2楼"])
def test_a_text_that_is_none_passes(text):
    assert faults(csv([row("L-1", cause=text)]).encode()) == []


@pytest.mark.parametrize("text", ["-1F", "+2楼", "-2+3"])
def test_what_begins_with_a_sign_is_kept_behind_a_quote_and_read_again_without_it(text):
    got = found(csv([row("L-1", position=text)]).encode())
    kept = made_anew(got)
    assert f",'{text}," in kept.decode() and b"L-1,10," in kept
    assert found(kept).fields == got.fields and got.fields[0]["position"] == text


def test_columns_that_nobody_asked_for_and_columns_that_are_missing():
    assert faults(csv([], heading=("仓库", "物资", "批次", "姓名")).encode()) == [(1, "姓名", "file.column"), (1, None, "file.column")]
    assert faults(csv([], heading=(*HEADING, "数量")).encode()) == [(1, "数量", "file.column")]
    assert faults(xlsx([(*row("L-1"), "?")])) == [(2, None, "file.cell")]


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in parts.items():
            packed.writestr(name, raw)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "rule", "cure"),
    [
        (b"", "file.form", "empty"),
        (b"PK\x03\x04 and nothing", "file.form", "no whole xlsx"),
        (zipped(readme=b"hello"), "file.form", "no whole xlsx"),
        (xlsx([row("L-1")])[:2000], "file.form", "no whole xlsx"),
        (zipped(bomb=bytes(65 * 1024 * 1024)), "file.size", "copy the cells"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.form", "old .xls"),
        (csv([row("L-1")]).encode("utf-16"), "file.form", "UTF-8"),
        (b"\xff\xfe\xfa\x80", "file.form", "UTF-8"),
        (b'lot,qty\n"open', "file.form", "CSV"),
        (b'lot,qty\n"' + b"a" * 600 + b'"', "file.form", "quotation mark"),
        (xlsx([row("L-1"), row("L-2")], merged="A2:A3"), "file.merged", "unmerge"),
        (csv([row(f"L-{n}") for n in range(MOST + 1)]).encode(), "file.rows", "split"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_that_are_refused(body, rule, cure):
    with pytest.raises(RuleBroken) as error:
        found(body)
    assert error.value.rule == rule
    assert cure in error.value.cure


def test_two_hundred_thousand_rows_are_refused_without_being_read():
    with pytest.raises(RuleBroken) as error:
        found(b"lot,qty\n" + b"L,1\n" * 200_000)
    assert error.value.rule == "file.rows"


def test_a_workbook_of_two_hundred_thousand_rows():
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(200_000):
        sheet.append(("L",))
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(RuleBroken) as error:
        found(out.getvalue())
    assert error.value.rule == "file.rows"


def test_a_workbook_that_does_not_say_how_large_it_is():
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for one in (HEADING, row("L-1"), *[(None,)] * 20, row("L-2")):
        sheet.append(one)
    out = io.BytesIO()
    book.save(out)
    assert [one["lot"] for one in found(out.getvalue()).fields] == ["L-1", "L-2"]


def test_a_sheet_of_counts():
    got = lines(read("批号,实盘数\nL-1,0\n".encode("gb18030")), COUNTS)
    assert got.fields == [{"lot": "L-1", "qty": 0}]


def test_what_is_kept_is_what_was_read():
    kept = made_anew(found(xlsx([row("L-1", expires=date(2026, 3, 31))])))
    assert b"2026-03-31" in kept and kept.startswith(b"store,item,lot")
    assert lines(read(kept), RECEIPTS).faults == []


def test_neither_are_those_of_a_workbook_nor_a_million_texts():
    for part, raw in (("xl/worksheets/sheet1.xml", b"<row ></row>" * 60_000), ("xl/sharedStrings.xml", b"<si><t>x</t></si>" * 210_000)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed, zipfile.ZipFile(io.BytesIO(xlsx([row("L-1")]))) as whole:
            for name in whole.namelist():
                if name != part:
                    packed.writestr(name, whole.read(name))
            packed.writestr(part, raw)
        with pytest.raises(RuleBroken) as error:
            found(out.getvalue())
        assert error.value.rule == "file.rows"
