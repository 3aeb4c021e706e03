"""Papers: what stands on them, and that what is printed can be scanned."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from services.resources.api.papers.words import WORDS, Language
from services.resources.formats.codes import LOT, POSITION, SHIPMENT, STORE, Code, parsed
from shared.kernel.errors import RuleBroken, WrongState
from shared.paper import font, printing
from shared.paper.code128 import widths
from shared.paper.draw import draw
from shared.paper.sheet import Label, Labels, Sheet
from tests.resources.papers.samples import every

CODES = [Code(LOT, ("MD-WATER-1",)), Code(POSITION, ("WH-MD", "A/01")), Code(STORE, ("WH-MD",)), Code(SHIPMENT, ("SH-1",))]


def pages(raw: bytes) -> list[tuple[str, set[tuple[str, str]]]]:
    """The text of each page, and the codes somebody with a scanner reads from it at 200 dots an inch."""
    found = []
    document = pypdfium2.PdfDocument(raw)
    for number in range(len(document)):
        page = document[number]
        picture = page.render(scale=200 / 72).to_pil().convert("L")
        codes = {(one.format.name, one.text) for one in zxingcpp.read_barcodes(picture)}
        found.append((page.get_textpage().get_text_range(), codes))
    document.close()
    return found


def drawn(paper: Any) -> bytes:
    chinese = font.found()
    assert chinese is not None, "make system installs fonts-noto-cjk"
    return draw(paper, chinese)


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.kind)
def test_a_label_says_what_it_was_made_of(code):
    assert parsed(code.text) == code
    assert parsed(f" {code.text}\n") == code


@pytest.mark.parametrize(
    "text", ["", "OR", "13800138000", "OR/X/L-1/22", "OR/L/L-1/2", "OR/L/L-1/22", "OR/P/WH-MD/22", "or/l/MD-WATER-1/22"]
)
def test_a_misread_code_is_refused(text):
    with pytest.raises(RuleBroken) as error:
        parsed(text)
    assert error.value.rule == "scan.code"


def test_every_single_misread_letter_of_a_label_is_noticed():
    text = CODES[0].text
    for place, sign in enumerate(text[: -len("/K7")]):
        for other in "0O1I8B5S":
            if other != sign:
                with pytest.raises(RuleBroken):
                    parsed(text[:place] + other + text[place + 1 :])


def test_code_128_has_all_printable_signs():
    signs = "".join(map(chr, range(32, 127)))
    assert sum(widths(signs)) == 11 * (len(signs) + 2) + 13
    with pytest.raises(ValueError, match="ASCII"):
        widths("批次")


def test_labels_are_printed_and_scanned_back():
    texts = [code.text for code in CODES] + ["".join(map(chr, range(at, min(at + 16, 127)))) for at in range(33, 127, 16)]
    labels = Labels(tuple(Label(text, "棉被 " + "长" * 30, ("有效期至 2022-03-31",) * 3) for text in texts))
    [(text, codes)] = pages(drawn(labels))
    assert {one for kind, one in codes if kind == "QRCode"} == set(texts)
    assert {one for kind, one in codes if kind == "Code128"} == set(texts)
    assert "棉被" in text


def test_a_code_too_long_for_bars_is_a_qr_code_alone():
    text = "OR/L/" + "A" * 64 + "/22"
    [(_, codes)] = pages(drawn(Labels((Label(text, "A" * 64, ()),))))
    assert codes == {("QRCode", text)}


def test_a_position_with_a_chinese_name_has_a_qr_code_alone():
    code = Code(POSITION, ("WH-MD", "一区-01"))
    [(_, codes)] = pages(drawn(Labels((Label(code.text, "一区-01", ()),))))
    assert codes == {("QRCode", code.text)}


def test_a_long_paper_goes_on_over_pages_with_its_heading():
    [pick, *_] = every("zh").values()
    assert isinstance(pick, Sheet)
    [table] = pick.tables
    many = Sheet(
        **{name: getattr(pick, name) for name in pick.__struct_fields__}
        | {"tables": (type(table)(table.heading, table.rows * 20, table.widths, table.right),)}
    )
    found = pages(drawn(many))
    assert len(found) == 3
    assert all("批次" in text for text, _ in found[:2])
    assert {("QRCode", "OR/S/SH-1/WS"), ("Code128", "OR/S/SH-1/WS")} == found[0][1]
    assert "第 1 页，共 3 页" in found[0][0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_paper_says_what_it_should(language: Language):
    papers = every(language)
    title = {"zh": 0, "en": 1}[language]
    for key, paper in papers.items():
        if isinstance(paper, Sheet):
            assert (paper.title, paper.subtitle) == (WORDS[key][title], WORDS[key][1 - title])
    pick, note, receipt, card, certificate, gift, labels = papers.values()
    assert isinstance(pick, Sheet) and isinstance(note, Sheet) and isinstance(receipt, Sheet)
    assert isinstance(card, Sheet) and isinstance(certificate, Sheet) and isinstance(gift, Sheet) and isinstance(labels, Labels)
    assert [row[0] for row in pick.tables[0].rows][1:] == ["A-01", "B-02"]
    assert [row[3] for row in note.tables[0].rows] == ["400", "3000", "3000"]
    assert [row[3:] for row in receipt.tables[0].rows][:2] == [("400", "398", "2", "0"), ("3000", "2988", "0", "12")]
    assert [row[3:6] for row in card.tables[0].rows] == [("398", "", "498"), ("", "200", "100")]
    said = [value for _, value in certificate.pairs]
    assert {"REQ-1", "OW-1", "ERL-76", "480000.00"} <= set(said) and len(certificate.signs) == 2
    assert {"CH-2021-0001", "20000.00", "300", "donor 12"} <= {value for _, value in gift.pairs}
    assert [label.code for label in labels.labels][-1] == Code(POSITION, ("WH-MD", "B-01")).text


def test_a_server_without_the_font_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(font, "_PLACES", ())
    font.found.cache_clear()
    try:
        with pytest.raises(WrongState) as error:
            printing.printed(Labels(()))
        assert "fonts-noto-cjk" in error.value.cure
    finally:
        font.found.cache_clear()


def test_drawing_needs_nothing_of_the_product_but_the_paper():
    """It is a process of its own: what it loads is waited for with every paper."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, shared.paper.draw; print([name for name in sys.modules if name.startswith(('services', 'fastapi'))])",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == "[]"
