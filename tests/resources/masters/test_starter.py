"""The starter catalogue fits the rules of the catalogue, and what the default calculator counts is in it."""

from __future__ import annotations

from services.client.catalogue import starter
from services.resources.deciders.masters.item import RegisterItem
from tests.resources.world import NOW, OFF, RULES, Town


def test_every_starter_item_is_taken_and_has_a_code_of_its_own():
    town, items = Town(), list(starter())
    for item in items:
        assert town.do(RegisterItem(by=OFF, now=NOW, **item)).events
    assert len({item["code"] for item in items}) == len(items) == 32


def test_no_code_claims_a_place_of_the_standards_table():
    codes = [item["code"] for item in starter()]
    assert all(code.startswith(("1999", "2999", "3999")) or code in RULES.value("item.local_codes") for code in codes)


def test_what_is_counted_by_default_is_in_the_starter_catalogue():
    assert set(RULES.value("need.norms")) <= {item["item"] for item in starter()}
