"""Who somebody says to be, checked without asking anybody: the number is well formed, and says an age. Only results leave here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from shared.handling.guard import valid_id
from shared.vault.personal import Personal

_NUMBER = re.compile(r"[0-9]{17}[0-9X]")


@dataclass(frozen=True, slots=True)
class Ages:
    """Years from which somebody is an adult, and counts as old: rule data (`volunteer.adult_age`, `volunteer.elderly_age`)."""

    adult: int
    elderly: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to; nothing of the number is in it."""

    valid: bool
    adult: bool | None = None
    elderly: bool = False


class IdentityCheck(Protocol):
    """The port: another adapter may ask a register outside."""

    def check(self, number: Personal[str], on: date, ages: Ages) -> Checked: ...


class ChecksumAndAge:
    """The default adapter: GB 11643 checksum and birth date."""

    def check(self, number: Personal[str], on: date, ages: Ages) -> Checked:
        """Never wrong about a number that is not well formed; whose number it is it cannot know."""
        born = birth_date(number)
        if born is None or born > on:
            return Checked(False)
        years = age(born, on)
        return Checked(True, years >= ages.adult, years >= ages.elderly)


def birth_date(number: Personal[str]) -> date | None:
    """The day of birth in an identity number; None when it is not well formed (GB 11643)."""
    text = number.reveal().strip().upper()
    if not _NUMBER.fullmatch(text) or not valid_id(text):
        return None
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None


def age(born: date, on: date) -> int:
    """Full years on a day; who is born on 29 February has the birthday on 1 March of other years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
