"""Read models by generation: a new form is built beside the old one, which answers until the new one is level."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.eventlog.sqlite import opened
from shared.handling.declare import Table
from shared.runtime import generations
from shared.runtime.generations import Generations
from tests.handling.desk import Desk, dry
from tests.hosts.depot import DEPOT, Stock


class Wider(Stock):
    """The next release's form of the table."""

    table = Table("stock", ("item",), Stock.table.columns | {"note": "TEXT"})
    tables = (table,)


NEXT = replace(DEPOT, projections=(Wider(),))


@pytest.fixture
def forms(monkeypatch):
    """A fingerprint by the service given, since both forms live in this file."""
    monkeypatch.setattr(generations, "fingerprint", lambda service: "new" if service is NEXT else "old")
    monkeypatch.setattr("shared.handling.reader.CHUNK", 5)


def models(desk, service=DEPOT):
    return Generations(desk.folder / "read", service, desk.log, ())


def columns(path):
    db = opened(path)
    try:
        return [row["name"] for row in db.execute("PRAGMA table_info(stock)")]
    finally:
        db.close()


@pytest.fixture
def upgraded(desk, forms):
    for _ in range(20):
        desk.receive(1)
    old = models(desk)
    dry(old.step)
    old.close()
    return desk, old.path


def test_the_old_one_answers_until_the_new_one_is_level(upgraded):
    desk, old = upgraded
    new = models(desk, NEXT)
    assert new.path == old
    assert new.step() and new.path == old
    dry(new.step)
    assert new.path != old and columns(new.path)[-1] == "note"
    assert not old.exists()


def test_a_process_that_dies_while_it_builds_goes_on_building_beside_the_old_one(upgraded):
    desk, old = upgraded
    half = models(desk, NEXT)
    half.step()
    half.close()
    again = models(desk, NEXT)
    assert again.path == old, "a half-built read model must not answer"
    dry(again.step)
    assert again.path != old and not old.exists()


def test_events_that_come_while_it_is_built_are_in_it(upgraded):
    desk, _ = upgraded
    new = models(desk, NEXT)
    new.step()
    desk.receive(1)
    dry(new.step)
    assert new.reader._db.execute("SELECT on_hand FROM stock").fetchone() == (21,)


def test_the_same_form_is_opened_again_and_not_built_anew(upgraded):
    desk, old = upgraded
    same = models(desk)
    assert same.path == old
    assert not same.step()


def test_the_fingerprint_follows_the_events_that_are_listened_to(monkeypatch):
    before = generations.fingerprint(DEPOT)
    monkeypatch.setattr(generations, "registered", lambda: [("depot.item.received.v2", Desk)])
    assert generations.fingerprint(DEPOT) != before
    assert generations.fingerprint(DEPOT) == generations.fingerprint(DEPOT)
