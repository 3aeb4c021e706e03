"""Our statements as PostgreSQL reads them, and Python's values as its columns take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.types.numeric import Int8BinaryDumper

TYPES = {"INTEGER": "BIGINT", "BLOB": "BYTEA", "TEXT": 'TEXT COLLATE "C"', "REAL": "DOUBLE PRECISION", "WITHOUT ROWID": ""}
_QUOTED = r"""'(?:[^']|'')*' | "(?:[^"]|"")*" """
_PARTS = re.compile(_QUOTED + r"| :: | :(?P<name>[a-z_]+) | (?P<mark>\?) | \b(?P<type>[A-Z]+(?:\ ROWID)?)\b", re.X)


@lru_cache(1_024)
def translated(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement with `$1, $2` for its marks, and the names of its values in that order (none when they have no names)."""
    makes = sql.lstrip().startswith(("CREATE", "ALTER"))
    names: list[str] = []
    marks = 0

    def part(found: re.Match[str]) -> str:
        nonlocal marks
        if found["mark"]:
            marks += 1
            return f"${marks}"
        if name := found["name"]:
            if name not in names:
                names.append(name)
            return f"${names.index(name) + 1}"
        return TYPES.get(found["type"], found[0]) if makes and found["type"] else found[0]

    text = _PARTS.sub(part, sql)
    return "BEGIN" if text == "BEGIN IMMEDIATE" else text, tuple(names)


class _Flag(Dumper):
    """SQLite keeps True as 1, and so do our tables."""

    oid = psycopg.adapters.types["int8"].oid

    def dump(self, obj: bool) -> bytes:
        return b"1" if obj else b"0"


class _Words(Dumper):
    """No text of PostgreSQL holds a zero. What a projection shows must not stand still for one; the log has it as it came."""

    def dump(self, obj: str) -> bytes:
        return obj.replace("\0", "\ufffd").encode()


ADAPTERS = AdaptersMap(psycopg.adapters)
ADAPTERS.register_dumper(int, Int8BinaryDumper)  # always the same type, so that a statement is prepared once
ADAPTERS.register_dumper(bool, _Flag)
ADAPTERS.register_dumper(str, _Words)


class Context:
    """What a connection's values are adapted by."""

    adapters = ADAPTERS
    connection = None


class Row(tuple[Any, ...]):
    """A row whose columns have names, as `sqlite3.Row`."""

    __slots__ = ()
    places: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.places[key] if isinstance(key, str) else key)

    def keys(self) -> list[str]:
        return list(self.places)


@lru_cache(1_024)
def _kind(names: tuple[str, ...]) -> type[Row]:
    return type("Row", (Row,), {"__slots__": (), "places": {name: n for n, name in enumerate(names)}})


def named_row(cursor: Any) -> Callable[[Sequence[Any]], Row]:
    """A row factory of psycopg."""
    return _kind(tuple(column.name for column in cursor.description or ()))
