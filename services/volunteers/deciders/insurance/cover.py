"""Whether covers hold over a whole period and place (ERL-40.1): several may follow each other; a gap is named by where it begins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.volunteers.events.validity import Cover

RISK = "policy.risk"
NEXT = timedelta(seconds=1)  # a cover until 23:59:59 and one from 00:00:00 leave no gap


def gap(covers: Iterable[Cover], since: datetime, until: datetime, places: Collection[str]) -> datetime | None:
    """Where the first gap begins; None when the whole period is covered. `places`: the place and all divisions above it."""
    at = since
    for cover in sorted((one for one in covers if one.territory in places), key=lambda one: one.since):
        if cover.since > at + NEXT:
            break
        at = max(at, cover.until)
    return None if at >= until else at


def insures(risk: str, classes: Mapping[str, Any], hazard: str, skills: Iterable[str]) -> bool:
    """Whether a class of risk (`policy.risk`) covers a task. One that is not on the list, as older policies name it, covers no danger
    and no skill."""
    row = classes.get(risk, {})
    return row.get("all", False) or (not hazard and all(skill in row.get("skills", ()) for skill in skills))


def ending(covers: Iterable[Cover], at: datetime) -> Cover | None:
    """The cover whose end makes the gap that begins there, to be named in a refusal."""
    return next((one for one in covers if one.until == at), None)
