"""Counting working days: weekends, holidays, and weekends that are worked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.blocks.working_days import working_days
from tests.alerts.world import RULES


@pytest.mark.parametrize(
    ("after", "n", "due"),
    [
        ("2021-07-18T14:52:00+08:00", 3, "2021-07-22T00:00:00+08:00"),  # a Sunday: Monday, Tuesday, Wednesday
        ("2021-07-16T23:59:00+08:00", 1, "2021-07-20T00:00:00+08:00"),  # a Friday: the day itself does not count
        ("2021-09-30T09:00:00+08:00", 1, "2021-10-09T00:00:00+08:00"),  # a week of holidays
        ("2021-10-08T09:00:00+08:00", 1, "2021-10-10T00:00:00+08:00"),  # a Saturday that is worked
        ("2021-09-17T09:00:00+08:00", 3, "2021-09-24T00:00:00+08:00"),  # worked on the 18th, three days off, the 22nd, the 23rd
        ("2026-10-09T09:00:00+08:00", 20, "2026-11-06T00:00:00+08:00"),  # the Saturday after is worked
        ("2031-01-03T09:00:00+08:00", 1, "2031-01-07T00:00:00+08:00"),  # of a year without notice: weekends only
    ],
)
def test_the_end_of_the_nth_working_day(after, n, due):
    assert working_days(datetime.fromisoformat(after), n, RULES) == datetime.fromisoformat(due)


def test_the_day_is_the_one_of_the_place_whatever_the_zone_of_the_clock():
    assert working_days(datetime(2021, 7, 18, 17, tzinfo=UTC), 1, RULES) == datetime.fromisoformat("2021-07-21T00:00:00+08:00")
