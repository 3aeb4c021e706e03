"""Papers: what stands on them, and that what is printed can be scanned."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from msgspec.structs import replace

from services.client.catalogue import ITEMS
from services.resources.api.papers import spoken
from services.resources.api.papers.words import WORDS, Language
from services.resources.formats.codes import LOT, POSITION, SHIPMENT, STORE, Code, parsed
from shared.kernel.errors import RuleBroken, WrongState
from shared.paper import font, printing
from shared.paper.code128 import widths
from shared.paper.draw import draw
from shared.paper.sheet import Label, Labels, Sheet
from tests.resources.papers.samples import every
from tests.resources.papers.samples import printing as printed_in

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
    assert [row[2] for row in card.tables[0].rows] == ["SH-1", f"{WORDS['reverses'][title]} INC-1 转移安置"]
    said = [value for _, value in certificate.pairs]
    assert {"REQ-1", "OW-1", "480000.00"} <= set(said) and len(certificate.signs) == 2
    assert {"CH-2021-0001", "20000.00", "300", "285"} <= {value for _, value in gift.pairs}
    assert [label.code for label in labels.labels][-1] == Code(POSITION, ("WH-MD", "B-01")).text


def test_a_certificate_for_the_hand_of_an_owner_speaks_one_language():
    zh, en = every("zh")["certificate"], every("en")["certificate"]
    assert isinstance(zh, Sheet) and isinstance(en, Sheet)
    said = dict(zh.pairs)
    assert said["法律依据"] == "《突发事件应对法》第76条第1款 (ERL-76.1)" and said["补偿标准"] == "车辆征用补偿标准 (requisition_vehicle)"
    assert said["用途"] == "转移群众，往返西瓦尔图镇"  # not the purpose for which the owner's data are held
    review = "莫力达瓦达斡尔族自治旗人民政府；自知道本决定之日起60日内可以申请行政复议；《行政复议法》第20条 (ARC-20)"
    assert said["救济途径"] == review
    assert said["单位地址"] == said["联系方式"] == WORDS["by_hand"][0] and WORDS["filled"][0] in zh.notes  # RQ-03 wants both
    assert dict(en.pairs)["Review"].startswith("the government of Morin Dawa; a review may be asked for")
    text = pages(drawn(zh))[0][0]
    assert "government" not in text and "requisition\n" not in text


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        (
            {"organ": "the government above 150722", "text": "x"},
            "莫力达瓦达斡尔族自治旗的上一级人民政府；x",
            "the government above Morin Dawa; x",
        ),
        ({"organ": "某局", "text": "甲 / b", "article": "LOCAL-1"}, "某局；甲；LOCAL-1", "某局; b; LOCAL-1"),
        ({}, "", ""),
    ],
)
def test_a_remedy_names_who_reviews(said: dict[str, str], zh: str, en: str):
    assert spoken.remedy(said, "zh", printed_in("zh").division) == zh and spoken.remedy(said, "en", printed_in("en").division) == en


def test_laws_units_and_donors_are_called_by_their_names():
    assert spoken.law("RQ-07", "zh") == "自愿出借 (RQ-07)" and spoken.law(None, "zh") is None
    assert spoken.law("FFR-38.2", "en") == "Forest Fire Regulation, art. 38 para. 2 (FFR-38.2)"
    assert {spoken.unit(unit, "zh") for _, _, _, _, unit, _, _ in ITEMS} == set(spoken.UNITS.values())  # of the starter catalogue
    assert (spoken.unit("piece", "en"), spoken.unit("顶", "zh")) == ("piece", "顶")
    assert [spoken.donor(one, "zh") for one in ("donor 7", "donor", "anonymous")] == ["捐赠人 7", "捐赠人", "匿名"]


def test_no_latin_word_is_broken_in_a_line_of_chinese():
    [pick, *_] = every("zh").values()
    assert isinstance(pick, Sheet)
    word = "Emergency-Response-Headquarters"
    long = f"{'征用通知送达后' * 3}{word}{'自知道本决定之日起' * 4}，{word} {'可以申请行政复议' * 3}{word}。"
    text = pages(drawn(replace(pick, pairs=(("救济途径", long),), notes=(long,))))[0][0]
    assert text.count(word) == 6


def test_a_sign_without_a_font_is_marked_and_said():
    words = {"unshown": "NO FONT", "unbarred": "QR ONLY"}
    marked = Label(CODES[0].text, "L-1", ("ᠮᠣᠩᠭᠣᠯ 棉被 ⛺🏕️",), **words)
    [(text, codes)] = pages(drawn(Labels((marked, Label(CODES[1].text, "A/01", ("棉被",), **words)))))
    assert "□ 棉被 ⛺□" in text or "□ 棉被 □" in text
    assert text.count("NO FONT") == 1 and "QR ONLY" not in text and len(codes) == 4
    [pick, *_] = every("zh").values()
    assert isinstance(pick, Sheet)
    assert "□" in (said := pages(drawn(replace(pick, notes=("ᠮᠣᠩᠭᠣᠯ",))))[0][0]) and WORDS["unshown"][0] in said
    assert WORDS["unshown"][0] not in pages(drawn(pick))[0][0]


@pytest.mark.parametrize("place", ["一区-01", "A" * 64])
def test_a_label_without_bars_says_so(place: str):
    code = Code(POSITION, ("WH-MD", place)).text
    [(text, codes)] = pages(drawn(Labels((Label(code, place, (), unbarred="QR ONLY"),))))
    assert codes == {("QRCode", code)} and "QR ONLY" in text


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
