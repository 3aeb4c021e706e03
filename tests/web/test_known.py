"""Who sends a name that is not known is told which are, however deep it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from pydantic import BaseModel, Field

from services.alerts.deciders.plans.commands import DraftPlan
from shared.web.commands import body_of
from shared.web.known import fields_at
from tests.support import OFFICER, fresh, problem

PLAN = body_of(DraftPlan)


class Leaf(BaseModel):
    """A part."""

    name: str = Field(alias="called")


@dataclass
class Either:
    """Another."""

    this: Leaf | dict[str, int]
    named: Mapping[str, Leaf]


@pytest.mark.parametrize(
    ("shape", "place", "known"),
    [
        (PLAN, ("levels", 0), ("level", "authority", "conditions", "measures", "orders", "expected_hours")),
        (PLAN, ("levels", 3, "measures", 0), ("measure", "text", "roles")),
        (PLAN, ("levels", 0, "authority"), ("roles", "division", "organ")),
        (PLAN, ("hazard",), ()),
        (PLAN, ("levels", 0, "nothing", "there"), ()),
        (Either, (), ("this", "named")),
        (Either, ("named", "any"), ("called",)),
        (Either, ("this", "name"), ()),  # it may be this or that
        (None, ("levels",), ()),
    ],
)
def test_the_names_known_at_a_place(shape, place, known):
    assert fields_at(shape, place) == known


def test_the_cure_names_what_is_allowed(node):
    level = {"level": 1, "measures": [{"measure": "P-1", "text": "watch", "role": ["EMD"]}], "hours": 3}
    body = {"plan": fresh("PLAN"), "type": "special", "hazard": "flood", "levels": [level]}
    said = problem(node.post("/api/alerts/plans", OFFICER, body), 400, "malformed", "schema")
    assert {fault["field"]: fault["cure"] for fault in said["failures"]} == {
        "levels.0.measures.0.role": "role is not known here; what is: measure, text, roles",
        "levels.0.hours": "hours is not known here; what is: level, authority, conditions, measures, orders, expected_hours",
    }
    strange = problem(node.post("/api/alerts/plans", OFFICER, body | {"levels": [], "colour": "red"}), 400, "malformed", "schema")
    assert strange["cure"].startswith("colour is not known here; what is: plan, type, hazard, ")
