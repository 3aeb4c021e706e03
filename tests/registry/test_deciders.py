"""What the registry decides."""

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
from services.registry.deciders.organs import ORGAN, AssignPost, EndPost, RegisterOrgan
from services.registry.deciders.packs import PACK, AdoptRulePack
from services.registry.events.divisions import Change, DivisionChanged, DivisionsLoaded
from services.registry.events.organs import OrganRegistered, PostAssigned, PostEnded
from services.registry.events.packs import RulePackAdopted
from services.registry.provinces import province
from shared.geo.divisions import Divisions
from shared.geo.history import DivisionHistory
from shared.geo.units import Unit
from shared.kernel.commands import Signature
from shared.kernel.errors import DomainError, NotAllowed, NotFound, RuleBroken, WrongState
from shared.kernel.events import decode, encode, type_of
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


def test_loading_again_adds_only_what_is_new():
    given(DIVISIONS, loaded(REGION, CITY)).when(load(REGION, CITY, MORIN)).then(loaded(MORIN))
    given(DIVISIONS, loaded(REGION, CITY)).when(load(REGION, replace(CITY, en="Another spelling"))).then()


def test_a_load_never_moves_a_unit():
    refused = given(DIVISIONS, loaded(*ALL)).when(load(replace(TOWN, parent="150721"), replace(MORIN, level=2))).refused(RuleBroken)
    assert [failure.field for failure in refused.failures] == ["units[1]", "units[0]", "units[1]"]


def test_all_faults_of_a_load_are_told_at_once():
    wrong = load(CITY, Unit("X Y", "", "", 7, "150700"), Unit("160000", "省", "Other root", 1), Unit("150799", "区", "D", 3, "1599"))
    refused = given(DIVISIONS).when(wrong).refused(RuleBroken, rule="registry.divisions")
    assert {failure.field for failure in refused.failures} == {"units[0]", "units[1]", "units[2]", "units[3]"}
    assert len(refused.failures) == 6


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


# ---------------------------------------------------------------- organs and posts


def register(**more):
    return RegisterOrgan(
        **{**BY, "organ": "EMB-150722", "division": "150722", "zh": "应急管理局", "en": "Emergency Bureau", "functions": ("EMD",), **more}
    )


REGISTERED = OrganRegistered("EMB-150722", "150722", "应急管理局", "Emergency Bureau", ("EMD",), None, NOW)


def assign(post="B.DUTY", roles=("EMD.duty",), by=None, **more):
    return AssignPost(**{**BY, **({"by": by} if by else {})}, organ="EMB-150722", post=post, roles=roles, **more)


ASSIGNED = PostAssigned("EMB-150722", "B.DUTY", ("EMD.duty",), NOW, None, NOW)


def test_an_organ_is_registered_once_and_again_only_when_it_changed():
    given(ORGAN, rules=RULES).when(register()).then(REGISTERED)
    given(ORGAN, REGISTERED, rules=RULES).when(register(now=NOW + timedelta(days=1))).then()
    given(ORGAN, REGISTERED, rules=RULES).when(register(functions=("EMD", "RSV"))).then(replace(REGISTERED, functions=("EMD", "RSV")))


def test_an_organ_stays_in_its_division():
    given(ORGAN, REGISTERED, rules=RULES).when(register(division="150721")).refused(RuleBroken, rule="registry.organs")


def test_all_faults_of_an_organ_are_told_at_once():
    wrong = register(organ="emb", zh=" ", functions=("EMD", "WIZARD"))
    refused = given(ORGAN, rules=RULES).when(wrong).refused(RuleBroken)
    assert {failure.field for failure in refused.failures} == {"organ", "zh", "functions"}


def test_a_post_carries_roles_of_the_catalogue():
    given(ORGAN, REGISTERED, rules=RULES).when(assign()).then(ASSIGNED)
    given(ORGAN, REGISTERED, ASSIGNED, rules=RULES).when(assign()).then()
    refused = (
        given(ORGAN, REGISTERED, rules=RULES).when(assign(roles=("EMD.duty", "SYS", "WIZARD"))).refused(RuleBroken, rule="registry.roles")
    )
    assert len(refused.failures) == 2, "SYS is the node itself and no post"
    given(ORGAN, REGISTERED, rules=RULES).when(assign(roles=())).refused(RuleBroken)


@pytest.mark.parametrize("post", ["张三", "Zhang San", "b.duty", "", "B.DUTY 1", "B" * 33])
def test_a_post_is_a_handle_and_never_a_person_s_name(post):
    given(ORGAN, REGISTERED, rules=RULES).when(assign(post=post)).refused(RuleBroken, rule="registry.organs")


def test_a_post_ends_after_it_starts():
    given(ORGAN, REGISTERED, rules=RULES).when(assign(until=NOW)).refused(RuleBroken)


def test_only_an_administrator_names_an_administrator():
    officer = Signature("R.OFF", ("EMD.officer",), "150000", 1)
    given(ORGAN, REGISTERED, rules=RULES).when(assign(roles=("ADMIN",), by=officer)).refused(NotAllowed)
    given(ORGAN, REGISTERED, rules=RULES).when(assign(roles=("ADMIN",))).then(replace(ASSIGNED, roles=("ADMIN",)))


def test_an_ended_post_carries_nothing_and_may_begin_anew():
    end = EndPost(**BY, organ="EMB-150722", post="B.DUTY")
    ended = PostEnded("EMB-150722", "B.DUTY", None, NOW)
    given(ORGAN, REGISTERED, ASSIGNED, rules=RULES).when(end).then(ended)
    given(ORGAN, REGISTERED, ASSIGNED, ended, rules=RULES).when(end).refused(NotFound)
    given(ORGAN, REGISTERED, ASSIGNED, ended, rules=RULES).when(assign()).then(ASSIGNED)


# ---------------------------------------------------------------- rule packs


def adopt(pack="cn-2024-11", digest="ab", **more):
    return AdoptRulePack(**BY, division="150000", pack=pack, digest=digest, **more)


def adopted(pack="cn-2024-11", digest="ab", starts=NOW):
    return RulePackAdopted("150000", pack, digest, starts, None, NOW)


def test_a_pack_is_adopted_from_now_or_later_and_once():
    given(PACK).when(adopt()).then(adopted())
    given(PACK, adopted()).when(adopt()).then()
    later = NOW + timedelta(days=30)
    given(PACK, adopted()).when(adopt("cn-2030-01", starts=later)).then(adopted("cn-2030-01", starts=later))
    given(PACK, adopted()).when(adopt(digest="cd", starts=later)).then(adopted(digest="cd", starts=later))


def test_no_pack_is_adopted_backwards():
    given(PACK).when(adopt(starts=NOW - timedelta(seconds=1))).refused(RuleBroken, rule="registry.rulepack")
    given(PACK, adopted("cn-2030-01", starts=NOW + timedelta(days=30))).when(adopt()).refused(RuleBroken)


# ---------------------------------------------------------------- stored form


@pytest.mark.parametrize(
    "fact",
    [
        loaded(replace(TOWN, lon=Decimal("124.5"), lat=Decimal("48.5"), valid_from=DAY, neighbours=("1",))),
        changed("150722", Change.MERGE, into="150721"),
        REGISTERED,
        ASSIGNED,
        PostEnded("EMB-150722", "B.DUTY", "reform", NOW),
        adopted(),
    ],
)
def test_every_fact_comes_back_as_it_was_stored(fact):
    assert decode(type_of(fact), encode(fact)) == fact


def test_the_shipped_province_is_loaded_in_one_command_and_a_second_time_adds_nothing():
    units = province("150000").units
    first = given(DIVISIONS).when(load(*units)).then(loaded(*units))
    given(DIVISIONS, *first.events).when(load(*units)).then()


def test_streams_say_where_they_belong_and_who_may_see_them():
    assert DIVISIONS.about(DIVISIONS.fold([loaded(*ALL)])).division == "150000"
    assert DIVISIONS.about(DIVISIONS.fold([loaded(*ALL)])).visibility == "public"
    assert ORGAN.about(ORGAN.fold([REGISTERED])).division == "150722"
    assert PACK.about(PACK.fold([adopted()])).visibility == "public"
