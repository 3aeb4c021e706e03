"""Incidents at the edge: registered once, listed and shown with their deadlines to who may see them, on the board, found without a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support import Node, Post, fresh, problem
from tests.waiting import until

AREA = "150782"  # no other test's
DUTY, OFFICER, GOV = Post("Y.DUTY", "EMD.duty", AREA), Post("Y.OFF", "EMD.officer", AREA), Post("Y.GOV", "GOV", AREA)
CITY, NEIGHBOUR, TEAM = Post("C.GOV", "GOV", "150700"), Post("A.OFF", "EMD.officer", "150721"), Post("T.1", "TEAM", AREA)
INCIDENTS, CLOCKS, BOARD = "/api/alerts/incidents", "/api/alerts/clocks", "/api/alerts/board"


def ago(**span: int) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def register(node: Node, who: Post = DUTY, **fields: Any) -> Any:
    body = {"incident": fresh("INC"), "type": "NAT.DAM", "division": AREA, "known_at": ago(minutes=5), **fields}
    return node.post(INCIDENTS, who, body)


def registered(node: Node, **fields: Any) -> str:
    made = register(node, **fields)
    assert made.status_code == 201, made.text
    return made.json()["stream"].removeprefix("incident-")


def act(node: Node, incident: str, what: str, who: Post = OFFICER, **body: Any) -> Any:
    return node.post(f"{INCIDENTS}/{incident}/{what}", who, body)


def shown(node: Node, answer: Any, path: str, who: Post = OFFICER) -> Any:
    got = node.settle(answer.headers["Ortoo-Position"], path, who)
    assert got.status_code == 200, got.text
    return got.json()


def test_a_type_that_is_no_type_and_a_time_without_offset_are_faults_of_shape(node):
    problem(register(node, type="NAT.DRAGON"), 400, "malformed")
    problem(register(node, known_at="2021-07-18T13:50:00"), 400, "malformed")
    problem(act(node, registered(node), "grade", grade="HUGE", basis="x"), 400, "malformed")


def test_one_incident_is_shown_with_its_deadlines_and_who_leads(node):
    made = register(node, occurred_at=ago(minutes=8), text="water over the crest")
    incident = made.json()["stream"].removeprefix("incident-")
    one = shown(node, made, f"{INCIDENTS}/{incident}")
    assert (one["state"], one["grade"], one["open"], one["leads"], one["divisions"]) == ("Suspected", None, True, [AREA], [AREA])
    assert [(clock["key"], clock["rule"], clock["colour"]) for clock in one["clocks"]] == [
        ("respond", "K-01", "green"),
        ("report", "K-16", "green"),
        ("release", "K-30", "green"),
    ]
    assert one["lead_history"][0]["leads"] == [AREA] and one["timeline"][0]["type"] == "alerts.incident.registered.v1"
    assert one["closure"] == one["secondaries"] == one["merged_incidents"] == one["notes_taken"] == []


def test_its_life_is_told_in_order(node):
    incident = registered(node)
    act(node, incident, "verification")
    act(node, incident, "classification", grade="LARGER", basis="seen")
    act(node, incident, "notes", DUTY, text="the road is open")
    act(node, incident, "site-hq", GOV, commander="Y.ICP")
    moved = act(node, incident, "lead-transfer", CITY, **{"from": AREA, "to": "150700"})
    assert moved.status_code == 201, moved.text
    one = shown(node, moved, f"{INCIDENTS}/{incident}")
    assert (one["state"], one["grade"], one["commander"], one["leads"]) == ("Verified", "LARGER", "Y.ICP", ["150700"])
    assert [led["leads"] for led in one["lead_history"]] == [[AREA], ["150700"]]
    assert [note["text"] for note in one["notes_taken"]] == ["the road is open"] and one["notes"] == 1
    assert [site["commander"] for site in one["site_history"]] == ["Y.ICP"]
    problem(act(node, incident, "lead-transfer", CITY, **{"from": AREA, "to": "150000"}), 403, "not_allowed")
    problem(act(node, incident, "control", GOV), 403, "not_allowed", "ERL-86")


def test_a_note_with_a_personal_value_is_refused_and_nothing_is_kept(node):
    incident = registered(node)
    refused = problem(act(node, incident, "notes", DUTY, text="call 13800138000"), 422, "rule_broken", "PIPL-5")
    assert refused["cure"] == "personal value in clear; use the reference"


def test_the_same_fact_is_linked_unless_somebody_says_why_it_is_another(node):
    place = fresh("DAM")
    first = registered(node, at_place=place)
    again = register(node, at_place=place)
    assert again.status_code == 201 and (again.json()["outcome"], again.json()["incident"]) == ("linked", first)
    assert shown(node, again, f"{INCIDENTS}/{first}")["reported_again"] == 1
    for other in ({"type": "NAT.FLOOD"}, {"at_place": fresh("DAM")}, {"separate": "the second gate"}, {"known_at": ago(days=3)}):
        made = register(node, **({"at_place": place} | other))
        assert made.json()["outcome"] == "accepted", other
    elsewhere = register(node, Post("A.DUTY", "EMD.duty", "150721"), at_place=place, division="150721")
    assert elsewhere.json()["outcome"] == "accepted"


def test_closing_lists_everything_and_is_for_the_lead(node):
    incident = registered(node)
    act(node, incident, "verification")
    fault = problem(act(node, incident, "closing", GOV), 422, "rule_broken", "close.checklist")
    asked = fault["cure"].split("; ")
    assert [one[: len("no retention assessment")] for one in asked] == ["no evaluation", "no retention assessment", "no final report"]
    problem(act(node, incident, "closing", OFFICER), 403, "not_allowed")
    problem(act(node, fresh("INC"), "closing", GOV), 404, "not_found")


def test_a_secondary_incident_raises_the_grade_and_the_main_one_waits_for_it(node):
    main, other = registered(node), registered(node)
    for incident, grade in ((main, "LARGER"), (other, "MAJOR")):
        act(node, incident, "verification")
        act(node, incident, "classification", grade=grade, basis="seen")
    linked = act(node, main, "secondary-incidents", secondary=other)
    assert linked.json()["events"] == ["alerts.incident.secondary_linked.v1"]

    def followed() -> Any:  # by policies
        one = node.get(f"{INCIDENTS}/{main}", OFFICER).json()
        return one if one.get("closure") and one["grade"] == "MAJOR" else None  # or not shown yet

    one = until(followed, lambda: shown(node, linked, f"{INCIDENTS}/{main}"))
    assert [(item["kind"], item["item"], item["settled"]) for item in one["closure"]] == [("incident", other, None)]
    assert [secondary["incident"] for secondary in one["secondaries"]] == [other]
    assert {"report~" + other, "press"} <= {clock["key"] for clock in one["clocks"]}


def test_what_was_merged_is_readable_and_points_to_the_other(node):
    kept, merged = registered(node), registered(node)
    done = act(node, merged, "merger", into=kept, reason="the same water")
    assert shown(node, done, f"{INCIDENTS}/{merged}")["merged_into"] == kept
    assert [one["incident"] for one in shown(node, done, f"{INCIDENTS}/{kept}")["merged_incidents"]] == [merged]
    assert [one["absorbed"] for one in shown(node, done, INCIDENTS)["items"] if one["incident"] == kept] == [[merged]]
    told = problem(act(node, merged, "verification"), 409, "wrong_state", "incident.life")
    assert told["cure"] == f"{merged} was merged into {kept}: act on that"


def test_what_was_done_for_the_merged_incident_is_found_with_the_one_that_is_left(node):
    kept, merged, name = registered(node), registered(node), fresh("OR")
    said = {"measure_type": "close road", "basis": "ERL-67", "executor": "Y.ICP", "due": ago(hours=-2), "feedback": "hourly"}
    body = {"order": name, "end_condition": "dry", "remedy": "notice 1", "text": "closed", "incident": merged, **said}
    given = node.post("/api/alerts/orders", Post("Y.HQ", "HQ", AREA), body)
    assert given.status_code == 201, given.text
    done = act(node, merged, "merger", into=kept, reason="the same water")
    for incident in (kept, merged):
        assert [one["order"] for one in shown(node, done, f"/api/alerts/orders?incident={incident}")["items"]] == [name]


# ---------------------------------------------------------------- lists


def test_the_list_is_paged_and_filtered_and_counts_deadlines(node):
    ids = [registered(node) for _ in range(3)]
    last = act(node, ids[0], "dismissal", reason="nothing there")
    assert shown(node, last, INCIDENTS)["items"][0]["incident"] == ids[0]
    items, before = [], None
    while True:
        page = node.get(INCIDENTS, OFFICER, limit=2, division=AREA, **({} if before is None else {"before": before})).json()
        items += page["items"]
        before = page["next"]
        if before is None or not page["items"]:
            break
    assert len({item["incident"] for item in items}) == len(items)
    assert {item["incident"] for item in items} >= set(ids)
    by_id = {item["incident"]: item for item in items}
    assert by_id[ids[1]]["clocks"] == {"running": 3, "amber": 0, "red": 0} and by_id[ids[0]]["clocks"]["running"] == 0
    closed = node.get(INCIDENTS, OFFICER, open=False, limit=500).json()["items"]
    assert ids[0] in {item["incident"] for item in closed} and ids[1] not in {item["incident"] for item in closed}
    assert all(item["state"] == "Dismissed" for item in node.get(INCIDENTS, OFFICER, state="Dismissed").json()["items"])


def test_incidents_are_for_the_organs_of_the_own_chain(node):
    made = register(node)
    incident = made.json()["stream"].removeprefix("incident-")
    for who in (NEIGHBOUR, TEAM):
        problem(node.settle(made.headers["Ortoo-Position"], f"{INCIDENTS}/{incident}", who), 404, "not_found")
        assert incident not in {item["incident"] for item in node.get(INCIDENTS, who).json()["items"]}
        assert incident not in {clock["incident"] for clock in node.get(CLOCKS, who, limit=500).json()["items"]}
    for path in (INCIDENTS, f"{INCIDENTS}/{incident}", CLOCKS):
        problem(node.get(path), 401, "unauthenticated")


def test_deadlines_are_named_in_both_languages_with_source_and_confidence(node):
    made = register(node, known_at=ago(minutes=20), occurred_at=ago(hours=6))
    incident = made.json()["stream"].removeprefix("incident-")
    shown(node, made, CLOCKS)
    clocks = node.get(CLOCKS, OFFICER, incident=incident).json()["items"]
    assert [(clock["rule"], clock["colour"], clock["confidence"]) for clock in clocks] == [
        ("K-30", "red", "H"),
        ("K-01", "amber", "H"),
        ("K-16", "green", "M"),
    ]
    assert all(clock["zh"] and clock["en"] and clock["source"] for clock in clocks)
    assert [clock["rule"] for clock in node.get(CLOCKS, OFFICER, incident=incident, colour="red").json()["items"]] == ["K-30"]
    assert node.get(CLOCKS, OFFICER, incident=incident, division="150721").json()["items"] == []


def test_the_clock_board_is_paged_by_what_passes_next(node):
    for _ in range(2):
        made = register(node)
    shown(node, made, CLOCKS)
    whole, paged = until(lambda: steady(node), "the deadlines did not stand still while one paged")
    assert [clock["due_at"] for clock in whole] == sorted(clock["due_at"] for clock in whole)
    assert [(clock["stream"], clock["key"]) for clock in paged] == [(clock["stream"], clock["key"]) for clock in whole]
    problem(node.get(CLOCKS, OFFICER, after="nonsense"), 400, "malformed")


def steady(node: Node) -> tuple[list[Any], list[Any]] | None:
    """The board whole and page by page, unless deadlines passed or began meanwhile."""
    before = node.get(CLOCKS, OFFICER, limit=500, division=AREA).json()["items"]
    paged, after = [], None
    while True:
        page = node.get(CLOCKS, OFFICER, limit=4, division=AREA, **({} if after is None else {"after": after})).json()
        paged += page["items"]
        after = page["next"]
        if after is None:
            break
    return (before, paged) if node.get(CLOCKS, OFFICER, limit=500, division=AREA).json()["items"] == before else None


@pytest.mark.parametrize("who", [OFFICER, CITY])
def test_the_board_looks_at_one_incident(node, who):
    incident = registered(node)
    made = act(node, incident, "verification")
    shown(node, made, BOARD, who)
    board = node.get(BOARD, who, incident=incident, division=AREA).json()
    assert (board["incident"], board["state"], board["grade"]) == (incident, "Verified", None)
    assert board["open_clocks"] == ["K-01", "K-16", "K-30"] and board["open_clocks_red"] == []
    assert board["clock_K30"]["limit_min"] == 300 and board["clock_K30"]["late"] is False and board["clock_K30"]["press"] is None
    assert board["incidents"] == sum(board["incidents_by_grade"].values()) >= 1
    assert node.get(BOARD, NEIGHBOUR, incident=incident).json()["incident"] is None


def test_the_list_puts_the_worst_first_with_its_next_deadline_and_casualties(node):
    mild, bad = registered(node, type="ACC.TRAFFIC", known_at=ago(hours=3)), registered(node, type="ACC.TRAFFIC")
    fresh_one = registered(node, type="ACC.TRAFFIC", at_place="near the bridge")
    for incident, grade in ((mild, "ORDINARY"), (bad, "MAJOR")):
        act(node, incident, "verification")
        said = {"kind": "FIRST", "to": "150700", "incident": incident, "figures": {"dead": 12 if grade == "MAJOR" else 1, "missing": 0}}
        node.post(f"/api/alerts/reports/{fresh('RP')}/hops", DUTY, said)
        last = act(node, incident, "classification", grade=grade, basis="PSIR-3")
    told = {"division": AREA, "type": "ACC.TRAFFIC", "open": True}
    shown(node, last, INCIDENTS)

    def first(sort: str, **more: Any) -> list[str]:
        return [one["incident"] for one in node.get(INCIDENTS, OFFICER, sort=sort, **told, **more).json()["items"]]

    worst = first("gravity")
    assert worst.index(bad) < worst.index(mild) < worst.index(fresh_one)
    overdue = first("overdue")
    assert overdue.index(mild) < overdue.index(bad)  # its deadlines passed
    assert first("gravity", limit=1) + first("gravity", limit=1, before=1) == worst[:2]
    assert first("gravity", grade="MAJOR") == [bad]
    items = {one["incident"]: one for one in node.get(INCIDENTS, OFFICER, **told).json()["items"]}
    next_one = items[mild]["deadlines"][0]
    assert next_one["colour"] == "red" and next_one["zh"] and len(items[mild]["deadlines"]) <= 3
    assert items[fresh_one]["at_place"] == "near the bridge"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (INCIDENTS, {"bogus": 1}),
        (INCIDENTS, {"state": "nonsense"}),
        (INCIDENTS, {"sort": "beauty"}),
        (CLOCKS, {"colour": "pink"}),
        (BOARD, {"incdent": "INC-1"}),
        ("/api/alerts/tasks", {"state": "nonsense"}),
        ("/api/alerts/orders", {"state": "nonsense"}),
        ("/api/alerts/reports", {"status": "nonsense"}),
        ("/api/registry/divisions", {"bogus": 1}),
    ],
)
def test_what_no_query_knows_is_refused_and_not_believed_to_filter(node, path, said):
    problem(node.get(path, OFFICER, **said), 400, "malformed")


def test_a_rule_that_stands_for_several_duties_is_named_by_the_duty(node):
    incident = registered(node, type="NAT.FOREST_FIRE")
    shown(node, register(node), CLOCKS)
    clocks = {one["key"]: one["en"] for one in node.get(CLOCKS, OFFICER, incident=incident).json()["items"]}
    assert clocks["respond"] == "Act at once" and clocks["report"] == "Report at once up the chain"
