"""A command on its way, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b, sha256
from typing import Any
from uuid import UUID

import msgspec

from shared.kernel.commands import Command
from shared.kernel.decoding import decoder
from shared.kernel.errors import DomainError, Failure


class Busy(Exception):
    """The queue is full; try again after `retry_after_s`."""

    retry_after_s = 1


class KeyReused(DomainError):
    """The Idempotency-Key was used before with another body."""

    code = "key_reused"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller is told, the first time and every time the command is repeated."""

    command: str  # the command id
    stream: str | None = None  # null when nothing was appended
    version: int | None = None
    position: int
    flags: tuple[str, ...] = ()
    events: tuple[str, ...] = ()  # the types appended, in order
    extra: dict[str, Any] = {}
    repeated: bool = False


class Refusal(msgspec.Struct, frozen=True):
    """A remembered refusal of a policy's or a timer's command."""

    kind: str
    code: str
    failures: tuple[tuple[str, str, str | None], ...]


Result = Answer | BaseException


class Pending(msgspec.Struct, eq=False):
    """A command waiting for the pen. `done` is called once, by the writer's host, with the answer or the refusal."""

    id: UUID
    command: Command
    fingerprint: bytes
    done: Callable[[Result], None]
    causation: str | None = None  # the event a policy answers; else the command id itself
    incident: str | None = None
    traceparent: str | None = None
    derived: bool = False  # by a policy or timer: refusals are remembered too
    fresh: bool = False  # its id was made for it: it cannot have been handled before
    pack: str | None = None  # Ortoo-Pack: story clock only
    blobs: Mapping[str, bytes] = {}  # digest -> bytes, durable before the event that names them
    name: str = ""  # the id as text: in the answer, and the cause of its events
    streams: tuple[str, ...] = ()  # those it names, once the writer has asked
    unfit: Sequence[Failure] | Exception = ()  # faults of its texts, once the writer has looked; or why it could not look

    def __post_init__(self) -> None:
        self.name = str(self.id)


UNKNOWN = b""  # the fingerprint of a command that was healed: its events were found again, its body was not


def fingerprint(name: str, body: bytes, *more: str, key: bytes = b"") -> bytes:
    """What a repeat is compared by: command, body and whatever else makes it another command (path, cosigner).

    `key` is a secret where the body may hold personal values: without it nobody can try values until one fits (PIPL art. 51).
    """
    said = b"\0".join((name.encode(), *[part.encode() for part in more], body))
    return blake2b(said, digest_size=16, key=key).digest() if key else sha256(said).digest()[:16]


_encoder = msgspec.json.Encoder()
_answer = decoder(Answer)
_refusal = decoder(Refusal)
_kinds: dict[str, type[DomainError]] = {}


def encode_answer(answer: Answer) -> bytes:
    return _encoder.encode(answer)


def decode_answer(stored: bytes) -> Answer:
    return _answer.decode(stored)


def encode_refusal(error: DomainError) -> bytes:
    failures = tuple((f.rule, f.cure, f.field) for f in error.failures)
    return _encoder.encode(Refusal(type(error).__name__, error.code, failures))


def decode_refusal(stored: bytes) -> DomainError:
    """The refusal as it was first given."""
    refusal = _refusal.decode(stored)
    if not _kinds:
        _kinds.update(_families(DomainError))
    failures: Sequence[Failure] = [Failure(*f) for f in refusal.failures]
    return _kinds.get(refusal.kind, DomainError)(*failures, code=refusal.code)


def _families(root: type[DomainError]) -> dict[str, type[DomainError]]:
    found = {root.__name__: root}
    for child in root.__subclasses__():
        found |= _families(child)
    return found
