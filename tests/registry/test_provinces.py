"""Province folders: the shipped one, and a second one without a change of code."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.registry.provinces import SHIPPED, province, shipped
from shared.geo.divisions import Divisions
from shared.geo.history import DivisionHistory
from shared.rules.book import RuleBook
from shared.rules.loading import load_packs

SECOND = Path(__file__).parent / "province-65"
RULES = sorted((SHIPPED.parent.parent).glob("*/rules"))


def test_inner_mongolia_has_one_region_twelve_prefectures_and_103_counties():
    units = province("150000").units
    assert Counter(unit.level for unit in units) == {1: 1, 2: 12, 3: 103}
    kinds = Counter(unit.kind for unit in units if unit.level == 3)
    assert kinds == {"district": 23, "county-level city": 11, "county": 17, "banner": 49, "autonomous banner": 3}


def test_each_prefecture_has_as_many_counties_as_the_official_table():
    tree = Divisions(province("150000").units)
    counts = {code: len(tree.children(code)) for code in tree.children("150000")}
    assert counts == {
        "150100": 9, "150200": 9, "150300": 3, "150400": 12, "150500": 8, "150600": 9,
        "150700": 14, "150800": 7, "150900": 11, "152200": 6, "152500": 12, "152900": 3,
    }  # fmt: skip


def test_functional_areas_are_no_units():
    codes = {unit.code for unit in province("150000").units}
    assert not codes & {"150172", "150271", "150571", "152571", "152971"}


def test_every_unit_has_names_and_a_point_inside_the_region():
    for unit in province("150000").units:
        assert unit.zh and unit.en
        assert unit.lon is not None and 97 < unit.lon < 127 and unit.lat is not None and 37 < unit.lat < 54, unit


def test_neighbours_are_of_one_level_and_on_both_sides():
    tree = Divisions(province("150000").units)
    for unit in tree:
        for other in unit.neighbours:
            assert tree.units[other].level == unit.level and unit.code in tree.units[other].neighbours, (unit.code, other)


def test_the_story_s_banner_lies_where_it_lies():
    tree = Divisions(province("150000").units)
    assert tree.chain("150722") == ("150722", "150700", "150000")
    assert tree.relation("150722", "150721") == "neighbour"
    assert tree.units["150722"].zh == "莫力达瓦达斡尔族自治旗"


def test_a_second_province_loads_without_a_change_of_code():
    loaded = province(SECOND)
    tree = DivisionHistory(loaded.units).on(date(2024, 1, 1))
    assert (loaded.root, loaded.zone.utcoffset(None)) == ("650000", timedelta(hours=8))
    assert tree.relation("650000", "659001") == "below", "a county under the region directly"
    assert "659012" not in DivisionHistory(loaded.units).on(date(2022, 1, 1))


def test_a_province_may_have_values_of_its_own():
    loaded = province(SECOND)
    assert loaded.rules is not None
    book = RuleBook(load_packs(*RULES, loaded.rules), Divisions(loaded.units))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert book.resolve("650102", now).value("alert.ack_wait") == timedelta(minutes=20)
    assert book.resolve(None, now).value("alert.ack_wait") == timedelta(minutes=30)


def test_an_unknown_province_is_told_which_there_are():
    with pytest.raises(ValueError, match=r"no province 990000.*150000"):
        province("990000")
    assert shipped() == ("150000",)


def test_every_fault_is_told_at_once_with_its_line(tmp_path):
    (tmp_path / "province.toml").write_text('root = "A1"\nzh = "省"\nutc_offset = "8"\n')
    (tmp_path / "divisions.csv").write_text(
        "code,zh,en,level,parent,lon,lat,valid_from\n"
        "A1,省,Province,1,,,,\n"
        "A2,市,City,two,A1,,,\n"
        "A3,市,City,2,A1,east,40,\n"
        "A4,市,City,2,A1,,,yesterday\n"
        "A5,市,City,2\n"
        "A6,市,City,2,A9,,,\n"
        "A7,市,City,2,,,,\n"
    )
    with pytest.raises(ValueError) as told:
        province(tmp_path)
    text = str(told.value)
    for fault in (
        "province.toml: en is missing",
        "province.toml: utc_offset is written +08:00",
        "divisions.csv line 3: invalid literal",
        "divisions.csv line 4: 'east' is not a number",
        "divisions.csv line 5: Invalid isoformat",
        "divisions.csv line 6: more or fewer cells than columns",
        "divisions.csv: A6: parent A9 is unknown",
        "divisions.csv: A1 and no other unit stands without a parent",
    ):
        assert fault in text, f"{fault} not in:\n{text}"


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path):
    (tmp_path / "province.toml").write_text('root = "A1"\nzh = "省"\nen = "P"\nutc_offset = "+08:00"\n')
    with pytest.raises(ValueError, match=r"divisions.csv: .*No such file"):
        province(tmp_path)
    (tmp_path / "divisions.csv").write_bytes(b"code,zh,en,level,parent\n\xff\xfe")
    with pytest.raises(ValueError, match=r"divisions.csv: .*utf-8"):
        province(tmp_path)
    (tmp_path / "divisions.csv").write_text("code,zh\n1,2\n")
    with pytest.raises(ValueError, match="columns en, level, parent are missing"):
        province(tmp_path)
