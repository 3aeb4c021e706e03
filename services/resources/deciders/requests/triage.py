"""Whether a request asks so much that a person looks at it before anybody acts on it (domain 3.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.resources.deciders.masters.norm import Norm, norm_of
from services.resources.deciders.streams import norm_stream
from shared.kernel.decider import Rules


def far_above(
    items: Mapping[str, int], people: int, month: int, places: Sequence[str], states: Mapping[str, Any], rules: Rules
) -> tuple[str, ...]:
    """The items asked above so many times the norm for these people: that of the nearest place that set one, else the default."""
    limit, defaults = rules.value("supply.triage"), rules.value("need.norms")
    found = []
    for item, qty in items.items():
        norms = [state for place in places if isinstance(state := states.get(norm_stream(place, item)), Norm)]
        norms += [norm_of(defaults[item])] if item in defaults else []
        wanted = (norm.wanted(people, limit["days"], month) for norm in norms)
        most = next((count for count in wanted if count is not None), None)
        if most is not None and qty > limit["times"] * most:
            found.append(item)
    return tuple(found)
