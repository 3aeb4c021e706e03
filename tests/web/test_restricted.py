"""A restricted incident that was extended: each of its divisions sees its figures, deadlines and place on the board; no neighbour does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support import Post, fresh
from tests.waiting import until

OWN, OTHER, NEIGHBOUR = (Post(f"{code}.OFF", "EMD.officer", code) for code in ("150783", "150784", "150785"))  # no other test's
CITY = Post("C.GOV", "GOV", "150700")


@pytest.fixture(scope="module")
def incident(node):
    name, known = fresh("SS"), (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    made = node.post("/api/alerts/incidents", OWN, {"incident": name, "type": "SS.OTHER", "division": "150783", "known_at": known})
    assert made.status_code == 201, made.text
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
