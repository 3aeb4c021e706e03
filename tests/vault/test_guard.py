"""What the vault knows is refused in free text and covered where nothing may be refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from shared.handling.guard import COVER, LONG, MOST, masked, unfit_texts, valid_id
from shared.kernel.commands import Code, Command, LongText, Opaque, PublicId, Signature
from tests.vault.vaults import NOW, A, kept

LANDLINE, PASSPORT = "0470-8223344", "E12345678"


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Command):
    """A command with every kind of text."""

    thing: PublicId = "T-1"
    note: str = ""
    more: tuple[str, ...] = ()
    digest: Opaque = ""
    place: Code | None = None


SAY = Say(by=Signature("B.DUTY"), now=NOW)


def refused(vault, **texts) -> list[str | None]:
    return [failure.field for failure in unfit_texts(replace(SAY, **texts), vault.known) if failure.rule == "PIPL-5"]


@pytest.fixture
def known(vault):
    kept(vault, A, phone=LANDLINE, kin_id_number=PASSPORT, id_number="")
    return vault


@pytest.mark.parametrize(
    "text", [LANDLINE, f"打{LANDLINE}找他", "call 0470 8223344!", "(tel. 04708223344)", f"pass {PASSPORT.lower()}", "04７０-8223344"]
)
def test_a_whole_token_that_the_index_knows_is_refused(known, text):
    assert refused(known, note=text) == ["note"] and refused(known, more=("", text)) == ["more"]
    assert "8223344" not in (told := masked(text, known.known)) and PASSPORT.lower() not in told and COVER in told


@pytest.mark.parametrize("text", ["0470-82233445", "AE12345678", "150722100", "at 2021-07-18", "83 people, 1200 m", "x" * 5_000, "8223344"])
def test_other_words_pass(known, text):
    assert refused(known, note=text) == [] and masked(text, known.known) == text


@pytest.mark.parametrize("text", ["a\0b", "\x1b[31m", "a\u202eb", "\u2066x", "\x7f"])
@pytest.mark.parametrize("knows", [True, False])
def test_what_no_text_has_is_refused_with_its_field(known, text, knows):
    asked = (known.known,) if knows else ()
    for said in ({"note": text}, {"more": ("", text)}):
        found = [(one.rule, one.field) for one in unfit_texts(replace(SAY, **said), *asked)]
        assert found == [("text.control", next(iter(said)))]
    assert unfit_texts(replace(SAY, note="one\ttwo\r\nthree \u180e\u200d\u200f"), *asked) == []


def test_a_public_id_that_is_a_known_number_is_refused(known):
    assert refused(known, thing=PASSPORT) == ["thing"]


def test_what_machines_made_is_not_looked_into(known):
    assert refused(known, digest=PASSPORT) == []


def test_mobile_and_identity_numbers_are_refused_whether_known_or_not(known):
    assert refused(known, note="call 13800138000") == ["note"] and masked("call 13800138000", known.known) == f"call {COVER}"


def test_what_was_destroyed_is_no_longer_known(known):
    known.destroy([A])
    assert refused(known, note=LANDLINE) == []


def test_what_was_just_kept_is_known_at_once(vault):
    assert refused(vault, note=LANDLINE) == []
    kept(vault, A, phone=LANDLINE)
    assert refused(vault, note=LANDLINE) == ["note"]


def test_a_digest_or_an_id_of_machines_is_no_number_whatever_its_digits(known):
    for made in ("a13847012345b" + "0" * 51, "sha256:" + "13847012345a" * 5 + "abcd", "00000000-0000-5000-8000-a13847012345"):
        assert refused(known, note=made) == [] and unfit_texts(replace(SAY, note=made)) == []
        assert refused(known, note=f"of {made[-13:]} 13847012345") == ["note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Put(Command):
    """A command with a mapping."""

    set: Mapping[str, Decimal | str | None]
    nested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PUT = Put(by=SAY.by, now=NOW, set={})
ID = "150722199005210024"


@pytest.mark.parametrize(
    ("put", "fields"),
    [
        ({"set": {"x": ID}}, ["set"]),
        ({"set": {"call 13800138000": None}}, ["set"]),
        ({"nested": {"x": ("", f"of {ID}")}}, ["nested"]),
        ({"set": {"deaths": Decimal("13800138000"), "x": "1"}}, []),  # a number counts something
    ],
)
@pytest.mark.parametrize("with_vault", [True, False])
def test_a_mapping_is_looked_into(vault, put, fields, with_vault):
    assert valid_id(ID)
    assert [failure.field for failure in unfit_texts(replace(PUT, **put), *([vault.known] if with_vault else []))] == fields


@pytest.mark.parametrize(
    "text",
    [
        "１３８００１３８０００",
        "call 138 0013 8000!",
        "电话138-0013-8000。",
        "138.0013.8000",
        "138\u30000013\u30008000",
        "１３８－００１３－８０００",
        "+8613800138000",
        "+86 138 0013 8000",
        "0086-138-0013-8000",
        "\u1811\u1813\u1818\u1810\u1810\u1811\u1813\u1818\u1810\u1810\u1810",
        f"{ID[:6]} {ID[6:14]} {ID[14:]}",
        f"of {ID[:6]} {ID[6:10]} {ID[10:14]} {ID[14:]}",
        ID.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}),
        "15072219900521018Ｘ",
        "138\u200b47012345",
        "1507221990\u20600521\u200b0024",
        "150722900521123",
        "6222021234567890128",
    ],
)
def test_however_a_number_is_written_it_is_seen_without_a_vault(text):
    for around in (text, f"{text} ", f"a note of some length about {text}", f"说{text}"):
        assert [failure.rule for failure in unfit_texts(replace(SAY, note=around))] == ["PIPL-5"], around
        assert COVER in masked(around) and not any(sign.isdigit() for sign in masked(around).replace("+86", "").replace("0086", ""))


@pytest.mark.parametrize(
    "text",
    [
        "39.0123,-108.5123 38.9123,-108.1123",
        "135.123 58.123 135.1234 47.1234",
        "2021-07-18 14:00:00 1626588000000 1626588000",
        "2.49.0.1.156.2021.0718.0001 and 2.49.0.1.156.1385.4500.8000.1",
        "15072241600000_20210718140000 150722-20210718-0021",
        "1380013-8000 13800 13800 1380013800 138001380001",
        "4b1d0138-0013-8000-9c3f-1d2e3f405162",
        "150 2021 18 07, 1500 2000 3000",
        "150722210718001 150722901321123 150722900521",
        "6222021234567890123 6222021234567890 1626588000000000000",
    ],
)
def test_coordinates_times_and_long_ids_pass(text):
    assert unfit_texts(replace(SAY, note=text)) == [] and masked(text) == text


@pytest.mark.parametrize("with_vault", [True, False])
def test_a_text_is_no_book_and_what_machines_made_may_be_one(vault, with_vault):
    long, knows = "水" * (MOST + 1), [vault.known] if with_vault else []
    found = unfit_texts(replace(SAY, note=long, more=("short", long), digest=long), *knows)
    assert [(fault.rule, fault.field) for fault in found] == [("text.length", "note"), ("text.length", "more")]
    assert "10,000" in found[0].cure
    assert unfit_texts(replace(SAY, note=long[1:], more=(long[1:],) * 40), *knows) == []
    both = unfit_texts(replace(SAY, note=f"{long} of {ID}"), *knows)
    assert [fault.rule for fault in both] == ["PIPL-5", "text.length"]


TAKEN = ("20261224", "2026122409", "202612240900", "15072241600000", "150102001", "150102001001", "1507220021", "0470-8223344")


def test_no_stranger_stops_a_warning_with_a_date_or_a_division_for_a_phone(vault):
    for n, phone in enumerate(TAKEN):
        kept(vault, replace(A, subject=f"V-{n}"), phone=phone, kin_phone=phone)
    for text in (
        "2026-12-24 boil water",
        "20261224",
        "AL-20261224",
        "AL20261224",
        "202612240900",
        "2026122409",
        "15072241600000",
        "150102001",
        "150102001001",
        "150722-0021",
        "W-150722-0021",
    ):
        assert refused(vault, note=text, thing=text.partition(" ")[0]) == [] and masked(text, vault.known) == text, text
    assert refused(vault, note=LANDLINE) == ["note"]


def test_no_division_is_looked_up_whatever_is_registered(vault):
    kept(vault, A, phone="0470150102001")
    assert refused(vault, place=Code("0470150102001")) == [] and refused(vault, note="0470150102001") == ["note"]
    assert refused(vault, place=Code("13800138000")) == ["place"]


def test_of_a_relative_digits_alone_are_not_kept_in_the_index(vault):
    kept(vault, A, kin_phone="4102938")
    assert not vault.known(["4102938"]) and refused(vault, note="4102938 m3") == []
    kept(vault, A, kin_phone="0470-822334")
    assert vault.known(["0470822334"])


def test_a_resident_number_has_a_day_of_birth(vault):
    assert valid_id(ID) and [fault.rule for fault in unfit_texts(replace(SAY, note=f"policy {ID}"))] == ["PIPL-5"]
    for number in ("51150100501234567X", "510000191313129871", "150722199002300024"):
        assert not valid_id(number) and unfit_texts(replace(SAY, note=number)) == [] and masked(number) == number


@pytest.mark.parametrize("with_vault", [True, False])
def test_a_short_word_may_stand_before_what_a_machine_made(vault, with_vault):
    made = "VREF-a13847012345b" + "0" * 19
    assert unfit_texts(replace(SAY, note=made), *([vault.known] if with_vault else [])) == []
    assert [fault.rule for fault in unfit_texts(replace(SAY, note="VREF-13847012345"))] == ["PIPL-5"]


def test_decimals_of_a_coordinate_are_no_card_and_no_old_number():
    for text in ("35.150722900521123 0.4012888888881881", "36.6222021234567890128,2.5"):
        assert unfit_texts(replace(SAY, note=text)) == [] and masked(text) == text


def test_a_word_in_the_place_of_a_number_is_refused_to_nobody(vault):
    kept(vault, A, phone="unknown", id_number="see paper")
    assert refused(vault, note="cause unknown, see paper") == [] and not vault.known(["unknown"])


@dataclass(frozen=True, slots=True)
class Chapter:
    """As a part of a plan is."""

    name: str
    text: LongText


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Command):
    """A command that holds chapters and a remark."""

    chapters: tuple[Chapter, ...] = ()
    remark: str = ""


def test_a_chapter_may_be_long_and_is_looked_into_as_all_texts_are(vault):
    write = Write(by=Signature("B.DUTY"), now=NOW, remark="水" * (MOST + 1), chapters=(Chapter("first", "水" * LONG),))
    assert [(fault.rule, fault.field) for fault in unfit_texts(write)] == [("text.length", "remark")]
    longer = replace(write, remark="", chapters=(Chapter("first", "水" * (LONG + 1)),))
    assert [(fault.rule, fault.field, "60,000" in fault.cure) for fault in unfit_texts(longer)] == [("text.length", "chapters", True)]
    told = replace(write, remark="", chapters=(Chapter("first", "水" * MOST * 2 + ID),))
    assert [fault.rule for fault in unfit_texts(told)] == ["PIPL-5"] == [fault.rule for fault in unfit_texts(told, vault.known)]
