"""Where neighbours hold data of a person, the record of it: what for, on which basis, told how."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.events.report import ReportReceived, ReportTransferred
from services.alerts.events.triage import TriageResolved
from services.privacy.deciders.records.commands import AttachPersonalData, CollectPersonalData, DisclosePersonalData, NoteUnclaimed
from services.volunteers.events.callup import CallUpAccepted, CallUpOffered
from services.volunteers.events.force import ForceFilingApplied, RosterUpdated
from services.volunteers.events.validity import Member
from services.volunteers.events.volunteer import SelfArrivalRegistered, VolunteerRegistered
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

STANDING, CONTACT, FINDER, WORDS = "register", "callup.contact", "report.contact", "report.words"
REGISTRATION = "with the registration"  # no registration without the person's consent, whoever enters it (PIPL art. 14)
UNASKED = "PIPL-13.1(3)"  # a roster: nobody on it was asked by us
NEVER_GIVEN = "a force's roster: the person is told by its leader"


def when_report_received_then_hold_the_contact(event: ReportReceived, at: Envelope) -> Iterable[Command]:
    """For each report of a finder anew: what was destroyed with one incident does not stand against the next."""
    if event.subject is not None:
        yield CollectPersonalData(
            by=system(at),
            now=at.time,
            subject=event.subject,
            purpose=event.purpose or FINDER,
            incident=at.correlationid,
            division=event.division,
            report=event.report,
        )


def when_report_received_then_hold_its_words(event: ReportReceived, at: Envelope) -> Iterable[Command]:
    """Of the report itself, under a key of its own: whose number stands in it nobody checked (PIPL art. 8, 45)."""
    if event.ref is not None:
        yield CollectPersonalData(
            by=system(at),
            now=at.time,
            subject=event.report,
            purpose=WORDS,
            ref=event.ref,
            fields=("words",),
            division=event.division,
            report=event.report,
        )


def when_reports_found_true_then_their_words_belong_to_the_incident(event: TriageResolved, at: Envelope) -> Iterable[Command]:
    """The decision about the incident's data is about them too (domain 3.25)."""
    if event.kind in ("public_report", "transferred_report") and event.incident is not None:
        for report in event.reports:
            yield AttachPersonalData(by=system(at), now=at.time, subject=report, purpose=WORDS, incident=event.incident)


def when_reports_are_no_incidents_then_somebody_decides_about_their_words(event: TriageResolved, at: Envelope) -> Iterable[Command]:
    """Found wrong, known already, or of an incident nobody has registered yet: no assessment would ever name them."""
    if event.kind in ("public_report", "transferred_report") and event.incident is None:
        for report in event.reports:
            yield NoteUnclaimed(by=system(at), now=at.time, subject=report, purpose=WORDS, why=event.finding.value)


def when_report_transferred_then_its_words_are_given_on(event: ReportTransferred, at: Envelope) -> Iterable[Command]:
    """Who is competent verifies it (ERL art. 60 para. 3), and reads what its finder wrote."""
    if event.cluster:
        yield DisclosePersonalData(
            by=system(at),
            now=at.time,
            subject=event.report,
            recipient=event.to,
            purpose=WORDS,
            incident=event.report,
            basis="PIPL-13.1(3)",
        )


def when_volunteer_registered_then_hold_the_registration(event: VolunteerRegistered, at: Envelope) -> Iterable[Command]:
    yield CollectPersonalData(
        by=system(at),
        now=at.time,
        subject=event.volunteer,
        purpose=STANDING,
        ref=event.person,
        fields=event.fields if event.person else (),
        notice=event.notice or None,
        consent=REGISTRATION,
        separate_consent=REGISTRATION if event.separate_consent else None,
        guardian=REGISTRATION if event.guardian else None,
        division=event.division,
    )


def when_somebody_arrives_uncalled_then_hold_what_is_known(event: SelfArrivalRegistered, at: Envelope) -> Iterable[Command]:
    yield CollectPersonalData(
        by=system(at),
        now=at.time,
        subject=event.volunteer,
        purpose=CONTACT,
        incident=event.incident,
        ref=event.person,
        fields=event.fields if event.person else (),
        division=event.division,
    )


def when_volunteer_offered_then_hold_the_contact(event: CallUpOffered, at: Envelope) -> Iterable[Command]:
    if event.volunteer is not None and event.incident is not None:
        yield _contact(event.volunteer, event.incident, at)


def when_force_accepts_then_hold_its_members(event: CallUpAccepted, at: Envelope) -> Iterable[Command]:
    if event.force is not None and event.incident is not None:
        for member in event.members:
            yield _contact(member, event.incident, at)


def when_filing_applied_then_hold_the_roster(event: ForceFilingApplied, at: Envelope) -> Iterable[Command]:
    return _roster(event.members, event.home, at)


def when_roster_updated_then_hold_who_is_new(event: RosterUpdated, at: Envelope) -> Iterable[Command]:
    return _roster(event.members, at.division, at)


def _roster(members: Iterable[Member], division: str | None, at: Envelope) -> Iterable[Command]:
    """Without a reference: a roster is said by its leader, who may name nobody else's values."""
    for one in members:
        if one.person is not None:
            yield CollectPersonalData(
                by=system(at),
                now=at.time,
                subject=one.member,
                purpose=STANDING,
                basis=UNASKED,
                deferred=NEVER_GIVEN,
                division=division,
            )


def _contact(subject: str, incident: str, at: Envelope) -> CollectPersonalData:
    return CollectPersonalData(by=system(at), now=at.time, subject=subject, purpose=CONTACT, incident=incident, division=at.division)


COLLECTING: tuple[Policy, ...] = (
    policy("alerts.report.received.v1", when_report_received_then_hold_the_contact),
    policy("alerts.report.received.v1", when_report_received_then_hold_its_words),
    policy("alerts.report.transferred.v1", when_report_transferred_then_its_words_are_given_on),
    policy("alerts.triage.resolved.v1", when_reports_found_true_then_their_words_belong_to_the_incident),
    policy("alerts.triage.resolved.v1", when_reports_are_no_incidents_then_somebody_decides_about_their_words),
    policy("volunteers.volunteer.registered.v1", when_volunteer_registered_then_hold_the_registration),
    policy("volunteers.volunteer.self_arrival_registered.v1", when_somebody_arrives_uncalled_then_hold_what_is_known),
    policy("volunteers.callup.offered.v1", when_volunteer_offered_then_hold_the_contact),
    policy("volunteers.callup.accepted.v1", when_force_accepts_then_hold_its_members),
    policy("volunteers.force.filing_applied.v1", when_filing_applied_then_hold_the_roster),
    policy("volunteers.force.roster_updated.v1", when_roster_updated_then_hold_who_is_new),
)
