"""The list of warnings: series come together in whatever order their messages arrive, and ours are never mixed with others'."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count, permutations

import msgspec
import pytest

from services.alerts.events.alert import AlertDrafted
from services.alerts.events.content import AlertContent, MessageReference
from services.alerts.events.message import MessageArea, MessageInfo, MessageIssued, MessageReceived, ReceivedMessage
from services.alerts.projections import series
from services.alerts.service import ALERTS
from shared.handling.reader import schema
from shared.handling.rows import UnitOfWork
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection, Databases

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
MET, OTHER = "met@example.org", "other@example.org"
Apply = Callable[..., Connection]


@pytest.fixture
def applied(databases: Databases) -> Apply:
    numbers = count()

    def apply(*events: object) -> Connection:
        database = databases.at(f"{next(numbers)}")
        db = database.connect()
        db.executescript(schema(ALERTS))
        rows, projection = UnitOfWork(db), series.Series()
        for n, event in enumerate(events, 1):
            projection.apply(rows, event, envelope(n, event))
            rows.flush()
        return database.look()

    return apply


def envelope(position: int, event: object = None) -> Envelope:
    restricted = isinstance(event, MessageReceived) and event.message.scope != "Public"
    return Envelope(
        specversion="1.0",
        id=f"x:{position}",
        source="x",
        type="x",
        time=BEGIN + timedelta(minutes=position),
        log="x",
        position=position,
        streamid="x",
        streamversion=1,
        partitionkey="x",
        visibility="restricted" if restricted else "public",
    )


def received(
    identifier: str,
    hours: int,
    msg_type: str = "Alert",
    series_id: str | None = None,
    *references: str,
    sender: str = MET,
    about: str | None = None,
    scope: str = "Public",
    codes: str = "",
) -> MessageReceived:
    """A message; `about` is the sender that its references name, its own if left out; `codes` are those of its area."""
    message = ReceivedMessage(
        identifier,
        sender,
        BEGIN + timedelta(hours=hours),
        "Actual",
        msg_type,
        scope,
        f"digest-{identifier}-{sender}-{hours}",
        references=tuple(MessageReference(sender if about is None else about, r) for r in references),
        infos=(
            MessageInfo("en", "Gale", headline=f"{identifier} {msg_type}", areas=(MessageArea("there", geocodes=(("division", codes),)),)),
        ),
    )
    return MessageReceived(series_id or identifier, message, BEGIN)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_series_comes_together_in_whatever_order_its_messages_arrive(applied: Apply, order: tuple[int, ...]) -> None:
    messages = [received("A", 0), received("B", 1, "Update", "A", "A"), received("C", 2, "Cancel", "B", "B")]
    db = applied(*[messages[n] for n in order])
    assert [row["id"] for row in db.execute("SELECT id FROM series")] == ["A"]
    row = series.find(db, "C")
    assert row is not None and (row["id"], row["state"], row["latest"]) == ("A", "cancelled", "C")
    assert [m["identifier"] for m in series.messages(db, row)] == ["A", "B", "C"]


def test_a_message_that_comes_late_does_not_undo_a_newer_one(applied: Apply) -> None:
    db = applied(received("A", 0), received("C", 2, "Cancel", "A", "A"), received("B", 1, "Update", "A", "A"))
    row = series.find(db, "A")
    assert row is not None and row["state"] == "cancelled"


def test_a_sender_elsewhere_may_use_one_of_our_ids(applied: Apply) -> None:
    drafted = AlertDrafted("AL-1", AlertContent(hazard="11B03", cautions="ours"), "B.MET1", "150722", BEGIN)
    for events in permutations([drafted, received("AL-1", 0)]):
        db = applied(*events)
        row = series.find(db, "AL-1")
        assert row is not None and (row["own"], row["headline"], series.messages(db, row)) == (1, "ours", [])
        assert db.execute("SELECT count(*) FROM series").fetchone()[0] == 2


def test_what_we_issue_belongs_to_our_warning_and_so_does_what_others_say_about_it(applied: Apply) -> None:
    drafted = AlertDrafted("AL-1", AlertContent(hazard="11B03"), "B.MET1", "150722", BEGIN)
    issued = MessageIssued("15072241600000_1", "15072241600000", BEGIN, "Alert", "15072241600000_1", "AL-1", AlertContent(hazard="11B03"))
    relayed = received("R-1", 1, "Update", "15072241600000_1", "15072241600000_1")
    db = applied(drafted, issued, relayed)
    row = series.find(db, "15072241600000_1")
    assert row is not None and (row["id"], row["own"], row["public"], row["state"]) == ("AL-1", 1, 1, "drafted")
    assert [m["identifier"] for m in series.messages(db, row)] == ["15072241600000_1", "R-1"]
    assert len(msgspec.json.decode(row["members"])) == 2


def test_an_unknown_warning_is_not_found(applied: Apply) -> None:
    assert series.find(applied(received("A", 0)), "Z") is None


def test_what_came_back_before_it_was_noted_as_ours_becomes_ours(applied: Apply) -> None:
    drafted = AlertDrafted("AL-1", AlertContent(hazard="11B03"), "B.MET1", "150722", BEGIN)
    issued = MessageIssued("15072241600000_1", "15072241600000", BEGIN, "Alert", "15072241600000_1", "AL-1", AlertContent(hazard="11B03"))
    db = applied(drafted, received("15072241600000_1", 0), issued)
    assert [(row["id"], row["own"]) for row in db.execute("SELECT id, own FROM series")] == [("AL-1", 1)]
    row = series.find(db, "15072241600000_1")
    assert row is not None and len(series.messages(db, row)) == 2


def states(db: Connection) -> dict[str, str]:
    return {row["id"]: row["state"] for row in db.execute("SELECT id, state FROM series")}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_nobody_s_warning_is_cancelled_by_another_sender_s_use_of_its_identifier(applied: Apply, order: tuple[int, ...]) -> None:
    messages = [received("X", 0), received("Y", 1, sender=OTHER), received("X", 2, "Cancel", "Y", "Y", sender=OTHER)]
    db = applied(*[messages[n] for n in order])
    assert states(db) == {"X": "active", "Y": "cancelled"}
    row = series.find(db, "X")
    assert row is not None and [m["sender"] for m in series.messages(db, row)] == [MET]
    later = applied(*[messages[n] for n in order], received("Z", 3, "Update", "X", "X", about=MET, sender="relay@example.org"))
    assert states(later) == {"X": "active", "Y": "cancelled"}
    assert [m["identifier"] for m in series.messages(later, row)] == ["X", "Z"]


def test_an_identifier_that_two_senders_use_names_two_warnings(applied: Apply) -> None:
    theirs = received("X", 1, "Cancel", sender=OTHER)
    db = applied(received("X", 0), theirs)
    assert states(db) == {"X": "active", f"{OTHER},X": "cancelled"}
    db = applied(received("X", 0), theirs, received("Z", 2, "Update", "X", "X", sender=OTHER))
    assert states(db) == {"X": "active", f"{OTHER},X": "active"}
    db = applied(received("X", 0), theirs, received("Z", 2, "Cancel", "X", "X"))
    assert states(db) == {"X": "cancelled", f"{OTHER},X": "cancelled"}


def test_what_waits_for_one_sender_s_message_does_not_follow_another_s(applied: Apply) -> None:
    waiting = received("R", 2, "Update", "X", "X", sender="relay@example.org", about=MET)
    db = applied(waiting, received("X", 1, sender=OTHER), received("X", 0))
    assert states(db) == {"X": "active", f"{OTHER},X": "active"}
    row = series.find(db, "X")
    assert row is not None and [(m["identifier"], m["sender"]) for m in series.messages(db, row)] == [
        ("X", MET),
        ("R", "relay@example.org"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_public_series_shows_its_newest_public_message(applied: Apply, order: tuple[int, ...]) -> None:
    secret = received("C", 2, "Cancel", "A", "A", scope="Restricted")
    messages = [received("A", 0), received("B", 1, "Update", "A", "A"), secret]
    (row,) = applied(*[messages[n] for n in order]).execute("SELECT * FROM series").fetchall()
    assert (row["public"], row["headline"], row["state"], row["latest"]) == (1, "B Update", "active", "B")


def test_a_restricted_message_leaves_no_trace_in_a_public_row(applied: Apply) -> None:
    def row(*more: MessageReceived) -> dict[str, object]:
        found = series.find(applied(received("A", 0), *more), "A")
        assert found is not None
        return {name: value for name, value in found.items() if name != "members"}

    assert row(received("C", 2, "Update", "A", "A", scope="Private")) == row()


def test_a_series_of_restricted_messages_alone_is_not_public(applied: Apply) -> None:
    row = series.find(applied(received("A", 0, scope="Restricted"), received("B", 1, "Update", "A", "A", scope="Restricted")), "B")
    assert row is not None and (row["id"], row["public"], row["latest"]) == ("A", 0, "B")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_restricted_series_is_named_to_whom_any_of_its_messages_names_and_a_public_one_to_nobody(
    applied: Apply, order: tuple[int, ...]
) -> None:
    first = received("A", 0, scope="Restricted", codes="150722106201")
    update = received("B", 1, "Update", "A", "A", scope="Restricted", codes="150723,150723")
    private = received("C", 2, "Update", "B", "B", scope="Private", codes="150724")

    def named(*messages: MessageReceived) -> set[str]:
        (row,) = applied(*[messages[n] for n in order]).execute("SELECT named FROM series").fetchall()
        return set(msgspec.json.decode(row["named"]))

    assert named(first, update, private) == {"150722106201", "150722106", "150722", "150723"}  # the village, its township, its county
    assert named(first, update, received("C", 2, "Update", "B", "B")) == set()
