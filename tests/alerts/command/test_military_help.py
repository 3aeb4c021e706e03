"""Military help is asked for with six fields and never ordered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.alerts.deciders.incidents.state import CLOSED, RESPONDING, Incident
from services.alerts.deciders.orders.military import (
    MILITARY,
    EndMilitarySupport,
    RecordMilitaryAnswer,
    ReportMilitaryCost,
    RequestMilitaryAssistance,
    StartMilitarySupport,
)
from services.alerts.events.military import (
    MilitaryBody,
    MilitaryCostReported,
    MilitaryHelpAnswered,
    MilitaryHelpRequested,
    MilitarySupportEnded,
    MilitarySupportStarted,
)
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.world import GOV, RULES, at

SAID: dict[str, Any] = {
    "kind": "dam failure",
    "time": at("13:48"),
    "area": "below DAM-YA",
    "degree": "town of 16,000 threatened",
    "measures": "people are moved",
    "forces": "200 people, 10 boats",
}
ASK = RequestMilitaryAssistance(by=GOV, now=at("14:00"), request="MR-1", **SAID)
ASKED = MilitaryHelpRequested("MR-1", MilitaryBody.SAME_LEVEL, **SAID, by="B.GOV", division="150722", at=at("14:00"))


def of(kind: type, **said: Any) -> Any:
    return kind(by=GOV, now=at("15:00"), request="MR-1", **said)


def test_a_request_says_six_things_and_all_that_miss_are_named():
    assert given(MILITARY, rules=RULES).when(ASK).then(ASKED).basis == "MIL-4"
    bare = RequestMilitaryAssistance(by=GOV, now=at("14:00"), request="MR-1")
    given(MILITARY, rules=RULES).when(bare).refused(RuleBroken, "MIL-5", times=6)
    given(MILITARY, rules=RULES).when(replace(ASK, forces=None)).refused(RuleBroken, "MIL-5", times=1)
    given(MILITARY, ASKED, rules=RULES).when(ASK).refused(WrongState, "military.life")


def test_it_is_for_an_incident_that_is_open():
    def on(status: str) -> Any:
        states = {"incident-INC-1": Incident("INC-1", status, division="150722")}
        return given(MILITARY, rules=RULES, others=states).when(replace(ASK, incident="INC-1"))

    on(RESPONDING).then_types(MilitaryHelpRequested)
    on(CLOSED).refused(WrongState, "incident.life")
    on("new").refused(NotFound)


def test_what_followed_is_noted_in_order():
    agreed = MilitaryHelpAnswered("MR-1", True, "", "B.GOV", at("15:00"))
    started = MilitarySupportStarted("MR-1", "", "B.GOV", at("15:00"))
    ended = MilitarySupportEnded("MR-1", "", "B.GOV", at("15:00"))
    given(MILITARY, ASKED, rules=RULES).when(of(RecordMilitaryAnswer, agreed=True)).then(agreed)
    given(MILITARY, ASKED, agreed, rules=RULES).when(of(StartMilitarySupport)).then(started)
    given(MILITARY, ASKED, agreed, started, rules=RULES).when(of(EndMilitarySupport)).then(ended)
    cost = given(MILITARY, ASKED, agreed, started, ended, rules=RULES)
    cost.when(of(ReportMilitaryCost, document="DOC-9")).then(MilitaryCostReported("MR-1", "DOC-9", "B.GOV", at("15:00")))
    cost.when(of(ReportMilitaryCost)).refused(RuleBroken, "military.cost")


def test_what_was_declined_does_not_begin():
    declined = MilitaryHelpAnswered("MR-1", False, "engaged elsewhere", "B.GOV", at("14:30"))
    given(MILITARY, ASKED, declined, rules=RULES).when(of(StartMilitarySupport)).refused(WrongState, "military.life")
    given(MILITARY, ASKED, rules=RULES).when(of(StartMilitarySupport)).refused(WrongState)
    given(MILITARY, ASKED, rules=RULES).when(of(EndMilitarySupport)).then_types(MilitarySupportEnded)
