"""The stored record: one CloudEvent 1.0 as JSON bytes, chained to the one before.

The record is the event without its own `chain`; `chain = SHA-256(previous chain + record)`. What leaves the log
is the record with `,"chain":"<hex>"` before its last brace, so a reader removes those 76 characters and recomputes.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from shared.kernel.decoding import decoder
from shared.kernel.errors import Unreadable
from shared.kernel.events import decode

RECORD_BYTES = 512 * 1024  # twice what the data of an event may hold
MOST = 2**63 - 1  # the largest number a table holds
CHAIN_TAIL = len(',"chain":""}') + 64


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """CloudEvents 1.0 attributes and ours (extension names are lowercase letters and digits, as the standard asks)."""

    specversion: str  # always written: no default
    id: str  # <log>:<position>
    source: str  # urn:ortoo:<log>
    type: str
    time: datetime  # when it was recorded; monotone per log
    datacontenttype: str = ""
    log: str
    position: int
    streamid: str
    streamversion: int
    partitionkey: str
    division: str | None = None
    visibility: str = "internal"
    correlationid: str | None = None  # the incident
    causationid: str | None = None  # the command, or the event that a policy's or a timer's command follows from
    commandid: str | None = None  # that command; left out where it is the cause itself
    commandevents: int = 1  # how many events the command wrote
    traceparent: str | None = None
    actor: str | None = None
    role: str | None = None
    organ: str | None = None
    cosigner: str | None = None
    basis: str | None = None
    rulepack: str | None = None  # id@digest
    occurredat: datetime | None = None  # the reporter's claim
    exercise: bool = False
    origin: str | None = None  # in a feed log: the id the event has in the log it was decided in
    data: msgspec.Raw = msgspec.Raw(b"{}")

    @property
    def command(self) -> str | None:
        """The id of the command that wrote the event."""
        return self.commandid or self.causationid


_encoder = msgspec.json.Encoder()
_decoder = decoder(Envelope)


def seal(envelope: Envelope) -> bytes:
    """The stored bytes of an envelope with its data."""
    return _encoder.encode(envelope)


def genesis(log: str) -> bytes:
    """The chain value before position 1."""
    return sha256(b"ortoo log " + log.encode()).digest()


def link(previous: bytes, record: bytes) -> bytes:
    """The chain value of a record."""
    return sha256(previous + record).digest()


class Recorded:
    """A stored event: its place in the log, its bytes, and, decoded when asked, its envelope and fact."""

    __slots__ = ("position", "stream", "version", "type", "record", "chain", "follows", "_envelope", "_event")

    def __init__(self, position: int, stream: str, version: int, type: str, record: bytes, chain: bytes) -> None:
        self.position, self.stream, self.version, self.type = position, stream, version, type
        self.record, self.chain = record, chain
        self.follows: bytes | None = None  # the chain value it was computed to follow, by whoever in this process looked first
        self._envelope: Envelope | None = None
        self._event: Any = None

    @property
    def envelope(self) -> Envelope:
        if self._envelope is None:
            self._envelope = _decoder.decode(self.record)
        return self._envelope

    @property
    def event(self) -> Any:
        if self._event is None:
            self._event = decode(self.type, self.envelope.data)
        return self._event

    @property
    def id(self) -> str:
        return self.envelope.id

    def cloud_event(self) -> bytes:
        """The CloudEvent as it leaves the log, chain included."""
        return self.record[:-1] + b',"chain":"' + self.chain.hex().encode() + b'"}'


def opened(cloud_event: bytes) -> tuple[bytes, bytes]:
    """The inverse of `cloud_event()`: record and chain. ValueError when the tail is not a chain."""
    tail = cloud_event[-CHAIN_TAIL:]
    if not tail.startswith(b',"chain":"') or not tail.endswith(b'"}'):
        raise ValueError("no chain at the end of the record")
    return cloud_event[:-CHAIN_TAIL] + b"}", bytes.fromhex(tail[10:-2].decode())


def carried(log: str, value: bytes) -> Recorded:
    """The event of a record of a log's topic, its chain not yet believed. Unreadable."""
    if len(value) > RECORD_BYTES:
        raise Unreadable(f"{len(value)} bytes, more than any event")
    try:
        record, chain = opened(value)
        at = _decoder.decode(record)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable("not an event of a log") from error  # without the error's own words, which may quote what was sent
    if at.log != log:
        raise Unreadable(f"an event of the log {at.log[:80]!r}")
    if not (1 <= at.position <= MOST and 1 <= at.streamversion <= MOST) or "\0" in at.streamid + at.type:
        raise Unreadable("an event with a place that no log has")
    return Recorded(at.position, at.streamid, at.streamversion, at.type, record, chain)
