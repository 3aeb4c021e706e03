"""What the shipped packs say: the figures and rows the law or our own defaults give."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.geo.divisions import Divisions
from shared.rules.book import RuleBook
from shared.rules.loading import load_packs

FOLDERS = sorted((Path(__file__).resolve().parents[2] / "services").glob("*/rules"))
RULES = RuleBook(load_packs(*FOLDERS), Divisions()).resolve(None, datetime(2021, 7, 18, tzinfo=UTC))


@pytest.mark.parametrize(
    ("rule", "minutes", "confidence"),
    [
        ("K-01.amber", 15, "D"),
        ("K-01.red", 30, "D"),
        ("K-04", 48 * 60, "H"),
        ("alert.ack_wait", 30, "D"),
        ("alert.ratify", 30, "D"),
    ],
)
def test_a_clock_without_a_number_in_the_law_says_that_it_is_our_own(rule, minutes, confidence):
    assert RULES.value(rule) == timedelta(minutes=minutes)
    assert RULES.rule(rule).confidence == confidence


def test_every_own_default_is_called_one():
    own = [rule for rule in RULES.items() if rule.confidence == "D"]
    assert own and all("own default" in rule.source for rule in own)
    assert not [rule.id for rule in RULES.items() if rule.confidence == "H" and rule.source.startswith("own default")]


def test_a_warning_states_eight_things():
    assert len(RULES.value("ERL-64.2")) == len(set(RULES.value("ERL-64.2"))) == 8


def test_checklists_have_five_and_eight_measures_in_both_languages():
    for rule, count in (("ERL-66", 5), ("ERL-67", 8)):
        measures = RULES.value(rule)
        assert [measure["id"] for measure in measures] == [f"{rule}.{n}" for n in range(1, count + 1)]
        assert all(measure["zh"] and measure["en"] for measure in measures)


def test_colour_and_number_are_paired_red_first():
    assert {colour: row["number"] for colour, row in RULES.value("ERL-63").items()} == {"red": 1, "orange": 2, "yellow": 3, "blue": 4}
    assert [row["severity"] for row in RULES.value("ERL-63").values()] == ["Extreme", "Severe", "Moderate", "Minor"]


def issuer(hazard):
    """The row with the longest prefix, as the decider takes it."""
    rows = RULES.value("alert.authority")
    return max(rows, key=lambda row: max((len(prefix) for prefix in row["hazards"] if hazard.startswith(prefix)), default=-1))


@pytest.mark.parametrize(
    ("hazard", "rule", "roles", "levels"),
    [
        ("11B03", "MET-30", ("SECT.weather",), (1, 2, 3)),
        ("11A01", "DRT-49", ("HQ", "SECT.water"), (1, 2, 3)),
        ("11C01", "EQF-14", ("GOV",), (1,)),
        ("11D01", "GEO-17", ("SECT.resources",), (1, 2, 3)),
        ("NAT.GRASS_FIRE", "GFR-34", ("SECT.grassland",), (1,)),
        ("NAT.FOREST_FIRE", "FFR-43", ("HQ", "SECT.forestry"), (1, 2, 3)),
        ("PH.EPIDEMIC", "IDL-38", ("SECT.health",), (1,)),
        ("PH.ANIMAL", "ADR-20", (), ()),
        ("ACC.MINE", "ERL-64", ("GOV", "HQ", "EMD"), (1, 2, 3)),
        ("14A01", "ERL-64", ("GOV", "HQ", "EMD"), (1, 2, 3)),
    ],
)
def test_each_hazard_has_its_issuer(hazard, rule, roles, levels):
    row = issuer(hazard)
    assert (row["rule"], row["roles"], row["levels"]) == (rule, roles, levels)
    assert row["cure"] and row["source"]


def test_no_hazard_prefix_stands_in_two_rows():
    prefixes = [prefix for row in RULES.value("alert.authority") for prefix in row["hazards"]]
    assert len(prefixes) == len(set(prefixes)) and "" in prefixes


def test_city_and_county_may_forecast_an_imminent_earthquake_for_48_hours():
    imminent = issuer("11C01")["imminent"]
    assert imminent["levels"] == (2, 3) and RULES.value(imminent["longest"]) == timedelta(hours=48)


def test_a_dam_alarm_waits_for_no_approval():
    assert RULES.value("DAM-25") == {"roles": ("ENT.dam",), "approval": False, "ratified_by": ("HQ",)}


def test_a_red_weather_signal_needs_level_two():
    assert [(row["hazards"], row["colour"], row["levels"]) for row in RULES.value("alert.colour_limit")] == [(("11B",), "red", (1, 2))]


def thresholds(hazard):
    return [(row["colour"], row["hours"], row["op"], row["limit"]) for row in RULES.value("alert.thresholds") if row["hazard"] == hazard]


def test_rainstorm_thresholds_are_those_of_the_signal():
    assert thresholds("11B03") == [("blue", 12, ">=", 50), ("yellow", 6, ">=", 50), ("orange", 3, ">=", 50), ("red", 3, ">=", 100)]


def test_snow_cold_gale_and_sand_have_thresholds():
    assert thresholds("11B04")[-1] == ("red", 6, ">=", 15)
    assert thresholds("11B07") == [("yellow", 12, "<", 1000), ("orange", 6, "<", 500), ("red", 6, "<", 50)]
    assert len(thresholds("11B06")) == 8, "mean wind or gust"
    cold = [row for row in RULES.value("alert.thresholds") if row["hazard"] == "11B05"]
    assert [(row["limit"], row["also"]["op"], row["also"]["limit"]) for row in cold] == [
        (8, "<=", 4),
        (10, "<=", 4),
        (12, "<=", 0),
        (16, "<=", 0),
    ]


def test_every_threshold_pairs_colour_and_number_and_grows_worse():
    numbers = {colour: row["number"] for colour, row in RULES.value("ERL-63").items()}
    last: dict[tuple[str, str], Any] = {}
    for row in RULES.value("alert.thresholds"):
        assert row["number"] == numbers[row["colour"]]
        assert row["unit"] and row["confidence"] in "HM"
        key = row["hazard"], row["property"]
        if key in last:
            assert row["number"] < last[key]["number"], "from blue to red"
            assert row["hours"] <= last[key]["hours"]
        last[key] = row


def test_the_catalogue_of_roles_holds_every_role_a_permission_names():
    from shared.web.permissions import Permissions

    known = {row["id"] for row in RULES.value("registry.roles")} | {"SYS", "*"}
    rows = Permissions.load([file for folder in FOLDERS for file in folder.glob("permissions/*.toml")]).rows.values()
    assert not {role for row in rows for grant in row.grants for role in grant.roles if role.partition(".")[0] not in known}
