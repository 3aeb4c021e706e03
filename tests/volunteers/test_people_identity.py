"""The check that asks nobody: checksum and age, and nothing of the number in what it says. The numbers are made here and nobody's."""

from __future__ import annotations

from datetime import date

import pytest

from services.volunteers.reception.application import Application, Asking, judged
from services.volunteers.reception.identity import Ages, Checked, ChecksumAndAge, age, birth_date
from shared.geo.divisions import Divisions
from shared.handling.wellformed import born, is_line, is_mobile, is_phone
from shared.vault.personal import Personal
from tests.volunteers.people_world import RULES

AGES = Ages(18, 60)
NOBODY = "999999"  # a code no division has


def number(born: str, serial: str = "001") -> Personal[str]:
    """A well formed number of nobody."""
    body = f"{NOBODY}{born}{serial}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return Personal(body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11])


@pytest.mark.parametrize(
    ("born", "on", "adult", "elderly"),
    [
        ("20030719", date(2021, 7, 18), False, False),
        ("20030718", date(2021, 7, 18), True, False),
        ("19610719", date(2021, 7, 18), True, False),
        ("19610718", date(2021, 7, 18), True, True),
        ("20040229", date(2022, 2, 28), False, False),
        ("20040229", date(2022, 3, 1), True, False),
    ],
)
def test_age_on_the_day(born: str, on: date, adult: bool, elderly: bool) -> None:
    assert ChecksumAndAge().check(number(born), on, AGES) == Checked(True, adult, elderly)


def test_a_wrong_digit_a_wrong_day_and_a_wrong_length_do_not_hold() -> None:
    good = number("19900101").reveal()
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    for text in (wrong, good[:-1], good + "0", "", "x" * 18, number("19900231").reveal(), "１" * 18):
        assert ChecksumAndAge().check(Personal(text), date(2021, 7, 18), AGES) == Checked(False)


def test_who_is_not_born_yet_is_nobody() -> None:
    assert ChecksumAndAge().check(number("20300101"), date(2021, 7, 18), AGES) == Checked(False)


def test_a_small_x_is_an_x() -> None:
    serials = (number("19900101", f"{n:03}").reveal() for n in range(100))
    one = next(text for text in serials if text.endswith("X"))
    assert birth_date(Personal(one.lower())) == date(1990, 1, 1)


def test_years_are_full_years() -> None:
    assert age(date(2000, 12, 31), date(2021, 12, 30)) == 20


@pytest.mark.parametrize(
    ("text", "phone", "line"),
    [
        ("138 4701 2345", True, True),
        ("+976 11 263333", True, True),
        ("00976 11 263333", True, True),
        ("1", False, False),
        ("x", False, False),
        ("150722199005210024", False, False),
        ("138-4701-2345; DROP", False, False),
        ("SAT-700-12", False, True),
    ],
)
def test_a_phone_can_be_dialled_and_a_desk_may_enter_a_call_sign(text: str, phone: bool, line: bool) -> None:
    assert (is_phone(text), is_line(text)) == (phone, line)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("138 4701 2345", True),
        ("+86 138 4701 2345", True),
        ("0086-13847012345", True),
        ("+976 11 263333", True),
        ("00976 11 263333", True),
        ("+7 495 123 4567", True),
        ("+40 21 123 4567", True),
        ("+0471 1234567", False),
        ("+400 123 4567", False),
        ("+800 1234 5678", False),
        ("00 0471 1234567", False),
        ("+00 471 1234567", False),
        ("00400 123 4567", False),
        ("+86 400 123 4567", False),
        ("0470-8812345", False),
        ("+86 470 8812345", False),
        ("(0470) 881 2345", False),
        ("8812345", False),
        ("400-880-1234", False),
        ("12345678", False),
    ],
)
def test_a_landline_may_be_an_office_s(text: str, own: bool) -> None:
    assert is_mobile(text) is own


def test_a_number_typed_in_full_width_is_the_same_number() -> None:
    assert born("15072219900521018\uff38") == born("15072219900521018X") == date(1990, 5, 21)
    assert born("150722199005211231") is None


def test_a_birth_that_lies_ahead_is_named_as_such() -> None:
    told = Application({"id_number": number("20220101")})
    _, faults = judged(told, Asking(RULES, Divisions(), ChecksumAndAge(), date(2021, 7, 18)))
    assert [fault.rule for fault in faults if fault.field == "id_number"] == ["id.birth"]
