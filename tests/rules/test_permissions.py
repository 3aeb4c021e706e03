"""Who may: every command by every role, level and area; refused unless a row allows it."""

import tomllib
from itertools import product
from pathlib import Path
from timeit import timeit

import pytest

from shared.geo.divisions import Divisions
from shared.geo.units import Unit
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed
from shared.web.permissions import Permissions

FILES = sorted((Path(__file__).resolve().parents[2] / "services").glob("*/rules/permissions/*.toml"))
MATRIX = Permissions.load(FILES)
WRITTEN = {name: table for file in FILES for name, table in tomllib.loads(file.read_text()).get("command", {}).items()}

LEVELS = {1: "R", 2: "C", 3: "B", 4: "T", 5: "V"}
TREE = Divisions(
    [
        Unit("R", "区", "Region", 1),
        Unit("C", "市", "City", 2, "R"),
        Unit("B", "旗", "Banner", 3, "C"),
        Unit("T", "镇", "Town", 4, "B"),
        Unit("V", "嘎查", "Village", 5, "T"),
        *(Unit(f"{parent}-N", "邻", "Neighbour", level, parent) for parent, level in (("R", 2), ("C", 3), ("B", 4), ("T", 5))),
        Unit("R2", "省", "Another province", 1),
        Unit("C2", "市", "Its city", 2, "R2"),
    ]
)
NAMED = {role for table in WRITTEN.values() for grant in table["may"] for role in grant["roles"]} - {"*"}
ROLES = sorted(NAMED | {"SECT.weather.approver", "EMD.duty", "ENT.food", "ENT.dam", "GOVERNOR", "VOL", "none"})
BELOW = {1: "B", 2: "B", 3: "T", 4: "V"}
NEIGHBOUR = {2: "R-N", 3: "C-N", 4: "B-N", 5: "T-N"}
AREAS = {
    "own": lambda level: LEVELS[level],
    "below": BELOW.get,
    "above": lambda level: LEVELS.get(level - 1),
    "neighbour": NEIGHBOUR.get,
    "foreign": lambda level: "C2",
    "unknown": lambda level: "999999",
}


def may(command, by, areas):
    try:
        MATRIX.require(command, by, areas, TREE)
    except NotAllowed:
        return False
    return True


def written(command, role, level, area):
    """The same question answered from the file, the slow and plain way."""
    for grant in WRITTEN[command]["may"]:
        has_role = role != "none" if "*" in grant["roles"] else any(role == each or role.startswith(f"{each}.") for each in grant["roles"])
        in_area = grant["areas"] == "any" or (area if area != "unknown" else "foreign") in grant["areas"]
        if has_role and level in grant.get("levels", [level]) and in_area:
            return True
    return False


@pytest.mark.parametrize("command", sorted(WRITTEN))
def test_every_role_level_and_area_is_judged_as_written(command):
    for role, level, (area, code_at) in product(ROLES, LEVELS, AREAS.items()):
        code = code_at(level)
        if code is None:
            continue
        relation = TREE.relation(LEVELS[level], code)
        assert relation == (area if area != "unknown" else "foreign")
        by = Signature("X", (role,), LEVELS[level], level)
        assert may(command, by, (code,)) == written(command, role, level, area), (role, level, area)


def test_a_command_without_a_row_is_nobody_s():
    for role in ROLES:
        assert not may("EraseLog", Signature("X", (role,), "R", 1), ("R",))
    with pytest.raises(ValueError, match="without a permission row: EraseLog, SealLog"):
        MATRIX.check_complete(["SealLog", "DraftAlert", "EraseLog"])
    MATRIX.check_complete(["DraftAlert"])


def test_whoever_is_not_signed_in_may_nothing():
    for command in WRITTEN:
        assert not may(command, Signature("ANON"), None)
        assert not may(command, Signature("ANON", ("none",)), None)


def test_a_division_outside_the_tree_gives_no_area():
    assert not may("DraftAlert", Signature("X", ("EMD.officer",), "999", 3), ("999",))
    assert not may("DraftAlert", Signature("X", ("EMD.officer",), None, None), ("B",))


def test_every_area_of_a_command_must_be_allowed():
    by = Signature("C.OFF", ("EMD.officer",), "C", 2)
    assert may("DraftAlert", by, ("B", "C"))
    assert not may("DraftAlert", by, ("B", "R"))


def test_an_unknown_area_asks_for_role_and_level_and_an_empty_one_is_one_s_own():
    dam = Signature("DAM", ("ENT.dam",), "T", 4)
    assert may("RaiseDamAlarm", dam, None) and may("RaiseDamAlarm", dam, ())
    assert not may("RatifyAlert", dam, None)


def test_a_refusal_names_rule_and_cure():
    with pytest.raises(NotAllowed) as refused:
        MATRIX.require("DeclareWarningPeriod", Signature("T", ("GOV",), "T", 4), ("T",), TREE)
    assert refused.value.rule == "ERL-64.1"
    assert refused.value.cure == "DeclareWarningPeriod is for GOV at level 1, 2 or 3 in below or own area"
    with pytest.raises(NotAllowed, match="R is above to B"):
        MATRIX.require("DeclareWarningPeriod", Signature("B", ("GOV",), "B", 3), ("R",), TREE)


TIMERS = (
    "AskRecipients",
    "RecordDissemination",
    "EscalateSilence",
    "ExpireAlert",
    "EscalateRatification",
    "EndWarningPeriod",
    "OpenChecklist",
    "WithdrawTask",
    "EscalateTaskClock",
    "EscalateOrderClock",
    "EscalateRumourClock",
    "RecordCrossing",
    "RaiseStationSilence",
    "IssueMessage",
)


@pytest.mark.parametrize("command", TIMERS)
def test_the_node_s_own_commands_are_nobody_else_s(command):
    for role, level in product(ROLES, LEVELS):
        assert may(command, Signature("X", (role,), LEVELS[level], level), ("B",)) == (role == "SYS")


def test_villages_never_use_public_power():
    for command in ("ApproveAlert", "PublishAlert", "CancelAlert", "DeclareWarningPeriod", "StartMeasure", "LiftMeasure", "RatifyAlert"):
        for role, level in product(ROLES, (4, 5)):
            assert not may(command, Signature("X", (role,), LEVELS[level], level), (LEVELS[level],)), (command, role)


@pytest.mark.parametrize(
    ("command", "role", "level", "area", "allowed"),
    [
        ("DraftAlert", "SECT.weather", 3, "B", True),
        ("ApproveAlert", "SECT.weather", 3, "B", True),  # the author is stopped by the decider: alert.second_person
        ("ApproveAlert", "EMD.approver", 3, "B", True),  # stopped by the decider: MET-30
        ("ApproveAlert", "EMD.duty", 3, "B", False),
        ("PublishAlert", "SECT.weather.approver", 3, "B", True),
        ("AdjustAlertLevel", "SECT.weather.approver", 3, "B", True),  # red is stopped by the decider: alert.colour_limit
        ("CancelAlert", "HQ", 3, "T", True),  # a dam alarm in a township
        ("RatifyAlert", "HQ", 3, "T", True),
        ("DeclareWarningPeriod", "GOV", 3, "B", True),
        ("DeclareWarningPeriod", "HQ", 3, "B", False),
        ("StartMeasure", "HQ", 3, "B", True),
        ("ConfirmNotice", "EMD.duty", 3, "B", True),
        ("AcknowledgeAlert", "L4.office", 4, "B", True),
        ("AcknowledgeAlert", "ENT.dam", 4, "B", True),
        ("AcknowledgeAlert", "L5.committee", 5, "T", True),
        ("AcknowledgeAlert", "VOL", 3, "B", False),
        ("RaiseDamAlarm", "ENT.dam", 4, "T", True),
        ("RaiseDamAlarm", "ENT.dam", 4, "B", False),
        ("RaiseDamAlarm", "ENT.food", 4, "T", False),
        ("IngestObservation", "SYS", 3, "B", True),
        ("IngestObservation", "SYS", 3, "C", False),
        ("ImportAlert", "SYS", 2, "C2", True),
        ("ImportAlert", "EMD.duty", 3, "C2", True),
        ("ImportAlert", "SECT.weather", 3, "B", False),
        ("LoadDivisions", "EMD.officer", 1, "R", True),
        ("LoadDivisions", "EMD.officer", 2, "C", False),
        ("LoadDivisions", "ADMIN", 5, "R", True),
        ("AdoptRulePack", "ADMIN", 5, "R", True),
        ("GetNode", "SYS", 3, "B", True),
        ("GetNode", "VOL", 3, "B", False),
        ("GetAlertCap", "VOL", 3, "B", False),
    ],
)
def test_the_matrix_says(command, role, level, area, allowed):
    assert may(command, Signature("X", (role,), LEVELS[level], level), (area,)) == allowed


def test_every_fault_of_every_file_is_told_at_once(tmp_path):
    first, second, third = (tmp_path / f"{name}.toml" for name in "abc")
    first.write_text(
        '[command.A]\nrule = "r"\nsource = "s"\nmay = [{ roles = [], levels = [6], areas = ["here"] }, { roles = ["X"], area = "own" }]\n'
        '[command.B]\nrole = "r"\nmay = []\n[command.C]\nrule = "r"\nsource = "s"\nmay = [{ roles = ["X"], areas = "any" }]\n'
    )
    second.write_text('[command.C]\nrule = "r"\nsource = "s"\nmay = [{ roles = ["X"], areas = "any" }]\n')
    third.write_text("broken")
    with pytest.raises(ValueError) as told:
        Permissions.load([first, second, third])
    for fault in (
        "a.toml: command.A.may[0].roles is a list",
        "a.toml: command.A.may[0].levels are 1 to 5",
        'a.toml: command.A.may[0].areas is "any" or of',
        "a.toml: command.A.may[1].area is not a key",
        "a.toml: command.B.role is not a key",
        "a.toml: command.B.rule is missing",
        "a.toml: command.B.may lists at least one grant",
        "b.toml: command.C stands twice",
        "c.toml: ",
    ):
        assert fault in str(told.value)


def test_the_question_is_answered_from_memory():
    by = Signature("X", ("SECT.weather", "EMD.duty"), "B", 3)
    best = min(timeit(lambda: MATRIX.require("DraftAlert", by, ("B",), TREE), number=2000) / 2000 for _ in range(20))
    assert best < 5e-6, best
