"""A dam's manager warns at once and is ratified afterwards (DAM art. 25, 28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.alerts.clocks import due
from services.alerts.deciders.monitoring.hazard import Hazard
from services.alerts.deciders.warnings.alert import ALERT
from services.alerts.deciders.warnings.commands import (
    AdjustAlertLevel,
    CancelAlert,
    EscalateRatification,
    ExpireAlert,
    RaiseDamAlarm,
    RatifyAlert,
)
from services.alerts.events.alert import (
    AlertCancelled,
    AlertExpired,
    AlertPublished,
    AlertRatified,
    LevelAdjusted,
    RatificationDue,
    RatificationOverdue,
)
from services.alerts.events.reach import NoticesDue
from services.alerts.events.registers import HazardSource
from services.alerts.events.scales import WarningColour
from shared.handling.declare import Start
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.world import DAM, DUTY, GOV, HQ, MET2, RULES, SYS, at, drafted, facts

NOW = at("12:30")
DUE = NOW + timedelta(minutes=30)
ENTRY = HazardSource("永安水库", "dam", "DAM.YA", "150722106")
SOURCES = {"hazard-DAM-YA": Hazard(ENTRY)}


def alarm(**changed: Any) -> RaiseDamAlarm:
    named: dict[str, Any] = {"by": DAM, "now": NOW, "alert": "AL-2", "hazard_source": "DAM-YA", "colour": WarningColour.RED, "number": 1}
    return RaiseDamAlarm(**(named | changed))


def raised(**changed: Any) -> list[Any]:
    decided = given(ALERT, others=SOURCES, rules=RULES).when(alarm(**changed))
    return facts(decided.then_types(AlertPublished, NoticesDue, RatificationDue))


def test_the_manager_publishes_at_once_and_the_alarm_waits_for_ratification():
    published, notices, ratification = raised()
    assert (published.approval, published.lists, published.division) == ("not_waited_for", ("DAM-YA",), "150722106")
    assert (published.identifier, published.content.hazard) == ("150722106.AL-2_20210718123000", "NAT.DAM")
    assert notices.basis == "DAM-25"
    assert ratification.due_at == DUE


def test_an_alarm_says_all_eight_things_even_if_the_manager_says_none():
    content = raised(colour=None, number=None)[0].content
    assert (content.colour, content.number) == (WarningColour.RED, 1)
    assert all(getattr(content, name) for name in RULES.value("ERL-64.2") if name != "issued_at")


def test_what_the_register_knows_is_said_unless_the_manager_says_better():
    entry = replace(ENTRY, areas=("150722106", "150722100"), cautions="registered", measures="registered")
    here = given(ALERT, others={"hazard-DAM-YA": Hazard(entry)}, rules=RULES).when(alarm(measures="go to the school"))
    content = facts(here.then_types(AlertPublished, NoticesDue, RatificationDue))[0].content
    assert (content.areas, content.cautions, content.measures) == (entry.areas, "registered", "go to the school")


def test_only_the_registered_manager_raises_the_alarm():
    other = Signature("DAM.XF", ("ENT.dam",), "150722106", 4)
    given(ALERT, others=SOURCES, rules=RULES).when(alarm(by=other)).refused(NotAllowed, "DAM-25")


def test_the_manager_signs_where_the_dam_is_registered():
    moved = replace(DAM, division="150722100")
    given(ALERT, others=SOURCES, rules=RULES).when(alarm(by=moved)).refused(NotAllowed, "DAM-25")


def test_a_dam_nobody_registered_cannot_be_named():
    given(ALERT, rules=RULES).when(alarm()).refused(NotFound, "DAM-25")
    given(ALERT, others={"hazard-DAM-YA": Hazard()}, rules=RULES).when(alarm()).refused(NotFound, "DAM-25")


def test_an_alarm_is_not_raised_over_another_warning():
    given(ALERT, drafted(), others=SOURCES, rules=RULES).when(alarm(alert="AL-1")).refused(WrongState, "alert.life")


def ratify(by: Signature = HQ, clock: str = "12:45") -> RatifyAlert:
    return RatifyAlert(by=by, now=at(clock), alert="AL-2")


def test_the_flood_headquarters_ratifies_once():
    ratified = AlertRatified("AL-2", "B.HQ", at("12:45"))
    given(ALERT, *raised(), rules=RULES).when(ratify()).then(ratified)
    given(ALERT, *raised(), ratified, rules=RULES).when(ratify()).then()
    given(ALERT, *raised(), rules=RULES).when(ratify(DUTY)).refused(NotAllowed, "DAM-25")


def test_a_late_ratification_is_taken_and_marked():
    given(ALERT, *raised(), rules=RULES).when(ratify(clock="13:59")).then(AlertRatified("AL-2", "B.HQ", at("13:59"), late=True))


def escalate(clock: str) -> EscalateRatification:
    return EscalateRatification(by=SYS, now=at(clock), alert="AL-2")


def test_a_ratification_that_fails_to_come_is_escalated_once():
    overdue = RatificationOverdue("AL-2", DUE, DUE)
    given(ALERT, *raised(), rules=RULES).when(escalate("12:59")).then()
    given(ALERT, *raised(), rules=RULES).when(escalate("13:00")).then(overdue)
    given(ALERT, *raised(), overdue, rules=RULES).when(escalate("13:00")).then()
    given(ALERT, *raised(), AlertRatified("AL-2", "B.HQ", NOW), rules=RULES).when(escalate("13:00")).then()


def test_an_alarm_nobody_ratified_does_not_expire_and_is_ratified_late():
    ends = at("13:20")
    expire = ExpireAlert(by=SYS, now=ends, alert="AL-2")
    given(ALERT, *raised(valid_to=ends), rules=RULES).when(expire).then()
    ratified = AlertRatified("AL-2", "B.HQ", at("13:59"), late=True, valid_to=ends)
    given(ALERT, *raised(valid_to=ends), rules=RULES).when(ratify(clock="13:59")).then(ratified)
    given(ALERT, *raised(valid_to=ends), ratified, rules=RULES).when(replace(expire, now=at("13:59"))).then_types(AlertExpired)


def test_the_clock_of_an_alarm_runs_on_from_its_ratification():
    def expiry(valid_to: datetime | None) -> list[datetime]:
        changes = due(AlertRatified("AL-2", "B.HQ", NOW, valid_to=valid_to), None)  # type: ignore[arg-type]
        return [change.due_at for change in changes if isinstance(change, Start)]

    assert expiry(at("12:20")) == [NOW]  # passed meanwhile
    assert expiry(at("18:00")) == [at("18:00")]
    assert expiry(None) == []


def test_an_ordinary_warning_is_not_ratified():
    plain = raised()[:2]
    given(ALERT, *plain, rules=RULES).when(ratify()).refused(RuleBroken, "DAM-25")


def cancel(by: Signature = HQ, reason: str | None = None) -> CancelAlert:
    return CancelAlert(by=by, now=at("18:01"), alert="AL-2", reason=reason)


def test_an_alarm_nobody_ratified_is_cancelled_only_with_a_reason():
    given(ALERT, *raised(), rules=RULES).when(cancel()).refused(RuleBroken, "DAM-25")
    given(ALERT, *raised(), rules=RULES).when(cancel(reason="false alarm")).then_types(AlertCancelled)
    given(ALERT, *raised(), AlertRatified("AL-2", "B.HQ", NOW), rules=RULES).when(cancel()).then_types(AlertCancelled)


def test_a_dam_alarm_is_not_for_the_weather_office():
    given(ALERT, *raised(), rules=RULES).when(cancel(MET2, "over")).refused(NotAllowed, "DAM-25")
    given(ALERT, *raised(), rules=RULES).when(cancel(GOV, "over")).refused(NotAllowed, "DAM-25")


def test_the_headquarters_adjusts_a_dam_alarm_with_a_second_person():
    second = Signature("B.HQ2", ("HQ",), "150722", 3)
    lower = AdjustAlertLevel(by=HQ, cosigner=second, now=at("15:00"), alert="AL-2", colour=WarningColour.ORANGE)
    event = given(ALERT, *raised(), rules=RULES).when(lower).then_types(LevelAdjusted).events[0]
    assert event.identifier == "150722106.AL-2_20210718150000"
