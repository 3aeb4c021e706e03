"""What the registry decides about divisions."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.registry.deciders.divisions import DIVISIONS, UNITS, ChangeDivision, LoadDivisions, decide
from services.registry.events.divisions import Change, DivisionChanged, DivisionsLoaded
from services.registry.provinces import province
from shared.geo.divisions import Divisions
from shared.geo.history import DivisionHistory
from shared.geo.units import Unit
from shared.kernel.commands import Signature
from shared.kernel.errors import DomainError, NotFound, RuleBroken, WrongState
from shared.kernel.events import encode
from shared.rules.book import RuleBook
from shared.rules.loading import load_packs
from shared.testing.spec import given

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAY = date(2026, 2, 1)
BY: dict[str, Any] = {"by": Signature("R.ADM", ("ADMIN",)), "now": NOW}
RULES = RuleBook(load_packs(*sorted((Path(__file__).resolve().parents[2] / "services").glob("*/rules"))), Divisions()).resolve(None, NOW)

REGION = Unit("150000", "区", "Region", 1)
CITY = Unit("150700", "市", "City", 2, "150000")
ARUN = Unit("150721", "阿荣旗", "Arun", 3, "150700")
MORIN = Unit("150722", "莫旗", "Morin Dawa", 3, "150700")
TOWN = Unit("150722106", "镇", "Town", 4, "150722")
ALL = (REGION, CITY, ARUN, MORIN, TOWN)


def load(*units, root="150000"):
    return LoadDivisions(**BY, root=root, units=units)


def loaded(*units):
    return DivisionsLoaded("150000", units, None, NOW)


def change(code, kind, **more):
    return ChangeDivision(
        **BY, root="150000", division=code, change=kind, starts=more.pop("starts", DAY), basis=more.pop("basis", "批复 1"), **more
    )


def changed(code, kind, **more):
    return DivisionChanged("150000", code, kind, DAY, "批复 1", NOW, **more)


# ---------------------------------------------------------------- divisions


def test_units_are_loaded_parents_and_children_in_any_order():
    given(DIVISIONS).when(load(TOWN, MORIN, REGION, CITY)).then(loaded(TOWN, MORIN, REGION, CITY))


def test_units_are_loaded_into_the_tree_they_belong_to_not_under_their_parent():
    refused = given(DIVISIONS).when(load(TOWN, root="150722")).refused(RuleBroken)
    assert refused.failures[0].field == "root" and "150722 is the root of no tree" in refused.failures[0].cure


def test_loading_again_adds_only_what_is_new():
    given(DIVISIONS, loaded(REGION, CITY)).when(load(REGION, CITY, MORIN)).then(loaded(MORIN))
    given(DIVISIONS, loaded(REGION, CITY)).when(load(REGION, replace(CITY, en="Another spelling"))).then()


def test_a_load_never_moves_a_unit():
    refused = given(DIVISIONS, loaded(*ALL)).when(load(replace(TOWN, parent="150721"), replace(MORIN, level=2))).refused(RuleBroken)
    assert [failure.field for failure in refused.failures] == ["units[1]", "units[0]", "units[1]"]


def test_all_faults_of_a_load_are_told_at_once():
    wrong = load(CITY, Unit("X Y", "", "", 7, "150700"), Unit("160000", "省", "Other root", 1), Unit("150799", "区", "D", 3, "1599"))
    refused = given(DIVISIONS).when(wrong).refused(RuleBroken, rule="registry.divisions")
    assert {failure.field for failure in refused.failures} == {"root", "units[0]", "units[1]", "units[2]", "units[3]"}
    assert len(refused.failures) == 7


def test_a_load_has_one_to_five_hundred_units():
    given(DIVISIONS).when(load()).refused(RuleBroken)
    many = tuple(Unit(f"15{n:04}", "旗", "B", 2, "150000") for n in range(1, UNITS + 1))
    given(DIVISIONS, loaded(REGION)).when(load(*many)).then(loaded(*many))
    given(DIVISIONS, loaded(REGION)).when(load(*many, CITY)).refused(RuleBroken, times=1)


def test_five_hundred_full_units_fit_into_one_event():
    names = "鄂温克族自治旗伊敏河镇" * 2
    full = Unit(
        "150724100001",
        names,
        "Ewenki " * 6,
        5,
        "150724100",
        "gacha",
        DAY,
        DAY,
        "150724100002",
        Decimal("119.75321"),
        Decimal("49.14321"),
        ("150724100002",) * 8,
    )
    assert len(encode(loaded(*(full,) * UNITS))) < 256 * 1024


def test_a_renamed_division_keeps_its_place_and_its_past():
    given(DIVISIONS, loaded(*ALL)).when(change("150722", Change.RENAME, zh="新名")).then(changed("150722", Change.RENAME, zh="新名"))
    history = DivisionHistory(DIVISIONS.fold([loaded(*ALL), changed("150722", Change.RENAME, zh="新名")]).units)
    assert history.on(DAY - timedelta(days=1)).units["150722"].zh == "莫旗"
    assert (history.on(DAY).units["150722"].zh, history.on(DAY).units["150722"].en) == ("新名", "Morin Dawa")
    assert history.on(DAY).chain("150722106") == ("150722106", "150722", "150700", "150000")


def test_who_takes_over_answers_for_what_lay_below():
    given(DIVISIONS, loaded(*ALL)).when(change("150722", Change.MERGE, into="150721")).then(changed("150722", Change.MERGE, into="150721"))
    tree = DivisionHistory(DIVISIONS.fold([loaded(*ALL), changed("150722", Change.MERGE, into="150721")]).units).on(DAY)
    assert tree.relation("150721", "150722") == "own" and tree.relation("150721", "150722106") == "below"


def test_saying_the_same_change_twice_changes_nothing():
    past = loaded(*ALL), changed("150722", Change.RENAME, zh="新名")
    given(DIVISIONS, *past).when(change("150722", Change.RENAME, zh="新名")).then()
    past = loaded(*ALL), changed("150722", Change.MERGE, into="150721")
    given(DIVISIONS, *past).when(change("150722", Change.MERGE, into="150721")).then()


def test_what_has_ended_does_not_change_again():
    past = loaded(*ALL), changed("150722", Change.MERGE, into="150721")
    given(DIVISIONS, *past).when(change("150722", Change.RENAME, zh="新名")).refused(WrongState)
    given(DIVISIONS, *past).when(change("150722", Change.ABOLISH)).refused(WrongState)


@pytest.mark.parametrize(
    ("code", "kind", "more", "fields"),
    [
        ("150722", Change.RENAME, {}, ["zh"]),
        ("150722", Change.RENAME, {"zh": "新名", "basis": " "}, ["basis"]),
        ("150722", Change.RENAME, {"zh": "名\ud800"}, ["zh"]),
        ("150722", Change.MERGE, {}, ["into"]),
        ("150722", Change.MERGE, {"into": "150722"}, ["into"]),
        ("150722", Change.MERGE, {"into": "150722106"}, ["into"]),
        ("150722", Change.MERGE, {"into": "999999", "basis": None}, ["basis", "into"]),
        ("150722", Change.ABOLISH, {}, ["division"]),
        ("150721", Change.ABOLISH, {"into": "150722"}, ["into"]),
        ("150000", Change.ABOLISH, {}, ["division", "division"]),
    ],
)
def test_a_change_that_breaks_the_tree_is_refused(code, kind, more, fields):
    refused = given(DIVISIONS, loaded(*ALL)).when(change(code, kind, **more)).refused(RuleBroken)
    assert [failure.field for failure in refused.failures] == fields


def test_an_empty_division_may_be_abolished():
    given(DIVISIONS, loaded(*ALL)).when(change("150721", Change.ABOLISH)).then(changed("150721", Change.ABOLISH))


def test_a_change_names_a_known_division():
    given(DIVISIONS, loaded(*ALL)).when(change("150799", Change.RENAME, zh="x")).refused(NotFound)


def test_a_change_begins_after_the_last_one():
    past = loaded(*ALL), changed("150722", Change.RENAME, zh="新名")
    given(DIVISIONS, *past).when(change("150722", Change.RENAME, zh="更新", starts=DAY)).refused(RuleBroken)


changes = st.builds(
    change,
    st.sampled_from([unit.code for unit in ALL]),
    st.sampled_from(Change),
    starts=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    zh=st.sampled_from([None, "甲", "乙"]),
    into=st.sampled_from([None, *(unit.code for unit in ALL)]),
)


@forall(st.lists(changes, max_size=12), st.dates(date(2025, 12, 1), date(2027, 1, 31)))
def test_whatever_is_changed_every_day_has_a_tree_and_every_unit_somebody_above(history, day):
    events: list[Any] = [loaded(*ALL)]
    for command in history:
        with suppress(DomainError):
            events += decide(command, DIVISIONS.fold(events), RULES)
    tree = DivisionHistory(DIVISIONS.fold(events).units).on(day)
    assert set(tree.units) == {unit.code for unit in ALL}
    assert all(tree.covers("150000", unit.code) for unit in ALL)


def test_the_shipped_province_is_loaded_in_one_command_and_a_second_time_adds_nothing():
    units = province("150000").units
    first = given(DIVISIONS).when(load(*units)).then(loaded(*units))
    given(DIVISIONS, *first.events).when(load(*units)).then()


def test_the_tree_belongs_to_its_root_and_is_public():
    about = DIVISIONS.about(DIVISIONS.fold([loaded(*ALL)]))
    assert (about.division, about.visibility) == ("150000", "public")
