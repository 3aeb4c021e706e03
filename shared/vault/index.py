"""The index of identity and phone numbers: keyed digests of what was normalised, so that it can be looked up and not read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from hmac import new
from typing import Literal
from unicodedata import normalize

Kind = Literal["id", "phone"]
SHORTEST = 6  # characters that a value must have to be known again in a text
_APART = re.compile(r"[\s()\[\].+\-‐-―/·]+")
_MOBILE = re.compile(r"(?:00)?86(1[3-9]\d{9})")
_ALONE = re.compile(r"[1-9][\s-]*(?:\d[\s-]*){5,7}\d")
_BYTES = 20


def kind_of(field: str, value: str) -> str | None:
    """What the index keeps of a field: `id_number` and `phone` are found by; others that end so (`kin_phone`) are only known, and 7 to 9
    digits alone are not: dates and divisions look like them, and no text is refused for those."""
    if field in ("id_number", "phone"):
        return field.removesuffix("_number")
    return "known" if field.endswith(("_phone", "_id_number")) and not _ALONE.fullmatch(value.strip()) else None


def normal(value: str) -> str:
    """The same number however it is written: full width, with blanks or dashes, with the country's code."""
    text = _APART.sub("", normalize("NFKC", value)).upper()
    mobile = _MOBILE.fullmatch(text)
    return mobile[1] if mobile else text


def macs(keys: Iterable[bytes], value: str) -> list[bytes]:
    """What the index may hold of a value, under each of these keys; nothing of one that tells nothing."""
    if len(value) < SHORTEST or not any(map(str.isdigit, value)) or len(text := normal(value)) < SHORTEST:
        return []
    said = text.encode()
    return [new(key, said, sha256).digest()[:_BYTES] for key in keys]  # `hmac.digest` would give the interpreter's lock away


def mac(key: bytes, value: str) -> bytes | None:
    """What the index holds of a value; None of one that tells nothing."""
    return next(iter(macs((key,), value)), None)
