"""What is still open for a duty room, and what no longer is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.alerts.events.alert import AlertExpired, AlertRatified, RatificationDue
from services.alerts.events.measures import WarningPeriodEnded, WarningPeriodEntered
from services.alerts.projections.board import PERIOD, RATIFICATION, Board
from shared.handling.declare import Table
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, type_of
from tests.alerts.world import at

NOON = at("12:00")


@dataclass
class Rows:
    """A unit of work in memory."""

    rows: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    def get(self, table: Table, *key: Any) -> dict[str, Any] | None:
        return self.rows.get((table.name, *key))

    def put(self, table: Table, **row: Any) -> None:
        self.rows[(table.name, *(row[name] for name in table.key))] = row

    def change(self, table: Table, *key: Any, **columns: Any) -> None:
        if (table.name, *key) in self.rows:
            self.rows[(table.name, *key)] |= columns

    def delete(self, table: Table, *key: Any) -> None:
        self.rows.pop((table.name, *key), None)


def shown(*events: Any) -> Rows:
    rows, board = Rows(), Board()
    for event in events:
        assert family(type_of(event)) in board.listens, type_of(event)
        board.apply(
            rows,
            event,
            Envelope(
                specversion="1.0", id="", source="", type="", time=NOON, log="", position=1, streamid="", streamversion=1, partitionkey=""
            ),
        )
    return rows


def awaiting(*events: Any) -> bool:
    row = shown(RatificationDue("AL-2", at("12:30"), NOON), *events).get(RATIFICATION, "AL-2")
    return bool(row and row["open"])


def test_a_ratification_is_awaited_until_the_alarm_is_ratified_or_over():
    assert awaiting()
    assert not awaiting(AlertRatified("AL-2", "B.HQ", NOON))
    assert not awaiting(AlertExpired("AL-2", NOON, NOON))


def test_a_warning_period_is_open_until_it_ended():
    entered = WarningPeriodEntered("AL-1", at("18:00"), "B.GOV", NOON)
    open_row = shown(entered).get(PERIOD, "AL-1")
    ended_row = shown(entered, WarningPeriodEnded("AL-1", at("18:00"))).get(PERIOD, "AL-1")
    assert open_row and ended_row and open_row["ended"] is None and ended_row["ended"]
