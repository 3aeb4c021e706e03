"""Quarantine, checklists, tasks and registers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.alerts.deciders.monitoring.crossing import CROSSING, RecordCrossing
from services.alerts.deciders.monitoring.hazard import HAZARD
from services.alerts.deciders.monitoring.recipients import MOST, RECIPIENTS
from services.alerts.deciders.monitoring.registers import RaiseStationSilence, RegisterHazardSource, RegisterStation, SetRecipients
from services.alerts.deciders.monitoring.station import STATION
from services.alerts.deciders.orders.task import AssignTask, CompleteTask
from services.alerts.deciders.orders.work import TASK
from services.alerts.deciders.warnings.checklist import CHECKLIST, CompleteChecklistItem, OpenChecklist, checklist_for
from services.alerts.deciders.warnings.quarantine import QUARANTINE, QuarantineImport, ResolveQuarantine
from services.alerts.events.checklist import ChecklistItemCompleted, ChecklistOpened, ItemOutcome
from services.alerts.events.crossing import ReadingUsed, ThresholdCrossed
from services.alerts.events.quarantine import ImportQuarantined, ImportResolved, Resolution
from services.alerts.events.registers import HazardSourceRegistered, Recipient, RecipientsSet, StationRegistered, StationSilent
from services.alerts.events.scales import WarningColour
from services.alerts.events.task import TaskAssigned, TaskCompleted
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.world import DUTY, HQ, MET1, NOW, RULES, SYS, Streams, at

BROKEN = QuarantineImport(by=SYS, now=NOW, quarantine="ab" * 8, digest="ab" * 32, code="xml.broken", reason="line 1", size=26)
KEPT = ImportQuarantined("ab" * 8, "ab" * 32, "xml.broken", "line 1", 26, NOW, division="150722")


def resolve(**changed: Any) -> ResolveQuarantine:
    named: dict[str, Any] = {
        "by": DUTY,
        "now": NOW,
        "quarantine": "ab" * 8,
        "decision": Resolution.DISCARDED,
        "reason": "a test of the sender",
    }
    return ResolveQuarantine(**(named | changed))


def test_what_nobody_can_read_is_kept_and_flagged():
    decided = given(QUARANTINE, rules=RULES).when(BROKEN).then(KEPT)
    assert (decided.answer["outcome"], decided.flags) == ("quarantined", ("Q-TRIAGE",))


def test_the_same_body_again_is_the_same_entry():
    assert given(QUARANTINE, KEPT, rules=RULES).when(BROKEN).then().answer["outcome"] == "repeated"


def test_a_person_decides_once_and_says_why():
    resolved = ImportResolved("ab" * 8, Resolution.DISCARDED, "a test of the sender", "B.DUTY", NOW)
    given(QUARANTINE, KEPT, rules=RULES).when(resolve()).then(resolved)
    given(QUARANTINE, KEPT, resolved, rules=RULES).when(resolve()).refused(WrongState, "Q-TRIAGE")
    given(QUARANTINE, KEPT, rules=RULES).when(resolve(reason=None)).refused(RuleBroken, "Q-TRIAGE")


def test_what_was_replaced_names_what_took_its_place():
    replaced = resolve(decision=Resolution.REPLACED, reason=None)
    given(QUARANTINE, KEPT, rules=RULES).when(replaced).refused(RuleBroken, "Q-TRIAGE", times=2)
    given(QUARANTINE, KEPT, rules=RULES).when(replace(replaced, reason="sent again", replaced_by="A")).then_types(ImportResolved)


def opening(checklist: str) -> OpenChecklist:
    return OpenChecklist(by=SYS, now=NOW, alert="AL-1", checklist=checklist)


def opened(node: Streams, checklist: str) -> list[str]:
    return [item.item for _, event in node.handle(opening(checklist)).events for item in event.items]


@pytest.mark.parametrize(("number", "list_"), [(1, "ERL-67"), (2, "ERL-67"), (3, "ERL-66"), (4, "ERL-66")])
def test_the_level_says_which_list(number, list_):
    assert checklist_for(number) == list_


def test_a_low_warning_that_rises_opens_only_what_is_new():
    node = Streams()
    assert len(opened(node, "ERL-66")) == 5
    assert opened(node, "ERL-67") == [f"ERL-67.{n}" for n in range(1, 9)]


def test_a_warning_that_starts_high_has_the_measures_of_both_articles_in_one_list():
    node = Streams()
    assert len(opened(node, "ERL-67")) == 13
    assert opened(node, "ERL-66") == []


def test_a_list_is_opened_once():
    node = Streams()
    opened(node, "ERL-66")
    assert opened(node, "ERL-66") == []


def complete(**changed: Any) -> CompleteChecklistItem:
    return CompleteChecklistItem(**({"by": DUTY, "now": NOW, "alert": "AL-1", "checklist": "ERL-67", "item": "ERL-67.1"} | changed))


def test_a_duty_is_done_once_and_a_measure_of_article_67_names_its_basis():
    node = Streams()
    opened(node, "ERL-67")
    past = node.past["checklist-AL-1.ERL-67"]
    given(CHECKLIST, *past, rules=RULES).when(complete()).refused(RuleBroken, "ERL-67")
    done = ChecklistItemCompleted("AL-1", "ERL-67", "ERL-67.1", ItemOutcome.DONE, "B.DUTY", NOW, basis="ERL-67 (1)")
    given(CHECKLIST, *past, rules=RULES).when(complete(basis="ERL-67 (1)")).then(done)
    given(CHECKLIST, *past, done, rules=RULES).when(complete(basis="ERL-67 (1)")).then()
    given(CHECKLIST, *past, rules=RULES).when(complete(item="ERL-66.1")).then_types(ChecklistItemCompleted)


def test_a_duty_is_left_out_only_with_a_reason():
    node = Streams()
    opened(node, "ERL-67")
    past = node.past["checklist-AL-1.ERL-67"]
    without = complete(outcome=ItemOutcome.NOT_NEEDED)
    given(CHECKLIST, *past, rules=RULES).when(without).refused(RuleBroken, "ERL-67")
    given(CHECKLIST, *past, rules=RULES).when(replace(without, reason="no such place")).then_types(ChecklistItemCompleted)
    given(CHECKLIST, *past, rules=RULES).when(complete(item="ERL-99")).refused(NotFound)
    assert isinstance(past[0], ChecklistOpened)


TASK_COMMAND = AssignTask(by=SYS, now=NOW, task="T-1", kind="draft_alert", subject="crossing-1", hazard="11B03", colour="yellow")
ASSIGNED = TaskAssigned("T-1", "draft_alert", ("SECT.weather",), "crossing-1", "150722", NOW, "11B03", "yellow")


def test_a_task_goes_to_those_who_issue_warnings_of_the_hazard():
    given(TASK, rules=RULES).when(TASK_COMMAND).then(ASSIGNED)
    given(TASK, ASSIGNED, rules=RULES).when(TASK_COMMAND).then()


def test_a_task_is_completed_once_by_somebody_whose_work_it_is():
    done = TaskCompleted("T-1", "B.MET1", NOW, "AL-1 drafted")
    command = CompleteTask(by=MET1, now=NOW, task="T-1", outcome="AL-1 drafted")
    given(TASK, ASSIGNED, rules=RULES).when(command).then(done)
    given(TASK, ASSIGNED, done, rules=RULES).when(command).refused(WrongState)
    given(TASK, ASSIGNED, rules=RULES).when(replace(command, by=HQ)).refused(NotAllowed, "matrix.3.27")


def recipients(*actors: str) -> SetRecipients:
    return SetRecipients(by=DUTY, now=NOW, list="150722", recipients=tuple(Recipient(actor) for actor in actors))


def test_a_list_of_recipients_is_replaced_whole():
    first = RecipientsSet("150722", (Recipient("T.XW"),), "150722", NOW)
    given(RECIPIENTS, rules=RULES).when(recipients("T.XW")).then(first)
    given(RECIPIENTS, first, rules=RULES).when(recipients("T.XW")).then()
    given(RECIPIENTS, first, rules=RULES).when(recipients()).then(RecipientsSet("150722", (), "150722", NOW))


def test_nobody_is_on_a_list_twice_and_a_list_has_a_limit():
    given(RECIPIENTS, rules=RULES).when(recipients("A", "A")).refused(RuleBroken, "alert.recipients")
    given(RECIPIENTS, rules=RULES).when(recipients(*map(str, range(MOST + 1)))).refused(RuleBroken, "limit.recipients")


def test_the_list_of_an_area_belongs_to_the_area_whoever_sets_it_first():
    assert whose("150721") == ("150721",)
    squatted = RecipientsSet("150721", (), "150722", NOW)
    event = given(RECIPIENTS, squatted, rules=RULES).when(replace(recipients("A"), list="150721")).then_types(RecipientsSet).events[0][1]
    assert event.division == "150721"


def whose(name: str, **sources: Any) -> tuple[str, ...]:
    """The divisions a signer must have a say in to set this list."""
    handles = RECIPIENTS.handles[SetRecipients]
    command = replace(recipients(), list=name)
    assert handles.state_areas is not None
    return handles.state_areas(command, {stream: sources.get(stream.replace("-", "_", 1)) for stream in handles.streams(command)})


def test_the_list_of_a_hazard_source_belongs_where_the_source_lies():
    event = given(HAZARD, rules=RULES).when(dam()).then_types(HazardSourceRegistered).events[0]
    assert whose("DAM-YA", **{"hazard_DAM-YA": HAZARD.fold([event])}) == ("150722106",)
    assert whose("NOBODYS") == ("NOBODYS",)  # no division either, so nobody may


def test_a_hazard_source_is_not_named_as_a_division_is():
    given(HAZARD, rules=RULES).when(dam(hazard_source="150721")).refused(RuleBroken, "id.pattern")


def test_who_registers_a_hazard_source_has_a_say_in_every_area_below_it():
    areas = HAZARD.handles[RegisterHazardSource].areas
    assert areas is not None
    assert areas(dam(areas=("150722106", "150721"))) == ("150722106", "150722106", "150721")


def dam(**changed: Any) -> RegisterHazardSource:
    named: dict[str, Any] = {"by": DUTY, "now": NOW, "hazard_source": "DAM-YA", "zh": "永安水库", "type": "dam", "manager": "DAM.YA"}
    return RegisterHazardSource(**(named | {"division": "150722106", "storage_m3": 8_000_000} | changed))


def test_a_hazard_source_is_entered_and_its_entry_replaced():
    event = given(HAZARD, rules=RULES).when(dam()).then_types(HazardSourceRegistered).events[0]
    given(HAZARD, event, rules=RULES).when(dam()).then()
    given(HAZARD, event, rules=RULES).when(dam(manager="DAM.NEW")).then_types(HazardSourceRegistered)
    assert HAZARD.about(HAZARD.fold([event])).division == "150722106"


def station(**changed: Any) -> RegisterStation:
    named: dict[str, Any] = {
        "by": DUTY,
        "now": NOW,
        "station": "G-1",
        "division": "150722",
        "properties": ("rain",),
        "interval_minutes": 60,
    }
    return RegisterStation(**(named | changed))


def test_a_station_is_registered_and_nonsense_is_not():
    event = given(STATION, rules=RULES).when(station()).then_types(StationRegistered).events[0]
    given(STATION, event, rules=RULES).when(station()).then()
    given(STATION, rules=RULES).when(station(interval_minutes=0, lon=Decimal(200), lat=Decimal(0))).refused(RuleBroken, times=2)
    given(STATION, rules=RULES).when(station(interval_minutes=600_000)).refused(RuleBroken)
    given(STATION, rules=RULES).when(station(lon=Decimal(120))).refused(RuleBroken, "ERL-58")


def test_a_silence_raises_one_alarm():
    registered = given(STATION, rules=RULES).when(station()).then_types(StationRegistered).events[0]
    silence = RaiseStationSilence(by=SYS, now=NOW, station="G-1", last_heard=at("00:00"), expected_by=at("03:00"))
    silent = StationSilent("G-1", at("00:00"), at("03:00"), "150722", NOW)
    given(STATION, registered, rules=RULES).when(silence).then(silent)
    given(STATION, registered, silent, rules=RULES).when(silence).then()
    given(STATION, registered, silent, rules=RULES).when(replace(silence, last_heard=at("05:00"))).then_types(StationSilent)


def test_a_crossing_is_recorded_once():
    six, fifty = Decimal(6), Decimal(50)
    command = RecordCrossing(
        by=SYS,
        now=NOW,
        crossing="c",
        station="G-1",
        rule="r",
        hazard="11B03",
        colour=WarningColour.YELLOW,
        number=3,
        property="rain",
        hours=six,
        limit=fifty,
        value=Decimal(55),
        since=at("20:00", 17),
        until=at("02:00"),
        readings=(ReadingUsed("OB-2", at("02:00"), six, Decimal(55)),),
    )
    event = given(CROSSING, rules=RULES).when(command).then_types(ThresholdCrossed).events[0]
    given(CROSSING, event, rules=RULES).when(replace(command, value=Decimal(60))).then()
