"""Who may, written out: every command by every role, level and area, asked and compared with a table a person approved.

`ORTOO_APPROVE=1 pytest tests/web/test_permissions_matrix.py` writes the table anew; its difference is then read in review.
"""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Iterable
from io import StringIO
from itertools import product
from pathlib import Path

import pytest

from services import wiring
from services.wiring import QUERIES, SERVICES, permissions
from shared.geo.divisions import Divisions
from shared.geo.units import Unit
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed
from shared.rules.loading import PERMISSIONS
from shared.web.permissions import AREAS, Permissions
from shared.web.principals import ANYBODY

ROOT = Path(__file__).resolve().parents[2]
APPROVED = Path(__file__).parent / "approved" / "permissions.csv"
MATRIX = permissions()
COMMANDS = sorted(MATRIX.rows)
NAMED = sorted({role for row in MATRIX.rows.values() for grant in row.grants for role in grant.roles} - {"*"})
UNKNOWN, NONE = "NOBODY.KNOWS", "none"
ROLES = [*NAMED, UNKNOWN, NONE]

OWN = {1: "R", 2: "C", 3: "B", 4: "T", 5: "V"}
TREE = Divisions(
    [Unit(code, code, code, level, OWN.get(level - 1)) for level, code in OWN.items()]
    + [Unit(f"{code}2", code, code, level, OWN[level - 1]) for level, code in OWN.items() if level > 1]
    + [Unit("Q", "Q", "Another province", 1), Unit("Q1", "Q1", "Its city", 2, "Q")]
)
AREA = {
    "own": OWN,
    "below": {level: OWN[level + 1] for level in range(1, 5)},
    "above": {level: OWN[level - 1] for level in range(2, 6)},
    "neighbour": {level: f"{OWN[level]}2" for level in range(2, 6)},
    "foreign": dict.fromkeys(OWN, "Q1"),
}


def may(command: str, by: Signature, areas: tuple[str, ...] | None) -> bool:
    try:
        MATRIX.require(command, by, areas, TREE)
    except NotAllowed:
        return False
    return True


def allowed(command: str, role: str, level: int) -> str:
    by = Signature("X", (role,), OWN[level], level)
    known = [area for area, codes in AREA.items() if level in codes]
    right = [area for area in known if may(command, by, (AREA[area][level],))]
    return "any" if right == known else " ".join(right)


def rows() -> Iterable[tuple[str, str, str, str]]:
    """`command, role, levels, areas`; levels with the same areas share a row, and what nobody may has none."""
    for command, role in product(COMMANDS, ROLES):
        by_areas: dict[str, list[str]] = {}
        for level in OWN:
            if areas := allowed(command, role, level):
                by_areas.setdefault(areas, []).append(str(level))
        for areas, levels in by_areas.items():
            yield command, role, " ".join(levels), areas


def table() -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows([("command", "role", "levels", "areas"), *rows()])
    return out.getvalue()


def test_the_areas_asked_are_what_they_are_called():
    assert set(AREA) == AREAS
    for area, codes in AREA.items():
        for level, code in codes.items():
            assert TREE.relation(OWN[level], code) == area, (area, level)


def test_who_may_is_what_was_approved():
    made = table()
    if os.environ.get("ORTOO_APPROVE"):
        APPROVED.write_text(made, encoding="utf-8")
    approved, asked = set(APPROVED.read_text(encoding="utf-8").splitlines()), set(made.splitlines())
    assert approved == asked, f"no longer: {sorted(approved - asked)}\nnew: {sorted(asked - approved)}"


def open_to_all(command: str) -> bool:
    return any("*" in grant.roles for grant in MATRIX.rows[command].grants)


@pytest.mark.parametrize("role", [UNKNOWN, "EMDX", "emd.officer", "SYSTEM", "*", ""])
def test_an_unknown_role_may_only_what_is_for_whoever_is_signed_in(role):
    for command, level in product(COMMANDS, OWN):
        for codes in AREA.values():
            if level in codes and not open_to_all(command):
                assert not may(command, Signature("X", (role,), OWN[level], level), (codes[level],)), (command, role)


def test_no_role_may_nothing():
    for command in COMMANDS:
        for by in (ANYBODY, Signature("X", ("none",), "R", 1), Signature("X", (), "R", 1)):
            assert not may(command, by, None) and not may(command, by, ("R",)), command


def test_what_has_no_row_nobody_may():
    for role in ROLES:
        assert not may("EraseTheLog", Signature("X", (role,), "R", 1), None)


def test_every_command_and_guarded_query_has_a_row():
    commands = {command for service in SERVICES for command in service.commands}
    assert commands | set(QUERIES) <= set(COMMANDS)
    assert len(commands) > 30


def test_no_row_speaks_of_a_command_that_is_gone():
    text = "\n".join(path.read_text(encoding="utf-8") for top in (ROOT / "services", ROOT / "shared") for path in top.rglob("*.py"))
    assert not [command for command in COMMANDS if command not in text]


def test_a_command_without_a_row_fails_the_build(tmp_path, monkeypatch):
    """Made-up row files: the services' own, without one command."""
    for service in SERVICES:
        kept = tmp_path / service.name / "rules" / PERMISSIONS
        kept.mkdir(parents=True)
        for file in (wiring.HERE / service.name / "rules" / PERMISSIONS).glob("*.toml"):
            before, _, after = file.read_text(encoding="utf-8").partition("[command.ApproveAlert]")
            (kept / file.name).write_text(before + after[after.find("[command.") :] if after else before, encoding="utf-8")
    assert "ApproveAlert" not in tomllib.loads((tmp_path / "alerts" / "rules" / PERMISSIONS / "warnings.toml").read_text())["command"]
    monkeypatch.setattr(wiring, "HERE", tmp_path)
    with pytest.raises(ValueError, match="without a permission row: ApproveAlert"):
        permissions()


def test_levels_and_areas_are_both_asked():
    matrix = Permissions.load([wiring.HERE / "alerts" / "rules" / PERMISSIONS / "warnings.toml"])
    for by, area, right in (
        (Signature("X", ("GOV",), "B", 3), "B", True),
        (Signature("X", ("GOV",), "T", 4), "T", False),
        (Signature("X", ("GOV",), "B", 3), "C", False),
        (Signature("X", ("GOV",), None, None), "B", False),
    ):
        try:
            matrix.require("DeclareWarningPeriod", by, (area,), TREE)
        except NotAllowed:
            assert not right, (by, area)
        else:
            assert right, (by, area)
