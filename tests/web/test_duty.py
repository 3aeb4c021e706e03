"""Who has the duty, and the take-overs below that nobody made (PSER art. 14)."""

from __future__ import annotations

from typing import Any

from tests.support import DUTY, OFFICER, Post, started
from tests.waiting import until

FIRST = Post("B.DUTY1", "EMD.duty")
CITY = Post("C.DUTY", "EMD.duty", "150700")
NEIGHBOUR = Post("A.DUTY", "EMD.duty", "150721")


def test_those_above_are_told_of_a_take_over_that_nobody_made(tmp_path):
    with started(tmp_path / "data", "--story-clock") as node:
        shift = {"post": "B.DUTY1", "starts": "2021-07-18T08:00:00+08:00", "ends": "2021-07-19T08:00:00+08:00"}
        roster = {"division": "150722", "shifts": [shift]}
        published = node.post("/api/registry/rosters/RO-1", OFFICER, roster, **{"Ortoo-At": "2021-07-18T07:00:00+08:00"})
        assert published.status_code == 201, published.text
        late = node.draft(headers={"Ortoo-At": "2021-07-18T08:20:00+08:00"})  # moves the clock; the timer says what was missed

        def below(division: str, who: Post) -> Any:
            told = node.get(f"/api/registry/divisions/{division}/duty", who).json()
            return [(one["division"], one["post"]) for one in told["missed_below"]]

        assert late.status_code == 201
        assert until(lambda: below("150700", CITY)) == [("150722", "B.DUTY1")]
        assert below("150722", DUTY) == below("150721", NEIGHBOUR) == []

        def work(who: Post) -> Any:
            items = node.get("/api/alerts/tasks", who).json()["items"]
            return [(one["task"], one["division"], one["escalated"]) for one in items if one["kind"] == "missed_handover"]

        until(lambda: work(CITY) == [("handover-RO-1", "150722", 1)])  # the county's work, of which the city is told at once
        assert work(NEIGHBOUR) == []
        taken = node.post("/api/registry/rosters/RO-1/hand-over", FIRST, {}, **{"Ortoo-At": "2021-07-18T08:30:00+08:00"})
        assert taken.status_code == 201, taken.text
        until(lambda: node.get("/api/alerts/tasks", DUTY, state="done").json()["items"])
