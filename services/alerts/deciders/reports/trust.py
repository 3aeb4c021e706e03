"""Whose numbers count at once, and in which duty room somebody looks at the others before they do (IR-02, domain 3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from services.alerts.deciders.incidents.state import Incident
from services.alerts.deciders.reports.chains import of_unit
from services.alerts.events.report import Doubt, Figure, Why

COUNTY = 3  # the lowest level with a duty room (PSER art. 14)
Line = Iterable[tuple[str, int]]


def outside(line: Line, division: str | None, incident: Incident) -> bool:
    """A sender in none of the incident's divisions nor under one, who does not lead it either. Who lies above it is the tree's to say."""
    leads = division in (incident.division, *incident.leaders)
    return incident.division is not None and not leads and {division, *(code for code, _ in line)}.isdisjoint(incident.divisions)


def desk(line: Line, division: str | None, elsewhere: Incident | None = None) -> str | None:
    """Where what is in doubt is looked at: the nearest duty room of the sender's line; what is from elsewhere, where the incident is."""
    return elsewhere.division if elsewhere is not None else next((code for code, level in line if level <= COUNTY), division)


def untrusted(figures: Iterable[Figure], organ: str, outside: bool, standing: Mapping[str, Decimal]) -> Iterator[Doubt]:
    """Numbers from outside the incident, or of a unit: no organ has looked at them, but for those that count already."""
    why = Why.OUTSIDE if outside else Why.UNVERIFIED if of_unit(organ) else None
    if why is not None:
        for figure in figures:
            if figure.value is not None and standing.get(figure.metric) != figure.value:
                yield Doubt(why, figure.metric)
