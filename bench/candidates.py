"""A whole register of volunteers filtered to those who fit a need: rows as the projection builds them, asked as the route asks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from bench.figures import Figure, Scale, folder
from services.registry.provinces import province
from services.volunteers.api.candidates import distance_from
from services.volunteers.events.engagement import EngagementTaken
from services.volunteers.events.validity import Cover, Span, Valid
from services.volunteers.events.volunteer import (
    AvailabilitySet,
    IdentityVerified,
    SkillCertified,
    TrainingRecorded,
    VolunteerApproved,
    VolunteerCoverNoted,
    VolunteerRegistered,
)
from services.volunteers.projections.candidates import Need, candidates
from services.volunteers.projections.volunteers import Volunteers
from shared.geo.distances import above
from shared.geo.divisions import Divisions
from shared.handling.rows import UnitOfWork
from shared.kernel.envelope import Envelope
from shared.sql.sqlite import File

REGISTER, MOST = 50_000, 50
BEGINS = datetime(2021, 7, 1, tzinfo=UTC)
SKILLS = ("boat", "first_aid", "driving", "cooking", "loading", "care", "radio", "translation", "drone", "medical")
PLACE = "150722"


def run(scale: Scale) -> list[Figure]:
    """One register, asked a narrow and a wide question."""
    number = scale.of(REGISTER, 500)
    tree = Divisions(province("150000").units)
    places = [unit.code for unit in tree if unit.level == 3]
    since = BEGINS + timedelta(days=18)
    until, around = since + timedelta(days=2), above(tree, PLACE)
    wide = Need(since, until, around)
    narrow = Need(since, until, around, hazard="GRASS_FIRE", skills=("boat",), trainings=("basic",), languages=("mn",))
    with folder() as place:
        database = File(place / "read.db")
        db = database.connect(durable=False)
        for table in Volunteers.tables:
            for statement in table.ddl():
                db.execute(statement)
        _fill(db, number, places)
        look = database.look()
        found = [(_asked(look, tree, need, scale), need) for need in (wide, narrow)]
        db.close()
    named = ("everybody who may go", "one skill, one training, one language, one hazard")
    return [
        Figure(f"{number:,} volunteers filtered to candidates: {what}", "ms", took, None, "ours <= 300")
        for (took, _), what in zip(found, named, strict=True)
    ]


def _asked(db: Any, tree: Divisions, need: Need, scale: Scale) -> float:
    took = []
    for _ in range(scale.runs):
        began = time.perf_counter()
        shown, fitting, _ = candidates(db, need, lambda division, visibility: True, distance_from(tree, PLACE), MOST)
        took.append((time.perf_counter() - began) * 1000)
        assert shown and fitting >= len(shown)
    return median(took)


def _fill(db: Any, number: int, places: list[str]) -> None:
    """Of a hundred every kind of who may not go is there: minors, unfit, untrained, uninsured, engaged, away."""
    rows, shown = UnitOfWork(db), Volunteers()
    for n in range(number):
        for fact in _life(n, places[n % len(places)]):
            shown.apply(rows, fact, _envelope(n + 1))
        if n % 2_000 == 0:
            rows.flush()
    rows.flush()
    db.commit()


def _life(n: int, place: str) -> Iterator[Any]:
    name, at, year = f"V-{n:06}", BEGINS, BEGINS + timedelta(days=365)
    skills = (SKILLS[n % 10], SKILLS[n // 10 % 10])
    languages = ("zh", "mn") if n % 3 == 0 else ("zh",)
    excluded = ("GRASS_FIRE",) if n % 17 == 0 else ()
    yield VolunteerRegistered(
        name, None, place, None, n % 50 != 0, True, languages, skills, None, excluded, 1, "1", "B.OFF", at, fit=n % 40 != 0
    )
    yield IdentityVerified(name, "document_seen", n % 50 != 0, (), "B.OFF", at)
    yield VolunteerApproved(name, "B.APP", at)
    if n % 10:
        yield TrainingRecorded(name, Valid("basic", at, year if n % 11 else BEGINS + timedelta(days=19)), None, "B.OFF", at)
    if n % 5 == 0:
        yield SkillCertified(name, Valid(skills[0], at, year), None, "B.OFF", at)
    if n % 8:
        yield VolunteerCoverNoted(name, Cover(f"POL-{n % 30}", at, year, "150000", "rescue"), at)
    if n % 6 == 0:
        away = Span(BEGINS + timedelta(days=n % 30), BEGINS + timedelta(days=n % 30 + 3), False)
        yield AvailabilitySet(name, (1, 2, 3, 4, 5, 6, 7) if n % 4 else (6, 7), (away,), name, at)
    if n % 20 == 0:
        yield EngagementTaken(name, "CU-1", "INC-1", at, year, place, at)


def _envelope(position: int) -> Envelope:
    return Envelope(
        specversion="1.0",
        id="",
        source="",
        type="",
        time=BEGINS,
        log="150000.volunteers",
        position=position,
        streamid="",
        streamversion=1,
        partitionkey="",
        division=PLACE,
    )
