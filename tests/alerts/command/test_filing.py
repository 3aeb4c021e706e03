"""What a government orders is put on record with the congress desk of its level, evacuations as orders (ERL art. 25; K-21)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.alerts.deciders.evacuations.commands import AmendEvacuation, FileEvacuation
from services.alerts.deciders.evacuations.evacuation import EVACUATION
from services.alerts.events.evacuation import EvacuationAmended, EvacuationFiled
from tests.alerts.command.test_evacuations import issued, past
from tests.alerts.world import GOV, HQ, at

FILED = EvacuationFiled("EV-1", "standing committee", "", False, "B.GOV", at("16:00", 19), None, ("K-21",))


def amend(**said: Any) -> AmendEvacuation:
    return AmendEvacuation(by=HQ, now=at("10:00", 20), evacuation="EV-1", **said)


def amended(command: AmendEvacuation, *before: Any) -> EvacuationAmended:
    fact = past(*before).when(command).then_types(EvacuationAmended).events[0][1]
    assert isinstance(fact, EvacuationAmended)
    return fact


def test_whom_it_binds_is_another_thing_than_was_filed_and_is_filed_anew():
    fact = amended(amend(areas=("150722106", "150722100", "150722101")), FILED)
    assert [(due.key, due.due_at) for due in fact.clocks] == [("K-21", at("00:00", 24))]
    state = EVACUATION.fold([issued(), FILED, fact])
    assert not state.filed and state.clocks.runs("K-21")
    file = FileEvacuation(by=GOV, now=at("16:00", 20), evacuation="EV-1", desk="standing committee")
    past(FILED, fact).when(file).then_types(EvacuationFiled)


def test_what_becomes_known_is_filed_once_and_what_is_owed_keeps_its_day():
    assert amended(amend(headcount=900), FILED).clocks == ()
    assert amended(amend(due=datetime.fromisoformat("2021-07-20T18:00:00+08:00")), FILED).clocks
    unfiled = amended(amend(areas=("150722106",)))
    assert unfiled.clocks == ()
    assert EVACUATION.fold([issued(), unfiled]).clocks.get("K-21") == issued().clocks[1]
    assert EVACUATION.fold([issued(), FILED, replace(unfiled, clocks=())]).filed  # as it was written before
