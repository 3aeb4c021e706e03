"""Which series a message belongs to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.alerts.formats.model import Reference
from services.alerts.formats.series import parent

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
KNOWN = {
    "A": [("one", NOON, "series-a")],
    "B": [("one", NOON, "series-b"), ("two", NOON, "series-c")],
    "C": [("one", NOON, "series-d"), ("one", NOON + timedelta(hours=1), "series-e")],
}


def found(*references):
    match = parent(references, lambda identifier: KNOWN.get(identifier, ()))
    return (match.series, match.by) if match else None


def test_the_whole_triple_counts_first_even_when_it_stands_last():
    assert found(Reference("nobody", "A", None), Reference("two", "B", NOON)) == ("series-c", "triple")


def test_the_same_moment_in_another_zone_is_the_same_time():
    assert found(Reference("one", "A", datetime.fromisoformat("2026-01-05T20:00:00+08:00"))) == ("series-a", "triple")


def test_a_wrong_time_falls_back_to_sender_and_identifier():
    assert found(Reference("two", "B", NOON + timedelta(hours=3))) == ("series-c", "sender")


def test_a_wrong_sender_falls_back_to_the_identifier():
    assert found(Reference("relay", "A", None)) == ("series-a", "identifier")


def test_an_identifier_of_two_series_names_neither():
    assert found(Reference("relay", "B", None)) is None and found(Reference("one", "C", None)) is None


def test_an_unknown_parent_is_none():
    assert found(Reference("one", "Z", NOON)) is None and found() is None
