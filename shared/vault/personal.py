"""A personal value on its way through the program."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any, Generic, NoReturn, TypeVar

T = TypeVar("T", str, bytes)
COVER = "•••"


class Personal(Generic[T]):
    """Holds a personal value. It shows `•••` where it is printed, and cannot be encoded, copied or pickled: only `reveal` gives it out."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        if not isinstance(value, str | bytes):
            raise TypeError("a personal value is a text or bytes")
        self._value: T = value

    def reveal(self) -> T:
        """The value itself, for whoever answers one purposeful read or encrypts it."""
        return self._value

    def __repr__(self) -> str:
        return COVER

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return COVER

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Personal):
            return NotImplemented
        ours, theirs = self._value, other._value
        return type(ours) is type(theirs) and compare_digest(_bytes(ours), _bytes(theirs))

    def __hash__(self) -> NoReturn:
        raise TypeError("a personal value is no key: look for it in the vault's index")

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a personal value is not copied, pickled or encoded: reveal() says where it goes")


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
