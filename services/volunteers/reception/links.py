"""One-time links of call-ups: whoever holds one may answer one call-up, as one volunteer, until it lapses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from shared.web.sealing import Seals

USE = "callup.answer"  # no other proof of the node passes for a link
PATH = "/volunteer/answer/"
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Invited:
    """What a link stands for."""

    volunteer: str
    call_up: str


class AnswerLinks:
    """Made and read under the secret that all processes of a node share. Nothing is stored: that one counts once is decided elsewhere."""

    def __init__(self, seals: Seals) -> None:
        self._seals = seals

    def path(self, invited: Invited, until: datetime) -> str:
        """The address, below that of the node."""
        return PATH + quote(self._seals.proof(USE, f"{invited.volunteer}:{invited.call_up}", until), safe="~:")  # a `:` is in no public id

    def read(self, token: str, now: datetime) -> Invited | None:
        """What it stands for; None when it is none of ours, or has lapsed."""
        named = self._seals.proven(USE, token, now) if len(token) <= LONGEST else None
        volunteer, colon, call_up = (named or "").partition(":")
        return Invited(volunteer, call_up) if colon else None

    def form(self, token: str) -> str:
        """What the form of the link's own page sends back."""
        return self._seals.seal("callup.answer.form", token)

    def from_our_form(self, token: str, sent: str) -> bool:
        """Whether it is the form of this link's page."""
        return self._seals.sealed(sent, "callup.answer.form", token)
