"""Audiences are data: what is wrong with them is said at once, in words; nothing narrow is given by default."""

from __future__ import annotations

import pytest

from shared.geo.divisions import Divisions
from shared.handling.audiences import Audience, load_audiences
from tests.feeds.world import TREE, unit

FAMILIES = {
    "alerts": ["alerts.alert.drafted", "alerts.alert.published", "alerts.message.issued"],
    "registry": ["registry.organ.registered"],
}
WHOLE = """
[audience.150724]
zh = "旗应急指挥中心"
en = "Banner command centre"
division = "150724"
logs = ["alerts"]
types = ["alerts.alert.published", "alerts.message"]
visibility = ["public"]
"""


def load(tmp_path, text: str) -> tuple[Audience, ...]:
    file = tmp_path / "audiences.toml"
    file.write_text(text, encoding="utf-8")
    return load_audiences(file, FAMILIES, lambda role: role.startswith("EMD"))


def faults(tmp_path, text: str) -> list[str]:
    with pytest.raises(ValueError) as refused:
        load(tmp_path, text)
    return str(refused.value).splitlines()


def test_an_audience_is_read_with_all_it_says(tmp_path):
    (audience,) = load(tmp_path, WHOLE + 'above = true\norgan = "EMD.duty"\n')
    assert audience == Audience(
        "150724",
        "旗应急指挥中心",
        "Banner command centre",
        "150724",
        ("alerts",),
        ("alerts.alert.published", "alerts.message"),
        ("public",),
        True,
        "EMD.duty",
    )
    assert audience.log("150000") == "150000.to.150724" and audience.sources("150000") == ("150000.alerts",)


def test_a_file_without_audiences_is_no_fault(tmp_path):
    assert load(tmp_path, "") == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[audience.150724]", "[audience.'150724.x']", "an id is at most 40 letters"),
        ("[audience.150724]", "[other]\n[audience.150724]", "other is not a key"),
        ('division = "150724"', "", "division is missing"),
        ('division = "150724"', "division = 150724", "division is a text"),
        ('zh = "旗应急指挥中心"', 'zh = ""', "zh is a text that is not empty"),
        ('["alerts"]', '["stock"]', "stock is not one of alerts, registry"),
        ('["alerts"]', '"alerts"', "logs is a list"),
        ('["alerts"]', '["alerts", "alerts"]', "logs is a list of different texts"),
        ('"alerts.message"', '"alerts.mesage"', "no event is called alerts.mesage"),
        ('"alerts.message"', '"alerts.mess"', "no event is called alerts.mess"),
        ('"alerts.message"', '"registry.organ"', "registry.organ is not in the logs alerts"),
        ('["public"]', '["internal"]', "public is always in it"),
        ('["public"]', '["public", "secret"]', "secret is not one of public, internal"),
        ('["public"]', '["public", "internal"]', "internal is for an organ"),
        ('["public"]', '["public", "internal"]\norgan = "ENT.dam"', "ENT.dam is not the role of an organ"),
        ('["public"]', '["public", "restricted"]\norgan = "EMD"', "restricted is given for a reason only"),
        ('["public"]', '["public", "confidential"]\nreason = "x"', "confidential is for an organ"),
        ('["public"]', '["public"]\nabove = "yes"', "above is true or false"),
        ('["public"]', '["public"]\ncolour = "red"', "colour is not a key"),
        ('["public"]', '["public"', "audiences.toml: "),
    ],
)
def test_what_is_wrong_is_said(tmp_path, before, after, said):
    assert before in WHOLE
    assert any(said in fault for fault in faults(tmp_path, WHOLE.replace(before, after)))


def test_every_fault_of_every_audience_is_said_at_once(tmp_path):
    second = WHOLE.replace("150724]", "150725]").replace('division = "150724"', "").replace('["alerts"]', '["stock"]')
    said = faults(tmp_path, WHOLE.replace('["public"]', '["public", "internal"]') + second)
    assert len([fault for fault in said if "audience.150724:" in fault]) == 1
    assert len([fault for fault in said if "audience.150725:" in fault]) == 4
    assert all(fault.startswith("audiences.toml: audience.") for fault in said)


def test_restricted_streams_are_given_to_an_organ_for_a_reason(tmp_path):
    more = '["public", "restricted"]\norgan = "EMD"\nreason = "joint command of 2021-07-18"'
    (audience,) = load(tmp_path, WHOLE.replace('["public"]', more))
    assert audience.visibility == ("public", "restricted")


def test_the_scope_follows_the_tree_and_its_digest_what_it_holds(tmp_path):
    audience = Audience("B", "乙", "B", "B", ("alerts",), ("alerts",), ("public",), above=True)
    scope = audience.scope(TREE)
    assert scope is not None and scope.within == {"B", "B1", "B2"} and scope.above == {"R"}
    same = audience.scope(Divisions([*TREE, unit("A2", 3, "A")]))
    other = audience.scope(Divisions([*TREE, unit("B3", 3, "B")]))
    assert same is not None and other is not None
    assert scope.digest == same.digest != other.digest
    assert audience.scope(Divisions()) is None
