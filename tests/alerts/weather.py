"""Readings the tests of the observations speak of: the story's rain."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from services.alerts.observations.evaluator import thresholds
from services.alerts.observations.readings import Reading
from tests.alerts.world import RULES, at

LIMITS = thresholds(RULES.value("alert.thresholds"))


def rain(hours: float, mm: float, when: datetime, station: str = "G-1", observation: str = "") -> Reading:
    return Reading(station, "rain", when, Decimal(str(hours)), Decimal(str(mm)), observation, "150722")


STORY = (
    rain(12, 48, at("20:00", 17), observation="OB-1"),
    rain(6, 55, at("02:00"), observation="OB-2"),
    rain(3, 60, at("05:00"), observation="OB-3"),
    rain(9, 60, at("14:00"), observation="OB-4"),
)

readings = st.builds(
    rain,
    st.sampled_from([1, 3, 6, 12]),
    st.integers(0, 120),
    st.integers(0, 20).map(lambda n: at("00:00") + timedelta(hours=n)),
    st.sampled_from(["G-1", "G-2"]),
)
sets = st.lists(readings, max_size=5, unique_by=lambda r: (r.station, r.at, r.hours))
