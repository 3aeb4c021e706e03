"""One-time links: whoever holds one may read one warning and acknowledge it, as one recipient, until it lapses."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import jwt

from shared.kernel.errors import Failure, NotAllowed

AUDIENCE = "ortoo.answer"  # so that no other token of the node passes for a link
LONGEST = 4_000


class LinkRefused(NotAllowed):
    """The link was not made here, or has lapsed."""

    code = "link_refused"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link stands for."""

    alert: str
    recipient: str


class AnswerLinks:
    """Makes and reads links. Nothing of them is stored; that one counts once is the decider's matter."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, asked: Asked, until: datetime) -> str:
        """The token of a link."""
        claims = {"aud": AUDIENCE, "sub": asked.recipient, "alert": asked.alert, "exp": int(until.timestamp())}
        return jwt.encode(claims, self._key, algorithm="HS256")

    def read(self, token: str, now: datetime) -> Asked:
        """What a token stands for. LinkRefused when it does not hold."""
        options = {"require": ["sub", "exp", "alert"], "verify_exp": False}  # expiry follows the node's clock, below
        try:
            if len(token) > LONGEST:
                raise ValueError("too long")
            claims = jwt.decode(token, self._key, algorithms=["HS256"], audience=AUDIENCE, options=options)  # type: ignore[arg-type]
            asked, until = Asked(str(claims["alert"]), str(claims["sub"])), datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (jwt.InvalidTokenError, TypeError, ValueError, OverflowError) as error:
            raise LinkRefused(Failure("channel.link", "open the link exactly as it was given to you")) from error
        if now >= until:
            raise LinkRefused(Failure("channel.link", "the link has lapsed; ask the duty room for a new one"), code="link_lapsed")
        return asked

    def form(self, token: str) -> str:
        """What the form of the link's own page sends back: a POST without having been shown the page counts for nothing."""
        return hmac.new(self._key, b"form\0" + token.encode(), sha256).hexdigest()

    def from_our_form(self, token: str, sent: str) -> bool:
        """Whether the form is the one we rendered for this link."""
        return hmac.compare_digest(self.form(token).encode(), sent.encode())
