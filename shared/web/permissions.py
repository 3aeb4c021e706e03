"""Who may give which command: rows of rule data, asked before any decider. What no row allows is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from shared.geo.divisions import Divisions
from shared.kernel.commands import Signature
from shared.kernel.errors import Failure, NotAllowed

ANY_ROLE = "*"  # whoever is signed in
AREAS = frozenset({"own", "below", "above", "neighbour", "foreign"})  # as `Divisions.relation` says
REMEMBERED = 4096  # kinds of signature kept; a node knows some hundreds of posts

_UNKNOWN = "matrix.3.27"


@dataclass(frozen=True, slots=True)
class Grant:
    """These roles, on these levels (empty: on any), in divisions that lie so to theirs."""

    roles: tuple[str, ...]
    levels: frozenset[int]
    areas: frozenset[str]

    def fits(self, by: Signature) -> bool:
        """Role and level are right."""
        role = any(own != "none" for own in by.roles) if ANY_ROLE in self.roles else by.has(*self.roles)
        return role and (not self.levels or by.level in self.levels)

    def __str__(self) -> str:
        levels = f" at level {_listed(str(level) for level in sorted(self.levels))}" if self.levels else ""
        areas = "" if self.areas == AREAS else f" in {_listed(sorted(self.areas))} area"
        return ("any role" if ANY_ROLE in self.roles else _listed(self.roles)) + levels + areas


@dataclass(frozen=True, slots=True)
class Row:
    """Who may give one command, and the rule that says so."""

    command: str
    rule: str
    source: str
    grants: tuple[Grant, ...]

    @property
    def cure(self) -> str:
        return f"{self.command} is for {'; or '.join(str(grant) for grant in self.grants)}"


class Permissions:
    """The matrix of all services. `require` stands before every command, so it remembers what a signature may do."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: Mapping[str, Row] = {row.command: row for row in rows}
        self._areas: dict[tuple[str, tuple[str, ...], int | None], frozenset[str]] = {}

    @classmethod
    def load(cls, files: Iterable[Path]) -> Permissions:
        """Read the rows of `[command.<Name>]` tables. ValueError names every fault with its file and key."""
        rows: dict[str, Row] = {}
        faults: list[str] = []
        for file in files:
            for name, table in _commands(file, faults):
                if name in rows:
                    faults.append(f"{file.name}: command.{name} stands twice")
                elif (row := _row(f"{file.name}: command.{name}", name, table, faults)) is not None:
                    rows[name] = row
        if faults:
            raise ValueError("\n".join(faults))
        return cls(rows.values())

    def check_complete(self, commands: Iterable[str]) -> None:
        """ValueError names every command that no row speaks of."""
        missing = sorted(set(commands) - self.rows.keys())
        if missing:
            raise ValueError(f"without a permission row: {', '.join(missing)}")

    def require(self, command: str, by: Signature, areas: tuple[str, ...] | None, divisions: Divisions) -> str:
        """The rule that gives the power. NotAllowed unless role, level and every area are right.

        None: the area is not known yet, only role and level are asked. Empty: nothing named, so the caller's own.
        """
        key = (command, by.roles, by.level)
        allowed = self._areas.get(key)
        if allowed is None:
            allowed = self._remembered(key, by)
        if not allowed:
            self._refuse(command)
        if areas is None or allowed is AREAS:
            return self.rows[command].rule
        if not areas and "own" not in allowed:
            self._refuse(command)
        for area in areas:
            relation = divisions.relation(by.division, area)
            if relation not in allowed:
                lies = f"{relation} to {by.division or 'no division'}" if area in divisions else "no division that is known"
                self._refuse(command, f"; {area} is {lies}")
        return self.rows[command].rule

    def _remembered(self, key: tuple[str, tuple[str, ...], int | None], by: Signature) -> frozenset[str]:
        row = self.rows.get(key[0])
        fitting = [grant.areas for grant in row.grants if grant.fits(by)] if row else []
        allowed = frozenset().union(*fitting)
        if len(self._areas) >= REMEMBERED:
            self._areas.clear()
        self._areas[key] = allowed = AREAS if allowed == AREAS else allowed
        return allowed

    def _refuse(self, command: str, why: str = "") -> NoReturn:
        row = self.rows.get(command)
        if row is None:
            raise NotAllowed(Failure(_UNKNOWN, f"nobody may: {command} has no permission row"))
        raise NotAllowed(Failure(row.rule, row.cure + why))


def _commands(file: Path, faults: list[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    try:
        commands = tomllib.loads(file.read_text(encoding="utf-8")).get("command")
    except (OSError, ValueError) as error:
        faults.append(f"{file.name}: {error}")
        return ()
    if not isinstance(commands, dict) or not all(isinstance(table, dict) for table in commands.values()):
        faults.append(f"{file.name}: no [command.<Name>] tables")
        return ()
    return commands.items()


def _row(where: str, name: str, table: dict[str, Any], faults: list[str]) -> Row | None:
    unknown = table.keys() - {"rule", "source", "may"}
    wrong = [f"{where}.{key} is not a key" for key in sorted(unknown)]
    wrong += [f"{where}.{key} is missing" for key in ("rule", "source") if not isinstance(table.get(key), str)]
    may = table.get("may")
    if not isinstance(may, list) or not may or not all(isinstance(each, dict) for each in may):
        wrong.append(f"{where}.may lists at least one grant")
        may = []
    for n, grant in enumerate(may):
        wrong += [f"{where}.may[{n}].{fault}" for fault in _grant_faults(grant)]
    faults += wrong
    if wrong:
        return None
    return Row(name, table["rule"], table["source"], tuple(_grant(grant) for grant in may))


def _grant_faults(grant: dict[str, Any]) -> Iterable[str]:
    for key in sorted(grant.keys() - {"roles", "levels", "areas"}):
        yield f"{key} is not a key"
    roles, levels, areas = grant.get("roles"), grant.get("levels", []), grant.get("areas")
    if not isinstance(roles, list) or not roles or not all(isinstance(role, str) for role in roles):
        yield "roles is a list of role names"
    if not isinstance(levels, list) or not all(type(level) is int and 1 <= level <= 5 for level in levels):
        yield "levels are 1 to 5"
    if areas != "any" and (not isinstance(areas, list) or not areas or not AREAS.issuperset(map(str, areas))):
        yield f'areas is "any" or of {", ".join(sorted(AREAS))}'


def _grant(grant: dict[str, Any]) -> Grant:
    areas = AREAS if grant["areas"] == "any" else frozenset(grant["areas"])
    return Grant(tuple(grant["roles"]), frozenset(grant.get("levels", ())), areas)


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
