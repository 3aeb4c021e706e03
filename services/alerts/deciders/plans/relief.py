"""The levels of the national relief response, by the worst figure (national relief plan, domain 4.3). Others activate it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from services.alerts.events.plan_content import Metric
from services.alerts.events.scales import ResponseLevel
from shared.kernel.decider import Rules

NATIONAL = "NRP"


TOGETHER = {Metric.DEAD_MISSING: (Metric.DEAD, Metric.MISSING), Metric.ROOMS: (Metric.ROOMS_COLLAPSED, Metric.ROOMS_DAMAGED)}


def with_sums(figures: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The figures, and those that two of them make together."""
    sums = {of.value: [figures[part] for part in parts if part in figures] for of, parts in TOGETHER.items()}
    return {of: sum(parts, Decimal()) for of, parts in sums.items() if parts} | dict(figures)


def relief_level(figures: Mapping[str, Decimal], rules: Rules) -> tuple[ResponseLevel, str] | None:
    """The level that the figures of one province reach, and by which figure; None below all. A bound belongs to the level it opens."""
    bounds: Mapping[str, Mapping[str, int]] = rules.value(NATIONAL)
    for level in ResponseLevel:
        for metric, of_level in bounds.items():
            value = figures.get(metric)
            if value is not None and value >= of_level[str(level.value)]:
                return level, f"{metric} {value}"
    return None
