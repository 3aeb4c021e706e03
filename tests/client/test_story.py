import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from services.client.openapi import Api
from services.client.script import BadStory, read_story
from services.client.session import Session
from services.client.story import Player, read_model
from tests.client.node import accepts, mint, refuses

DRAFTED, APPROVED, SENT = "alerts.alert.drafted.v1", "alerts.alert.approved.v1", "alerts.alert.disseminated.v1"
OVERDUE = "alerts.alert.acknowledgement_overdue.v1"
STORY = Path(__file__).parents[2] / "stories" / "hulunbuir-2021.yaml"


def at(minute):
    return f"2021-07-18T02:{minute:02}:00+08:00"


def step(id="s-1", minute=6, do="DraftAlert", actor="B.MET1", events=(DRAFTED,), **more):
    expect = {"accepted": True, "events": list(events)} | more.pop("expect", {})
    return {"id": id, "at": at(minute), "actor": actor, "do": do, "with": {"alert": "AL-1"}, "expect": expect} | more


@pytest.fixture
def play(node, tmp_path):
    """Play steps against the node; the outcomes by step."""

    def run(*steps, only=()):
        actors = [("B.MET1", "SECT.weather"), ("B.MET2", "SECT.weather.approver"), ("VOL", "VOL"), ("ANON", "none"), ("SYS.TIMER", "SYS")]
        document = {
            "format": "ortoo-story/1",
            "play": {"fixtures": "loaded first, at 2021-07-17T08:00:00+08:00"},
            "rule_pack": {"id": "cn-2024-11"},
            "divisions": [{"code": "150000", "level": "L1", "parent": None}],
            "actors": [{"id": name, "role": role, "division": "150722"} for name, role in actors],
            "recipients": {},
            "steps": list(steps),
        }
        path = tmp_path / "story.yaml"
        path.write_text(yaml.safe_dump(document))
        with Api.connect(node.url) as api:
            session = Session(api, mint, ("READER", "SYS", "150000"))
            return {one.step.id: one for one in Player(session, read_story(path), patience_s=0.3).play(only)}

    return run


def test_a_step_is_sent_once_under_its_time_its_key_and_its_actor(node, play):
    node.answers["DraftAlert"] = accepts(node, DRAFTED)
    assert play(step())["s-1"].state == "shown"
    (call,) = node.calls
    assert call.json == {"alert": "AL-1"}
    assert (call.headers["ortoo-at"], call.headers["idempotency-key"]) == (at(6), "s-1")
    assert call.token == "B.MET1/SECT.weather/150722/real"


def test_other_events_than_expected_fail(node, play):
    node.answers["DraftAlert"] = accepts(node, DRAFTED, APPROVED)
    outcome = play(step())["s-1"]
    assert outcome.state == "failed" and "expected events" in outcome.faults[0]


def test_every_entry_is_sent_with_its_own_key_and_actor(node, play):
    node.answers["AcknowledgeAlert"] = accepts(node, "alerts.alert.acknowledged.v1")
    entries = [{"actor": "B.MET1"}, {"actor": "B.MET2", "alert": "AL-2"}]
    assert play(step(do="AcknowledgeAlert", each=entries, events=["alerts.alert.acknowledged.v1"]))["s-1"].state == "shown"
    sent = [(call.headers["idempotency-key"], call.token.split("/")[0], call.keys) for call in node.calls]
    assert sent == [("s-1-1", "B.MET1", {"alert": "AL-1"}), ("s-1-2", "B.MET2", {"alert": "AL-2"})]


def test_the_second_person_signs_with_a_token_of_their_own(node, play):
    play(step(do="ApproveAlert", cosigner="B.MET2", events=[]))
    assert node.calls[0].headers["ortoo-cosigner"] == "Bearer B.MET2/SECT.weather.approver/150722/real"


def test_a_volunteer_acts_for_themself_and_who_signs_nothing_has_no_token(node, play):
    answer = {"volunteer": "V-A", "answer": "accept"}
    play(step(do="AnswerCallUp", actor="VOL", events=[]) | {"with": answer}, step("s-2", actor="ANON", events=[]))
    assert node.calls[0].token == "V-A/VOL/150722/real"
    assert "authorization" not in node.calls[1].headers


def test_a_token_of_a_drill_belongs_to_it(node, play):
    play(step(realm="DR-1", events=[]))
    assert node.calls[0].token.endswith("/DR-1")


def test_an_expected_refusal_is_shown_and_another_rule_is_not(node, play):
    node.answers["ApproveAlert"] = refuses(403, "MET-30", code="not_allowed")
    met30 = {"expect": {"refused": "E403_AUTHORITY", "rule": "MET-30"}, "do": "ApproveAlert"}
    other = {"expect": {"refused": "E403_AUTHORITY", "rule": "alert.second_person"}, "do": "ApproveAlert"}
    outcomes = play(step("s-1") | met30, step("s-2") | other)
    assert (outcomes["s-1"].state, outcomes["s-2"].state) == ("shown", "failed")


def test_a_refusal_that_appended_something_fails(node, play):
    def sly(call):
        node.append(DRAFTED, actor="B.MET1")
        return refuses(422, "ERL-64.2")(call)

    node.answers["DraftAlert"] = sly
    outcome = play(step() | {"expect": {"refused": "E422_RULE", "rule": "ERL-64.2"}})["s-1"]
    assert outcome.faults == [f"was refused and yet appended {DRAFTED}"]


def test_consequences_must_follow_as_often_as_expected(node, play):
    node.answers["DraftAlert"] = accepts(node, DRAFTED, then=(SENT, SENT, "alerts.checklist.opened.v1"))
    assert play(step(expect={"then": [f"{SENT}*2"]}))["s-1"].state == "shown"
    assert play(step(expect={"then": [f"{SENT}*3"]}))["s-1"].faults == [f"did not follow: {SENT}"]


def test_what_the_command_itself_appended_is_no_consequence(node, play):
    node.answers["DraftAlert"] = accepts(node, DRAFTED, SENT)
    assert play(step(events=[DRAFTED, SENT], expect={"then": [SENT]}))["s-1"].state == "failed"


def test_what_happened_before_the_step_is_no_consequence(node, play):
    node.append(SENT)
    node.timers = [(at(5), SENT)]
    node.answers["DraftAlert"] = accepts(node, DRAFTED)
    assert play(step(minute=6, expect={"then": [SENT]}))["s-1"].state == "failed"


def test_a_timer_may_bring_a_consequence_until_the_next_step_but_not_later(node, play):
    node.answers["DraftAlert"] = accepts(node, DRAFTED)
    node.timers = [(at(20), SENT), (at(40), OVERDUE)]
    soon, late = step("s-1", 6, expect={"then": [SENT]}), step("s-2", 30, expect={"then": [OVERDUE]})
    outcomes = play(soon, late, step("s-3", 35, events=[DRAFTED]))
    assert [one.state for one in outcomes.values()] == ["shown", "failed", "shown"]


def test_steps_of_the_timer_are_not_sent_but_awaited_by_the_clock(node, play):
    node.timers = [(at(50), OVERDUE)]
    timer = step("s-2", 50, do="EscalateSilence", actor="SYS.TIMER", events=[OVERDUE])
    assert [one.state for one in play(step("s-1", events=[]), timer).values()] == ["shown", "shown"]
    assert [call.name for call in node.calls] == ["DraftAlert"]
    assert play(timer | {"at": at(49), "expect": {"accepted": True, "events": [DRAFTED]}})["s-2"].state == "failed"


def test_a_timer_s_event_seen_while_waiting_for_something_else_still_counts(node, play):
    node.timers = [(at(50), OVERDUE)]
    first = step("s-1", events=[], expect={"then": [SENT]})  # never comes: the clock is moved to the next step in vain
    outcomes = play(first, step("s-2", 50, do="EscalateSilence", actor="SYS.TIMER", events=[OVERDUE]))
    assert [one.state for one in outcomes.values()] == ["failed", "shown"]


def test_what_the_node_does_not_know_yet_is_pending_and_not_failed(node, play):
    node.types = [DRAFTED]
    node.answers["DraftAlert"] = accepts(node, DRAFTED)
    outcomes = play(
        step("s-1", do="CloseIncident"),
        step("s-2", expect={"then": ["volunteers.force.stand_by_requested.v1", "alerts.clock.started.v1"]}),
        step("s-3", shows={"report_tree": {}}),
        step("s-4", do="MarkOverdue", actor="SYS.TIMER", events=["alerts.report.overdue.v1"]),
    )
    assert [one.state for one in outcomes.values()] == ["pending"] * 4
    assert len(outcomes["s-2"].pending) == 1  # clocks are not asked for


def test_read_models_are_asked_by_their_name_and_key(node, play):
    node.shown = {"board": {"alerts_published": 1, "colour": "orange"}, "AL-1": {"asked": 4, "silent": []}}
    right = {"board": {"alerts_published": 1}, "alert_acks": {"AL-1": {"asked": 4, "silent": []}}}
    assert play(step(events=[], shows=right))["s-1"].state == "shown"
    wrong = play(step(events=[], shows={"alert_acks": {"AL-1": {"asked": 5}, "AL-2": {"asked": 0}}}))["s-1"]
    assert wrong.faults == ["alert_acks.AL-1.asked: expected 5, got 4", "alert_acks.AL-2: asked is not shown"]


def test_reads_wait_for_the_player_s_own_last_command(node, play):
    node.answers["DraftAlert"] = accepts(node, DRAFTED)
    play(step())
    assert node.asked[-1]["ortoo-position"] == "150000.alerts:1"


def test_only_chosen_steps_are_sent(node, play):
    steps = [step(name, events=[]) for name in ("alert-01", "alert-02", "dam-01")]
    assert list(play(*steps, only=["alert-", "dam-01"])) == ["alert-01", "alert-02", "dam-01"]
    assert list(play(*steps, only=["alert-02"])) == ["alert-02"]


def test_a_key_the_api_has_no_place_for_fails_its_step_only(node, play):
    outcomes = play(step("s-1", do="ApproveAlert") | {"with": {"alert": "AL-1", "mood": "good"}}, step("s-2", events=[]))
    assert outcomes["s-1"].faults == ["ApproveAlert has no place for mood"] and outcomes["s-2"].state == "shown"


def test_read_models_are_named_by_what_they_return():
    assert [read_model(name) for name in ("board", "alert_acks", "planning.needs")] == ["GetBoard", "GetAlertAcks", "GetPlanningNeeds"]


def test_the_committed_story_is_whole():
    story = read_story(STORY)
    assert len(story.steps) == 221 and story.root == "150000" and story.actors["ANON"].role is None
    assert story.header["rule_pack"]["id"] == "cn-2024-11"


def test_a_broken_story_is_refused_with_all_its_faults(tmp_path):
    document = yaml.safe_load(STORY.read_text(encoding="utf-8"))
    document["steps"][1]["actor"] = "NOBODY"
    document["steps"][2]["id"] = "alert-01"
    document["steps"][3]["at"] = "2020-01-01T00:00:00+08:00"
    document["steps"][4]["at"] = "2021-07-18T02:09:00"
    document["steps"][5] = "alert-06"
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadStory) as caught:
        read_story(broken)
    assert all(part in str(caught.value) for part in ("NOBODY", "alert-01 appears 2 times", "`at` goes back", "no offset", "no mapping"))


def test_the_story_s_own_arithmetic_holds():
    done = subprocess.run([sys.executable, STORY.with_name("check.py")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
