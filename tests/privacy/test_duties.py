"""Rights requests, breaches, processors and impact assessments."""

from __future__ import annotations

import pytest

from services.privacy.deciders.duties import assessments, breaches, processors, rights
from services.privacy.deciders.records.exporting import ExportPersonalData
from services.privacy.events.duties import BreachGrade, Right, RightsOutcome
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from tests.privacy.world import DPO, GOV, OFFICER, SYS, VOLUNTEER, Streams, at, registered


@pytest.fixture
def streams() -> Streams:
    return Streams()


def asked(streams: Streams, **said):
    whole = {"request": "RQ-1", "subject": "V-A", "right": Right.COPY} | said
    return streams.do(rights.ReceiveRightsRequest, VOLUNTEER, **whole)


def test_a_request_is_taken_whatever_is_missing_and_has_fifteen_working_days(streams):
    taken = asked(streams, subject=None, right=None, relative=True)
    ((_, fact),) = taken.events
    assert (taken.flags, fact.incomplete) == (("A-INCOMPLETE",), ("subject", "right", "proof"))
    assert fact.clocks[0].due_at == at("00:00", 10).replace(month=8)
    streams.refused(rights.ReceiveRightsRequest, VOLUNTEER, WrongState, request="RQ-1", subject="V-A", right=Right.COPY)


def test_a_request_is_checked_decided_with_reasons_and_done(streams):
    registered(streams)
    asked(streams)
    own = {"request": "RQ-1"}
    streams.refused(rights.DecideRightsRequest, DPO, WrongState, "PIPL-50", **own, outcome=RightsOutcome.GRANTED)
    streams.refused(rights.CheckRequestIdentity, OFFICER, RuleBroken, "PIPL-50", **own, confirmed=True)
    streams.do(rights.CheckRequestIdentity, OFFICER, **own, confirmed=False, how="id card not shown")
    streams.refused(rights.DecideRightsRequest, DPO, RuleBroken, "PIPL-50", **own, outcome=RightsOutcome.GRANTED)
    refusal = streams.refused(rights.DecideRightsRequest, DPO, RuleBroken, "PIPL-50", **own, outcome=RightsOutcome.REFUSED)
    assert [fault.field for fault in refusal.failures] == ["reasons", "remedy"]
    streams.do(rights.CheckRequestIdentity, OFFICER, **own, confirmed=True, how="id card seen")
    late = streams.do(rights.DecideRightsRequest, DPO, **own, outcome=RightsOutcome.GRANTED, now=at("00:01", 10).replace(month=8))
    assert late.flags == ("A-LATE",)
    exported = streams.do(ExportPersonalData, DPO, subject="V-A", request="RQ-1")
    assert exported.answer["records"][0]["refs"] == {"name": "ref-V-A", "phone": "ref-V-A"}
    ((_, done),) = streams.do(rights.CompleteRightsRequest, DPO, **own).events
    assert done.met == ("K-54",)


def test_a_request_that_is_late_is_escalated_once(streams):
    asked(streams)
    late = {"request": "RQ-1", "key": "K-54", "now": at("00:00", 10).replace(month=8)}
    assert streams.types(streams.do(rights.EscalateRightsClock, SYS, **late)) == ["ClockMissed"]
    assert streams.do(rights.EscalateRightsClock, SYS, **late).events == []


def test_a_breach_has_hours_and_goes_its_way(streams):
    own = {"breach": "BR-1"}
    taken = streams.do(breaches.ReportBreach, OFFICER, **own)
    ((_, fact),) = taken.events
    assert taken.flags == ("A-INCOMPLETE",)
    assert {due.key: (due.due_at - due.since).total_seconds() / 3600 for due in fact.clocks} == {"K-40": 4, "K-40.persons": 24}
    streams.refused(breaches.ContainBreach, DPO, RuleBroken, "PIPL-57", **own)
    streams.do(breaches.ContainBreach, DPO, **own, measures="access closed")
    streams.refused(breaches.CloseBreach, DPO, WrongState, **own, lessons="x")
    streams.do(breaches.GradeBreach, DPO, **own, grade=BreachGrade.LARGER)
    told = streams.do(breaches.NotifyAuthority, DPO, **own, to="region CAC", contact="C.DPO", now=at("11:01"))
    assert told.flags == ("A-LATE",)
    streams.refused(breaches.NotifySubjects, DPO, RuleBroken, "PIPL-57", **own)
    streams.do(breaches.NotifySubjects, DPO, **own, not_needed="encrypted")
    streams.refused(breaches.CloseBreach, DPO, RuleBroken, "PIPL-57", **own)
    streams.do(breaches.CloseBreach, DPO, **own, lessons="shorter tokens")


def test_a_critical_breach_has_one_hour_and_a_general_one_stops_the_clock(streams):
    ((_, fact),) = streams.do(breaches.ReportBreach, OFFICER, breach="BR-2", critical=True, known_at=at("06:00")).events
    assert fact.clocks[0].due_at == at("07:00")
    streams.do(breaches.ContainBreach, DPO, breach="BR-2", measures="stopped")
    ((_, graded),) = streams.do(breaches.GradeBreach, DPO, breach="BR-2", grade=BreachGrade.GENERAL).events
    assert graded.stopped == ("K-40",)
    streams.do(breaches.NotifySubjects, DPO, breach="BR-2", how="by phone")
    streams.do(breaches.CloseBreach, DPO, breach="BR-2", lessons="none")


def test_a_breach_that_is_known_of_in_a_time_to_come_is_taken_and_counts_from_now(streams):
    taken = streams.do(
        breaches.ReportBreach, OFFICER, breach="BR-4", known_at=at("08:00").replace(year=2030), kinds=("phone",), cause="lost", harm="calls"
    )
    ((_, fact),) = taken.events
    assert (fact.known_at, fact.clocks[0].since, taken.flags) == (at("07:00"), at("07:00"), ("Q-TRIAGE",))
    assert not streams.do(
        breaches.ReportBreach, OFFICER, breach="BR-5", known_at=at("06:00"), kinds=("phone",), cause="lost", harm="calls"
    ).flags


def test_a_larger_breach_is_not_closed_before_the_authority_knows(streams):
    streams.do(breaches.ReportBreach, OFFICER, breach="BR-3")
    streams.do(breaches.ContainBreach, DPO, breach="BR-3", measures="stopped")
    streams.do(breaches.GradeBreach, DPO, breach="BR-3", grade=BreachGrade.MAJOR)
    streams.do(breaches.NotifySubjects, DPO, breach="BR-3", how="by phone")
    streams.refused(breaches.CloseBreach, DPO, RuleBroken, "CSIR-4", breach="BR-3", lessons="x")


def test_a_processor_has_an_agreement_and_ends_with_proof(streams):
    refusal = streams.refused(processors.RegisterProcessor, DPO, RuleBroken, "PIPL-21", processor="PR-1", purposes=("curiosity",))
    assert [fault.field for fault in refusal.failures] == ["name", "agreement", "measures", "until", "purposes"]
    said = {
        "name": "printing house",
        "purposes": ("register",),
        "agreement": "AGR-1",
        "measures": "sealed room",
        "until": at("00:00", 30).date(),
    }
    streams.do(processors.RegisterProcessor, DPO, processor="PR-1", **said)
    streams.refused(processors.SuperviseProcessor, DPO, RuleBroken, processor="PR-1")
    streams.do(processors.SuperviseProcessor, DPO, processor="PR-1", finding="in order")
    streams.refused(processors.EndProcessor, DPO, RuleBroken, processor="PR-1")
    streams.do(processors.EndProcessor, DPO, processor="PR-1", proof="deletion protocol")
    streams.refused(processors.SuperviseProcessor, DPO, WrongState, "PIPL-21", processor="PR-1", finding="x")


def test_an_assessment_has_three_parts_and_another_approves_it():
    streams = Streams(assessed=False)
    own = {"module": "callup", "assessment": "PIA-1"}
    refusal = streams.refused(assessments.DraftImpactAssessment, DPO, RuleBroken, "PIPL-56", **own)
    assert [fault.field for fault in refusal.failures] == ["lawfulness", "risks", "protection"]
    said = {"lawfulness": "a", "risks": "b", "protection": "c"}
    streams.refused(assessments.DraftImpactAssessment, DPO, NotFound, module="gossip", assessment="PIA-1", **said)
    ((_, drafted),) = streams.do(assessments.DraftImpactAssessment, DPO, **own, **said).events
    assert drafted.purposes == ("callup.contact", "callup.health")
    streams.refused(assessments.ApproveImpactAssessment, GOV, NotFound, module="callup", assessment="PIA-2")
    streams.refused(assessments.ApproveImpactAssessment, DPO, NotAllowed, "two.persons", **own)
    ((_, approved),) = streams.do(assessments.ApproveImpactAssessment, GOV, **own).events
    assert (approved.until - approved.at).days == 365 and (approved.keep_until - approved.at).days == 1096
    streams.refused(assessments.ApproveImpactAssessment, GOV, WrongState, **own)
    streams.refused(assessments.DraftImpactAssessment, DPO, WrongState, **own, **said)
    expired = {"module": "callup", "key": "expires-PIA-1", "now": approved.until}
    assert streams.types(streams.do(assessments.EscalateAssessmentClock, SYS, **expired)) == ["ClockMissed"]
