"""Where the name of an owner or donor lies: as it was given, or as it was corrected after that."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from services.privacy.events.record import PersonalDataCollected, PersonalDataCorrected
from services.resources.projections.readings import Readings, corrected
from shared.kernel.envelope import Envelope
from tests.alerts.projections.test_board import Rows
from tests.resources.world import NOW

OF = ("OW-1", "requisition", "INC-1")


def given(ref: str) -> PersonalDataCollected:
    said: dict[str, Any] = {"subject": OF[0], "purpose": OF[1], "incident": OF[2], "ref": ref, "fields": ("name",), "owner": "resources"}
    said |= {"sensitive": (), "basis": "ERL-12", "notice": None, "deferred": None, "copied_from": None, "register": "INC-1"}
    return PersonalDataCollected(**said, by="system", division=None, at=NOW)


def put_right(ref: str) -> PersonalDataCorrected:
    said: dict[str, Any] = {"subject": OF[0], "purpose": OF[1], "incident": OF[2], "ref": ref, "fields": ("name",), "request": None}
    return PersonalDataCorrected(**said, reason="misheard", by="B.OFF", at=NOW)


def kept(*events: Any) -> sqlite3.Connection:
    """A read model that has seen these, in that order."""
    rows, readings, db = Rows(), Readings(), sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    for position, event in enumerate(events, 1):
        same = {"specversion": "1.0", "id": "", "source": "", "type": "", "time": NOW, "log": "", "streamid": "", "streamversion": 1}
        readings.apply(rows, event, Envelope(**same, partitionkey="", position=position))
    for table in readings.tables:
        db.executescript(";".join(table.ddl()))
        for (name, *_), row in rows.rows.items():
            if name == table.name:
                db.execute(table.upsert(), [row[column] for column in table.columns])
    return db


@pytest.mark.parametrize(
    ("events", "lies"),
    [
        ((given("R-1"),), {"R-1": None}),
        ((given("R-1"), put_right("R-2")), {"R-1": "R-2"}),
        ((given("R-1"), put_right("R-2"), given("R-3")), {"R-1": "R-2", "R-3": None}),
        ((given("R-1"), put_right("R-2"), given("R-3"), given("R-1"), put_right("R-4")), {"R-1": "R-4", "R-3": "R-4"}),
        ((given("R-1"), put_right("R-2"), given("R-1")), {"R-1": "R-2"}),
    ],
)
def test_a_name_that_was_given_after_a_correction_is_not_put_right_by_it(events: tuple[Any, ...], lies: dict[str, str | None]):
    db = kept(*events)
    assert {ref: corrected(db, ref, *OF) for ref in lies} == lies
