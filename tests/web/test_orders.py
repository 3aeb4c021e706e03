"""Orders, work, evacuations, shelters and releases at the edge: who reads what, whose work it is, what the public sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support import Node, Post, fresh, problem
from tests.waiting import until

AREA = "150785"  # no other test's
TOWN_OF_ANOTHER = Post("T.XW", "L4.office", "150722106")
HQ, GOV, ICP = Post("G.HQ", "HQ", AREA), Post("G.GOV", "GOV", AREA), Post("G.ICP", "ICP", AREA)
DUTY, OFFICER, PIO = Post("G.DUTY", "EMD.duty", AREA), Post("G.OFF", "EMD.officer", AREA), Post("G.PIO", "PIO", AREA)
CITY, NEIGHBOUR, TEAM = Post("C.HQ", "HQ", "150700"), Post("A.OFF", "EMD.officer", "150721"), Post("TL.1", "TEAM", "150721")
ALERTS = "/api/alerts"


def ahead(**span: int) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


def order(node: Node, who: Post = HQ, **fields: Any) -> Any:
    said = {"measure_type": "close road", "basis": "ERL-67", "executor": ICP.actor, "due": ahead(hours=2), "feedback": "hourly"}
    body = {"order": fresh("OR"), "end_condition": "dry", "remedy": "notice 1", "text": "the road is closed", **said, **fields}
    return node.post(f"{ALERTS}/orders", who, body)


def ordered(node: Node, **fields: Any) -> str:
    made = order(node, **fields)
    assert made.status_code == 201, made.text
    return made.json()["stream"].removeprefix("order-")


def act(node: Node, path: str, who: Post, **body: Any) -> Any:
    done = node.post(f"{ALERTS}/{path}", who, body)
    assert done.status_code == 201, done.text
    return done


def shown(node: Node, answer: Any, path: str, who: Post | None) -> Any:
    got = node.settle(answer.headers["Ortoo-Position"], f"{ALERTS}/{path}", who)
    assert got.status_code == 200, got.text
    return got.json()


def items(node: Node, path: str, who: Post | None, key: str, **params: Any) -> dict[str, Any]:
    got = node.get(f"{ALERTS}/{path}", who, limit=500, **params)
    assert got.status_code == 200, got.text
    return {item[key]: item for item in got.json()["items"]}


def test_an_order_is_shown_with_its_acts_to_its_own_line_and_to_who_carries_it_out(node):
    problem(order(node, on_screen=["150000.alerts:900000"]), 422, "rule_broken", "position")
    made = order(node, on_screen=["150000.registry:1"])
    name = made.json()["stream"].removeprefix("order-")
    one = shown(node, made, f"orders/{name}", DUTY)
    assert (one["state"], one["liable_government"], one["rights"], one["restricts"]) == ("in force", AREA, ["movement"], True)
    assert (one["on_screen"], one["filed_at"]) == (["150000.registry:1"], None) and one["filing_due"] and one["review_due"]
    assert [step["type"] for step in one["timeline"]] == ["alerts.order.issued.v1"]
    assert {at[-6:] for at in (one["due"], one["issued_at"], one["timeline"][0]["time"])} == {one["issued_at"][-6:]}  # all in one zone
    until(lambda: items(node, "tasks", HQ, "task"))
    board = node.get(f"{ALERTS}/board", HQ).json()
    assert board["tasks"] and all(isinstance(task["roles"], list) for task in board["tasks"])
    assert node.get(f"{ALERTS}/board", HQ, incident="INC-NONE").json()["tasks"] == []
    told = next(row for row in node.get(f"{ALERTS}/decisions", HQ).json()["items"] if row["stream"] == f"order-{name}")
    assert told["what"]["measure_type"] == one["measure_type"] and told["what"]["text"] == one["text"][:80]
    assert node.get(f"{ALERTS}/orders/{name}", CITY).status_code == 200
    assert node.get(f"{ALERTS}/orders/{name}", NEIGHBOUR).status_code == 404
    for_team = ordered(node, executor=TEAM.actor)
    read = act(node, f"orders/{for_team}/acknowledgement", TEAM)
    assert shown(node, read, f"orders/{for_team}", TEAM)["acknowledged"] == [TEAM.actor]


def test_what_an_order_lacks_is_told_all_at_once_and_nothing_is_kept(node):
    refused = node.post(f"{ALERTS}/orders", HQ, {"order": fresh("OR"), "measure_type": "close road"})
    told = problem(refused, 422, "rule_broken", "basis")
    assert [fault["rule"] for fault in told["failures"]] == ["basis", "SEED-9", "SEED-9", "SEED-9", "ERL-86", "SEED-14"]
    problem(order(node, TEAM), 403, "not_allowed", "matrix.3.27")
    problem(order(node, CITY, areas=["150721", "659000"]), 403, "not_allowed")
    problem(order(node, due="2021-07-18T16:00:00"), 400, "malformed")


def test_everybody_reads_what_was_published_and_nothing_else(node):
    name, hidden = ordered(node, executor="G.SECRET"), ordered(node)
    done = act(node, f"orders/{name}/publication", PIO)
    shown(node, done, f"orders/{name}", DUTY)
    public = items(node, "orders", None, "order")
    assert public[name]["public_text"] == "the road is closed" and "executor" not in public[name]
    assert hidden not in public
    assert items(node, "orders", HQ, "order", division=AREA)[name]["executor"] == "G.SECRET"


def test_the_board_says_what_is_filed_and_what_is_not(node):
    name = ordered(node)
    filed = act(node, f"orders/{name}/filing", HQ, desk="standing committee")
    board = shown(node, filed, "board", HQ)
    assert name not in items(node, "orders", HQ, "order", unfiled=True)
    assert board["clock_K21"] in ("met", "running") and any(one["id"] == name for one in board["orders"])


def test_an_order_is_carried_out_as_a_task_of_its_executor(node):
    name = ordered(node, executor=TEAM.actor)
    task = f"order-{name}.0"
    until(lambda: items(node, "tasks", TEAM, "task", mine=True).get(task))
    mine = items(node, "tasks", TEAM, "task", mine=True)[task]
    assert (mine["kind"], mine["state"], mine["mine"], mine["due"] is not None) == ("carry_out_order", "open", True, True)
    assert task not in items(node, "tasks", NEIGHBOUR, "task")
    act(node, f"tasks/{task}/acceptance", TEAM)
    act(node, f"tasks/{task}/progress", TEAM, text="closed", finished=True)
    problem(node.post(f"{ALERTS}/tasks/{task}/verification", TEAM, {}), 403, "not_allowed")
    done = act(node, f"tasks/{task}/verification", HQ)
    shown(node, done, "board", HQ)
    assert items(node, "tasks", HQ, "task", state="verified")[task]["percent"] == 100
    act(node, f"orders/{name}/end", HQ, reason="the road is dry")
    until(lambda: task in items(node, "tasks", HQ, "task", state="withdrawn"))


def test_a_refusal_is_put_before_who_commands(node):
    task = fresh("T")
    said = {"kind": "guard_dam", "executor": TEAM.actor, "due": ahead(hours=1), "feedback": "hourly"}
    act(node, "tasks", HQ, task=task, **said)
    refused = act(node, f"tasks/{task}/refusal", TEAM)
    assert refused.json()["flags"] == ["A-INCOMPLETE"]
    asked = until(lambda: items(node, "tasks", HQ, "task", mine=True).get(f"refusal-{task}.2"))
    assert asked["subject"] == f"task-{task}" and asked["roles"] == ["HQ", "ICP", "GOV"]
    problem(node.post(f"{ALERTS}/tasks", TEAM, {"task": fresh("T"), **said}), 403, "not_allowed")


def test_tasks_are_found_by_role_division_and_whose_they_are(node):
    task = fresh("T")
    done = act(node, "tasks", HQ, task=task, kind="count", roles=["EMD.duty"], due=ahead(hours=1), feedback="once")
    shown(node, done, "board", HQ)
    assert task in items(node, "tasks", DUTY, "task", mine=True)
    assert task in items(node, "tasks", CITY, "task", role="EMD.duty", division=AREA)
    assert task not in items(node, "tasks", CITY, "task", mine=True)
    assert task not in items(node, "tasks", CITY, "task", role="TRN")
    assert task not in items(node, "tasks", TOWN_OF_ANOTHER, "task")
    assert task not in items(node, "tasks", HQ, "task", overdue=True)


def test_a_township_finds_and_takes_the_work_of_its_villages(node):
    town, village = f"{AREA}100", f"{AREA}100201"
    units = [
        {"code": code, "zh": code, "en": code, "level": level, "parent": above}
        for code, level, above in ((town, 4, AREA), (village, 5, town))
    ]
    done = node.post("/api/registry/divisions/150000/units", Post("LOADER", "EMD.officer", "150000"), {"units": units})
    assert done.status_code == 201, done.text
    office, committee = Post("G.XW", "L4.office", town), Post("G.V", "L5.committee", village)
    task = fresh("T")
    given = {"kind": "clear_area", "roles": ["L4.office", "L5.committee"], "due": ahead(hours=1), "feedback": "once", "areas": [village]}
    made = until(lambda: (got := node.post(f"{ALERTS}/tasks", HQ, {"task": task, **given})).status_code == 201 and got)
    shown(node, made, "board", HQ)
    assert all(task in items(node, "tasks", who, "task", mine=True) for who in (office, committee))
    problem(node.post(f"{ALERTS}/tasks/{task}/refusal", TOWN_OF_ANOTHER, {"below": [village]}), 400, "malformed")
    act(node, f"tasks/{task}/acceptance", office)


def test_what_the_level_above_decides_is_the_work_of_its_government(node):
    place = "150784"  # no other test's: each of those has no incident, or one
    above, gov, officer = Post("C.GOV", "GOV", "150700"), Post("E.GOV", "GOV", place), Post("E.OFF", "EMD.officer", place)
    incident = {"incident": fresh("INC"), "type": "PH.EPIDEMIC", "division": place, "known_at": ahead(minutes=-5)}
    assert node.post(f"{ALERTS}/incidents", officer, incident).status_code == 201
    name = ordered(node, who=gov, basis="IDL-41", measure_type="close place", incident=incident["incident"])
    asked = until(lambda: items(node, "tasks", above, "task", mine=True).get(f"above-{name}"))
    assert (asked["kind"], asked["division"], asked["subject"]) == ("decide_above", "150700", f"order-{name}")
    assert f"above-{name}" not in items(node, "tasks", gov, "task", mine=True)
    act(node, f"orders/{name}/decision-above", above, approved=True)
    until(lambda: f"above-{name}" in items(node, "tasks", above, "task", state="done"))


def test_who_is_below_moves_no_work_away_but_its_own(node):
    body = {"task": fresh("T"), "kind": "guard_dam", "executor": DUTY.actor, "due": ahead(hours=2), "feedback": "hourly"}
    act(node, "tasks", CITY, **body)
    problem(node.post(f"{ALERTS}/tasks/{body['task']}/delegation", OFFICER, {"executor": "X.1"}), 403, "not_allowed")
    act(node, f"tasks/{body['task']}/delegation", DUTY, executor=OFFICER.actor)
    problem(node.post(f"{ALERTS}/tasks/{body['task']}/delegation", DUTY, {"executor": "X.1"}), 403, "not_allowed")
    act(node, f"tasks/{body['task']}/delegation", CITY, executor=DUTY.actor)


def test_teams_are_withdrawn_and_their_work_rests(node):
    task = fresh("T")
    act(node, "tasks", HQ, task=task, kind="guard_dam", executor=TEAM.actor, due=ahead(hours=1), feedback="hourly")
    named = fresh("INC")  # else the only one there is, which may be a league's and another test's
    act(node, "incidents", DUTY, incident=named, type="NAT.DAM", division=AREA, separate="for a test")
    gone = act(node, "team-withdrawals", ICP, withdrawal=fresh("WD"), incident=named, tasks=[task], reason="the dam gives way")
    assert gone.json()["events"] == ["alerts.teams.withdrawn.v1", "alerts.task.suspended.v1"]
    problem(node.post(f"{ALERTS}/team-withdrawals", PIO, {"withdrawal": fresh("WD")}), 403, "not_allowed", "PSER-22")


def test_an_evacuation_is_counted_by_area(node):
    shelter, evacuation = fresh("SH"), fresh("EV")
    act(node, f"shelters/{shelter}", OFFICER, zh="学校", division=AREA, capacity=100)
    act(node, f"shelters/{shelter}/opening", DUTY)
    issued = act(node, "evacuations", HQ, evacuation=evacuation, areas=[AREA], shelter=shelter, route="north", groups={"elderly": 9})
    assert issued.json()["flags"] == ["A-INCOMPLETE"]
    until(lambda: f"clear-{evacuation}" in items(node, "tasks", HQ, "task"))
    act(node, f"evacuations/{evacuation}/cleared", DUTY, people=100, refused=1, remaining=3)
    last = act(node, f"evacuations/{evacuation}/cleared", DUTY, people=112, refused=2, remaining=0)
    falls = act(node, f"evacuations/{evacuation}/cleared", DUTY, people=12)
    assert falls.json()["flags"] == ["Q-TRIAGE"]
    counted = act(node, f"shelters/{shelter}/headcount", DUTY, people=112, groups={"minors": 30})
    assert counted.json()["over"] == 12 and counted.json()["flags"] == ["A-OVER"]
    shown(node, counted, "board", HQ)
    one = items(node, "evacuations", HQ, "evacuation")[evacuation]
    assert (one["state"], one["cleared"]["people"], one["cleared"]["refused"], one["groups"]) == ("cleared", 112, 2, {"elderly": 9})
    assert [(said["people"], said["doubts"]) for said in one["history"]] == [(12, ["falling"]), (112, []), (100, [])]
    assert last.json()["events"] == ["alerts.evacuation.households_cleared.v1"]
    full = items(node, "shelters", HQ, "shelter", state="full")[shelter]
    assert (full["places_left"], full["over"], full["groups"]) == (0, 12, {"minors": 30})
    assert evacuation not in items(node, "evacuations", NEIGHBOUR, "evacuation")
    until(lambda: items(node, "tasks", HQ, "task", state="done").get(f"clear-{evacuation}"))
    problem(node.post(f"{ALERTS}/evacuations/{evacuation}/cleared", DUTY, {"groups": {"strangers": 1}}), 400, "malformed")


def test_a_release_is_made_inside_and_read_by_everybody_once_it_is_public(node):
    name = fresh("RL")
    drafted = act(node, "releases", PIO, release=name, kind="measure", text="the road is closed", headline="G111")
    shown(node, drafted, f"releases/{name}", DUTY)
    assert node.get(f"{ALERTS}/releases/{name}", None).status_code == 404
    assert name not in items(node, "releases", None, "release")
    act(node, f"releases/{name}/review", OFFICER, secret="none", privacy="none")
    problem(node.post(f"{ALERTS}/releases/{name}/approval", PIO, {}), 403, "not_allowed")
    act(node, f"releases/{name}/approval", GOV)
    public = act(node, f"releases/{name}/publication", PIO)
    told = shown(node, public, f"releases/{name}", None)
    assert (told["version"], told["content"]["text"]) == (1, "the road is closed") and "author" not in told
    assert items(node, "releases", None, "release")[name]["published_at"]
    act(node, f"releases/{name}/update", PIO, text="the road is open", reason="the water fell")
    assert items(node, "releases", None, "release")[name]["content"]["text"] == "the road is closed"
    gone = act(node, f"releases/{name}/withdrawal", GOV, reason="over")
    told = shown(node, gone, f"releases/{name}", None)
    assert (told["reason"], told["content"]) == ("over", None) and told["withdrawn_at"]
    assert items(node, "releases", None, "release")[name]["content"] is None


def test_rumours_and_requests_for_troops_are_inner_matters(node):
    rumour, request = fresh("RU"), fresh("MR")
    act(node, "rumours", PIO, rumour=rumour, text="a third dam failed")
    checked = act(node, f"rumours/{rumour}/check", DUTY, finding="not_false", note="it did")
    shown(node, checked, "board", HQ)
    assert items(node, "rumours", DUTY, "rumour")[rumour]["state"] == "not_false"
    assert node.get(f"{ALERTS}/rumours", None).status_code == 401
    told = problem(node.post(f"{ALERTS}/military-requests", GOV, {"request": request}), 422, "rule_broken", "MIL-5")
    assert len(told["failures"]) == 6
    six = {"kind": "flood", "time": ahead(hours=-1), "area": AREA, "degree": "a town", "measures": "moved", "forces": "10 boats"}
    asked = act(node, "military-requests", GOV, request=request, to="garrison", **six)
    shown(node, asked, "board", HQ)
    assert items(node, "military-requests", HQ, "request")[request]["asked"]["to"] == "garrison"
    assert request not in items(node, "military-requests", NEIGHBOUR, "request")
