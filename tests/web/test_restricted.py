"""What is restricted has one circle, whichever way it is asked for: lists, single readings, the board, events as they pass.

An incident that was extended is a matter of each of its divisions and of those above; a message, of those that it names; of no neighbour.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.support import DUTY, Node, Post, cap, fresh
from tests.waiting import until
from tests.web.test_live_streams import alert_of, head, live

OWN, OTHER, NEIGHBOUR = (Post(f"{code}.OFF", "EMD.officer", code) for code in ("150783", "150784", "150781"))  # no other test's
CITY = Post("C.GOV", "GOV", "150700")


def registered(node: Node, who: Post, type: str, known: str) -> str:
    name = fresh("SS")
    told = {"incident": name, "type": type, "division": who.division, "known_at": known, "separate": "for a test"}
    made = node.post("/api/alerts/incidents", who, told)
    assert made.status_code == 201, made.text
    return name


def five_minutes_ago() -> str:
    return (datetime.now(UTC) - timedelta(minutes=5)).isoformat()


@pytest.fixture(scope="module")
def incident(node):
    known = five_minutes_ago()
    name = registered(node, OWN, "SS.OTHER", known)
    told = {"kind": "FIRST", "to": "150700", "incident": name, "known_at": known, "figures": {"dead": 1}}
    assert node.post(f"/api/alerts/reports/{fresh('RP')}/hops", OWN, told).status_code == 201
    wider = node.post(f"/api/alerts/incidents/{name}/divisions", CITY, {"divisions": ["150784"], "reason": "it moved on"})
    assert wider.status_code == 201, wider.text
    assert node.settle(wider.headers["Ortoo-Position"], f"/api/alerts/incidents/{name}", OWN).status_code == 200
    until(
        lambda: "dead" in node.get(f"/api/alerts/incidents/{name}/figures", OWN).json().get("figures", ()), "no policy entered the figures"
    )
    return name


@pytest.mark.parametrize("who", [OWN, OTHER, CITY])
def test_its_divisions_and_who_leads_see_it_everywhere(node, incident, who):
    assert node.get(f"/api/alerts/incidents/{incident}/figures", who).json()["figures"]["dead"]["value"] == 1
    listed = {row["incident"]: row for row in node.get("/api/alerts/incidents", who).json()["items"]}
    assert listed[incident]["casualties"] == {"dead": 1} and listed[incident]["deadlines"]
    assert node.get("/api/alerts/clocks", who, incident=incident).json()["items"]
    assert node.get("/api/alerts/board", who, incident=incident).json()["incident"] == incident


def test_a_neighbour_below_the_same_leader_sees_nothing_of_it(node, incident):
    assert node.get(f"/api/alerts/incidents/{incident}/figures", NEIGHBOUR).status_code == 404
    assert incident not in node.get("/api/alerts/incidents", NEIGHBOUR).text
    assert node.get("/api/alerts/clocks", NEIGHBOUR, incident=incident).json()["items"] == []
    assert incident not in node.get("/api/alerts/board", NEIGHBOUR, incident=incident).text


@pytest.fixture(scope="module")
def ordered(node: Node, incident: str) -> tuple[str, str, str, str]:
    """What the city, which leads, does about it: an order and a task. And where the logs stood before."""
    begin = head(node)
    task, order = fresh("TA"), order_of(node, incident)
    work = {"task": task, "kind": "look", "roles": ["EMD.duty"], "text": "look", "due": "2030-01-01T00:00:00Z", "feedback": "hourly"}
    asked = node.post("/api/alerts/tasks", CITY._replace(role="HQ"), {**work, "incident": incident})
    assert asked.status_code == 201, asked.text
    assert node.settle(asked.headers["Ortoo-Position"], f"/api/alerts/orders/{order}", CITY).status_code == 200
    return order, task, incident, begin


def order_of(node: Node, incident: str) -> str:
    order = fresh("OR")
    said = {"measure_type": "close road", "basis": "ERL-74", "executor": "150783.OFF", "due": "2030-01-01T00:00:00Z", "remedy": "notice 1"}
    given = node.post(
        "/api/alerts/orders",
        CITY._replace(role="HQ"),
        {"order": order, "text": "close it", "feedback": "hourly", "end_condition": "quiet", "incident": incident, **said},
    )
    assert given.status_code == 201, given.text
    return order


def four_ways(node: Node, who: Post, order: str, task: str, incident: str, begin: str) -> dict[str, bool]:
    """Whether an order of the superior is shown to somebody: in the list, by itself, on the board, and as events live and asked for."""
    streams = {f"order-{order}", f"task-{task}"}
    listed = node.get("/api/alerts/orders", who, incident=incident).json()["items"]
    tasks = node.get("/api/alerts/tasks", who, incident=incident).json()["items"]
    asked = {event["streamid"] for event in node.get("/api/events", who, after=begin, incident=incident, limit=2000).json()}
    with live(node, who, begin, incident=incident) as stream:
        passed = {alert_of(event) for event in stream.rest()}
    board = node.get("/api/alerts/board", who, incident=incident).json()
    return {
        "listed": [row["order"] for row in listed] == [order] and task in [row["task"] for row in tasks],
        "alone": node.get(f"/api/alerts/orders/{order}", who).status_code == 200,
        "board": [row["id"] for row in board["orders"]] == [order] and task in [row["task"] for row in board["tasks"]],
        "asked": streams <= asked,
        "live": streams <= passed,
        "any": bool(listed or tasks or streams & (asked | passed) or board["orders"] or board["tasks"]),
    }


@pytest.mark.parametrize("who", [OWN, OTHER, CITY, Post("R.GOV", "GOV", "150000")])
def test_what_a_superior_does_about_it_is_shown_in_all_four_ways_to_those_whose_incident_it_is(node, ordered, who):
    assert set(four_ways(node, who, *ordered).values()) == {True}


@pytest.mark.parametrize("who", [NEIGHBOUR, Post("X.WHK", "WHK", "150783"), Post("V-1", "VOL", None)])
def test_and_in_none_of_them_to_anybody_else(node, ordered, who):
    if who.role == "EMD.officer":
        assert set(four_ways(node, who, *ordered).values()) == {False}
        return
    order, task, incident, begin = ordered
    told = {event["streamid"] for event in node.get("/api/events", who, after=begin, incident=incident, limit=2000).json()}
    assert not told & {f"order-{order}", f"task-{task}"}


def test_who_is_given_the_incident_later_is_shown_what_passed_before(node, incident, ordered):
    late = Post("150726.OFF", "EMD.officer", "150726")
    order, begin = ordered[0], ordered[3]

    def told() -> set[str]:
        return {event["streamid"] for event in node.get("/api/events", late, after=begin, incident=incident, limit=2000).json()}

    assert f"order-{order}" not in told()
    wider = node.post(f"/api/alerts/incidents/{incident}/divisions", CITY, {"divisions": ["150726"], "reason": "and there"})
    assert wider.status_code == 201, wider.text
    assert f"order-{order}" in told()


def test_deadlines_of_one_that_was_merged_into_an_open_one_are_shown_to_no_more(node):
    known = five_minutes_ago()
    left, gone = registered(node, CITY, "NAT.SNOW", known), registered(node, OWN, "NAT.FLOOD", known)
    wider = node.post(f"/api/alerts/incidents/{gone}/divisions", CITY, {"divisions": ["150784"], "reason": "it moved on"})
    assert wider.status_code == 201, wider.text
    order = order_of(node, gone)  # while it is restricted to nobody
    assert node.post(f"/api/alerts/incidents/{gone}/verification", OWN, {}).status_code == 201
    graver = node.post(f"/api/alerts/incidents/{gone}/classification", CITY, {"type": "SS.OTHER", "grade": "ORDINARY", "basis": "seen"})
    assert graver.status_code == 201, graver.text

    def shown(who: Post) -> tuple[bool, int]:
        clocks = node.get(f"/api/alerts/incidents/{left}", who).json()["clocks"]
        listed = {row["incident"]: row for row in node.get("/api/alerts/incidents", who).json()["items"]}[left]
        return f"order-{order}" in [row["stream"] for row in clocks], listed["clocks"]["running"]

    merged = node.post(f"/api/alerts/incidents/{gone}/merger", CITY, {"into": left, "reason": "the same"})
    assert merged.status_code == 201, merged.text
    assert node.settle(merged.headers["Ortoo-Position"], f"/api/alerts/incidents/{left}", CITY).status_code == 200
    (whole, counted), (part, fewer) = shown(CITY), shown(NEIGHBOUR)
    assert whole and not part and fewer < counted


def test_a_restricted_message_is_shown_to_the_staff_of_the_divisions_it_names_and_above_and_to_no_other(node):
    begin = head(node)
    codes = "".join(f"<geocode><valueName>GB/T 2260</valueName><value>{code}</value></geocode>" for code in ("150783", "150784"))
    body = cap(scope="Restricted").replace("</scope>", "</scope><restriction>staff</restriction>").replace("</area>", f"{codes}</area>")
    taken = node.take(body)
    alert, stream = taken.json()["alert"], taken.json()["stream"]
    assert node.settle(taken.headers["Ortoo-Position"], f"/api/alerts/alerts/{alert}", CITY).status_code == 200

    def ways(who: Post | None) -> tuple[bool, ...]:
        listed = [row["id"] for row in node.get("/api/alerts/alerts", who, own=False, limit=500).json()["items"]]
        one = node.get(f"/api/alerts/alerts/{alert}", who)
        with live(node, who, begin) as passing:
            return (
                alert in listed,
                one.status_code == 200 and len(one.json()["messages"]) == 1,
                stream in [event["streamid"] for event in node.get("/api/events", who, after=begin, limit=2000).json()],
                stream in [alert_of(event) for event in passing.rest()],
            )

    readers = (OWN, OTHER, CITY, NEIGHBOUR, OWN._replace(role="WHK"), DUTY, None)
    with ThreadPoolExecutor(len(readers)) as pool:
        shown = dict(zip(readers, pool.map(ways, readers), strict=True))
    assert shown == {who: (who in (OWN, OTHER, CITY),) * 4 for who in readers}


def test_a_private_message_is_for_its_addresses_whatever_areas_it_names(node):
    codes = "".join(f"<geocode><valueName>GB/T 2260</valueName><value>{code}</value></geocode>" for code in ("150783", "150784"))
    body = cap(scope="Private").replace("</scope>", "</scope><addresses>a@example.org</addresses>").replace("</area>", f"{codes}</area>")
    taken = node.take(body)
    path = f"/api/alerts/alerts/{taken.json()['alert']}"
    assert node.settle(taken.headers["Ortoo-Position"], path, CITY).status_code == 200
    assert node.get(path, OWN).status_code == 404
