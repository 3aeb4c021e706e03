"""What a form carries so that nothing else passes for it, and the numbers and codes that follow from it."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_bytes, token_urlsafe

from shared.web.keyfiles import kept

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read for another
KEY = 32
_LOW, _SPREAD = 2, 8  # the sum asked for has two numbers of 2 to 9


@dataclass(frozen=True, slots=True)
class Form:
    """One showing of a form: what follows from it is the same however often it is sent."""

    nonce: str
    at: int  # seconds


class Forms:
    """Under a key of the node's own, made when first used. Replacing it makes open forms lapse, and every code."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._key: bytes | None = None

    def new(self, browser: str, now: datetime) -> str:
        """What the form carries: bound to the browser it is shown in."""
        return self._sealed(token_urlsafe(16), int(now.timestamp()), browser)

    def read(self, carried: str, browser: str) -> Form | None:
        """The form, unless it is none of ours or was shown in another browser."""
        nonce, _, rest = carried.partition(".")
        at = rest.partition(".")[0]
        if not (browser and at.isascii() and at.isdigit() and len(at) < 12):
            return None
        return Form(nonce, int(at)) if hmac.compare_digest(self._sealed(nonce, int(at), browser).encode(), carried.encode()) else None

    def sum_of(self, form: Form) -> tuple[int, int]:
        """Two small numbers to add: a person does it at once."""
        first, second = self.mac("sum", form.nonce)[:2]
        return _LOW + first % _SPREAD, _LOW + second % _SPREAD

    def number(self, nonce: str) -> str:
        """The public number of whoever registers with it."""
        return "V-" + self._letters("number", nonce, 2)

    def code(self, nonce: str) -> str:
        """The confirmation code that goes with the number: nobody guesses one of 30^12."""
        return self._letters("code", nonce, 3)

    def seal(self, *parts: str) -> str:
        """A short proof that these parts come from us."""
        return urlsafe_b64encode(self.mac("seal", *parts)[:18]).decode()

    def sealed(self, seal: str, *parts: str) -> bool:
        return hmac.compare_digest(self.seal(*parts).encode(), seal.encode())

    def mac(self, *parts: str | bytes) -> bytes:
        """A digest nobody else can make: of contents that could be guessed, too."""
        if self._key is None:
            self._key = kept(self._file, lambda: token_bytes(KEY))
        plain = [part.encode() if isinstance(part, str) else part for part in parts]
        return hmac.digest(self._key, b"".join([b"%d:%b" % (len(part), part) for part in plain]), "sha256")

    def _sealed(self, nonce: str, at: int, browser: str) -> str:
        return f"{nonce}.{at}.{self.seal('form', nonce, str(at), browser)}"

    def _letters(self, kind: str, nonce: str, groups: int) -> str:
        return _grouped([LETTERS[byte % len(LETTERS)] for byte in self.mac(kind, nonce)[: groups * 4]])


def plain(code: str) -> str:
    """A code as it is compared: however it was typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum())[:40]


def _grouped(letters: Sequence[str]) -> str:
    return "-".join("".join(letters[start : start + 4]) for start in range(0, len(letters), 4))
