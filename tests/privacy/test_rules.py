"""The purposes as data: each is whole, and sensitive fields are among its own."""

from __future__ import annotations

import pytest

from services.privacy.deciders.streams import REGISTERS
from tests.privacy.world import PURPOSES, RULES

NEEDED = {
    "register",
    "callup.contact",
    "callup.health",
    "shelter.list",
    "report.contact",
    "register.review",
    "payment",
    "requisition.owner",
    "relief.household",
    "donation.donor",
    "hours.tracks",
    "training.invite",
}


def test_every_purpose_that_is_needed_is_declared():
    names = [row["purpose"] for row in PURPOSES]
    assert set(names) >= NEEDED and len(names) == len(set(names))


@pytest.mark.parametrize("row", PURPOSES, ids=lambda row: row["purpose"])
def test_a_purpose_names_owner_readers_fields_and_basis(row):
    assert row["owner"] in REGISTERS
    assert row["readers"] and row["fields"] and row["notice"] and row["zh"] and row["en"] and row["refused"]
    assert set(row["sensitive"]) <= set(row["fields"])
    assert row["basis"] in RULES.value("privacy.bases")
    assert not (row["standing"] and (row["copies"] or row["deferred"]))


def test_what_outlives_an_incident_is_the_registration_payment_and_the_list_of_households():
    standing = {"register", "register.review", "training.invite", "payment", "relief.household"}
    assert {row["purpose"] for row in PURPOSES if row["standing"]} == standing
