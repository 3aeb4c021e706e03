"""Audiences: who reads a feed log, and what of the node's history it is given. Data, written in one TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from shared.geo.divisions import Divisions
from shared.kernel.decoding import convert

CLASSES = ("public", "internal", "restricted", "confidential")
TO_ORGANS = frozenset(CLASSES[1:])  # only an organ is given these
NAMED = frozenset(CLASSES[2:])  # never given unless somebody wrote down why

_ID = re.compile(r"[A-Za-z0-9-]{1,40}")  # part of a topic's name and of a principal's
_TYPE = re.compile(r"[a-z]+(\.[a-z_]+){0,2}")
_LISTS = ("logs", "types", "visibility")
_REQUIRED = {"zh": str, "en": str, "division": str} | dict.fromkeys(_LISTS, list)
_KEYS: Mapping[str, type] = _REQUIRED | {"above": bool, "organ": str, "reason": str}


@dataclass(frozen=True)
class Scope:
    """What an audience is given while the division tree stands as it does."""

    within: frozenset[str]  # its division and all below
    above: frozenset[str]  # divisions whose public streams concern it too
    types: tuple[str, ...]
    classes: frozenset[str]

    def sees(self, division: str | None, visibility: str) -> bool:
        """What of a place is given, as far as its class says so."""
        if division in self.within:
            return visibility in self.classes
        return division in self.above and visibility == "public"

    def asks(self, kind: str) -> bool:
        """Whether an event of this type makes its stream one of the audience's."""
        return any(kind.startswith(asked + ".") for asked in self.types)

    @cached_property
    def digest(self) -> str:
        """Equal for equal scopes, at any time and in any process."""
        parts = (sorted(self.within), sorted(self.above), sorted(self.types), sorted(self.classes))
        return sha256(repr(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Audience:
    """One reader outside the node: a command centre, a neighbour, a laptop."""

    id: str
    zh: str
    en: str
    division: str  # its own; the streams of the subtree are given
    logs: tuple[str, ...]  # services
    types: tuple[str, ...]  # families of events, or what they begin with
    visibility: tuple[str, ...]
    above: bool = False  # also what is public in the divisions above
    organ: str | None = None  # its role in the chain of its division
    reason: str | None = None  # why it is given more than is internal

    def log(self, province: str) -> str:
        """The name of its feed log, and of its topic."""
        return f"{province}.to.{self.id}"

    def sources(self, province: str) -> tuple[str, ...]:
        """The names of the logs it is given of."""
        return tuple(f"{province}.{service}" for service in self.logs)

    def scope(self, tree: Divisions) -> Scope | None:
        """None while its division is unknown."""
        if self.division not in tree:
            return None
        chain = frozenset(tree.chain(self.division)) if self.above else frozenset()
        within = tree.subtree(self.division)
        above = frozenset(unit.code for unit in tree if tree.heir(unit.code) in chain) - within
        return Scope(within, above, self.types, frozenset(self.visibility))


def load_audiences(file: Path, families: Mapping[str, Collection[str]], is_organ: Callable[[str], bool]) -> tuple[Audience, ...]:
    """The audiences of a file, in order of their ids. ValueError names every fault. `families` are those of each service."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{file.name}: {error}") from error
    tables = content.get("audience", {})
    faults = [f"{file.name}: {key} is not a key" for key in sorted(content.keys() - {"audience"})]
    if not isinstance(tables, dict):
        raise ValueError(f"{file.name}: audience is a table of tables, [audience.<id>]")
    for id, table in sorted(tables.items()):
        wrong = _faults(id, table, families, is_organ) if isinstance(table, dict) else ["is a table"]
        faults += [f"{file.name}: audience.{id}: {fault}" for fault in wrong]
    if faults:
        raise ValueError("\n".join(faults))
    return tuple(convert({"id": id, **table}, Audience) for id, table in sorted(tables.items()))


def _faults(id: str, table: Mapping[str, Any], families: Mapping[str, Collection[str]], is_organ: Callable[[str], bool]) -> Iterable[str]:
    if not _ID.fullmatch(id):
        yield "an id is at most 40 letters, digits and hyphens: it is part of a topic's name"
    yield from (f"{key} is not a key" for key in sorted(table.keys() - _KEYS.keys()))
    yield from (f"{key} is missing" for key in _REQUIRED if key not in table)
    mistyped = sorted(key for key, kind in _KEYS.items() if key in table and not _is(kind, table[key]))
    yield from (f"{key} is {_WORDS[_KEYS[key]]}" for key in mistyped)
    sound = {key: value for key, value in table.items() if key in _KEYS and key not in mistyped}
    yield from _unknown(sound, families)
    yield from _unlawful(sound, is_organ)


_WORDS = {str: "a text that is not empty", bool: "true or false", list: "a list of different texts, not empty"}


def _is(kind: type, value: object) -> bool:
    if isinstance(value, list):
        return kind is list and bool(value) and all(_is(str, each) for each in value) and len(set(value)) == len(value)
    return type(value) is kind and value != ""


def _unknown(table: Mapping[str, Any], families: Mapping[str, Collection[str]]) -> Iterable[str]:
    logs = table.get("logs", ())
    yield from (f"logs: {log} is not one of {', '.join(sorted(families))}" for log in logs if log not in families)
    for asked in table.get("types", ()):
        service = asked.partition(".")[0]
        known = families.get(service, ())
        if not _TYPE.fullmatch(asked) or not any(f"{family}.".startswith(asked + ".") for family in known):
            yield f"types: no event is called {asked}, or begins so"
        elif logs and service not in logs:
            yield f"types: {asked} is not in the logs {', '.join(logs)}"


def _unlawful(table: Mapping[str, Any], is_organ: Callable[[str], bool]) -> Iterable[str]:
    classes = table.get("visibility")
    if classes is None:
        return
    yield from (f"visibility: {name} is not one of {', '.join(CLASSES)}" for name in classes if name not in CLASSES)
    if "public" not in classes:
        yield "visibility: public is always in it"
    organ = table.get("organ")
    if organ is not None and not is_organ(organ):
        yield f"organ: {organ} is not the role of an organ"
    narrow = [name for name in CLASSES if name in classes and name in TO_ORGANS]
    if narrow and organ is None:
        yield f"visibility: {', '.join(narrow)} is for an organ of the division's own chain; name its role as organ"
    if NAMED & set(classes) and "reason" not in table:
        yield f"visibility: {', '.join(name for name in CLASSES if name in NAMED & set(classes))} is given for a reason only; write it down"
