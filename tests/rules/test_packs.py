"""Rule packs: which value holds where and when, and what a bad file is told."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from timeit import timeit

import pytest

from shared.geo.divisions import Divisions
from shared.geo.units import Unit
from shared.kernel.errors import NotFound
from shared.rules.book import Adoption, RuleBook
from shared.rules.loading import duration, load_packs
from shared.rules.packs import UnknownRule

ROOT = Path(__file__).resolve().parents[2]
TREE = Divisions(
    [
        Unit("R", "区", "Region", 1),
        Unit("C1", "市", "City", 2, "R"),
        Unit("C2", "盟", "League", 2, "R"),
        Unit("B1", "旗", "Banner", 3, "C1"),
        Unit("T1", "镇", "Town", 4, "B1"),
    ]
)
HEAD = """
[pack]
id = "law-2024"
zh = "法"
en = "Law"
source = "test"
valid_from = 2024-11-01
utc_offset = "+08:00"
"""
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def rule(id, value, **more):
    written = "".join(f"{key} = {_toml(each)}\n" for key, each in {"confidence": "H", **more}.items())
    return f'\n[[rule]]\nid = "{id}"\nzh = "条"\nen = "rule"\nsource = "art. 1"\nvalue = {value}\n{written}'


def _toml(value):
    return value.isoformat() if isinstance(value, date) else f'"{value}"'


@pytest.fixture
def written(tmp_path):
    def write(*texts, folder="rules", head=HEAD):
        made = tmp_path / folder
        made.mkdir(exist_ok=True)
        for n, text in enumerate(texts):
            (made / f"{n}.toml").write_text((head if n == 0 else '[pack]\nid = "law-2024"\n') + text, encoding="utf-8")
        return made

    return write


def book(*folders, adoptions=(), tree=TREE):
    return RuleBook(load_packs(*folders), tree, adoptions)


def test_the_nearest_division_with_a_value_of_its_own_wins(written):
    rules = book(written(rule("wait", 30) + rule("wait", 20, division="R") + rule("wait", 5, division="B1")))
    assert [rules.resolve(code, NOW).value("wait") for code in ("T1", "B1", "C1", "C2", "R", "X", None)] == [5, 5, 20, 20, 20, 30, 30]


def test_a_rule_only_one_division_has_is_unknown_elsewhere(written):
    rules = book(written(rule("wait", 5, division="B1")))
    assert rules.resolve("T1", NOW).value("wait") == 5
    with pytest.raises(UnknownRule, match="wait"):
        rules.resolve("C2", NOW).value("wait")


def test_a_value_holds_from_its_first_day_in_the_pack_s_own_time_zone(written):
    old = rule("wait", 30, valid_to=date(2025, 6, 1))
    rules = book(written(old + rule("wait", 20, valid_from=date(2025, 6, 1))))
    midnight = datetime(2025, 5, 31, 16, 0, tzinfo=UTC)  # 00:00 in UTC+8
    assert rules.resolve("R", midnight - timedelta(seconds=1)).value("wait") == 30
    assert rules.resolve("R", midnight).value("wait") == 20


def test_before_its_first_day_a_pack_is_judged_as_on_that_day(written):
    rules = book(written(rule("wait", 30, valid_to=date(2025, 6, 1))))
    assert rules.resolve("R", datetime(2021, 7, 18, tzinfo=UTC)).value("wait") == 30


def test_several_files_and_folders_make_one_pack(written):
    base = written(rule("a", 1), rule("b", 2))
    own = written(
        '\n[[rule]]\nid = "a"\nzh = "a"\nen = "a"\nsource = "own"\nconfidence = "D"\nvalue = 9\n',
        folder="own",
        head='[pack]\nid = "law-2024"\ndivision = "C1"\n',
    )
    rules = book(base, own)
    assert (rules.resolve("B1", NOW).value("a"), rules.resolve("C2", NOW).value("a"), rules.resolve("B1", NOW).value("b")) == (9, 1, 2)
    assert rules.resolve("B1", NOW).rule("a").confidence == "D"


def test_the_digest_follows_the_content_and_nothing_else(written):
    one = load_packs(written(rule("a", 1) + rule("b", '{ y = 1, x = [1.50, "z"] }')))[0]
    other = load_packs(written(rule("b", '{ x = [1.50, "z"], y = 1 }'), rule("a", 1), folder="other"))[0]
    changed = load_packs(written(rule("a", 1) + rule("b", '{ y = 1, x = [1.51, "z"] }'), folder="changed"))[0]
    assert one.digest == other.digest != changed.digest
    assert one.name == f"law-2024@{one.digest[:12]}"
    assert book(written(rule("a", 1))).resolve("R", NOW).pack.startswith("law-2024@")


@pytest.mark.parametrize(
    "more", [{"confidence": "M"}, {"division": "C1"}, {"valid_from": date(2025, 1, 1)}, {"valid_to": date(2030, 1, 1)}]
)
def test_every_part_of_a_rule_is_in_the_digest(written, more):
    assert load_packs(written(rule("a", 1)))[0].digest != load_packs(written(rule("a", 1, **more), folder="more"))[0].digest


def test_an_adopted_pack_holds_from_then_on_and_below(written):
    next_law = HEAD.replace("law-2024", "law-2030").replace("2024-11-01", "2030-01-01")
    folders = written(rule("wait", 30)), written(rule("wait", 10), folder="next", head=next_law)
    adopted = [Adoption("C1", "law-2030", NOW), Adoption("B1", "law-2024", NOW + timedelta(days=9))]
    rules = book(*folders, adoptions=adopted)
    values = {
        (code, days): rules.resolve(code, NOW + timedelta(days=days)).value("wait") for code in ("C1", "T1", "C2") for days in (-1, 0, 9)
    }
    assert values == {
        ("C1", -1): 30,
        ("C1", 0): 10,
        ("C1", 9): 10,
        ("T1", -1): 30,
        ("T1", 0): 10,
        ("T1", 9): 30,
        ("C2", -1): 30,
        ("C2", 0): 30,
        ("C2", 9): 30,
    }


def test_where_nothing_is_adopted_the_newest_pack_in_force_holds_and_before_all_of_them_the_first(written):
    next_law = HEAD.replace("law-2024", "law-2030").replace("2024-11-01", "2030-01-01")
    rules = book(written(rule("wait", 30)), written(rule("wait", 10), folder="next", head=next_law))
    years = [rules.resolve("R", datetime(year, 6, 1, tzinfo=UTC)).value("wait") for year in (2021, 2026, 2031)]
    assert years == [30, 30, 10]


def test_a_pack_pinned_for_one_request_goes_before_all(written):
    next_law = HEAD.replace("law-2024", "law-2030").replace("2024-11-01", "2030-01-01")
    rules = book(written(rule("wait", 30)), written(rule("wait", 10), folder="next", head=next_law))
    assert rules.resolve("T1", NOW, "law-2030").value("wait") == 10
    assert rules.resolve("T1", NOW, rules.pack("law-2030").name).value("wait") == 10


@pytest.mark.parametrize("named", ["law-1999", "law-2024@000000000000", ""])
def test_a_pack_this_node_does_not_have_is_named_with_those_it_has(written, named):
    rules = book(written(rule("a", 1)))
    with pytest.raises(NotFound, match="this node has law-2024@"):
        rules.pack(named)


def test_an_adopted_pack_that_is_missing_stops_the_start(written):
    with pytest.raises(ValueError, match="law-1999"):
        book(written(rule("a", 1)), adoptions=[Adoption("R", "law-1999", NOW)])


def test_rules_are_listed_by_prefix_with_source_and_confidence(written):
    rules = book(written(rule("K-02", 2) + rule("K-01", 1) + rule("L-01", 3))).resolve("R", NOW)
    assert [(each.id, each.source, each.confidence) for each in rules.items("K-")] == [("K-01", "art. 1", "H"), ("K-02", "art. 1", "H")]
    assert len(list(rules.items())) == 3


def test_nobody_can_change_a_rule(written):
    value = book(written(rule("a", '[{ x = 1.5, y = ["z"] }]'))).resolve("R", NOW).value("a")
    assert value == ({"x": Decimal("1.5"), "y": ("z",)},)
    with pytest.raises(TypeError):
        value[0]["x"] = 2


def test_durations_are_read_and_what_has_no_length_is_not():
    assert duration("PT15M") == timedelta(minutes=15)
    assert duration("P1DT2H3M4S") == timedelta(days=1, hours=2, minutes=3, seconds=4)
    for wrong in ("P", "PT", "P1M", "P1DT", "15M", "PT1.5H", "", "P1D "):
        with pytest.raises(ValueError, match="ISO 8601"):
            duration(wrong)


def test_every_fault_of_every_file_is_told_at_once_with_its_key(tmp_path):
    (tmp_path / "a.toml").write_text(
        HEAD
        + rule("good", 1)
        + '\n[[rule]]\nid = "bad"\nconfidence = "X"\nvalu = 1\nvalid_from = 2025-01-01\nvalid_to = 2024-01-01\n'
        + '\n[[rule]]\nid = "wait"\nzh = "a"\nen = "a"\nsource = "a"\nconfidence = "D"\nduration = "15 min"\nvalue = 1\n'
        + '\n[[rule]]\nid = "wait"\nzh = "a"\nen = "a"\nsource = "a"\nconfidence = "D"\nduration = "15 min"\n'
    )
    (tmp_path / "b.toml").write_text("not toml")
    (tmp_path / "c.toml").write_text('[pack]\nid = "law-2024"\nen = "Other"\nutc_offset = "8"\ncolour = 1\n' + rule("good", 2))
    (tmp_path / "d.toml").write_text('[pack]\nid = "headless"\n')
    (tmp_path / "e.toml").write_text('[[rule]]\nid = "no pack"\n')
    with pytest.raises(ValueError) as told:
        load_packs(tmp_path)
    text = str(told.value).replace(f"{tmp_path.name}/", "")
    for fault in (
        "a.toml: rule[1] bad: valu is not a key",
        "a.toml: rule[1] bad: zh is missing",
        "a.toml: rule[1] bad: confidence is one of D, H, L, M",
        "a.toml: rule[1] bad: valid_to is after valid_from",
        "a.toml: rule[1] bad: exactly one of value and duration",
        "a.toml: rule[2] wait: exactly one of value and duration",
        "a.toml: rule[3] wait: duration is ISO 8601",
        "b.toml: ",
        "c.toml: pack.en differs",
        "c.toml: pack.utc_offset is not readable",
        "c.toml: pack.colour is not a key",
        "c.toml: rule[0] good: another value holds at the same time",
        "pack headless: zh is missing in every file",
        "e.toml: pack.id is missing",
    ):
        assert fault in text, f"{fault} not in:\n{text}"


def test_values_of_one_rule_may_follow_each_other_but_not_overlap(written):
    one = rule("a", 1, valid_to=date(2025, 1, 1))
    assert load_packs(written(one + rule("a", 2, valid_from=date(2025, 1, 1))))
    with pytest.raises(ValueError, match="another value holds"):
        load_packs(written(one + rule("a", 2, valid_from=date(2024, 12, 31)), folder="overlap"))


def test_a_code_nobody_knows_does_not_fill_the_memory(written):
    rules = book(written(rule("a", 1)))
    for n in range(50):
        rules.resolve(f"X{n}", NOW)
    assert len(rules._known) == 0


def test_a_known_answer_is_a_look_up(written):
    rules = book(written(rule("a", 1) + rule("b", 1, division="C1")))
    rules.resolve("T1", NOW)
    best = min(timeit(lambda: rules.resolve("T1", NOW), number=2000) / 2000 for _ in range(20))
    assert best < 5e-6, best  # 0.6 µs on an idle core; the rest is for a busy one


def test_the_shipped_pack_loads_whole():
    packs = load_packs(*(folder for folder in sorted((ROOT / "services").glob("*/rules"))))
    assert [pack.id for pack in packs] == ["cn-2024-11"]
