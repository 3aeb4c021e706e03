"""What follows from hours and harm: late settlements, people who were not checked out, families who need help (SV-18, SV-20)."""

from __future__ import annotations

from collections.abc import Iterable

from services.volunteers.deciders.callups.commands import SettleCallUp
from services.volunteers.deciders.hours.commands import SupersedeCertificate
from services.volunteers.events.clock import ClockMissed
from services.volunteers.events.honour import Harm, InjuryReported
from services.volunteers.events.service import CertificateSuperseded, CheckOutOverdue, HoursCorrected, OverlapQuarantined, ServiceEnded
from services.volunteers.policies.tasks import task
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.decider import category
from shared.kernel.envelope import Envelope

LEADERS = ("TASK.lead", "ICP", "EMD.duty")
OFFICE = ("EMD.officer", "EMD.duty")


def when_service_ended_then_settle_its_call_up(event: ServiceEnded, at: Envelope) -> Iterable[Command]:
    if event.call_up is not None:  # of one that is not stood down nothing follows
        yield SettleCallUp(by=system(at), now=at.time, call_up=event.call_up)


def when_hours_corrected_then_settle_its_call_up(event: HoursCorrected, at: Envelope) -> Iterable[Command]:
    if event.call_up is not None:
        yield SettleCallUp(by=system(at), now=at.time, call_up=event.call_up)


def when_certified_hours_are_corrected_then_the_certificate_holds_no_longer(event: HoursCorrected, at: Envelope) -> Iterable[Command]:
    for number in event.certificates:
        yield SupersedeCertificate(by=system(at), now=at.time, certificate=number)


def when_a_counted_shift_is_set_aside_then_settle_its_call_up(event: OverlapQuarantined, at: Envelope) -> Iterable[Command]:
    if event.of is not None and event.call_up is not None:
        yield SettleCallUp(by=system(at), now=at.time, call_up=event.call_up)


def when_certified_hours_are_set_aside_then_the_certificate_holds_no_longer(event: OverlapQuarantined, at: Envelope) -> Iterable[Command]:
    for number in event.certificates:
        yield SupersedeCertificate(by=system(at), now=at.time, certificate=number)


def when_a_certificate_is_superseded_then_ask_for_another(event: CertificateSuperseded, at: Envelope) -> Iterable[Command]:
    if event.by is None:
        yield task(at, f"reissue-{at.position}", "reissue_certificate", OFFICE, event.person, None)


def when_check_out_overdue_then_look_for_them(event: CheckOutOverdue, at: Envelope) -> Iterable[Command]:
    yield task(at, f"overdue-{at.position}", "look_for_person", LEADERS, event.person, event.incident)


def when_service_overlaps_then_look_at_it(event: OverlapQuarantined, at: Envelope) -> Iterable[Command]:
    yield task(at, f"overlap-{at.position}", "resolve_overlap", (*LEADERS, "EMD.officer"), event.person, event.incident)


def when_a_certificate_is_late_then_ask_the_office(event: ClockMissed, at: Envelope) -> Iterable[Command]:
    if category(at.streamid) == "service" and event.key == "K-38":
        yield task(at, f"certify-{at.position}", "issue_certificate", OFFICE, at.streamid.partition("-")[2], None)


def when_an_injury_is_not_filed_then_ask_the_office(event: ClockMissed, at: Envelope) -> Iterable[Command]:
    if category(at.streamid) == "injury":
        yield task(at, f"file-{at.position}", "file_injury", OFFICE, "", at.correlationid)


def when_injury_reported_then_support_the_family(event: InjuryReported, at: Envelope) -> Iterable[Command]:
    if event.harm in (Harm.INJURED, Harm.ILL, Harm.DEAD):
        yield task(at, f"family-{at.position}", "support_family", ("CIV", "EMD.officer"), "", event.incident)


def when_injury_is_incomplete_then_ask_for_the_rest(event: InjuryReported, at: Envelope) -> Iterable[Command]:
    if event.missing:
        yield task(at, f"injury-{at.position}", "complete_injury_report", OFFICE, ", ".join(event.missing), event.incident)


_MISSED, _INJURY = "volunteers.clock.missed.v1", "volunteers.injury.reported.v1"
HOURS: tuple[Policy, ...] = (
    policy("volunteers.service.ended.v1", when_service_ended_then_settle_its_call_up),
    policy("volunteers.service.hours_corrected.v1", when_hours_corrected_then_settle_its_call_up),
    policy("volunteers.service.hours_corrected.v1", when_certified_hours_are_corrected_then_the_certificate_holds_no_longer),
    policy("volunteers.certificate.superseded.v1", when_a_certificate_is_superseded_then_ask_for_another),
    policy("volunteers.service.check_out_overdue.v1", when_check_out_overdue_then_look_for_them),
    policy("volunteers.service.overlap_quarantined.v1", when_service_overlaps_then_look_at_it),
    policy("volunteers.service.overlap_quarantined.v1", when_a_counted_shift_is_set_aside_then_settle_its_call_up),
    policy("volunteers.service.overlap_quarantined.v1", when_certified_hours_are_set_aside_then_the_certificate_holds_no_longer),
    policy(_MISSED, when_a_certificate_is_late_then_ask_the_office),
    policy(_MISSED, when_an_injury_is_not_filed_then_ask_the_office),
    policy(_INJURY, when_injury_reported_then_support_the_family),
    policy(_INJURY, when_injury_is_incomplete_then_ask_for_the_rest),
)
