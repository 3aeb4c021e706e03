"""Deadlines that the law counts in working days. Which days those are is rule data: notices change them every year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from shared.kernel.decider import Rules

_DAY = timedelta(days=1)


def working_days(after: datetime, n: int, rules: Rules) -> datetime:
    """The end of the n-th working day after the day of `after`, which itself does not count (民法典 201)."""
    calendar: Mapping[str, Any] = rules.value("calendar.working_days")
    zone = timezone(timedelta(hours=calendar["utc_offset_hours"]))
    day = after.astimezone(zone).date()
    left = n
    while left > 0:
        day += _DAY
        left -= _works(day, calendar)
    return datetime(day.year, day.month, day.day, tzinfo=zone) + _DAY


def _works(day: date, calendar: Mapping[str, Any]) -> bool:
    if any(first <= day <= last for first, last in calendar["holidays"]):
        return False
    return day in calendar["worked"] or day.isoweekday() not in calendar["rest"]
