"""What is shown of evacuations that the congress desk does not have yet (ERL art. 25; K-21)."""

from __future__ import annotations

from typing import Any

from services.alerts.deciders.evacuations.commands import FileEvacuation, IssueEvacuation, ReturnEvacuees, ReviewEvacuation
from services.alerts.events.order import Finding
from services.alerts.projections import evacuations
from services.alerts.service import ALERTS
from shared.handling.reader import schema
from shared.handling.rows import UnitOfWork
from shared.handling.timers import utc
from shared.kernel.events import family, type_of
from shared.sql.ports import Connection, Databases
from tests.alerts.command.town import Town
from tests.alerts.world import GOV, HQ, at


def issue(evacuation: str) -> IssueEvacuation:
    return IssueEvacuation(by=HQ, now=at("12:45"), evacuation=evacuation, areas=("150722106",))


def file(clock: str, day: int) -> FileEvacuation:
    return FileEvacuation(by=GOV, now=at(clock, day), evacuation="EV-1", desk="standing committee")


def shown(databases: Databases, name: str, *commands: Any) -> Connection:
    """The read model after what follows from these commands."""
    town, projection, database = Town(*commands), evacuations.Evacuations(), databases.at(name)
    db = database.connect()
    db.executescript(schema(ALERTS))
    rows = UnitOfWork(db)
    for stream, fact in town.log:
        if family(type_of(fact)) in projection.listens:
            projection.apply(rows, fact, town.envelope(stream, type_of(fact), fact.at))
    rows.flush()
    return database.look()


def listed(db: Connection, unfiled: bool | None = None) -> dict[str, dict[str, Any]]:
    return {row["evacuation"]: row for row in evacuations.listed(db, before=None, limit=10, incident=None, unfiled=unfiled)}


def test_what_is_not_filed_is_found_and_late_from_its_day_on(databases: Databases) -> None:
    db = shown(databases, "late", issue("EV-1"), issue("EV-2"), file("16:00", 20))
    assert (set(listed(db)), set(listed(db, True)), set(listed(db, False))) == ({"EV-1", "EV-2"}, {"EV-2"}, {"EV-1"})

    def board(clock: str, day: int) -> dict[str, Any]:
        return evacuations.for_board(db, lambda row: row["visibility"] == "internal", at(clock, day))

    assert board("23:59", 21) == {"evacuations_unfiled": 1, "evacuations_filing_late": 0}
    assert board("00:00", 22) == {"evacuations_unfiled": 1, "evacuations_filing_late": 1}
    nobody = evacuations.for_board(db, lambda row: False, at("00:00", 22))
    assert nobody == {"evacuations_unfiled": 0, "evacuations_filing_late": 0}


def test_it_shows_when_it_is_looked_at_next_and_whether_it_was_filed_late(databases: Databases) -> None:
    keep = ReviewEvacuation(by=HQ, now=at("20:00"), evacuation="EV-1", finding=Finding.KEEP, note="the dam leaks")
    row = listed(shown(databases, "kept", issue("EV-1"), keep, file("08:00", 22)))["EV-1"]
    assert (row["review_due"], row["filed_late"], row["filed_at"]) == (utc(at("20:00", 19)), 1, utc(at("08:00", 22)))
    home = ReturnEvacuees(by=HQ, now=at("21:00"), evacuation="EV-1", reason="dry")
    assert listed(shown(databases, "home", issue("EV-1"), keep, home))["EV-1"]["review_due"] is None
