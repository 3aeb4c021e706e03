"""One command that cannot even be stored fails alone; a rebuild that was broken off never answers; tools never mend."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from shared.eventlog.sqlite import SqliteLog
from shared.handling.pending import Answer
from shared.runtime import generations
from shared.runtime.generations import Generations
from shared.sql.sqlite import Files
from tests.handling.desk import NAME, NOW, dry
from tests.hosts.depot import CLERK, DEPOT, Receive

HALF = "tent\udcd0"  # half of a surrogate pair: no column takes it


def test_what_cannot_be_stored_fails_nobody_elses_command(desk):
    honest = [desk.send(Receive(by=CLERK, now=NOW, item=f"item-{n}", quantity=1)) for n in range(5)]
    broken = desk.send(Receive(by=CLERK, now=NOW, item=HALF, quantity=1))
    honest += [desk.send(Receive(by=CLERK, now=NOW, item=f"item-{n}", quantity=2)) for n in range(5)]
    desk.writer.step()
    assert all(isinstance(desk.results[id][-1], Answer) for id in honest)
    assert isinstance(desk.results[broken][-1], UnicodeEncodeError)
    assert len(desk.events) == 10


def test_of_several_older_files_only_one_that_was_level_answers(desk, monkeypatch):
    monkeypatch.setattr("shared.handling.reader.CHUNK", 5)
    for _ in range(20):
        desk.receive(1)
    whole, part, newest = DEPOT, replace(DEPOT), replace(DEPOT)
    names = {id(whole): "whole", id(part): "part", id(newest): "newest"}
    monkeypatch.setattr(generations, "fingerprint", lambda service: names[id(service)])
    first = Generations(Files(desk.folder / "read"), whole, desk.log, ())
    dry(first.step)
    first.close()
    second = Generations(Files(desk.folder / "read"), part, desk.log, ())
    second.step()  # broken off after one chunk
    second.close()
    third = Generations(Files(desk.folder / "read"), newest, desk.log, ())
    assert third.name == first.name
    assert third.positions()[NAME] == 20  # of what answers, not of what is being built
    dry(third.step)
    assert third.name.endswith("newest") and [p.stem.partition(".")[2] for p in (desk.folder / "read").glob("*.db")] == ["newest"]


def test_a_log_looked_at_is_left_as_it_is_and_a_missing_guard_is_named(desk):
    desk.receive(1)
    desk.log.close()
    path = desk.folder / "log.db"
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER event_no_delete")
    looked = SqliteLog(path, NAME, read_only=True)
    assert looked.unguarded() == ["event"] and looked.head().position == 1
    assert SqliteLog(path, NAME, read_only=True).unguarded() == ["event"]  # looking did not mend it
