"""What a value has to look like to be of use: a number that can be dialled, an address that can be written to (PIPL art. 8)."""

from __future__ import annotations

import re

_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,24}[0-9]")
_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+")
LEAST, MOST = 7, 15  # digits: with the country's code 15 at most (ITU-T E.164); the least is our own default


def is_phone(text: str) -> bool:
    """Whether it may be a phone number of any country."""
    digits = sum(letter.isdigit() for letter in text) - (2 if text.startswith("00") else 0)
    return _PHONE.fullmatch(text) is not None and LEAST <= digits <= MOST


def is_mail(text: str) -> bool:
    """Whether it may be a mail address."""
    return _MAIL.fullmatch(text) is not None
