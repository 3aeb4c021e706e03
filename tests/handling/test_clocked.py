"""What the timers follow of the deadlines that facts carry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from services.alerts.deciders import DECIDERS
from services.alerts.events.clock import ClockMissed
from shared.blocks.clocks import Due
from shared.handling.clocked import CarriedClocks, clock_families
from shared.handling.declare import Start, Stop

NOW = datetime(2021, 7, 18, 12, tzinfo=UTC)
DUE = Due("report", "K-16", NOW, NOW + timedelta(hours=2))
CLOCKS = CarriedClocks(DECIDERS)


def at(type: str) -> SimpleNamespace:
    return SimpleNamespace(streamid="incident-INC-1", type=type)


def test_a_deadline_starts_under_its_key_and_names_the_stream():
    fact = SimpleNamespace(clocks=(DUE,), met=("first",), stopped=("second",))
    stops = [Stop("first"), Stop("second")]
    start = Start("report", DUE.due_at, "EscalateIncidentClock", {"incident": "INC-1", "key": "report"})
    assert list(CLOCKS.due(fact, at("alerts.incident.registered.v1"))) == [*stops, start]


def test_what_was_missed_is_no_longer_awaited_by_the_timer():
    """Else it would look as if its escalation had never been sent."""
    missed = ClockMissed("report", "K-16", NOW, DUE.due_at, DUE.due_at)
    assert list(CLOCKS.due(missed, at("alerts.clock.missed.v1"))) == [Stop("report")]
    assert "alerts.clock.missed" in clock_families("alerts")
