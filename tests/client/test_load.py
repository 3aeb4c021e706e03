from pathlib import Path

import pytest

from services.client.load import BUILDERS, fixture_time, load_story, parts
from services.client.openapi import Api
from services.client.script import read_story
from services.client.session import Session
from tests.client.node import accepts, mint, refuses

STORY = read_story(Path(__file__).parents[2] / "stories" / "hulunbuir-2021.yaml")


@pytest.fixture(autouse=True)
def loadable(node):
    node.answers["LoadDivisions"] = accepts(node, "registry.divisions.loaded.v1")
    node.answers["SetRecipients"] = accepts(node, "alerts.recipients.set.v1")


def loaded(node):
    with Api.connect(node.url) as api:
        session = Session(api, mint, ("READER", "SYS", "150000"))
        return list(load_story(session, STORY))


def test_the_header_is_loaded_at_its_own_time_under_the_root_division(node):
    loaded(node)
    assert fixture_time(STORY) == "2021-07-17T08:00:00+08:00"
    assert {call.headers["ortoo-at"] for call in node.calls} == {fixture_time(STORY)}
    assert {call.token for call in node.calls} == {"STORY.LOADER/EMD.officer/150000/real"}


def test_every_part_of_the_header_is_loaded_or_named(node):
    results = loaded(node)
    assert list(dict.fromkeys(one.part for one in results)) == parts(STORY)
    outcomes = {one.part: one.outcome for one in results}
    assert (outcomes["divisions"], outcomes["recipients"], outcomes["warehouses"]) == ("accepted", "accepted", "no command yet")
    assert outcomes["hazard_sources"] == "no command yet"  # this node has no RegisterHazardSource


def test_divisions_have_levels_as_numbers(node):
    loaded(node)
    (call,) = node.named("LoadDivisions")
    assert call.keys == {"root": "150000"}
    assert call.json["units"][0] | {"level": 1, "parent": None} == call.json["units"][0]


def test_recipients_go_to_the_list_of_the_area_or_of_the_dam(node):
    loaded(node)
    lists = {call.keys["list"]: [one["actor"] for one in call.json["recipients"]] for call in node.named("SetRecipients")}
    assert lists == {"150722": ["T.XW", "T.NJ", "DAM.YA", "DAM.XF"], "DAM-YA": ["T.XW", "T.NJ"], "DAM-XF": ["T.XW", "T.NJ"]}


def test_loading_twice_sends_the_same_keys(node):
    loaded(node)
    keys = [call.headers["idempotency-key"] for call in node.calls]
    node.calls.clear()
    node.answers = {name: accepts(node) for name in ("LoadDivisions", "SetRecipients")}
    assert {one.outcome for one in loaded(node)} == {"repeated", "no command yet", "by token"}
    assert [call.headers["idempotency-key"] for call in node.calls] == keys


def test_the_first_answer_again_is_a_repeat_and_not_a_second_loading(node):
    first = accepts(node, "registry.divisions.loaded.v1", outcome="repeated")
    node.answers["LoadDivisions"] = lambda call: (200, first(call)[1])
    assert {one.part: one.outcome for one in loaded(node)}["divisions"] == "repeated"


def test_a_refusal_is_told_with_its_cure_and_the_rest_is_loaded(node):
    node.answers["LoadDivisions"] = refuses(403, "matrix.3.27", "ask the administrator")
    results = {one.part: one for one in loaded(node)}
    assert results["divisions"].outcome == "failed" and "ask the administrator" in results["divisions"].detail
    assert results["recipients"].outcome == "accepted"


def test_plans_are_adopted_with_whom_they_name_and_those_of_others_by_their_name():
    fixtures = list(BUILDERS["plans"](STORY))
    assert {fixture.command for fixture in fixtures} == {"AdoptPlan"}
    plans = {fixture.entry: fixture.arguments for fixture in fixtures}
    assert plans["PLAN-B"]["levels"][0] == {"level": 1, "authority": {"roles": ["HQ"], "division": "150722"}}
    assert (plans["PLAN-C"]["owner"], plans["PLAN-C"]["reference"]) == ("150700", "assumed default")
    assert (plans["PLAN-N"]["outside"], plans["PLAN-N"]["levels"][3]) == ("national flood HQ", {"level": 4})


def test_one_person_enters_people_and_another_takes_them_on():
    fixtures = list(BUILDERS["volunteers"](STORY))
    first = [(fixture.command, fixture.second) for fixture in fixtures if fixture.entry == "V-A"]
    taken_on = [("VerifyIdentity", True), ("ReviewVolunteer", True)]
    assert first == [("RegisterVolunteer", False), *taken_on, ("RecordTraining", False)]
    trained = {fixture.entry for fixture in fixtures if fixture.command == "RecordTraining"}
    assert "V-D" not in trained
    guarded = {fixture.entry for fixture in fixtures if fixture.arguments.get("guardian")}
    assert guarded == {"V-E"}
    (linked,) = (fixture.arguments for fixture in fixtures if fixture.command == "LinkPersons")
    assert (linked["policy"], "V-D" in linked["group"]) == ("POL-3", False)


def test_a_policy_lies_where_its_payer_is_and_covers_nobody_before_they_are_registered():
    policies = {fixture.entry: fixture.arguments for fixture in BUILDERS["insurance"](STORY)}
    assert {name: said["division"] for name, said in policies.items()} == {"POL-1": "150721", "POL-2": "150700", "POL-3": "150722"}
    assert not any("group" in said or "forces" in said for said in policies.values())
    forces = [(fixture.command, fixture.entry, fixture.second) for fixture in BUILDERS["forces"](STORY)]
    assert forces[:3] == [("ApplyFiling", "SF-1", False), ("AcceptFiling", "SF-1", True), ("LinkPersons", "SF-1", False)]
