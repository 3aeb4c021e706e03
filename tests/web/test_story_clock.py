"""`Ortoo-At` and `Ortoo-Pack`: a story node's own time and law; any other node refuses them."""

from __future__ import annotations

from datetime import datetime

from tests.support import AUTHOR, DUTY, problem


def test_a_node_on_real_time_refuses_both_headers(node):
    for header in ({"Ortoo-At": "2021-07-18T02:00:00+08:00"}, {"Ortoo-Pack": "cn-2024-11"}):
        problem(node.draft(headers=header), 400, "malformed", "story.clock")
        problem(node.http.get("/api/node", headers={**node.signed(DUTY), **header}), 400, "malformed", "story.clock")


def test_the_story_s_time_goes_forward_only(story_node):
    late, early = "2021-07-18T04:00:00+08:00", "2021-07-18T03:59:59+08:00"
    assert story_node.draft(headers={"Ortoo-At": late}).status_code == 201
    problem(story_node.draft(headers={"Ortoo-At": early}), 409, "wrong_state", "story.clock")
    refused = story_node.http.get("/api/node", headers=story_node.signed(DUTY, Ortoo_At=early))
    problem(refused, 409, "wrong_state", "story.clock")
    assert story_node.draft(headers={"Ortoo-At": late}).status_code == 201
    same_moment = "2021-07-17T20:00:00Z"
    assert story_node.draft(headers={"Ortoo-At": same_moment}).status_code == 201
    clock = story_node.get("/api/node", DUTY).json()["clock"]
    assert clock["story"] and datetime.fromisoformat(clock["now"]) == datetime.fromisoformat(late)


def test_the_time_of_the_story_is_the_time_of_the_facts(story_node):
    made = story_node.draft(headers={"Ortoo-At": "2021-07-19T00:00:00+08:00"})
    alert = made.json()["stream"].removeprefix("alert-")
    seen = story_node.settle(made.headers["ortoo-position"], f"/api/alerts/alerts/{alert}", AUTHOR).json()
    assert [datetime.fromisoformat(entry["time"]) for entry in seen["timeline"]] == [datetime.fromisoformat("2021-07-18T16:00:00Z")]


def test_a_story_s_time_has_an_offset(story_node):
    for wrong in ("yesterday", "2021-07-20T00:00:00", "", "99999-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59"):
        answer = story_node.draft(headers={"Ortoo-At": wrong})
        assert answer.status_code in (400, 409), (wrong, answer.text)


def test_an_unknown_pack_is_refused(story_node):
    answer = story_node.draft(headers={"Ortoo-Pack": "cn-1911"})
    assert 400 <= answer.status_code < 500, answer.text
    problem(answer, answer.status_code, answer.json()["code"])
    assert story_node.draft(headers={"Ortoo-Pack": "cn-2024-11"}).status_code == 201
