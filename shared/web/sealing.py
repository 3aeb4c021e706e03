"""What a form or a cookie carries so that nothing else passes for it: sealed under a key of the node's own."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

_LOW, _SPREAD = 2, 8  # the sum asked for has two numbers of 2 to 9


@dataclass(frozen=True, slots=True)
class Form:
    """One showing of a form: what follows from it is the same however often it is sent."""

    nonce: str
    at: int  # seconds


class Seals:
    """Under one key, which is asked for when it is first needed."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._ask = key
        self._key: bytes | None = None

    def new(self, browser: str, now: datetime) -> str:
        """What the form carries: bound to the browser it is shown in."""
        return self._sealed(token_urlsafe(16), int(now.timestamp()), browser)

    def read(self, carried: str, browser: str) -> Form | None:
        """The form, unless it is none of ours or was shown in another browser."""
        nonce, _, rest = carried.partition(".")
        at = rest.partition(".")[0]
        if not (browser and _number(at)):
            return None
        return Form(nonce, int(at)) if hmac.compare_digest(self._sealed(nonce, int(at), browser).encode(), carried.encode()) else None

    def sum_of(self, form: Form) -> tuple[int, int]:
        """Two small numbers to add: a person does it at once."""
        first, second = self.mac("sum", form.nonce)[:2]
        return _LOW + first % _SPREAD, _LOW + second % _SPREAD

    def proof(self, kind: str, subject: str, until: datetime) -> str:
        """That somebody showed who they are, for one kind of use and for a while: whoever has the key takes their word for it."""
        end = str(int(until.timestamp()))
        return f"{subject}~{end}~{self.seal(kind, subject, end)}"

    def proven(self, kind: str, carried: str, now: datetime) -> str | None:
        """Who it was; None when it is no proof of ours, of another kind, or over."""
        subject, _, rest = carried.partition("~")
        end, _, seal = rest.partition("~")
        if not (_number(end) and int(end) > now.timestamp()):
            return None
        return subject if self.sealed(seal, kind, subject, end) else None

    def seal(self, *parts: str) -> str:
        """A short proof that these parts come from us."""
        return urlsafe_b64encode(self.mac("seal", *parts)[:18]).decode()

    def sealed(self, seal: str, *parts: str) -> bool:
        return hmac.compare_digest(self.seal(*parts).encode(), seal.encode())

    def mac(self, *parts: str | bytes) -> bytes:
        """A digest nobody else can make: of contents that could be guessed, too."""
        if self._key is None:
            self._key = self._ask()
        plain = [part.encode() if isinstance(part, str) else part for part in parts]
        said = b"".join([b"%d:%b" % (len(part), part) for part in plain])
        return hmac.new(self._key, said, "sha256").digest()  # `hmac.digest` gives the interpreter's lock away, and waits to have it back

    def _sealed(self, nonce: str, at: int, browser: str) -> str:
        return f"{nonce}.{at}.{self.seal('form', nonce, str(at), browser)}"


def _number(said: str) -> bool:
    """Seconds, as these are written."""
    return said.isascii() and said.isdigit() and len(said) < 12
