"""The clock board: what is somebody's duty is counted and comes next; when a transfer of the lead comes into effect is nobody's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.alerts.events.incident import IncidentRegistered, IncidentType, Lead
from services.alerts.events.leading import LeadTransferred
from services.alerts.projections import clocks, incidents
from services.alerts.service import ALERTS
from shared.blocks.clocks import Due
from shared.handling.reader import schema
from shared.handling.rows import UnitOfWork
from shared.kernel.envelope import Envelope
from shared.sql.ports import Databases

NOW = datetime(2021, 7, 18, 8, tzinfo=UTC)
AT = Envelope(
    specversion="1.0",
    id="x:1",
    source="x",
    type="x",
    time=NOW,
    log="x",
    position=1,
    streamid="incident-INC-1",
    streamversion=1,
    partitionkey="x",
    correlationid="INC-1",
)


def test_a_transfer_that_is_to_come_is_no_duty_that_runs_presses_or_comes_next(databases: Databases) -> None:
    database = databases.at("clocks")
    db = database.connect()
    db.executescript(schema(ALERTS))
    hour = timedelta(hours=1)
    dues = (Due("lead", "ERL-17.2", NOW, NOW + hour), Due("report", "K-02", NOW, NOW + 2 * hour))
    lead = Lead("150700")
    rows = UnitOfWork(db)
    clocks.ClockBoard().apply(rows, LeadTransferred("INC-1", (lead,), "150700", "C.GOV", NOW, NOW + hour, "", (lead,), dues), AT)
    known = IncidentRegistered("INC-1", IncidentType.DAM, "150722", ("150722",), (lead,), "B.DUTY", NOW, known_at=NOW)
    incidents.Incidents().apply(rows, known, AT)
    rows.flush()
    shown, later = database.look(), NOW + 3 * hour
    assert [row["key"] for row in clocks.running(shown, after=clocks.FIRST, limit=9)] == ["report"]
    assert clocks.counted(shown, ["INC-1"], later, bool) == {"INC-1": {"running": 1, "amber": 0, "red": 1}}
    assert [row["key"] for row in clocks.next_of(shown, ["INC-1"], 2, bool)["INC-1"]] == ["report"]
    assert {row["key"] for row in clocks.every(shown, "INC-1")} == {"lead", "report"}  # what is asked of one incident shows it
