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
OLD = ("when_received_then_write", "when_issued_then_write")


def raises(fact, at):
    raise ValueError("policy")


SPLIT = with_policies(Policy(OLD[0], RECEIVED, raises), Policy(OLD[1], ISSUED, raises))
JOINED = with_policies(Policy("when_moved_then_write", (*RECEIVED, *ISSUED), writes, formerly={RECEIVED[0]: OLD[0], ISSUED[0]: OLD[1]}))


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


def test_what_waits_when_a_policy_is_renamed_is_reacted_to_once(tmp_path):
    desk = Desk(tmp_path, with_policies(Policy(OLD[0], RECEIVED, writes)))
    runner = desk.runner()
    desk.receive()
    runner.step()
    desk.writer.step()  # decided, the cursor not saved: here it ends, and goes on under another name
    desk.receive()
    later = Desk(tmp_path, with_policies(Policy("when_moved_then_write", RECEIVED, writes, formerly={RECEIVED[0]: OLD[0]})))
    later.ids = 100
    dry(later.runner().step, later.writer.step)
    assert lines(later) == [f"{NAME}:1", f"{NAME}:3"]


@pytest.mark.parametrize("formerly", ["when_b_then_write", "when_c_then_write"])
def test_no_two_policies_have_one_name(formerly):
    joined = Policy("when_d_then_write", ISSUED, writes, formerly={ISSUED[0]: "when_c_then_write"})
    others = (Policy("when_b_then_write", ISSUED, writes), joined)
    with pytest.raises(ValueError, match="former name"):
        with_policies(*others, Policy("when_a_then_write", RECEIVED, writes, formerly={RECEIVED[0]: formerly}))


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
