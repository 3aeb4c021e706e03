"""A number is found by the index of numbers, and nobody else is looked at: a register of a province has a hundred thousand people."""

from __future__ import annotations

import sqlite3

import pytest

from shared.sql.sqlite import Files
from shared.vault.content import Content

MACS = [bytes([n]) * 20 for n in range(100)]  # of all who come together


@pytest.fixture
def content(tmp_path):
    made = Content(Files(tmp_path).at("vault"))
    yield made
    made.close()


def plans(content: Content, ask) -> list[str]:
    """How SQLite goes about what is asked, step by step."""
    said: list[str] = []
    with content.pool.use() as db:
        assert isinstance(db, sqlite3.Connection)
        db.set_trace_callback(said.append)
    ask()  # by the connection that was given back last
    db.set_trace_callback(None)
    assert said
    return [row[3] for one in said for row in db.execute(f"EXPLAIN QUERY PLAN {one}")]


@pytest.mark.parametrize("ask", [lambda c: c.found_all(MACS), lambda c: c.found(MACS, "id"), lambda c: c.known(MACS)])
def test_who_has_a_number_is_asked_of_its_index(content, ask):
    steps = plans(content, lambda: ask(content))
    assert steps[0].startswith("SEARCH l") and "lookup_mac (mac=?)" in steps[0], steps
    assert not any(step.startswith("SCAN") or "pending" in step for step in steps), steps
