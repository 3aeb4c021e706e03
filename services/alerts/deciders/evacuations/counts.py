"""Counts of people, and what cannot be one."""

from __future__ import annotations

from collections.abc import Mapping

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
