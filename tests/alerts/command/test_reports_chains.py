"""Every row of the statutory chains (domain 2.17): exactly at the limit is in time, one second later is late; and what reports must say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.alerts.deciders.reports.chains import UNIT, chain_of
from services.alerts.events.incident import IncidentType
from services.alerts.events.report import ReportKind
from services.alerts.events.scales import EventGrade
from shared.kernel.commands import Signature
from tests.alerts.command.reporting import LINES, submit, submitted
from tests.alerts.world import RULES, at

CHAINS = RULES.value("report.chains")
ROWS = [(chain, hop, stands) for chain in CHAINS for hop in chain["hops"] for stands in hop["from"]]
PLACES = {5: "150722106", 4: "150722106", 3: "150722", 2: "150700", 1: "150000", UNIT: "150722106"}
CATALOGUE = {  # domain 2.17, in minutes; the minutes of K-01 are its red
    "K-01": {30},
    "K-10": {60},
    "K-11": {120},
    "K-13": {120, 60},
    "K-14": {120},
    "K-15": {120, 60, 240},
    "K-16": {120},
    "K-18": {240},
    "K-40": {240, 60},
}


def name(value):
    return value["id"] if isinstance(value, dict) and "id" in value else value.get("clock", "") if isinstance(value, dict) else str(value)


def sender(hop, stands):
    role = "ENT" if stands == UNIT else hop.get("roles", ["EMD"])[0]
    level = 4 if stands == UNIT else stands
    return Signature("X", (f"{role}.duty",), PLACES[stands], level)


@pytest.mark.parametrize(("chain", "hop", "stands"), ROWS, ids=name)
def test_every_hop_is_in_time_at_its_limit_and_late_a_second_after(chain, hop, stands):
    by = sender(hop, stands)
    type = chain["types"][0] or "ACC.ENV"
    line = LINES[by.division]
    to = line[1][0] if len(line) > 1 else "national"
    situations = (hop["when"],) if "when" in hop else ()
    base = submit(by=by, type=None if type == "NAT" else type, to=to, situations=situations)
    if type in ("NAT", "PH", "SS"):
        base = replace(base, type={"NAT": "NAT.FLOOD", "PH": "PH.EPIDEMIC", "SS": "SS.OTHER"}[type])
    limit = at("13:50") + timedelta(minutes=hop["minutes"])
    assert not submitted(replace(base, now=limit)).late
    fact = submitted(replace(base, now=limit + timedelta(seconds=1)))
    assert (fact.late, fact.clock, fact.overdue_s) == (True, hop["clock"], 1)


def test_the_chains_are_those_of_the_catalogue_with_source_and_confidence():
    found: dict[str, set[int]] = {}
    for chain, hop, _ in ROWS:
        found.setdefault(hop["clock"], set()).add(hop["minutes"])
        assert hop["source"] and hop["to"] and hop["confidence"] in {"H", "M", "L", "D"}, (chain["id"], hop)
        assert ("amber" in hop) == (hop["clock"] == "K-01")
    assert found == CATALOGUE


def test_every_sender_stands_somewhere_in_every_chain_whatever_holds():
    for chain in CHAINS:
        ordinary = {stands for hop in chain["hops"] if "when" not in hop and "roles" not in hop for stands in hop["from"]}
        assert ordinary == {UNIT, 5, 4, 3, 2, 1}, chain["id"]


@pytest.mark.parametrize(
    ("type", "chain"),
    [
        (None, "generic"),
        ("ACC.ENV", "generic"),
        ("ACC.MINE", "work_accident"),
        ("ACC.CYBER", "cyber_incident"),
        ("PH.EPIDEMIC", "public_health"),
        ("PH.ANIMAL", "animal_epidemic"),
        ("NAT.DAM", "natural_disaster"),
        ("NAT.FOREST_FIRE", "forest_fire"),
        ("NAT.GRASS_FIRE", "grassland_fire"),
        ("SS.OTHER", "social_security"),
    ],
)
def test_the_longest_prefix_of_the_type_names_the_chain(type, chain):
    assert chain_of(type, RULES)["id"] == chain


def test_no_type_of_incident_is_without_a_chain_and_only_the_four_classes_have_one():
    assert {chain_of(type.value, RULES)["id"] for type in IncidentType} == {chain["id"] for chain in CHAINS}


FOREST = {"type": "NAT.FOREST_FIRE", "clock": "14:00"}
EIGHT = ("border", "major", "casualties", "threatens_homes", "day_not_out", "virgin_forest", "between_provinces", "support_needed")


def test_the_eight_situations_of_a_forest_fire_are_asked_for():
    rows = [row["id"] for row in RULES.value("report.situations") if row["source"] == "FFR-32"]
    assert tuple(rows) == EIGHT
    assert submitted(submit(**FOREST)).missing == ("situations",)
    assert submitted(submit(**FOREST, situations=())).missing == ()
    assert submitted(submit(**FOREST, kind=ReportKind.ZERO, supersedes="RP-0")).missing == ()


@pytest.mark.parametrize("situation", EIGHT)
def test_each_of_the_eight_sends_the_report_to_the_nation(situation):
    fact = submitted(submit(**FOREST, situations=(situation,), to="150000", skip_reason="FFR-32"))
    assert (fact.situations, fact.clocks[0].key) == ((situation,), "hop.2")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"numbers": {"dead": 2, "missing": 0, "badly_hurt": 9}}, ()),
        ({"numbers": {"dead": 3, "missing": 0}}, ("casualties",)),
        ({"numbers": {"dead": 0, "missing": 0, "badly_hurt": 10}}, ("casualties",)),
        ({"grade": "LARGER"}, ()),
        ({"grade": "MAJOR"}, ("major",)),
        ({"known_at": at("14:01", 17)}, ()),
        ({"known_at": at("14:00", 17)}, ("day_not_out",)),
    ],
)
def test_what_figures_grade_or_age_say_needs_no_saying(said, found):
    grade = said.pop("grade", None)
    assert submitted(submit(**FOREST, **said, grade=EventGrade(grade) if grade else None)).situations == found


def test_a_grassland_fire_says_time_place_area_and_trend():
    fact = submitted(submit(type="NAT.GRASS_FIRE"))
    assert fact.missing == ("burnt_ha", "block.time", "block.place", "block.trend", "situations")
    whole = submit(
        type="NAT.GRASS_FIRE", numbers={"dead": 0, "missing": 0, "burnt_ha": 40}, blocks=("time", "place", "trend"), situations=()
    )
    assert submitted(whole).missing == ()


def test_a_grassland_fire_from_abroad_also_says_how_far_the_border_is():
    numbers = {"dead": 0, "missing": 0, "burnt_ha": 40}
    abroad = submit(type="NAT.GRASS_FIRE", numbers=numbers, blocks=("time", "place", "trend"), situations=("foreign_origin",))
    assert submitted(abroad).missing == ("border_km", "front_km", "block.threat")
    near = submit(
        type="NAT.GRASS_FIRE",
        numbers={**numbers, "border_km": "1.5", "front_km": 12},
        blocks=("time", "place", "trend", "threat"),
        situations=("foreign_origin",),
    )
    assert submitted(near).missing == ()


def test_a_work_accident_says_the_six_things_of_the_law():
    fact = submitted(submit(type="ACC.HAZCHEM"))
    assert fact.missing == ("hurt", "loss_yuan", "block.unit", "block.place", "block.course", "block.measures")
    assert fact.also == ("GOV", "POL", "labour", "union", "procuratorate")


def test_every_required_figure_has_a_unit():
    units = RULES.value("report.figures")
    for row in RULES.value("report.required"):
        assert row["source"] and row["confidence"]
        assert set(row.get("figures", ())) <= set(units)
