"""The registry of stored facts: literal names, upcasters, and the two-way door between bytes and dataclasses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from typing import Any, TypeVar

import msgspec

from shared.kernel.decoding import convert, decoder
from shared.kernel.errors import TooNew, Unreadable

C = TypeVar("C", bound=type)
Upcast = Callable[[dict[str, Any]], dict[str, Any]]

_NAME = re.compile(r"[a-z]+\.[a-z_]+\.[a-z_]+\.v[1-9]\d*")
_classes: dict[str, type] = {}
_names: dict[type, str] = {}
_other_sides: set[str] = set()
_upcasters: dict[str, tuple[str, Upcast]] = {}
_encoder = msgspec.json.Encoder(decimal_format="string")


def event(name: str, *, other_side: bool = False) -> Callable[[C], C]:
    """Register a frozen dataclass under its stored name `<service>.<aggregate>.<fact>.v<n>`, for ever. `other_side`: it says on another
    stream what a fact of the same decision says."""

    def register(cls: C) -> C:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not <service>.<aggregate>.<fact>.v<n>")
        taken = _classes.get(name)
        if taken is not None and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"{name} is taken by {taken.__module__}.{taken.__qualname__}")
        if cls in _names:
            raise ValueError(f"{cls.__qualname__} is {_names[cls]} already")
        if not is_dataclass(cls) or not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise TypeError(f"{cls.__qualname__} must be a frozen dataclass")
        _classes[name], _names[cls] = cls, name
        if other_side:
            _other_sides.add(name)
        return cls

    return register


def upcast(old: str, new: str) -> Callable[[Upcast], Upcast]:
    """Register how the data of a stored `old` becomes that of `new` (dict to dict), applied while decoding."""

    def register(change: Upcast) -> Upcast:
        if old in _upcasters:
            raise ValueError(f"{old} has an upcaster already")
        _upcasters[old] = (new, change)
        return change

    return register


def type_of(fact: object) -> str:
    """The stored name of an event."""
    return _names[type(fact)]


def family(name: str) -> str:
    """`alerts.alert.drafted.v1` belongs to the family `alerts.alert.drafted`."""
    return name.rpartition(".v")[0]


def family_of(cls: type) -> str:
    """The family of an event's class, of whatever version."""
    return family(_names[cls])


def is_guard(name: str) -> bool:
    """`alerts.guard.taken.v1`: what a joint stream notes so that a key has one holder, or the other side of a fact. Part of a decision,
    and no news to its caller."""
    return name.split(".")[1:2] == ["guard"] or name in _other_sides


def is_too_new(name: str) -> bool:
    """A known family in a version that this release does not know."""
    return name not in _classes and name not in _upcasters and any(family(known) == family(name) for known in _classes)


def registered(service: str | None = None) -> Iterator[tuple[str, type]]:
    """Every known stored name with its class, in order; of one service if named."""
    for name in sorted(_classes):
        if service is None or name.startswith(service + "."):
            yield name, _classes[name]


def encode(fact: object) -> bytes:
    """The stored bytes of an event's data (JSON, decimals as strings)."""
    return _encoder.encode(fact)


def decode(name: str, data: bytes | msgspec.Raw) -> Any:
    """The event behind stored bytes, upcast to today's version. `TooNew` for a known family in an unknown version."""
    cls = _classes.get(name)
    if cls is None:
        return _decode_old(name, data)
    try:
        return decoder(cls).decode(data)
    except msgspec.DecodeError as error:
        raise Unreadable(f"{name}: {error}") from error


def _decode_old(name: str, data: bytes | msgspec.Raw) -> Any:
    raw: dict[str, Any] | None = None
    while name in _upcasters:
        if raw is None:
            raw = msgspec.json.decode(data)
        name, change = _upcasters[name]
        raw = change(raw)
    if raw is not None and name in _classes:
        try:
            return convert(raw, _classes[name])
        except msgspec.ValidationError as error:
            raise Unreadable(f"{name}: {error}") from error
    if is_too_new(name):
        raise TooNew(name)
    raise Unreadable(f"{name} is not a known event")
