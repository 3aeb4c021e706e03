"""Whatever was owed and not done in time is somebody's work, told to the division above at once, and over once it is done (IR-19)."""

from __future__ import annotations

from services.alerts.deciders.evacuations.commands import FileEvacuation, IssueEvacuation
from services.alerts.deciders.incidents.commands import DismissIncident, ReopenIncident
from services.alerts.deciders.orders.commands import AcknowledgeOrder, EndOrder, FileOrder, ReviewProportionality
from services.alerts.events.order import Finding
from services.alerts.events.task import TaskAssigned
from services.registry.events.rosters import HandOverAcknowledged, HandOverMissed
from tests.alerts.command.incidents import B_GOV, OFF
from tests.alerts.command.test_orders import ICP, issue
from tests.alerts.command.town import Town, registered
from tests.alerts.world import GOV, HQ, at


def late(town: Town) -> set[str]:
    """What of the order is somebody's work because it was not done in time."""
    return {task for task in town.open_work("missed_deadline") if task.startswith("late-order-")}


def test_an_order_nobody_acknowledges_files_or_reviews_is_work_until_it_is_done():
    town = Town(registered(), issue())
    town.until(at("15:22"))
    assert late(town) == {"late-order-OR-1.ack"}
    (told,) = [event for event in town.facts(TaskAssigned) if event.task == "late-order-OR-1.ack"]
    assert (told.text, told.subject, told.division) == ("order.ack_wait", "order-OR-1", "150722")
    town.until(at("15:23"))
    assert town.told_above("late-order-OR-1.ack") == 1
    town.do(AcknowledgeOrder(by=ICP, now=at("15:40"), order="OR-1"))
    assert late(town) == set()
    town.until(at("00:00", 22))
    assert late(town) == {"late-order-OR-1.K-19", "late-order-OR-1.K-21"}
    town.do(ReviewProportionality(by=HQ, now=at("01:00", 22), order="OR-1", finding=Finding.KEEP, note="the water stands"))
    town.do(FileOrder(by=GOV, now=at("08:00", 22), order="OR-1", desk="standing committee"))
    assert late(town) == set()
    town.until(at("01:00", 23))
    assert late(town) == {"late-order-OR-1.K-19"}  # asked for anew
    town.do(EndOrder(by=HQ, now=at("02:00", 23), order="OR-1", reason="dry"))
    assert late(town) == set()


def test_an_evacuation_that_was_not_filed_is_work_until_it_is():
    town = Town(IssueEvacuation(by=HQ, now=at("12:45"), evacuation="EV-1", areas=("150722106",)))
    town.until(at("00:00", 22))
    assert "late-evacuation-EV-1.K-21" in town.open_work("missed_deadline")
    filed = town.do(FileEvacuation(by=GOV, now=at("08:00", 22), evacuation="EV-1", desk="standing committee"))
    assert filed.flags == ("A-LATE",)
    assert "late-evacuation-EV-1.K-21" not in town.open_work()


def test_what_is_owed_again_with_the_deadline_it_missed_before_is_work_again_once():
    """Reopened, an incident still owes the report it never made: by the same time as before."""
    town = Town(registered())
    town.until(at("20:00"))
    report = "late-incident-INC-1.report"
    assert report in town.open_work("missed_deadline")
    for day in (19, 20):
        town.do(DismissIncident(by=OFF, now=at("08:00", day), incident="INC-1", reason="a siren was tested"))
        assert report not in town.open_work()
        town.do(ReopenIncident(by=B_GOV, now=at("09:00", day), incident="INC-1", reason="it was no test"))
        town.until(at("09:01", day))
        town.until(at("09:02", day))
        assert report in town.open_work("missed_deadline")
        assert town.told_above(report) == 1
    given = [event for event in town.facts(TaskAssigned) if event.task == report]
    assert len(given) == 3 and len({event.due for event in given}) == 1


def missed(shift: str, clock: str, day: int) -> HandOverMissed:
    return HandOverMissed("RO-1", shift, "B.DUTY1", at(clock, day), "B.DUTY0", at(clock, day))


def test_a_shift_nobody_took_over_is_told_above_until_somebody_does():
    """PSER art. 14: one piece of work for a roster, however many shifts nobody took over."""
    town = Town()
    for day in (18, 19):
        town.tell("roster-RO-1", missed(f"202107{day}T0000Z", "08:15", day), "150722", at("08:15", day))
    (told,) = town.facts(TaskAssigned)
    assert (told.task, told.kind, told.division, told.text) == (
        "handover-RO-1",
        "missed_handover",
        "150722",
        "B.DUTY1 did not take over; on duty: B.DUTY0",
    )
    town.until(at("08:16"))
    assert town.told_above("handover-RO-1") == 1
    done = HandOverAcknowledged("RO-1", "20210719T0000Z", "B.DUTY1", at("08:40", 19), True)
    town.tell("roster-RO-1", done, "150722", at("08:40", 19))
    assert town.open_work() == set()
    town.tell("roster-RO-1", missed("20210720T0000Z", "08:15", 20), "150722", at("08:15", 20))
    assert town.open_work() == {"handover-RO-1"}


def test_who_takes_over_in_time_leaves_no_work():
    town = Town()
    for _ in range(2):
        town.tell("roster-RO-1", HandOverAcknowledged("RO-1", "20210719T0000Z", "B.DUTY1", at("08:10", 19)), "150722", at("08:10", 19))
    assert town.facts(TaskAssigned) == [] and town.refused == []
