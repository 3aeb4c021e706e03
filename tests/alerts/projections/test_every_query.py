"""Every query of the service: it says how far it is, shows to whom the live stream shows, and can be asked for any past moment.

The node's log holds one accepted example of every command. What a reader may see of a stream is what reaches them of it in `/api/events`,
which the live stream reads too (`tests/web/test_live_streams.py`): a query is held to that, row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from services.alerts.service import ALERTS
from shared.eventlog.sqlite import SqliteLog
from tests.handling.desk import Desk
from tests.handling.tour import alerts_tour
from tests.hosts.alert_work import AlertsWork
from tests.support import Node, Post, started

LISTS = {  # the field that names a row, and what its stream is called
    "ListAlerts": ("id", "alert-"),
    "ListClocks": ("stream", ""),
    "ListDecisions": ("stream", ""),
    "ListDrills": ("drill", "drill-"),
    "ListEvacuations": ("evacuation", "evacuation-"),
    "ListFlights": ("flight", "flight-"),
    "ListIncidents": ("incident", "incident-"),
    "ListMilitaryRequests": ("request", "military-"),
    "ListOrders": ("order", "order-"),
    "ListPlans": ("plan", "plan-"),
    "ListQuarantine": ("quarantine", "quarantine-"),
    "ListReleases": ("release", "release-"),
    "ListReports": ("report", "report-"),
    "ListResponses": ("activation", "response-"),
    "ListRumours": ("rumour", "rumour-"),
    "ListShelters": ("shelter", "shelter-"),
    "ListTasks": ("task", "task-"),
    "ListTriage": ("triage", "triage-"),
    "ListUrgentPeriods": ("period", "urgent-"),
}
PUBLIC = {
    "ListAlerts",
    "ListOrders",
    "ListReleases",
}  # what was published of an internal stream is everybody's: its own tests say what that is
WIDER = {"ListReports"}  # also for whom one was transferred to and who leads its incident, whose own streams tell of it (`api/reading.py`)
BOARDS = {"GetBoard", "GetInbox"}  # of whoever asks
ONES = {  # the list that names what can be asked for
    "GetAlert": "ListAlerts",
    "GetAlertAcks": "ListAlerts",
    "GetDrill": "ListDrills",
    "GetFigures": "ListIncidents",
    "GetIncident": "ListIncidents",
    "GetOrder": "ListOrders",
    "GetPlan": "ListPlans",
    "GetRelease": "ListReleases",
    "GetReport": "ListReports",
    "GetReportTree": "ListReports",
    "GetResponse": "ListResponses",
}
DOCUMENTS = {  # bytes or texts as they are, and what lies beside the log
    "GetAlertCap",
    "GetAlertFeed",
    "GetAlertGeoJson",
    "GetAlertPrintout",
    "GetAlertRaw",
    "GetContact",
    "GetQuarantineRaw",
    "GetReceipt",
    "GetReportText",
}
COUNTY, CITY, REGION = Post("B.DUTY", "EMD.duty"), Post("C.DUTY", "EMD.duty", "150700"), Post("R.DUTY", "EMD.duty", "150000")
NEIGHBOUR, STRANGER = Post("A.DUTY", "EMD.duty", "150721"), Post("V-1", "VOL", None)
READERS = (COUNTY, CITY, REGION, NEIGHBOUR, STRANGER)
BEFORE, AFTER = "2026-02-28T00:00:00Z", "2026-03-01T09:00:00Z"
NOW = "2026-03-01T09:30:00Z"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("queries") / "data"
    (folder / "logs").mkdir(parents=True)
    log = SqliteLog(folder / "logs" / "150000.alerts.db", "150000.alerts")
    desk = Desk(folder, ALERTS, rules_for=AlertsWork().rules_for, log=log)
    for command in alerts_tour(desk):
        desk.do(command)
    log.close()
    with started(folder, "--story-clock") as running:
        told = running.http.get("/api/alerts/board", headers=running.signed(COUNTY, Ortoo_At=NOW))
        assert told.status_code == 200, told.text
        yield running


@pytest.fixture(scope="module")
def paths(node: Node) -> dict[str, str]:
    """Where each query is asked."""
    document = node.get("/api/alerts/openapi.json").json()
    return {found["get"]["operationId"]: path for path, found in document["paths"].items() if "get" in found}


def ask(node: Node, path: str, who: Post, at: str | None = None, **named: str) -> Any:
    """What a query answers, all of it."""
    for name, value in named.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    when = f"/at/{quote(at, safe='')}" if at else ""
    return node.get(f"/api/alerts{when}{path}", who, **({} if named or "inbox" in path or "board" in path else {"limit": 500}))


def rows(node: Node, path: str, who: Post, at: str | None = None) -> list[Row]:
    answer = ask(node, path, who, at)
    if answer.status_code in (401, 403):
        return []
    assert answer.status_code == 200, answer.text
    found: list[Row] = answer.json()["items"]
    return found


@pytest.fixture(scope="module")
def live(node: Node) -> dict[Post, set[str]]:
    """The streams of which something reaches a reader live."""
    told = {who: node.get("/api/events", who, limit=2000).json() for who in READERS}
    assert max(map(len, told.values())) < 2000
    return {who: {event["streamid"] for event in events if event["log"] == "150000.alerts"} for who, events in told.items()}


def test_every_query_is_looked_at_here(paths: dict[str, str]) -> None:
    assert set(paths) == {*LISTS, *BOARDS, *ONES, *DOCUMENTS}


@pytest.mark.parametrize("query", sorted({*LISTS, *BOARDS}))
def test_it_says_how_far_it_is_now_and_then(node: Node, paths: dict[str, str], query: str) -> None:
    end = node.get("/api/events", COUNTY, limit=2000).json()[-1]["position"]
    now, then = (ask(node, paths[query], COUNTY, at).json()["positions"]["150000.alerts"] for at in (None, BEFORE))
    assert now >= end and then == 0


@pytest.mark.parametrize("query", sorted(LISTS.keys() - PUBLIC))
def test_a_row_shows_to_whom_its_stream_does_and_to_nobody_else(
    node: Node, paths: dict[str, str], live: dict[Post, set[str]], query: str
) -> None:
    field, kind = LISTS[query]
    everything = {f"{kind}{row[field]}" for row in rows(node, paths[query], REGION)}
    assert everything, f"no example of {query}"
    for who in READERS:
        shown = {f"{kind}{row[field]}" for row in rows(node, paths[query], who)}
        assert query in WIDER or shown <= live[who], (who, shown - live[who])
        if who.role == "EMD.duty":
            assert everything & live[who] <= shown, (who, everything & live[who] - shown)


@pytest.mark.parametrize("query", sorted(LISTS))
def test_it_is_as_it_was_then(node: Node, paths: dict[str, str], query: str) -> None:
    assert rows(node, paths[query], COUNTY, BEFORE) == []
    field, _ = LISTS[query]
    then, now = ({row[field] for row in rows(node, paths[query], COUNTY, at)} for at in (AFTER, None))
    assert then and then <= now
    assert ask(node, paths[query], STRANGER, AFTER).status_code in (200, 401, 403)


@pytest.mark.parametrize("query", sorted(ONES))
def test_one_is_shown_with_its_position_to_whom_its_list_shows_it_and_was_not_before(node: Node, paths: dict[str, str], query: str) -> None:
    listed = ONES[query]
    field, _ = LISTS[listed]
    (name,) = [part.strip("{}").partition(":")[0] for part in paths[query].split("/") if part.startswith("{")]
    mine = [row[field] for row in rows(node, paths[listed], COUNTY) if row.get("own", True)]
    theirs = {row[field] for row in rows(node, paths[listed], NEIGHBOUR)}
    assert listed in PUBLIC or set(mine) - theirs, f"no example of {query} that is ours alone"
    for one in mine:
        answer = ask(node, paths[query], COUNTY, **{name: one})
        assert answer.status_code == 200 and "150000.alerts" in answer.json()["positions"], (one, answer.text)
        assert ask(node, paths[query], COUNTY, BEFORE, **{name: one}).status_code == 404, one
        assert one in theirs or ask(node, paths[query], NEIGHBOUR, **{name: one}).status_code in (403, 404), one
