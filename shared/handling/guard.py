"""No personal value in an event: whole tokens of free text are checked (PIPL art. 5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from shared.kernel.errors import Failure

_LONG = re.compile(r"\d{11}")  # neither is shorter: what holds no such run is let through at once
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_RESIDENT_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
COVER = "•••"
CURE = "personal value in clear; use the reference"


def personal_values(command: object, fields: Sequence[str]) -> list[Failure]:
    """One failure for each free-text field that holds a mobile number or a resident identity number (GB 11643)."""
    return [Failure("PIPL-5", CURE, name) for name in fields if (value := getattr(command, name, None)) and _holds_one(value)]


def masked(text: str) -> str:
    """The text with every personal value covered, for what may never be refused; the whole text is kept as a blob."""
    if _LONG.search(text) is None:
        return text
    return _RESIDENT_ID.sub(lambda found: COVER if _valid_id(found[0]) else found[0], _MOBILE.sub(COVER, text))


def _holds_one(value: Any) -> bool:
    if isinstance(value, str):
        if _LONG.search(value) is None:
            return False
        return bool(_MOBILE.search(value)) or any(_valid_id(token) for token in _RESIDENT_ID.findall(value))
    if isinstance(value, list | tuple):
        return any(_holds_one(item) for item in value)
    return False


def _valid_id(token: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(token, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == token[-1].upper()
