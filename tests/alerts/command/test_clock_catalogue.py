"""Every row of the clock catalogue that is ours (domain 2.17): it runs from its fact, is met in time or is somebody's work."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from services.alerts.events.clock import ClockMissed
from services.alerts.events.incident import IncidentType, IncidentWindowOver
from services.alerts.events.task import TaskAssigned
from shared.kernel.commands import Command
from tests.alerts.command.clock_rows import ROWS, Row, day
from tests.alerts.command.town import Town, registered
from tests.alerts.world import RULES

MOMENT = timedelta(seconds=1)
ELSEWHERE = {"K-04": "warnings", "K-12": "a window, below", "K-44": "ends a plan, test_plans.py"}


def begun(row: Row) -> Town:
    return Town(*row.begin)


def missed(town: Town, key: str) -> list[ClockMissed]:
    return [event for event in town.facts(ClockMissed) if event.key == key]


def later(command: Command, row: Row) -> Command:
    return replace(command, now=max(command.now, row.due) + timedelta(minutes=1))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_it_runs_from_its_fact_to_its_moment(row: Row) -> None:
    town = begun(row)
    due = town.state(row.stream).clocks.get(row.key)
    assert (due.rule, due.due_at, town.running[row.stream, row.key].due_at) == (row.rule, row.due, row.due)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_is_done_in_time_is_nobodys_work(row: Row) -> None:
    town = begun(row)
    for command in row.meet:
        town.do(command)
    assert not town.state(row.stream).clocks.runs(row.key) or town.running[row.stream, row.key].due_at > row.due
    town.until(row.due)
    assert missed(town, row.key) == [] and row.work not in {event.task for event in town.facts(TaskAssigned)}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_is_missed_is_told_at_its_moment_and_is_work_until_it_is_done(row: Row) -> None:
    town = begun(row)
    town.until(row.due - MOMENT)
    assert missed(town, row.key) == [] and row.work not in town.open_work()
    town.until(row.due)
    assert len(missed(town, row.key)) == 1 and row.work in town.open_work()
    for command in row.meet:
        town.do(later(command, row))
    assert row.work not in town.open_work()


def test_no_clock_of_ours_is_without_a_row():
    hops = [hop["clock"] for chain in RULES.value("report.chains") for hop in chain["hops"]]
    shown = numbered(row.rule for row in ROWS)
    assert numbered([*RULES.values, *hops]) - ELSEWHERE.keys() == shown


def numbered(rules: Iterable[str]) -> set[str]:
    """The rows of the catalogue that rules are named after."""
    return {found[0] for rule in rules if (found := re.match(r"K-\d+", rule))}


@pytest.mark.parametrize(("type", "days"), [(IncidentType.MINE, 30), (IncidentType.TRAFFIC, 7), (IncidentType.FIRE, 7)])
def test_a_window_ends_and_nobody_missed_anything(type: IncidentType, days: int) -> None:
    """K-12 (PSIR art. 13): casualties may change within it."""
    town = Town(registered(type))
    over = day(18, "13:48") + timedelta(days=days)
    assert town.running["incident-INC-1", "casualties"].due_at == over
    town.until(over)
    assert [event.stopped for event in town.facts(IncidentWindowOver)] == [("casualties",)]
    assert missed(town, "casualties") == []
