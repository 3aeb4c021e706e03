"""What lay under an incident that proved to be another is shown with that one in every list, and stays under its own name (domain 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from services.alerts.deciders.evacuations.commands import IssueEvacuation, OpenShelter, RegisterShelter
from services.alerts.deciders.incidents.commands import MeetIncidentClock, MergeIncidents, VerifyIncident
from services.alerts.deciders.orders.flight import RequestFlight
from services.alerts.deciders.orders.military import RequestMilitaryAssistance
from services.alerts.deciders.orders.task import AssignTask
from services.alerts.deciders.releases.commands import DraftRelease, OpenRumourCase
from services.alerts.events.incident import IncidentType
from services.alerts.projections import (
    board,
    clocks,
    decisions,
    evacuations,
    flights,
    incidents,
    orders,
    releases,
    reports,
    responses,
    supplies,
    tasks,
)
from services.alerts.projections import triage as queue
from services.alerts.projections.ordering import ordered
from services.alerts.service import ALERTS
from services.resources.events.request import SupplyOrallyApproved
from services.resources.events.requisition import RequisitionRequested
from services.resources.events.wanted import Wanted
from shared.blocks.clocks import Due
from shared.handling.reader import schema
from shared.handling.rows import UnitOfWork
from shared.kernel.commands import Signature
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, type_of
from shared.sql.ports import Connection, Databases
from shared.sql.sqlite import Files
from tests.alerts.command.clock_rows import FLIGHT
from tests.alerts.command.incidents import OFF, SYS
from tests.alerts.command.reporting import submit
from tests.alerts.command.responding import activate, adopt
from tests.alerts.command.test_orders import issue
from tests.alerts.command.town import VERIFIED, Town, registered
from tests.alerts.world import DUTY, GOV, HQ, at

OLD, LEFT, THIRD = "INC-2", "INC-1", "INC-3"
LATER = at("23:00", 22)
PAGE: dict[str, Any] = {"before": None, "limit": 99}
FIRST_OF: dict[str, Any] = {"after": clocks.FIRST, "limit": 99}
PIO = Signature("B.PIO", ("PIO",), "150722", 3)
BEGUN = (
    registered(),
    registered(incident=OLD, type=IncidentType.FLOOD),
    registered(incident=THIRD, type=IncidentType.SNOW),
    VERIFIED,
    VerifyIncident(by=OFF, now=at("13:58"), incident=OLD),
    adopt(),
    activate(incident=OLD),
    submit(incident=OLD, type=None, numbers={"dead": 3, "missing": 0}),
    submit("RP-2", "14:30", incident=OLD, supersedes="RP-1", type=None, numbers={"dead": 1, "missing": 0}),  # it fell without a reason
    issue(incident=OLD),
    AssignTask(
        by=OFF, now=at("15:00"), task="T-1", kind="look", roles=("EMD.duty",), incident=OLD, text="look", due=at("18:00"), feedback="hourly"
    ),
    IssueEvacuation(by=HQ, now=at("15:00"), evacuation="EV-1", areas=("150722106",), incident=OLD),
    RegisterShelter(by=DUTY, now=at("09:00"), shelter="SH-1", zh="测试小学", division="150722106", capacity=200),
    OpenShelter(by=DUTY, now=at("15:00"), shelter="SH-1", incident=OLD),
    DraftRelease(by=PIO, now=at("15:00"), release="RL-1", figures={"dead": Decimal(3)}, from_report="RP-1", incident=OLD),
    RequestFlight(by=HQ, now=at("15:00"), flight="FL-1", **FLIGHT, incident=OLD),
    OpenRumourCase(by=PIO, now=at("15:00"), rumour="RU-1", text="a third dam failed", incident=OLD),
    RequestMilitaryAssistance(
        by=GOV,
        now=at("15:00"),
        request="MH-1",
        kind="flood",
        time=at("16:00"),
        area="150722106",
        degree="grave",
        measures="dike",
        forces="100",
        incident=OLD,
    ),
)


def merged(incident: str = OLD, into: str = LEFT) -> MergeIncidents:
    return MergeIncidents(by=OFF, now=at("16:00"), incident=incident, into=into, reason="the same water")


def taken(db: Connection, incident: str) -> list[str]:
    return [row["stream"] for row in decisions.taken(db, **PAGE, incident=incident, actor=None)]


def anybody(_: object) -> bool:
    return True


LISTS: dict[str, Callable[[Connection, str], list[Any]]] = {
    "clocks": lambda db, of: [(row["stream"], row["key"]) for row in clocks.running(db, after=clocks.FIRST, limit=99, incident=of)],
    "clocks of one": lambda db, of: [(row["stream"], row["key"]) for row in clocks.every(db, of)],
    "decisions": taken,
    "evacuations": lambda db, of: [row["evacuation"] for row in evacuations.listed(db, **PAGE, incident=of, unfiled=None)],
    "evacuations unfiled": lambda db, of: ["EV-1"] * evacuations.for_board(db, anybody, LATER, of)["evacuations_unfiled"],
    "flights": lambda db, of: [row["flight"] for row in flights.listed(db, **PAGE, state=None, incident=of)],
    "military help": lambda db, of: [row["request"] for row in orders.requests(db, **PAGE, incident=of)],
    "open measures": lambda db, of: sorted(responses.for_board(db, anybody, of)["open_measures"]),
    "orders": lambda db, of: [row["id"] for row in orders.listed(db, **PAGE, state=None, incident=of, unfiled=None)],
    "orders in force": lambda db, of: [row["id"] for row in orders.for_board(db, anybody, LATER, of)["orders"]],
    "oral approvals": lambda db, of: [row["request"] for row in supplies.for_board(db, anybody, of)["oral_approvals"]],
    "releases": lambda db, of: [row["id"] for row in releases.listed(db, **PAGE, state=None, incident=of)],
    "reports": lambda db, of: [row["report"] for row in reports.listed(db, **PAGE, incident=of)],
    "requisitions": lambda db, of: supplies.for_board(db, anybody, of)["requisitions"],
    "responses": lambda db, of: [row["activation"] for row in responses.listed(db, **PAGE, incident=of)],
    "rumours": lambda db, of: [row["rumour"] for row in releases.rumours(db, **PAGE, incident=of)],
    "shelters": lambda db, of: [row["shelter"] for row in evacuations.shelters(db, **PAGE, state=None, incident=of)],
    "tasks": lambda db, of: [row["task"] for row in tasks.listed(db, **PAGE, open=None, state=None, incident=of, executor=None)],
    "tasks of the board": lambda db, of: [row["task"] for row in board.open_work(db, anybody, of)["tasks"]],
    "tasks that go on": tasks.open_of,
    "triage": lambda db, of: [row["triage"] for row in queue.waiting(db, **PAGE, open=None, incident=of)],
    "triage that goes on": queue.open_of,
}


def build(databases: Databases, *commands: Any) -> Connection:
    """The read models after these commands, and what neighbours told."""
    town = Town(*BEGUN, *commands)
    assert town.refused == []
    database = databases.at(f"after{len(commands)}")
    db = database.connect()
    db.executescript(schema(ALERTS))
    rows = UnitOfWork(db)
    told = [(town.envelope(stream, type_of(fact), fact.at), fact) for stream, fact in town.log]
    for place, (envelope, fact) in enumerate([*told, *neighbours()], 1):
        at_ = replace(envelope, position=place, actor="B.OFF", role="EMD.officer")
        for projection in ALERTS.projections:
            if family(at_.type) in projection.listens:
                projection.apply(rows, fact, at_)
    rows.flush()
    return database.look()


def neighbours() -> list[tuple[Envelope, Any]]:
    """What the stores told of the second incident."""
    wanted = Wanted("U-1", "boat", "boat", 1, "", Decimal(1), "", "", "", "", None, "B.OFF", False, "", None, ())
    taking = RequisitionRequested("RQ-1", OLD, "U-1", wanted, "150722", "B.OFF", at("15:00"))
    oral = SupplyOrallyApproved("SR-1", {}, "the duty phone", 3, "B.GOV", at("15:00"), (Due("K-24", "K-24", at("15:00"), LATER),))
    plain: dict[str, Any] = {"specversion": "1.0", "id": "", "source": "", "log": "r", "position": 1, "streamversion": 1}
    named: dict[str, Any] = plain | {"time": at("15:00"), "correlationid": OLD, "division": "150722", "streamid": "x", "partitionkey": "x"}
    return [(Envelope(**named, type=type_of(fact)), fact) for fact in (taking, oral)]


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Connection:
    return build(Files(tmp_path_factory.mktemp("after")), merged())


def is_own(one: Any) -> bool:
    """Its own duties end when it is merged: the other has them, under its name."""
    return isinstance(one, tuple) and one[0] in (f"incident-{OLD}", f"closure-{OLD}")


def listed(db: Connection, incident: str) -> dict[str, set[Any]]:
    return {name: {one for one in query(db, incident) if not is_own(one)} for name, query in LISTS.items()}


def lost(old: dict[str, set[Any]], shown: dict[str, set[Any]]) -> list[str]:
    return [name for name in LISTS if not old[name] <= shown[name]]


def test_every_list_shows_with_the_one_that_is_left_what_lay_under_the_other(databases: Databases) -> None:
    before, after = build(databases), build(databases, merged())
    old, others = listed(before, OLD), listed(before, LEFT)
    assert [name for name in LISTS if not old[name] or old[name] & others[name]] == []
    assert lost(old, listed(after, LEFT)) == lost(old, listed(after, OLD)) == []


def test_it_is_found_with_the_last_that_is_left_however_many_were_merged_on_the_way(tmp_path: Path) -> None:
    after = build(Files(tmp_path), merged(), merged(LEFT, THIRD))
    assert lost(listed(after, OLD), listed(after, THIRD)) == []


def test_the_deadlines_of_both_are_counted_once_with_the_one_that_is_left_and_its_next_is_the_first_of_them(after: Connection) -> None:
    running = LISTS["clocks"](after, LEFT)
    assert len(running) == len(set(running))
    assert clocks.counted(after, [LEFT, THIRD], LATER, anybody)[LEFT]["running"] == len(running)
    assert clocks.counted(after, [OLD], LATER, anybody)[OLD]["running"] == len(LISTS["clocks"](after, OLD))
    told = clocks.next_of(after, [OLD, LEFT], 99, anybody)
    assert [(row["stream"], row["key"]) for row in told[LEFT]] == running
    assert {(row["stream"], row["key"]) for row in told[OLD]} == set(LISTS["clocks"](after, OLD))


def test_the_one_that_is_left_is_ordered_by_the_next_deadline_of_both_that_its_reader_sees(tmp_path: Path) -> None:
    responded = MeetIncidentClock(by=SYS, now=at("14:00"), incident=THIRD, key="respond", evidence="RP-9")
    db = build(Files(tmp_path), responded, merged())
    rows = incidents.every(db, {"open": 1})

    def in_order(by: str, *hidden: str) -> list[str]:
        def seen(row: dict[str, Any]) -> bool:
            return row["incident"] not in hidden and not row.get("stream", "").startswith(hidden)

        due = {one: [row["due_at"] for row in clocks.running(db, **FIRST_OF, incident=one) if seen(row)] for one in (LEFT, THIRD)}
        found = [row["incident"] for row in ordered(db, rows, by, seen)]
        assert by == "gravity" or found == sorted(due, key=lambda one: min(due[one], default="9"))
        return found

    assert in_order("overdue") == in_order("overdue", LEFT) == in_order("overdue", THIRD) == [LEFT, THIRD]
    assert in_order("overdue", OLD) == in_order("overdue", OLD, LEFT) == [THIRD, LEFT]
    assert in_order("overdue", "triage-", "order-", "flight-", "task-order-") == [THIRD, LEFT]
    assert in_order("gravity") == [LEFT, THIRD] and in_order("gravity", OLD) == [THIRD, LEFT]  # of equal grade


def test_what_was_counted_under_the_other_is_counted_once(after: Connection) -> None:
    dead = {incident: queue.totals(queue.figures(after, incident))["dead"]["value"] for incident in (LEFT, OLD)}
    assert dead == {LEFT: 3, OLD: 3}
    assert queue.casualties(after, {LEFT: None}, anybody)[LEFT]["dead"] == 3


def test_deadlines_of_one_that_its_reader_may_not_see_are_neither_counted_nor_shown_with_the_one_that_is_left(after: Connection) -> None:
    def hides(row: dict[str, Any]) -> bool:
        return row["incident"] != OLD

    own = [row["key"] for row in clocks.running(after, after=clocks.FIRST, limit=99, incident=LEFT) if hides(row)]
    assert 0 < len(own) < len(LISTS["clocks"](after, LEFT))
    assert clocks.counted(after, [LEFT], LATER, hides)[LEFT]["running"] == len(own)
    assert [row["key"] for row in clocks.next_of(after, [LEFT], 99, hides)[LEFT]] == own
    shown, less = (set(incidents.for_board(after, seen, LATER, LEFT)["open_clocks"]) for seen in (anybody, hides))
    assert less < shown


def test_ones_own_task_is_on_the_board_however_many_of_others_were_given_since(after: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    every = [row["task"] for row in board.open_work(after, anybody)["tasks"]]
    monkeypatch.setattr(board, "TASKS", 1)

    def shown(own: str) -> list[str]:
        return [row["task"] for row in board.open_work(after, lambda row: bool(row["task"] == own))["tasks"]]

    assert [shown(own) for own in every] == [[own] for own in every] and len(every) > 1
    assert board.open_work(after, lambda row: False)["tasks"] == []
