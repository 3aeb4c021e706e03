"""Counts of people: what cannot be one, and what is kept and not counted before somebody looked."""

from __future__ import annotations

from collections.abc import Mapping

from services.alerts.deciders.evacuations.commands import ReportCleared
from services.alerts.deciders.evacuations.state import Evacuation
from services.alerts.events.evacuation import Group
from shared.kernel.errors import Failure, RuleBroken, refuse_all

MOST = 100_000_000  # nobody means more: a slip of the hand, and more than every store and client can hold exactly is not far


def possible(groups: Mapping[Group, int], within: int | None = None, **counts: int | None) -> None:
    """Refuse a number no count can be, and a group larger than the whole it is part of."""
    named = {**counts, **{f"groups.{group.value}": count for group, count in groups.items()}}
    wrong = [Failure("count", f"{name} is between 0 and {MOST}", name) for name, n in named.items() if n is not None and not 0 <= n <= MOST]
    if within is not None:
        wrong += [
            Failure("count", f"{group.value} are part of the {within} people", f"groups.{group.value}")
            for group, count in groups.items()
            if count > within
        ]
    refuse_all(RuleBroken, wrong)


FALLING, MORE, STRANGER = "falling", "more", "stranger"
_GROWING = ("people", "households")  # who left has left: fewer than before is a correction, and says why
_ANYWHERE = ("TEAM", "TASK.lead")  # who may report from wherever they belong
_DUTY = ("GOV", "HQ", "ICP", "EMD")  # whose note settles a number that cannot be told from a slip


def doubts(command: ReportCleared, evacuation: Evacuation, after: Evacuation, area: str) -> tuple[str, ...]:
    """Why the numbers of a report are not counted yet (domain 3.6): they fall without a reason, they are more than were to leave and the
    duty room does not say why, or they are those of a team that does not belong here."""
    was = evacuation.reports.get(area)
    falls = was is not None and any(
        now is not None and (before := getattr(was, name, None)) is not None and now < before
        for name in _GROWING
        if (now := getattr(command, name)) is not None
    )
    more = after.headcount is not None and after.accounted > after.headcount and after.accounted > evacuation.accounted
    found = {
        FALLING: falls and not command.note,
        MORE: more and not (command.note and command.by.has(*_DUTY)),
        STRANGER: _stranger(command, evacuation),
    }
    return tuple(name for name, holds in found.items() if holds)


def _stranger(command: ReportCleared, evacuation: Evacuation) -> bool:
    """`line` is the area's where one is named, else the caller's own."""
    by, here = command.by, {evacuation.division, *evacuation.areas}
    if not by.has(*_ANYWHERE) or by.division in here:
        return False
    return by.division not in command.line if command.area is not None else here.isdisjoint(command.line)
