"""A policy that another name or several others became: what they parked is its own, in order."""

from __future__ import annotations

import pytest

from shared.eventlog.postgres import PostgresLog
from shared.eventlog.sqlite import SqliteLog
from shared.handling.declare import Policy
from shared.testing.facts import AT, all_of, run_of
from tests.handling.desk import NAME, NOW, Desk, dry
from tests.handling.test_policies import RECEIVED, lines, with_policies, writes
from tests.hosts.depot import CLERK, Issue

ISSUED = ("depot.item.issued",)
STREAM = "item-tent"


def raises(fact, at):
    raise ValueError("policy")


SPLIT = with_policies(Policy("when_received_then_write", RECEIVED, raises), Policy("when_issued_then_write", ISSUED, raises))
JOINED = with_policies(
    Policy("when_moved_then_write", (*RECEIVED, *ISSUED), writes, formerly=("when_received_then_write", "when_issued_then_write"))
)


def test_what_is_parked_under_former_names_waits_in_order_and_is_replayed(tmp_path):
    desk = Desk(tmp_path, SPLIT)
    runner = desk.runner()
    desk.receive()
    desk.do(Issue(by=CLERK, now=NOW, item="tent", quantity=1))
    desk.receive()
    dry(runner.step, desk.writer.step)
    assert [parked.reader for parked in runner.parking.listed()] == [f"when_{did}_then_write" for did in ("received", "issued", "received")]
    later = Desk(tmp_path, JOINED)
    later.ids = 100
    joined = later.runner()
    later.receive()
    dry(joined.step, later.writer.step)
    assert lines(later) == [], "it must not overtake what its former names parked"
    assert {parked.reader for parked in joined.parking.listed()} == {"when_moved_then_write"}
    assert joined.replay("when_moved_then_write", STREAM) == 4
    dry(joined.step, later.writer.step)
    assert lines(later) == [f"{NAME}:{n}" for n in range(1, 5)]
    assert joined.parking.listed() == []


@pytest.fixture(params=["sqlite", "postgres"])
def log(request, tmp_path):
    made = SqliteLog(tmp_path / "log.db", NAME) if request.param == "sqlite" else PostgresLog(request.getfixturevalue("pg"), NAME)
    yield made
    made.close()


def test_an_event_that_was_parked_under_both_names_waits_once(log):
    with log.pen() as pen:
        pen.append(run_of(NAME, STREAM, 1, 3, "tent"), [], [], AT)
    first, second, third = all_of(log)
    parking = log.parking()
    for name, recorded in (("old", first), ("old", second), ("new", second), ("other", third)):
        parking.park(name, NAME, recorded, name)
    parking.rename("old", "new", NAME)
    assert [(one.reader, one.position, one.reason) for one in log.parking().listed()] == [
        ("new", first.position, "old"),
        ("new", second.position, "new"),
        ("other", third.position, "other"),
    ]
    assert parking.holds("new", NAME, STREAM) and not parking.holds("old", NAME, STREAM)
    parking.close()
