"""Who may, where it depends on the warning itself: every area of its text, who issued it, and the second person (domain 3.1, 3.27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.alerts.deciders.monitoring.registers import RegisterHazardSource, SetRecipients
from services.alerts.deciders.warnings.commands import (
    AdjustAlertLevel,
    ApproveAlert,
    CancelAlert,
    CorrectAlert,
    DeclareWarningPeriod,
    LiftMeasure,
    PublishAlert,
    RaiseDamAlarm,
    ReviseDraft,
    StartMeasure,
)
from services.alerts.events.registers import Recipient
from services.alerts.events.scales import WarningColour
from services.alerts.service import ALERTS
from shared.handling.pending import Answer
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken
from tests.handling.desk import Desk
from tests.hosts.alert_work import AlertsWork, draft_of

COUNTY, CITY, REGION, ELSEWHERE = "150722", "150700", "150000", "150102"


def met(actor: str, division: str = COUNTY) -> Signature:
    return Signature(actor, ("SECT.weather.approver",), division, {REGION: 1, CITY: 2}.get(division, 3))


def gov(division: str = COUNTY) -> Signature:
    return replace(met(f"GOV.{division}", division), roles=("GOV",))


def officer(division: str = COUNTY) -> Signature:
    return replace(met(f"OFF.{division}", division), roles=("EMD.officer",))


AUTHOR, SECOND = replace(met("W.1"), roles=("SECT.weather",)), met("W.2")


@pytest.fixture
def desk(tmp_path) -> Desk:
    work = AlertsWork()
    return Desk(tmp_path, ALERTS, rules_for=work.rules_for, may=work.may)


def draft(desk: Desk, by: Signature = AUTHOR, **changed: Any) -> None:
    valid_to = desk.now + timedelta(hours=9)
    accepted(desk.do(replace(draft_of(desk.now, "AL-1", valid_to), by=by, **({"areas": (COUNTY,)} | changed))))


def in_force(desk: Desk, division: str = COUNTY, **changed: Any) -> None:
    """A warning that a division issued."""
    draft(desk, replace(AUTHOR, division=division, level=met("", division).level), **changed)
    for step in (ApproveAlert, PublishAlert):
        accepted(desk.do(step(by=met("W.2", division), now=desk.now, alert="AL-1")))


def accepted(result: Any) -> Answer:
    assert isinstance(result, Answer), result
    return result


def refused(result: Any, kind: type[Exception] = NotAllowed) -> str:
    assert isinstance(result, kind), result
    return str(result)


def adjust(desk: Desk, by: Signature, cosigner: Signature, colour: WarningColour = WarningColour.ORANGE) -> Any:
    return desk.do(AdjustAlertLevel(by=by, now=desk.now, alert="AL-1", cosigner=cosigner, colour=colour))


@pytest.mark.parametrize("areas", [(REGION,), (COUNTY, ELSEWHERE), ("999999",)])
def test_a_draft_is_not_revised_into_areas_its_author_has_no_say_in(desk, areas):
    draft(desk)
    refused(desk.do(ReviseDraft(by=AUTHOR, now=desk.now, alert="AL-1", areas=areas)))


def test_a_code_that_names_no_division_is_told(desk):
    draft(desk)
    told = refused(desk.do(ReviseDraft(by=AUTHOR, now=desk.now, alert="AL-1", areas=(COUNTY, "999999"))))
    assert "999999 is no division that is known" in told


@pytest.mark.parametrize("step", [ApproveAlert, PublishAlert])
def test_who_stands_behind_a_text_answers_for_every_area_in_it(desk, step):
    draft(desk, replace(AUTHOR, division=CITY, level=2), areas=(COUNTY,))
    author = replace(AUTHOR, division=CITY, level=2)
    accepted(desk.do(ReviseDraft(by=author, now=desk.now, alert="AL-1", areas=(COUNTY, "150721"))))
    if step is PublishAlert:
        accepted(desk.do(ApproveAlert(by=met("C.2", CITY), now=desk.now, alert="AL-1")))
    assert "150721 is" in refused(desk.do(step(by=SECOND, now=desk.now, alert="AL-1")))
    accepted(desk.do(step(by=met("C.2", CITY), now=desk.now, alert="AL-1")))


def test_a_published_warning_belongs_to_the_area_it_is_for_in_the_end(desk):
    draft(desk, replace(AUTHOR, division=CITY, level=2), areas=(COUNTY,))
    author = replace(AUTHOR, division=CITY, level=2)
    accepted(desk.do(ReviseDraft(by=author, now=desk.now, alert="AL-1", areas=("150721",))))
    for step in (ApproveAlert, PublishAlert):
        accepted(desk.do(step(by=met("C.2", CITY), now=desk.now, alert="AL-1")))
    assert desk.events[-1].envelope.division == "150721"


@pytest.mark.parametrize(
    "cosigner",
    [
        met("X.1", ELSEWHERE),
        replace(met("X.2"), division=None, level=None),
        replace(met("X.3"), level=4),
        replace(met("X.4"), roles=("VOL",)),
    ],
)
def test_a_second_signature_counts_only_if_it_could_be_the_first(desk, cosigner):
    in_force(desk)
    assert "the second person" in refused(adjust(desk, SECOND, cosigner))
    accepted(adjust(desk, SECOND, AUTHOR))


def test_both_who_raise_a_signal_to_red_may_do_so(desk):
    in_force(desk)
    assert "red is issued at level 2" in refused(adjust(desk, met("C.1", CITY), SECOND, WarningColour.RED))
    accepted(adjust(desk, met("C.1", CITY), met("C.2", CITY), WarningColour.RED))


def test_a_county_neither_lowers_nor_mends_nor_lifts_what_the_region_issued(desk):
    in_force(desk, REGION, colour=WarningColour.ORANGE, number=2)
    signed = {"now": desk.now, "alert": "AL-1"}
    refused(adjust(desk, SECOND, AUTHOR, WarningColour.BLUE))
    refused(desk.do(CorrectAlert(by=SECOND, cosigner=AUTHOR, **signed, cautions="other words")))
    assert "150000 is above to 150722" in refused(desk.do(CancelAlert(by=SECOND, **signed, reason="x")))
    refused(desk.do(DeclareWarningPeriod(by=gov(), **signed, until=desk.now + timedelta(hours=1))))
    accepted(desk.do(CancelAlert(by=met("R.2", REGION), **signed, reason="over")))


def test_who_is_above_the_issuer_changes_its_warning_and_answers_for_it_from_then_on(desk):
    in_force(desk)
    accepted(adjust(desk, met("C.1", CITY), met("C.2", CITY)))
    refused(adjust(desk, SECOND, AUTHOR, WarningColour.BLUE))
    refused(desk.do(CancelAlert(by=SECOND, now=desk.now, alert="AL-1")))
    accepted(desk.do(CancelAlert(by=met("C.1", CITY), now=desk.now, alert="AL-1")))


def test_a_measure_is_lifted_by_whose_it_is_or_above(desk):
    in_force(desk, REGION, colour=WarningColour.ORANGE, number=2)
    signed = {"now": desk.now, "alert": "AL-1"}
    for name, by in (("M-R", gov(REGION)), ("M-B", gov())):
        accepted(desk.do(StartMeasure(by=by, **signed, measure=name, kind="close the bridge", basis="ERL-67")))
    refused(desk.do(LiftMeasure(by=gov(), **signed, measure="M-R")))
    accepted(desk.do(LiftMeasure(by=gov(), **signed, measure="M-B")))
    accepted(desk.do(LiftMeasure(by=gov(REGION), **signed, measure="M-R")))


def dam(desk: Desk, by: Signature, **changed: Any) -> Any:
    entry = {"hazard_source": "DAM-1", "zh": "坝", "type": "dam", "manager": "D.MGR", "division": COUNTY}
    return desk.do(RegisterHazardSource(by=by, now=desk.now, **(entry | changed)))


def alarm(desk: Desk, division: str = COUNTY, **changed: Any) -> Any:
    by = Signature("D.MGR", ("ENT.dam",), division, 3)
    return desk.do(RaiseDamAlarm(by=by, now=desk.now, **({"alert": "DA-1", "hazard_source": "DAM-1"} | changed)))


def test_an_area_below_a_dam_is_registered_by_who_has_a_say_in_it(desk):
    refused(dam(desk, officer(), areas=(COUNTY, ELSEWHERE, REGION)))
    refused(dam(desk, officer(), areas=("ZZZ",)))
    accepted(dam(desk, officer(CITY), areas=(COUNTY, "150721")))


def test_a_dam_alarm_reaches_the_registered_area_and_no_further(desk):
    accepted(dam(desk, officer(CITY), areas=("150721",)))
    for areas in ((REGION,), ("ZZZ",), (COUNTY, ELSEWHERE)):
        refused(alarm(desk, areas=areas))
    accepted(alarm(desk, areas=("150721", COUNTY)))


@pytest.mark.parametrize("division", [ELSEWHERE, CITY])
def test_the_manager_raises_the_alarm_from_where_the_dam_is(desk, division):
    accepted(dam(desk, officer()))
    refused(alarm(desk, division))


def test_nobody_else_sets_who_hears_of_a_dam_or_an_area(desk):
    def listed(by: Signature, name: str) -> Any:
        return desk.do(SetRecipients(by=by, now=desk.now, list=name, recipients=(Recipient(by.actor),)))

    assert "DAM-1 is no division that is known" in refused(listed(officer(ELSEWHERE), "DAM-1"))  # before it is registered
    accepted(dam(desk, officer()))
    refused(listed(officer(ELSEWHERE), "DAM-1"))
    refused(listed(officer(ELSEWHERE), COUNTY))
    accepted(listed(officer(), "DAM-1"))
    accepted(listed(officer(), COUNTY))
    assert {r.envelope.division for r in desk.events} == {COUNTY}


@pytest.mark.parametrize(
    ("changed", "rule", "field"),
    [
        ({"alert": "AL-13812345678"}, "PIPL-5", "alert"),
        ({"alert": "张三"}, "id.pattern", "alert"),
        ({"alert": "a/b"}, "id.pattern", "alert"),
        ({"hazard": "13812345678"}, "PIPL-5", "hazard"),
        ({"language": "call 13812345678"}, "PIPL-5", "language"),
        ({"incident": "11010519491231002X"}, "PIPL-5", "incident"),
    ],
)
def test_no_field_of_a_draft_carries_a_personal_value_not_even_its_id(desk, changed, rule, field):
    result = desk.do(replace(draft_of(desk.now, "AL-1", desk.now + timedelta(hours=1)), by=AUTHOR, **changed))
    refused(result, RuleBroken)
    assert [(failure.rule, failure.field) for failure in result.failures] == [(rule, field)]
    desk.log.close()
    values = [value.encode() for value in changed.values()]
    assert not any(value in path.read_bytes() for path in desk.folder.iterdir() for value in values)


def test_a_recipient_is_a_post_and_no_number(desk):
    command = SetRecipients(by=officer(), now=desk.now, list=COUNTY, recipients=(Recipient("T.1"), Recipient("13812345678")))
    assert "PIPL-5" in refused(desk.do(command), RuleBroken)
