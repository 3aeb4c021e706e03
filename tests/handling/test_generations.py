"""Read models by generation: a new form is built beside the old one, which answers until the new one is level."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.handling.declare import Table
from shared.handling.reader import Reader
from shared.runtime import generations
from shared.runtime.generations import Generations
from shared.sql.ports import LogBusy, StorageFailed
from tests.handling.desk import Desk, dry
from tests.hosts.depot import DEPOT, Stock


class Wider(Stock):
    """The next release's form of the table."""

    table = Table("stock", ("item",), Stock.table.columns | {"note": "TEXT"})
    tables = (table,)


NEXT = replace(DEPOT, projections=(Wider(),))


@pytest.fixture
def desk(tmp_path, databases):
    return Desk(tmp_path, databases=databases)


@pytest.fixture
def forms(monkeypatch):
    """A fingerprint by the service given, since both forms live in this file."""
    monkeypatch.setattr(generations, "fingerprint", lambda service: "new" if service is NEXT else "old")
    monkeypatch.setattr("shared.handling.reader.CHUNK", 5)


def models(desk, service=DEPOT):
    return Generations(desk.databases, service, desk.log, ())


def columns(models):
    return [*dict(models.look().execute("SELECT * FROM stock").fetchone())]


@pytest.fixture
def upgraded(desk, forms):
    for _ in range(20):
        desk.receive(1)
    old = models(desk)
    dry(old.step)
    old.close()
    return desk, old.name


def test_the_old_one_answers_until_the_new_one_is_level(upgraded):
    desk, old = upgraded
    new = models(desk, NEXT)
    assert new.name == old
    assert new.step() and new.name == old and "note" not in columns(new)
    dry(new.step)
    assert new.name != old and columns(new)[-1] == "note"


def test_a_process_that_dies_while_it_builds_goes_on_building_beside_the_old_one(upgraded):
    desk, old = upgraded
    half = models(desk, NEXT)
    half.step()
    half.close()
    again = models(desk, NEXT)
    assert again.name == old, "a half-built read model must not answer"
    dry(again.step)
    assert again.name != old


def test_events_that_come_while_it_is_built_are_in_it(upgraded):
    desk, _ = upgraded
    new = models(desk, NEXT)
    new.step()
    desk.receive(1)
    dry(new.step)
    assert new.look().execute("SELECT on_hand FROM stock").fetchone()[0] == 21


def test_the_same_form_is_opened_again_and_not_built_anew(upgraded):
    desk, old = upgraded
    same = models(desk)
    assert same.name == old
    assert not same.step()


def test_the_fingerprint_follows_the_events_that_are_listened_to(monkeypatch):
    before = generations.fingerprint(DEPOT)
    monkeypatch.setattr(generations, "registered", lambda: [("depot.item.received.v2", Desk)])
    assert generations.fingerprint(DEPOT) != before
    assert generations.fingerprint(DEPOT) == generations.fingerprint(DEPOT)


def rebuilt(desk) -> str:
    seen = []
    name = generations.rebuild(desk.databases, DEPOT, desk.log, (), seen.append)
    assert seen[-1] == desk.log.head().position
    return name


def test_what_is_rebuilt_beside_a_running_node_takes_its_place_once_it_is_level(desk, monkeypatch):
    monkeypatch.setattr(generations, "LOOK_EVERY", 1)
    for _ in range(3):
        desk.receive(1)
    running = models(desk)
    dry(running.step)
    before = running.name
    running.look().execute("SELECT 1").fetchone()
    again = rebuilt(desk)
    assert f"{before}-2".endswith(again) and generations.in_use(desk.databases, DEPOT) == again
    desk.receive(1)  # what came after it was built
    dry(running.step)
    assert running.name.endswith(again) and running.positions()[desk.log.name] == desk.log.head().position
    assert running.look().execute("SELECT on_hand FROM stock").fetchone()[0] == 4
    running.close()


def test_a_rebuild_in_work_or_broken_off_is_left_alone_and_never_taken(desk):
    desk.receive(1)
    first = models(desk)
    dry(first.step)
    first.close()
    desk.reader(name=f"{generations.newest(desk.databases, DEPOT)}-2").close()
    node = models(desk)
    dry(node.step)
    assert not node.name.endswith("-2") and any(name.endswith("-2") for name in desk.databases.names())
    node.close()
    assert rebuilt(desk).endswith("-3")
    taken = models(desk)
    assert taken.name.endswith("-3")
    taken.close()


def test_a_rebuild_that_loses_its_turn_half_way_is_not_taken(desk, monkeypatch):
    monkeypatch.setattr("shared.handling.reader.CHUNK", 1)
    for _ in range(3):
        desk.receive(1)
    first = models(desk)
    dry(first.step)
    first.close()
    takes, left = Reader._takes_turn, iter(range(2))

    def loses(self):
        if next(left, None) is None:
            self._term = None
            return False
        return takes(self)

    monkeypatch.setattr(Reader, "_takes_turn", loses)
    with pytest.raises(LogBusy, match="was lost before it was level"):
        rebuilt(desk)
    assert [first.name.endswith(name) for name in desk.databases.names()] == [True]


def test_a_rebuild_that_stops_at_the_same_event_is_not_taken(desk, monkeypatch):
    desk.receive(1)
    first = models(desk)
    dry(first.step)
    first.close()
    monkeypatch.setattr(Stock, "apply", lambda self, rows, fact, at: 1 / 0)
    with pytest.raises(StorageFailed, match=r"Stock stops again at .*:1: .*ZeroDivisionError"):
        rebuilt(desk)
    assert [first.name.endswith(name) for name in desk.databases.names()] == [True]
