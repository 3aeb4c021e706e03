"""Papers as PDF. Run as a program it draws one: the paper as JSON comes in, the PDF goes out, and nobody waits in the same process."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import segno
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, WrapMode
from fpdf.fonts import FontFace
from msgspec.structs import replace

from shared.paper import font
from shared.paper.code128 import QUIET, widths
from shared.paper.sheet import Label, Labels, Paper, Sheet, Table

One = TypeVar("One", Sheet, Label)
NAME = "paper"
MARGIN, WIDTH, HEIGHT = 15.0, 210.0, 297.0  # mm, A4
INNER = WIDTH - 2 * MARGIN
THINNEST = 0.25  # mm of a module of Code 128: finer, office printers and hand scanners do not keep apart
GREY, LIGHT = (90, 90, 90), (236, 236, 236)
COLUMNS, ROWS = 2, 5
NAMES = 24.0, 56.0  # mm of the names of values: least and most
NO_SIGN = "□"
# Where a line may end: after a Chinese sign with what closes it, or at a space; never inside a Latin word.
_PIECES = re.compile(r"[\u2e80-\uffef][，。、；：！？）》”]*|\s+|[^\s\u2e80-\uffef]+")


class Pages(FPDF):
    """A4 with a foot on every page."""

    def __init__(self, said: str, page: str, known: frozenset[int]) -> None:
        super().__init__(format="A4")
        self._said, self._page, self._known = said, page, known
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=20)

    def shown(self, text: str) -> str:
        """The text with a mark for every run of signs the font does not have: what is left out silently is missed by nobody."""
        runs = "".join(sign if ord(sign) in self._known or sign in "\n\t" else "\0" for sign in text)
        return re.sub("\0+", NO_SIGN, runs)

    def footer(self) -> None:
        """When it was printed, and which page it is."""
        if not self._said:
            return
        self.set_y(-14)
        self.set_font(NAME, size=8)
        self.set_text_color(*GREY)
        self.cell(INNER * 0.7, 5, self._said)
        self.cell(INNER * 0.3, 5, self._page.format(page=self.page_no(), pages="{nb}"), align="R")
        self.set_text_color(0)


def draw(paper: Paper, chinese: Path) -> bytes:
    """The PDF of a paper, with the signs it uses embedded."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "signs.otf"
        font.of_signs(chinese, "".join(sorted(set(_signs(msgspec.to_builtins(paper)) + "0123456789{}…nb " + NO_SIGN))), own)
        said = (paper.printed, paper.page) if isinstance(paper, Sheet) else ("", "")
        pages = Pages(*said, font.signs(chinese))
        pages.add_font(NAME, fname=own)
        if isinstance(paper, Sheet):
            marked = _marked(pages, paper)
            _sheet(pages, paper if marked == paper else _marked(pages, paper, notes=(*paper.notes, paper.unshown)))
        else:
            _labels(pages, paper)
        return bytes(pages.output())


def _marked(pages: Pages, paper: One, **more: Any) -> One:
    """With a mark where the font has no sign; what scanners read stays as it is."""
    found = {name: getattr(paper, name) for name in paper.__struct_fields__ if name != "code"} | more
    return replace(paper, **{name: _each(pages.shown, value) for name, value in found.items()})


def _each(change: Callable[[str], str], value: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Table):
        return replace(value, heading=_each(change, value.heading), rows=_each(change, value.rows), title=change(value.title))
    return tuple(_each(change, inner) for inner in value) if isinstance(value, tuple) else value


def _signs(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "".join(_signs(inner) for inner in value.values())
    return "".join(_signs(inner) for inner in value) if isinstance(value, list | tuple) else ""


def _sheet(pages: Pages, sheet: Sheet) -> None:
    pages.set_title(f"{sheet.title} {sheet.number}")
    pages.add_page()
    top, room = pages.get_y(), INNER
    if sheet.code:
        _qr(pages, sheet.code, WIDTH - MARGIN - 28, top, 28)
        room = INNER - 34
    pages.set_font(NAME, size=20)
    pages.multi_cell(room, 10, sheet.title, new_x="LMARGIN", new_y="NEXT")
    pages.set_font(NAME, size=10)
    pages.set_text_color(*GREY)
    pages.multi_cell(room, 5.5, f"{sheet.subtitle}\n{sheet.issuer}".strip(), new_x="LMARGIN", new_y="NEXT")
    pages.set_text_color(0)
    if sheet.code:
        _bars(pages, sheet.code, MARGIN, pages.get_y() + 2, 95, 10, sheet.unbarred)
    pages.set_y(max(pages.get_y() + (7 if sheet.code else 3), top + (32 if sheet.code else 0)))
    _pairs(pages, sheet.pairs)
    for table in sheet.tables:
        _table(pages, table)
    pages.set_font(NAME, size=9)
    for note in sheet.notes:
        pages.multi_cell(INNER, 5, _broken(pages, note, INNER), new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR)
        pages.ln(1)
    _signs_here(pages, sheet.signs)


def _pairs(pages: Pages, pairs: tuple[tuple[str, str], ...]) -> None:
    """Name and value, two beside each other; a long value has the line to itself."""
    half, left = INNER / 2, True
    pages.set_font(NAME, size=10)
    named = min(max([NAMES[0], *(pages.get_string_width(name) + 5 for name, _ in pairs)]), NAMES[1])
    for name, value in pairs:
        long = pages.get_string_width(value) > half - named - 4
        if long and not left:
            pages.ln(6.5)
            left = True
        pages.set_x(MARGIN if left else MARGIN + half)
        pages.set_text_color(*GREY)
        pages.cell(named, 6, _fitting(pages, name, named - 3))
        pages.set_text_color(0)
        if long:
            lines = _broken(pages, value, INNER - named)
            pages.multi_cell(INNER - named, 6, lines, new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR)
            continue
        pages.cell(half - named, 6, value)
        if not left:
            pages.ln(6.5)
        left = not left
    pages.ln(9 if not left else 3)


def _table(pages: Pages, table: Table) -> None:
    if table.title:
        pages.set_font(NAME, size=11)
        pages.cell(INNER, 7, table.title, new_x="LMARGIN", new_y="NEXT")
    pages.set_font(NAME, size=9)
    pages.set_draw_color(*GREY)
    pages.set_line_width(0.2)
    align = tuple("RIGHT" if at in table.right else "LEFT" for at in range(len(table.heading)))
    mode = _wrap("".join("".join(row) for row in table.rows))
    with pages.table(
        col_widths=table.widths,
        text_align=align,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(fill_color=LIGHT),
        line_height=5.5,
        padding=(1, 1.5),
        wrapmode=mode,
    ) as drawn:
        drawn.row(table.heading)
        for row in table.rows:
            drawn.row(row)
    pages.ln(5)


def _signs_here(pages: Pages, signs: tuple[str, ...]) -> None:
    if not signs:
        return
    if pages.get_y() > HEIGHT - 50:
        pages.add_page()
    pages.ln(10)
    wide, y = INNER / len(signs), pages.get_y() + 10
    pages.set_font(NAME, size=9)
    for at, sign in enumerate(signs):
        x = MARGIN + at * wide
        pages.line(x, y, x + wide - 8, y)
        pages.set_xy(x, y + 1)
        pages.multi_cell(wide - 8, 5, _broken(pages, sign, wide - 8), wrapmode=WrapMode.CHAR)


def _labels(pages: Pages, paper: Labels) -> None:
    pages.set_auto_page_break(False)
    wide, high = INNER / COLUMNS, (HEIGHT - 2 * MARGIN) / ROWS
    for number, label in enumerate(paper.labels):
        at = number % (COLUMNS * ROWS)
        if at == 0:
            pages.add_page()
        _label(pages, label, MARGIN + at % COLUMNS * wide, MARGIN + at // COLUMNS * high, wide, high)


def _label(pages: Pages, label: Label, x: float, y: float, wide: float, high: float) -> None:
    marked = _marked(pages, label)
    if marked != label:
        label = _marked(pages, label, lines=(*label.lines, label.unshown))
    pages.set_draw_color(190)
    pages.set_line_width(0.1)
    pages.rect(x, y, wide, high)
    _qr(pages, label.code, x + 4, y + 4, 27)
    pages.set_xy(x + 34, y + 4)
    pages.set_font(NAME, size=13)
    long = pages.get_string_width(label.title) > 2 * (wide - 40)  # else the lines below it would run into the code
    pages.set_font(NAME, size=9 if long else 13)
    pages.multi_cell(wide - 37, 4.5 if long else 6, label.title, new_x="LEFT", new_y="NEXT", wrapmode=WrapMode.CHAR)
    pages.set_font(NAME, size=9)
    for line in label.lines:
        pages.set_x(x + 34)
        pages.cell(wide - 37, 5, _fitting(pages, line, wide - 38), new_x="LEFT", new_y="NEXT")
    _bars(pages, label.code, x + 4, y + high - 19, wide - 8, 11, label.unbarred)


def _fitting(pages: Pages, line: str, wide: float) -> str:
    while line and pages.get_string_width(line) > wide:
        line = line[:-2] + "…"
    return line


def _qr(pages: Pages, text: str, x: float, y: float, size: float) -> None:
    matrix = segno.make(text, error="m", micro=False, boost_error=True).matrix
    one = size / len(matrix)
    pages.set_fill_color(0)
    for row, line in enumerate(matrix):
        start = None
        for column, dark in enumerate((*line, 0)):  # neighbours in one piece: no hair line between them
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                pages.rect(x + start * one, y + row * one, (column - start) * one, one + 0.01, style="F")
                start = None


def _bars(pages: Pages, text: str, x: float, y: float, wide: float, high: float, without: str) -> None:
    """Code 128 with its text below it; where the bars would be too thin to be read, or have no sign for it, `without` says so."""
    found = widths(text) if text.isascii() and text.isprintable() else []
    module = min(wide / (sum(found) + 2 * QUIET), 0.4)
    pages.set_fill_color(0)
    at = x + QUIET * module
    for place, width in enumerate(found if module >= THINNEST else ()):
        if place % 2 == 0:
            pages.rect(at, y, width * module, high, style="F")
        at += width * module
    pages.set_font(NAME, size=8)
    if module < THINNEST or not found:
        pages.set_xy(x, y + high - 4)
        pages.cell(wide, 4, _fitting(pages, without, wide))
    pages.set_xy(x, y + high + 0.5)
    pages.cell(wide, 4, _fitting(pages, pages.shown(text), wide))


def _broken(pages: Pages, text: str, wide: float) -> str:
    """The text in lines that fit, no Latin word broken that would fit a line of its own."""
    room, lines = wide - 2 * pages.c_margin, [""]
    for piece in _PIECES.findall(text):
        if "\n" in piece or pages.get_string_width(lines[-1] + piece.rstrip()) > room:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines if line)


def _wrap(text: str) -> WrapMode:
    """Chinese has no spaces to break at."""
    return WrapMode.CHAR if any("\u2e80" < sign < "\uffef" for sign in text) else WrapMode.WORD


def main() -> None:
    """Draw the paper of the standard input."""
    paper = msgspec.json.decode(sys.stdin.buffer.read(), type=Sheet | Labels)
    chinese = font.found()
    assert chinese is not None, "asked before"
    sys.stdout.buffer.write(draw(paper, chinese))


if __name__ == "__main__":
    main()
