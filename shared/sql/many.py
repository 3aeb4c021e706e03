"""Statements about many values: as many placeholders, and never more than a statement takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

MANY = 500
T = TypeVar("T", str, bytes)


def marks(values: Collection[object]) -> str:
    """As many placeholders."""
    return ", ".join("?" * len(values))


def parts(values: Iterable[T]) -> list[list[T]]:
    """Without doubles, as many at a time as one statement takes."""
    every = list(dict.fromkeys(values))
    return [every[start : start + MANY] for start in range(0, len(every), MANY)]
