"""Stored bytes and plain values become dataclasses here alone.

msgspec keeps what it learnt of a class on the class, and puts it there before it is whole: a second thread that reads by the same class
meanwhile ends the process (segmentation fault; msgspec 0.22, dataclasses within dataclasses). So one thread at a time prepares to read."""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_one_at_a_time = threading.Lock()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def decoder(cls: type[T]) -> msgspec.json.Decoder[T]:
    """The decoder of JSON of a class, made once; any number of threads may read by it."""
    known = _decoders.get(cls)
    if known is None:
        with _one_at_a_time:
            known = _decoders.setdefault(cls, msgspec.json.Decoder(cls))
    return known


def read_json(data: bytes | str | msgspec.Raw, cls: type[T]) -> T:
    """An object of the class from its JSON. `msgspec.MsgspecError` when it is none."""
    return decoder(cls).decode(data)


def convert(plain: object, cls: type[T]) -> T:
    """An object of the class from dicts, lists and plain values. `msgspec.ValidationError` when it is none."""
    decoder(cls)  # what is learnt of the class serves this too, and is whole now
    return msgspec.convert(plain, cls)
