"""Commands: what somebody wants, who signs it and when it arrived."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from random import Random
from typing import Annotated, NewType

from shared.kernel.realm import REAL

Code = NewType("Code", str)
"""A division code (GB/T 2260, statistics codes below)."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is asked of a text field of a command. Without a mark it is free text: no personal value (PIPL art. 5)."""

    public_id: bool = False  # an id the caller chooses; it names a stream and is read by everybody
    guarded: bool = True
    long: bool = False  # a chapter, not a remark
    code: bool = False  # of a division: no word of it is asked of the vault, in which anybody may be


PUBLIC_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PublicId = Annotated[str, Text(public_id=True)]
"""An id chosen by a caller: letters, digits, `.`, `_` and `-`, so that no person's name or number gets into a stream's name."""

OPAQUE = Text(guarded=False)
"""Not looked into: what the edge made (references of the vault), names of messages of others, or what was cleaned at the edge since it
may never be refused. Where a caller names a paper, a digest passes anyway and all else is text."""

Opaque = Annotated[str, OPAQUE]

LongText = Annotated[str, Text(long=True)]
"""Free text that is a document by itself, as a part of a plan is: looked into as all others are, and longer."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs: the public handle of a post, its roles, organ and division. Never a person's name."""

    actor: str
    roles: tuple[str, ...] = ()
    division: str | None = None
    level: int | None = None  # 1 region .. 5 village, from the division tree
    organ: str | None = None
    realm: str = REAL

    def has(self, *roles: str) -> bool:
        """True for the role itself or one under it: `EMD.duty` has `EMD`, `SECT.weather.approver` has `SECT.weather`."""
        return any(own == role or own.startswith(role + ".") for own in self.roles for role in roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The base of every command. The class name is its name for ever: `operationId`, permission row, metrics."""

    by: Signature
    now: datetime  # arrival, with offset; deciders have no other clock
    cosigner: Signature | None = None


_chance = Random()  # seeded by the system; unique, which is all an id needs to be
_FREE, _MARKS = ~(0xF << 76 | 0x3 << 62) & (1 << 128) - 1, 0x4 << 76 | 0x2 << 62  # version 4, variant 2 (RFC 9562, 5.4)


def new_id() -> uuid.UUID:
    """The id of a command that came without a key: it cannot be repeated, only told apart."""
    return uuid.UUID(int=_chance.getrandbits(128) & _FREE | _MARKS)  # half the time of `UUID(int=..., version=4)`


def command_id(principal: str, key: str) -> uuid.UUID:
    """`uuid5(principal, Idempotency-Key)`: the same caller and key are the same command."""
    return _uuid5("caller", principal, key)


def derived_id(*parts: object) -> uuid.UUID:
    """The id of a command that follows from something: an event and a policy, a deadline and what started it."""
    return _uuid5("derived", *(str(part) for part in parts))


def _uuid5(*parts: str) -> uuid.UUID:
    """RFC 9562 5.5. Each part goes in with its length, so that no choice of key makes another caller's or a policy's id."""
    digest = sha1("".join(f"{len(part)}:{part}" for part in parts).encode(), usedforsecurity=False).digest()
    return uuid.UUID(bytes=digest[:16], version=5)
