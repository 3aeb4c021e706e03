"""What the registry shows is what its facts say."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from services.registry.deciders.divisions import DIVISIONS
from services.registry.events.divisions import Change, DivisionChanged, DivisionsLoaded
from services.registry.events.organs import OrganRegistered, PostAssigned, PostEnded
from services.registry.events.packs import RulePackAdopted
from services.registry.projections.divisions import get_division, list_divisions
from services.registry.projections.organs import list_adoptions, list_organs
from services.registry.service import REGISTRY
from shared.geo.history import DivisionHistory
from shared.geo.units import Unit
from shared.handling.reader import schema
from shared.handling.rows import UnitOfWork
from shared.kernel.events import family, type_of

NOW = datetime(2026, 1, 5, 16, tzinfo=timezone(timedelta(hours=8)))
DAY = date(2026, 2, 1)
UNITS = (
    Unit("150000", "区", "Region", 1, kind="autonomous region"),
    Unit("150700", "市", "City", 2, "150000"),
    Unit("150721", "阿荣旗", "Arun", 3, "150700", lon=Decimal("123.5"), lat=Decimal("48.1"), neighbours=("150722",)),
    Unit("150722", "莫旗", "Morin Dawa", 3, "150700"),
)


@pytest.fixture
def shown(database):
    db = database.connect()
    db.executescript(schema(REGISTRY))
    rows = UnitOfWork(db)
    at: Any = None  # no projection of the registry looks at the envelope

    def show(*events, chunk=1):
        for n, event in enumerate(events, 1):
            for projection in REGISTRY.projections:
                if family(type_of(event)) in projection.listens:
                    projection.apply(rows, event, at)
            if n % chunk == 0:
                rows.flush()
        rows.flush()
        return database.look()

    return show


def changed(code, change, day=DAY, **more):
    return DivisionChanged("150000", code, change, day, "批复", NOW, **more)


def test_every_fact_of_the_registry_is_shown_somewhere():
    from shared.kernel.events import registered

    listened = {name for projection in REGISTRY.projections for name in projection.listens}
    assert {family(name) for name, _ in registered("registry")} == listened


def test_a_unit_is_shown_with_all_it_says(shown):
    db = shown(DivisionsLoaded("150000", UNITS, None, NOW))
    assert get_division(db, "150721", DAY) == {
        "code": "150721",
        "root": "150000",
        "zh": "阿荣旗",
        "en": "Arun",
        "level": 3,
        "kind": "",
        "parent": "150700",
        "valid_from": None,
        "valid_to": None,
        "successor": None,
        "lon": "123.5",
        "lat": "48.1",
        "neighbours": ["150722"],
    }
    assert get_division(db, "150799", DAY) is None


def test_divisions_are_listed_page_by_page_and_by_parent(shown):
    db = shown(DivisionsLoaded("150000", UNITS, None, NOW))
    first = list_divisions(db, day=DAY, after=None, limit=3)
    assert [row["code"] for row in first] == ["150000", "150700", "150721"]
    assert [row["code"] for row in list_divisions(db, day=DAY, after="150721", limit=3)] == ["150722"]
    assert [row["code"] for row in list_divisions(db, day=DAY, after=None, limit=9, parent="150700")] == ["150721", "150722"]


@pytest.mark.parametrize("chunk", [1, 9])
def test_what_is_shown_on_a_day_is_the_tree_of_that_day(shown, chunk):
    events = [
        DivisionsLoaded("150000", UNITS, None, NOW),
        changed("150722", Change.RENAME, zh="新名"),
        changed("150722", Change.RENAME, DAY + timedelta(days=30), zh="更新"),
        changed("150721", Change.MERGE, DAY + timedelta(days=60), into="150722"),
        changed("150722", Change.RENAME, DAY + timedelta(days=90), en="Newest"),
    ]
    db = shown(*events, chunk=chunk)
    history = DivisionHistory(DIVISIONS.fold(events).units)
    for days in (-1, 0, 29, 30, 59, 60, 90, 400):
        day = DAY + timedelta(days=days)
        tree = history.on(day)
        listed = {
            row["code"]: (row["zh"], row["en"], row["valid_to"], row["successor"])
            for row in list_divisions(db, day=day, after=None, limit=99)
        }
        expected = {
            unit.code: (unit.zh, unit.en, str(unit.valid_to) if unit.valid_to else None, unit.successor)
            for unit in tree
            if tree.in_force(unit.code)
        }
        assert listed == expected, days


def test_organs_are_shown_with_the_posts_that_carry_roles(shown):
    organ = OrganRegistered("EMB", "150722", "应急管理局", "Bureau", ("EMD",), None, NOW)
    post = PostAssigned("EMB", "B.DUTY", ("EMD.duty",), NOW, NOW + timedelta(days=1), NOW)
    db = shown(organ, post, PostAssigned("EMB", "B.OFF", ("EMD.officer",), NOW, None, NOW), PostEnded("EMB", "B.OFF", None, NOW))
    assert list_organs(db, after=None, limit=9, division="150722") == [
        {
            "organ": "EMB",
            "division": "150722",
            "zh": "应急管理局",
            "en": "Bureau",
            "functions": ["EMD"],
            "signs_as": None,
            "posts": [
                {"post": "B.DUTY", "roles": ["EMD.duty"], "starts": "2026-01-05T08:00:00+00:00", "until": "2026-01-06T08:00:00+00:00"}
            ],
        }
    ]
    assert list_organs(db, after="EMB", limit=9) == list_organs(db, after=None, limit=9, division="150721") == []


def test_adoptions_are_shown_in_order(shown):
    later = RulePackAdopted("150000", "cn-2030-01", None, NOW + timedelta(days=9), "law", NOW)
    db = shown(RulePackAdopted("150000", "cn-2024-11", "ab", NOW, None, NOW), later)
    assert [(row["pack"], row["starts"]) for row in list_adoptions(db)] == [
        ("cn-2024-11", datetime(2026, 1, 5, 8, tzinfo=UTC).isoformat()),
        ("cn-2030-01", "2026-01-14T08:00:00+00:00"),
    ]
