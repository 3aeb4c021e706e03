"""Three scales that never convert into each other: warning colour, response level, event grade."""

from __future__ import annotations

from enum import Enum, StrEnum


class WarningColour(StrEnum):
    """How grave a warning is (ERL art. 63). Always stated together with its number."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def number(self) -> int:
        """Red 1, orange 2, yellow 3, blue 4."""
        return _NUMBERS[self]

    @classmethod
    def numbered(cls, number: int | None) -> WarningColour | None:
        """The colour of a number of the same scale; None for a number that has none."""
        return next((colour for colour in cls if colour.number == number), None)


class ResponseLevel(Enum):
    """How strongly an authority responds under a plan (ERL art. 71). Told as 1 to 4; no number by itself, so it compares with none."""

    I = 1  # noqa: E741 - the law counts in Roman numerals
    II = 2
    III = 3
    IV = 4

    def above(self, other: ResponseLevel) -> bool:
        """I is the highest."""
        return self.value < other.value


class EventGrade(StrEnum):
    """How grave an event was found to be (ERL art. 3)."""

    SPECIAL_MAJOR = "SPECIAL_MAJOR"
    MAJOR = "MAJOR"
    LARGER = "LARGER"
    ORDINARY = "ORDINARY"


_NUMBERS = {WarningColour.RED: 1, WarningColour.ORANGE: 2, WarningColour.YELLOW: 3, WarningColour.BLUE: 4}
