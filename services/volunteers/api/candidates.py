"""Who fits a need: the list from which a call-up is offered (domain 3.18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.volunteers.deciders.forces.commands import Discipline
from services.volunteers.deciders.insurance.cover import RISK, gap, insures
from services.volunteers.deciders.people.commands import Hazard
from services.volunteers.events.validity import Cover
from services.volunteers.projections import candidates, forces, volunteers
from services.volunteers.projections.candidates import Need
from shared.geo.distances import above, kilometres, point_of
from shared.geo.divisions import Divisions
from shared.handling.timers import utc
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all
from shared.sql.ports import Connection
from shared.web.commands import CommandRoutes, Moment
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = ()
LONGEST = timedelta(days=366)

Codes = Annotated[list[str], Query(default_factory=list, max_length=10)]
Point = tuple[float, float]


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    """Add the query."""

    @router.get("/candidates", operation_id="ListCandidates", responses=RESPONSES)
    def list_candidates(
        caller: Caller,
        division: Annotated[str, Query(max_length=20, description="where the work is")],
        since: Annotated[Moment, Query(alias="from")],
        until: Annotated[Moment, Query(alias="to")],
        skill: Codes,
        training: Codes,
        language: Codes,
        discipline: Annotated[list[Discipline], Query(default_factory=list, max_length=12)],
        hazard: Hazard | None = None,
        within_km: Annotated[float | None, Query(ge=0, le=5000)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Row:
        """Volunteers, nearest first, who are approved, of age, fit, trained, insured and free for the whole period, and why each fits;
        beside them (`lacking`) who has only to be insured yet and, where too few fit, who has to be trained; with a discipline, forces
        too. Distances are from the township's point, never from a home."""
        caller.require("ListCandidates")
        tree = host.directory.divisions
        refuse_all(NotFound, [] if tree.in_force(division) else [Failure("reference", f"{division} is no division in force", "division")])
        if not timedelta(0) < until - since <= LONGEST:
            raise RuleBroken(Failure("candidates.period", "the period ends after it begins, and within a year", "to"))
        classes: dict[str, Any] = host.directory.rules_for(division, caller.now, None).value(RISK)
        danger = hazard or skill  # an older class, as no list names it, covers what has none
        risks = tuple(name for name in classes if insures(name, classes, hazard or "", skill)) if danger else None
        need = Need(since, until, above(tree, division), hazard, tuple(skill), tuple(training), tuple(language), risks)
        far = distance_from(tree, division)
        db = host.read("volunteers")
        items, total, lacking = candidates.candidates(db, need, host.sees(caller.by), far, limit, within_km)
        told = _forces(db, need, tuple(discipline), far) if discipline else []
        return {"items": items, "fitting": total, "lacking": lacking, "forces": told[:limit], "positions": host.positions()}


def distance_from(tree: Divisions, division: str) -> Callable[[Row], float | None]:
    """Kilometres between two divisions' points; of one without a point, that of the nearest above it. None where there is none."""
    here = point_of(tree, division)

    def distance(row: Row) -> float | None:
        there = point_of(tree, row["township"] or row["division"])
        return None if here is None or there is None else kilometres(here, there)

    return distance


def _forces(db: Connection, need: Need, disciplines: tuple[str, ...], far: Callable[[Row], float | None]) -> list[Row]:
    """Of every division: a force may serve outside its home (ERL art. 39 para. 3), and what is told of it is no secret."""
    rows = forces.callable_(db)
    start, end = utc(need.since), utc(need.until)
    covered, busy = {}, set()
    for row in rows:
        name = row["force"]
        covers = [_cover(one) for one in volunteers.covers(db, name) if need.risks is None or one["risk"] in need.risks]
        covered[name] = gap(covers, need.since, need.until, need.places) is None
        if any(one["since"] < end and one["until"] > start for one in volunteers.engagements(db, name)):
            busy.add(name)
    return candidates.forces(rows, covered, frozenset(busy), disciplines, far)


def _cover(row: Row) -> Cover:
    since, until = (datetime.fromisoformat(row[name]) for name in ("since", "until"))
    return Cover(row["policy"], since, until, row["territory"], row["risk"])
