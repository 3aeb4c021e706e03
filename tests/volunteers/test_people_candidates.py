"""Who fits a need: every reason not to is one test; the nearest come first and say why; nothing personal is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from services.registry.provinces import province
from services.volunteers.api.candidates import distance_from
from services.volunteers.events import volunteer as said
from services.volunteers.events.engagement import EngagementReleased, EngagementTaken
from services.volunteers.events.skills import SkillsSet
from services.volunteers.events.validity import Cover, Span, Valid
from services.volunteers.projections import volunteers
from services.volunteers.projections.candidates import Need, candidates, forces
from services.volunteers.projections.volunteers import Volunteers
from shared.geo.distances import above
from shared.geo.divisions import Divisions
from shared.handling.rows import UnitOfWork
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, type_of
from shared.sql.ports import Connection, Databases
from tests.volunteers.people_world import BANNER, BASIC, CITY, COVER, END, LATER, NOW, OFFICER, approved, at, registered

TREE = Divisions(province("150000").units)
NEED = Need(LATER, LATER + timedelta(days=2), (BANNER, CITY, "150000"))
TRAINED = said.TrainingRecorded("V-A", BASIC, None, OFFICER.actor, NOW)
COVERED = said.VolunteerCoverNoted("V-A", COVER, NOW)
FITTING = (*approved(), TRAINED, COVERED)
Shown = Callable[..., Connection]


@pytest.fixture
def shown(databases: Databases) -> Shown:
    numbers = count()

    def build(*events: Any) -> Connection:
        database = databases.at(f"people{next(numbers)}")
        db = database.connect()
        db.executescript(";\n".join(statement for table in Volunteers.tables for statement in table.ddl()))
        rows, projection = UnitOfWork(db), Volunteers()
        for n, event in enumerate(events, 1):
            assert family(type_of(event)) in projection.listens, type_of(event)
            projection.apply(rows, event, _envelope(n))
            rows.flush()
        return database.look()

    return build


def _envelope(position: int) -> Envelope:
    place: dict[str, Any] = {"streamid": "", "streamversion": 1, "partitionkey": "", "division": BANNER}
    return Envelope(specversion="1.0", id="", source="", type="", time=NOW, log="", position=position, **place)


def fitting(db: Connection, need: Need = NEED, **how: Any) -> list[dict[str, Any]]:
    return candidates(db, need, how.pop("sees", lambda division, visibility: True), distance_from(TREE, BANNER), 50, **how)[0]


def names(db: Connection, need: Need = NEED, **how: Any) -> list[str]:
    return [one["volunteer"] for one in fitting(db, need, **how)]


def test_who_fits_says_why_and_shows_nothing_personal(shown: Shown) -> None:
    (one,) = fitting(shown(*FITTING), Need(NEED.since, NEED.until, NEED.places, skills=("boat",), languages=("zh",)))
    assert one == {
        "volunteer": "V-A",
        "division": BANNER,
        "township": None,
        "distance_km": 0.0,
        "skills": [{"skill": "boat", "certified": False}],
        "trainings": [],
        "languages": ["zh"],
        "insured": True,
        "lacks": ["VSR-15"],
        "available": True,
        "engaged": False,
    }


@pytest.mark.parametrize(
    "events",
    [
        (registered(), TRAINED, COVERED),
        (*FITTING, said.IdentityVerified("V-A", "document_seen", False, (), OFFICER.actor, NOW)),
        (*FITTING, said.FitnessSet("V-A", False, (), True, "V-A", NOW)),
        (*approved(fit=None), TRAINED, COVERED),
        (*approved(), COVERED),
        (*approved(), TRAINED),
        (*FITTING, said.TrainingRecorded("V-A", Valid("basic", NOW, at("00:00", 19)), None, OFFICER.actor, NOW)),
        (*FITTING, said.VolunteerCoverEnded("V-A", "POL-3", NOW)),
        (*approved(), TRAINED, said.VolunteerCoverNoted("V-A", Cover("POL-3", NOW, END, "150721", "rescue"), NOW)),
        (*approved(), TRAINED, said.VolunteerCoverNoted("V-A", Cover("POL-3", NOW, at("00:00", 19), BANNER, "rescue"), NOW)),
        (*FITTING, EngagementTaken("V-A", "CU-1", "INC-1", LATER, END, BANNER, NOW)),
        (*FITTING, said.AvailabilitySet("V-A", (6, 7), (), "V-A", NOW)),
        (*FITTING, said.AvailabilitySet("V-A", (1, 2, 3, 4, 5, 6, 7), (Span(LATER, END, False),), "V-A", NOW)),
        (*FITTING, said.VolunteerPaused("V-A", "V-A", NOW)),
        (*FITTING, said.VolunteerWithdrawn("V-A", "V-A", NOW)),
        (*FITTING, said.VolunteerErased("V-A", None, "V-A", NOW)),
        (*FITTING, said.VolunteerMerged("V-A", "V-B", OFFICER.actor, NOW)),
    ],
    ids=[
        "not reviewed",
        "a minor",
        "unfit",
        "fitness not said",
        "untrained",
        "uninsured",
        "training ends before",
        "cover ended",
        "covered elsewhere",
        "cover ends before",
        "engaged elsewhere",
        "not on these weekdays",
        "away",
        "paused",
        "withdrawn",
        "erased",
        "merged",
    ],
)
def test_who_does_not_fit_is_left_out(shown: Shown, events: tuple[Any, ...]) -> None:
    assert names(shown(*events)) == []


@pytest.mark.parametrize(
    "events",
    [
        (*FITTING, said.VolunteerPaused("V-A", "V-A", NOW), said.VolunteerResumed("V-A", "V-A", NOW)),
        (*FITTING, EngagementTaken("V-A", "CU-1", None, LATER, END, BANNER, NOW), EngagementReleased("V-A", "CU-1", NOW)),
        (*FITTING, EngagementTaken("V-A", "CU-1", None, NOW, LATER, BANNER, NOW)),
        (*FITTING, said.AvailabilitySet("V-A", (6, 7), (Span(NOW, END, True),), "V-A", NOW)),
        (
            *(*approved(), TRAINED),
            said.VolunteerCoverNoted("V-A", Cover("A", NOW, at("23:59", 18) + timedelta(seconds=59), CITY, "r"), NOW),
            said.VolunteerCoverNoted("V-A", Cover("B", at("00:00", 19), END, BANNER, "r"), NOW),
        ),
    ],
    ids=["resumed", "released", "engaged until then", "available then", "covers that follow each other"],
)
def test_who_fits_again_is_on_the_list(shown: Shown, events: tuple[Any, ...]) -> None:
    assert names(shown(*events)) == ["V-A"]


def test_covers_with_a_gap_are_none(shown: Shown) -> None:
    first = said.VolunteerCoverNoted("V-A", Cover("A", NOW, at("12:00", 18), CITY, "r"), NOW)
    second = said.VolunteerCoverNoted("V-A", Cover("B", at("13:00", 18), END, CITY, "r"), NOW)
    assert names(shown(*approved(), TRAINED, first, second)) == []


def test_a_declared_skill_counts_until_a_certificate_of_it_expired(shown: Shown) -> None:
    boat = Need(NEED.since, NEED.until, NEED.places, skills=("boat",))
    expired = said.SkillCertified("V-A", Valid("boat", NOW, at("00:00", 10)), None, OFFICER.actor, NOW)
    holds = said.SkillCertified("V-A", Valid("boat", NOW, END), None, OFFICER.actor, NOW)
    assert names(shown(*FITTING), boat) == ["V-A"]
    assert names(shown(*FITTING, expired), boat) == []
    assert fitting(shown(*FITTING, holds), boat)[0]["skills"] == [{"skill": "boat", "certified": True}]
    assert names(shown(*FITTING), Need(NEED.since, NEED.until, NEED.places, skills=("radio",))) == []


def test_a_skill_that_is_declared_no_longer_leaves_the_list_unless_it_is_certified(shown: Shown) -> None:
    boat = Need(NEED.since, NEED.until, NEED.places, skills=("boat",))
    none, again = SkillsSet("V-A", (), "V-A", NOW, ("boat",)), SkillsSet("V-A", ("boat",), "V-A", NOW)
    holds = said.SkillCertified("V-A", Valid("boat", NOW, END), None, OFFICER.actor, NOW)
    assert names(shown(*FITTING, none), boat) == []
    assert names(shown(*FITTING, none, again), boat) == ["V-A"]
    assert fitting(shown(*FITTING, holds, none), boat)[0]["skills"] == [{"skill": "boat", "certified": True}]


def test_hazard_training_and_language_are_asked(shown: Shown) -> None:
    old = said.IdentityVerified("V-A", "document_seen", True, ("GRASS_FIRE",), OFFICER.actor, NOW)
    db = shown(*FITTING, old)
    assert names(db) == ["V-A"]
    for changed in ({"hazard": "GRASS_FIRE"}, {"trainings": ("radio",)}, {"languages": ("mn",)}):
        assert names(db, Need(NEED.since, NEED.until, NEED.places, **changed)) == [], changed
    assert names(db, Need(NEED.since, NEED.until, NEED.places, hazard="FOREST_FIRE", trainings=("basic",))) == ["V-A"]


def _of(name: str, division: str) -> tuple[Any, ...]:
    cover = Cover("POL-3", NOW, END, "150000", "rescue")
    trained = said.TrainingRecorded(name, BASIC, None, OFFICER.actor, NOW)
    return (*approved(name, division=division), trained, said.VolunteerCoverNoted(name, cover, NOW))


def test_the_nearest_come_first_and_within_a_distance(shown: Shown) -> None:
    db = shown(*_of("V-1", "150702"), *_of("V-2", BANNER), *_of("V-3", "150721"))
    assert names(db) == ["V-2", "V-3", "V-1"]
    assert names(db, within_km=200.0) == ["V-2", "V-3"]
    assert names(db, sees=lambda division, visibility: division == "150702") == ["V-1"]
    some, total, _ = candidates(db, NEED, lambda division, visibility: True, distance_from(TREE, BANNER), 1)
    assert ([one["volunteer"] for one in some], total) == (["V-2"], 3)


def test_a_duplicate_is_listed_once_with_all_it_had(shown: Shown) -> None:
    merged = said.VolunteerMerged("V-A", "V-B", OFFICER.actor, NOW)
    taken = said.DuplicateTaken("V-B", "V-A", (BASIC,), (Valid("boat", NOW, END),), (COVER,), NOW)
    db = shown(*FITTING, *approved("V-B"), merged, taken)
    assert names(db) == ["V-B"]


def test_every_duplicate_leads_to_the_kept_in_one_step(shown: Shown) -> None:
    first = said.VolunteerMerged("V-A", "V-B", OFFICER.actor, NOW)
    second = said.VolunteerMerged("V-B", "V-C", OFFICER.actor, NOW)
    taken = said.DuplicateTaken("V-C", "V-B", (), (), (), NOW, through=("V-A",))
    row = volunteers.find(shown(*approved(), *approved("V-B"), *approved("V-C"), first, second, taken), "V-A")
    assert row is not None and row["kept"] == "V-C"


def test_the_register_tells_dates_and_covers(shown: Shown) -> None:
    db = shown(*FITTING, said.AvailabilitySet("V-A", (6, 7), (Span(LATER, END, False),), "V-A", NOW))
    assert volunteers.qualified(db, "V-A")[0]["code"] == "basic"
    assert volunteers.covers(db, "V-A")[0]["policy"] == "POL-3"
    assert volunteers.calendar(db, "V-A")[0]["available"] is False
    again = shown(
        *FITTING,
        said.AvailabilitySet("V-A", (6, 7), (Span(LATER, END, False),), "V-A", NOW),
        said.AvailabilitySet("V-A", (6, 7), (), "V-A", NOW),
    )
    assert volunteers.calendar(again, "V-A") == []


def test_no_reference_into_the_vault_is_in_the_read_model(shown: Shown) -> None:
    db = shown(*FITTING)
    assert "ref-1" not in str([tuple(row) for table in Volunteers.tables for row in db.execute(f"SELECT * FROM {table.name}")])


def test_a_division_without_a_point_stands_where_the_one_above_it_does() -> None:
    assert above(TREE, BANNER) == (BANNER, CITY, "150000")
    far = distance_from(TREE, BANNER)
    assert far({"division": BANNER, "township": "no such place"}) is None
    assert far({"division": BANNER, "township": None}) == 0


def test_weekdays_of_a_period() -> None:
    assert Need(at("08:00", 18), at("20:00", 18), ()).weekdays == 1 << 6  # a Sunday
    assert Need(at("08:00", 18), at("20:00", 19), ()).weekdays == 1 << 6 | 1
    assert Need(NOW, END, ()).weekdays == 2**7 - 1


def test_forces_by_discipline_free_and_insured() -> None:
    def row(name: str, **changed: Any) -> dict[str, Any]:
        said = {"force": name, "name": name, "disciplines": ["WATER"], "home": BANNER, "members": [1, 2], "status": "ready"}
        return said | {"contract": False, "kind": "social"} | changed

    rows = [row("A", home="150702"), row("B"), row("C"), row("D"), row("E", disciplines=["DIVING"]), row("F", contract=True)]
    found = forces(
        rows, {"A": True, "B": True, "C": False, "D": True, "F": True}, frozenset({"D"}), ("WATER",), distance_from(TREE, BANNER)
    )
    assert [(one["force"], one["mode"]) for one in found] == [("B", "offer"), ("F", "order"), ("A", "offer"), ("C", "offer")]
    assert [one["lacks"] for one in found] == [[], [], [], ["ERL-40.1"]]


def test_who_only_lacks_an_insurance_is_named_with_it_beside_those_who_fit(shown: Shown) -> None:
    db = shown(*approved(), TRAINED)
    items, total, lacking = candidates(db, NEED, lambda division, visibility: True, distance_from(TREE, BANNER), 50)
    assert (items, total) == ([], 0)
    assert [(one["volunteer"], one["insured"], one["lacks"]) for one in lacking] == [("V-A", False, ["ERL-40.1"])]


def test_who_lacks_a_training_is_told_where_too_few_fit(shown: Shown) -> None:
    def lacking(*events: Any, most: int = 50) -> list[tuple[str, list[str]]]:
        _, _, told = candidates(shown(*events), NEED, lambda division, visibility: True, distance_from(TREE, BANNER), most)
        return [(one["volunteer"], one["lacks"]) for one in told]

    assert lacking(*approved(), COVERED) == [("V-A", ["PSER-11"])]
    assert lacking(*approved()) == [("V-A", ["ERL-40.1", "PSER-11"])]
    assert lacking(*approved(), TRAINED) == [("V-A", ["ERL-40.1"])]
    assert lacking(*FITTING, *approved("V-B"), most=1) == []  # enough fit


def test_a_danger_is_covered_by_a_class_that_has_it(shown: Shown) -> None:
    office = said.VolunteerCoverNoted("V-A", Cover("POL-9", NOW, END, CITY, "office"), NOW)
    fire = Need(NEED.since, NEED.until, NEED.places, hazard="FOREST_FIRE", risks=("rescue",))
    assert names(shown(*approved(), TRAINED, office), NEED) == ["V-A"]
    assert names(shown(*approved(), TRAINED, office), fire) == [] and names(shown(*FITTING), fire) == ["V-A"]
