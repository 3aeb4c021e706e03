import pytest

from services.client.expect import acceptance, counted, differences, known, missing, refusal
from services.client.openapi import Answer

DRAFTED, SENT, CLOCK = "alerts.alert.drafted.v1", "alerts.alert.disseminated.v1", "alerts.clock.started.v1"


def accepted(*events, **more):
    return Answer(201, {"outcome": "accepted", "events": list(events), "flags": []} | more)


def test_events_are_compared_exactly_and_in_order():
    assert acceptance({"events": [DRAFTED, SENT]}, accepted(DRAFTED, SENT)) == []
    assert acceptance({"events": [DRAFTED, SENT]}, accepted(SENT, DRAFTED))
    assert acceptance({"events": []}, accepted(SENT))
    assert acceptance({"events": [f"{SENT}*2"]}, accepted(SENT))


def test_flags_that_nobody_expected_are_a_difference():
    assert acceptance({"events": [], "flags": ["Q-TRIAGE"]}, accepted(flags=["Q-TRIAGE"])) == []
    assert acceptance({"events": []}, accepted(flags=["A-LATE"]))
    assert acceptance({"events": [], "flags": ["A-LATE"]}, accepted())


def test_a_refusal_where_acceptance_was_expected_says_why():
    assert acceptance({"events": []}, Answer(403, {"code": "not_allowed", "rule": "MET-30", "cure": "ask the weather office"})) == [
        "expected to be accepted, got 403 not_allowed · MET-30 · ask the weather office"
    ]


def test_a_refusal_needs_its_status_its_rule_and_a_cure():
    expect = {"refused": "E422_RULE", "rule": "ERL-64.2"}
    assert refusal(expect, Answer(422, {"rule": "ERL-64.2", "cure": "name the measures"})) == []
    assert refusal(expect, Answer(409, {"rule": "ERL-64.2", "cure": "x"}))
    assert refusal(expect, Answer(422, {"rule": "ERL-63", "cure": "x"}))
    assert refusal(expect, Answer(422, {"rule": "ERL-64.2"}))
    assert refusal(expect, accepted())


def test_consequences_are_contained_as_often_as_named_and_clocks_are_ignored():
    assert missing(counted([f"{SENT}*2", CLOCK]), [SENT, DRAFTED, SENT]) == []
    assert missing(counted([f"{SENT}*3"]), [SENT]) == [f"{SENT}*2"]


def test_what_the_node_cannot_append_yet_is_told_apart():
    assert known([DRAFTED, SENT], {DRAFTED}) == ([DRAFTED], [SENT])
    assert known([DRAFTED], ()) == ([DRAFTED], [])  # no list published: everything is expected


@pytest.mark.parametrize(
    ("wanted", "got", "same"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}, True),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, False),
        ({"a": None}, {"a": None}, True),
        ({"a": None}, {}, False),
        ({"a": ["x"]}, {"a": ["x", "y"]}, False),
        ({"a": ["x", "y"]}, {"a": ["x", "y"]}, True),
        ({"a": []}, {"a": []}, True),
        ({"a": 223}, {"a": 223.0}, True),
        ({"a": 5.25}, {"a": "5.25"}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": False}, {"a": 0}, False),
        ({"a": "x"}, [], False),
    ],
)
def test_what_is_shown_is_compared_as_a_subset(wanted, got, same):
    assert (differences(wanted, got, "board") == []) is same
