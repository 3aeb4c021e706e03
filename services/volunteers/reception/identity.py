"""Who somebody says to be, checked without asking anybody: the number is well formed, and says an age. Only results leave here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from shared.handling.wellformed import born
from shared.vault.personal import Personal


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
        day = birth_date(number)
        if day is None or day > on:
            return Checked(False)
        years = age(day, on)
        return Checked(True, years >= ages.adult, years >= ages.elderly)


def birth_date(number: Personal[str]) -> date | None:
    """The day of birth in an identity number; None when it is not well formed (GB 11643)."""
    return born(number.reveal())


def age(birth: date, on: date) -> int:
    """Full years on a day; who is born on 29 February has the birthday on 1 March of other years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
