"""What a value has to look like to be of use: a number that can be dialled, an address that can be written to (PIPL art. 8)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from shared.handling.guard import valid_id

_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,24}[0-9]")
_NO_COUNTRY = re.compile(r"0|[48]00")  # no country's code begins so (ITU-T E.164): an area's code, or a number of services
_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+")
_CALL_SIGN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{4,22}[A-Za-z0-9]")
LEAST, MOST = 7, 15  # digits: with the country's code 15 at most (ITU-T E.164); the least is our own default


def is_phone(text: str) -> bool:
    """Whether it may be a phone number of any country."""
    digits = sum(letter.isdigit() for letter in text) - (2 if text.startswith("00") else 0)
    return _PHONE.fullmatch(text) is not None and LEAST <= digits <= MOST


def is_mobile(text: str) -> bool:
    """Whether a phone may be somebody's own: a mobile number, or one of another country, of which that cannot be told. A landline is
    not: it may be an office's, also behind a sign of a country that it has not."""
    digits = "".join(letter for letter in text if letter.isdigit())
    prefix = re.match(r"\+|00", text)
    international = digits.removeprefix("00") if prefix and prefix[0] == "00" else digits
    home = not prefix or international.startswith("86")
    if not home:
        return is_phone(text) and _NO_COUNTRY.match(international) is None
    return is_phone(text) and _MOBILE.fullmatch(international.removeprefix("86") if prefix else digits) is not None


def is_line(text: str) -> bool:
    """A phone, or what a desk enters for who has none: a radio call sign, the name of a satellite terminal."""
    return is_phone(text) or (_CALL_SIGN.fullmatch(text) is not None and any(letter.isalpha() for letter in text))


def is_mail(text: str) -> bool:
    """Whether it may be a mail address."""
    return _MAIL.fullmatch(text) is not None


def born(number: str) -> date | None:
    """The day of birth in a resident identity number, also one typed in full width; None when it is not well formed (GB 11643)."""
    text = unicodedata.normalize("NFKC", number).strip().upper()
    if not _RESIDENT.fullmatch(text) or not valid_id(text):
        return None
    return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
