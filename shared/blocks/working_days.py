"""Days where the calendar holds, and deadlines that the law counts in working days. Which days those are is rule data: notices change
them every year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from shared.kernel.decider import Rules

_DAY = timedelta(days=1)


def day_of(at: datetime, rules: Rules) -> date:
    """The day it is then where the calendar holds."""
    return at.astimezone(_zone(rules)).date()


def day_over(day: date, rules: Rules) -> datetime:
    """The end of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=_zone(rules)) + _DAY


def working_days(after: datetime, n: int, rules: Rules) -> datetime:
    """The end of the n-th working day after the day of `after`, which itself does not count (民法典 201)."""
    calendar: Mapping[str, Any] = rules.value("calendar.working_days")
    day = day_of(after, rules)
    left = n
    while left > 0:
        day += _DAY
        left -= _works(day, calendar)
    return day_over(day, rules)


def _zone(rules: Rules) -> timezone:
    return timezone(timedelta(hours=rules.value("calendar.working_days")["utc_offset_hours"]))


def _works(day: date, calendar: Mapping[str, Any]) -> bool:
    if any(first <= day <= last for first, last in calendar["holidays"]):
        return False
    return day in calendar["worked"] or day.isoweekday() not in calendar["rest"]
