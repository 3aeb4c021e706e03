"""What a plan names and the catalogues must have: the hazards it is for, and measures somebody can order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from services.alerts.deciders.orders.content import measure
from services.alerts.deciders.reports.chains import longest
from services.alerts.events.plan_content import PlanContent
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure

HAZARDS = "plan.hazards"
_OF_WARNINGS = re.compile(r"\d{2}[A-Z]\d{2}")  # what warnings name theirs by


def unknown(content: PlanContent, rules: Rules) -> Iterator[Failure]:
    """What nobody could act on: a hazard that is none, a standing order of a measure that is in no catalogue."""
    if types_of(content.hazard, rules) is None and not _OF_WARNINGS.fullmatch(content.hazard):
        known = ", ".join(rules.value(HAZARDS))
        cure = f"{content.hazard[:60]} is no hazard: name a type of incident (NAT.FLOOD), a warning's hazard (11B03), or one of {known}"
        yield Failure(HAZARDS, cure, "hazard")
    for level in content.levels:
        for order in level.orders:
            if measure(order.measure_type, rules) is None:
                known = ", ".join(each["type"] for each in rules.value("order.measures"))
                cure = f"order {order.order}: {order.measure_type[:60]} can be ordered by nobody; there are {known}"
                yield Failure("ERL-73", cure, "levels")


def types_of(hazard: str, rules: Rules) -> Sequence[str] | None:
    """The prefixes of the incident types that a hazard stands for; None for what is no hazard."""
    words: Mapping[str, Sequence[str]] = rules.value(HAZARDS)
    types: Mapping[str, object] = rules.value("incident.types")
    of_types = any(longest((hazard,), type) >= 0 for type in types) if hazard else False
    return words.get(hazard, (hazard,) if of_types else None)


def fits(content: PlanContent | None, type: str, rules: Rules) -> bool:
    """Whether a plan is for incidents of a type; one that names a warning's hazard is not judged."""
    types = types_of(content.hazard, rules) if content else None
    return types is None or longest(types, type) >= 0
