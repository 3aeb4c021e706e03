"""A settled call-up is what claims rest on; a claim that waited for it goes on; a decision is served in the app at once."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from services.alerts.events.incident import IncidentRegistered
from services.compensation.deciders.claims.commands import ClaimCompensation, DoubtClaim, NoteEntitlement, ServeDecision
from services.compensation.deciders.entitlements.entitlement import RecordEntitlement
from services.compensation.deciders.entitlements.leader import NoteClaimantMerged, NoteForceLeader
from services.compensation.deciders.entitlements.place import NoteIncident
from services.compensation.events.decision import ClaimDecided, Manner
from services.compensation.events.entitlement import EntitlementRecorded, EntitlementUnclaimed
from services.compensation.events.figures import Day
from services.compensation.events.ground import Ground
from services.compensation.events.once import OnceTaken
from services.volunteers.events.callup import CallUpSettled
from services.volunteers.events.force import ForceFiled, ForceFilingApplied, RosterUpdated
from services.volunteers.events.volunteer import DuplicateTaken
from shared.handling.declare import Policy
from shared.handling.sentence import policy, restricted, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_callup_settled_then_record_what_it_came_to(event: CallUpSettled, at: Envelope) -> Iterable[Command]:
    yield RecordEntitlement(
        by=system(at),
        now=at.time,
        claimant=event.holder,
        incident=event.incident,
        call_up=event.call_up,
        force=event.force is not None,
        days=tuple(Day(one.person, one.day, one.minutes) for one in event.days),
        payer=event.payer or event.division,
        revision=event.revision,
    )


def when_incident_registered_then_note_where_it_is(event: IncidentRegistered, at: Envelope) -> Iterable[Command]:
    secret = restricted(at)
    yield NoteIncident(by=system(at), now=at.time, incident=event.incident, division=event.division, restricted=secret)


def when_force_filing_applied_then_note_its_leader(event: ForceFilingApplied, at: Envelope) -> Iterable[Command]:
    yield NoteForceLeader(by=system(at), now=at.time, force=event.force, leader=event.leader)


def when_force_filed_then_its_leader_speaks_for_it(event: ForceFiled, at: Envelope) -> Iterable[Command]:
    yield NoteForceLeader(by=system(at), now=at.time, force=event.force, filed=True)


def when_roster_updated_then_note_the_leader(event: RosterUpdated, at: Envelope) -> Iterable[Command]:
    yield NoteForceLeader(by=system(at), now=at.time, force=event.force, leader=event.leader)


def when_duplicate_taken_then_who_is_kept_speaks_for_it(event: DuplicateTaken, at: Envelope) -> Iterable[Command]:
    """And for what had been merged into the duplicate before."""
    for one in (event.duplicate, *event.through):
        yield NoteClaimantMerged(by=system(at), now=at.time, claimant=one, into=event.volunteer)


def when_entitlement_recorded_then_claims_that_waited_go_on(event: EntitlementRecorded, at: Envelope) -> Iterable[Command]:
    for claim in event.waiting:
        yield NoteEntitlement(by=system(at), now=at.time, claim=claim)


def when_less_was_done_then_what_was_decided_on_it_is_looked_at(event: EntitlementRecorded, at: Envelope) -> Iterable[Command]:
    for claim in event.doubted:
        yield DoubtClaim(by=system(at), now=at.time, claim=claim, ground=Ground.HOURS, source=at.id)


def when_a_thing_is_anothers_then_what_was_decided_on_it_is_looked_at(event: OnceTaken, at: Envelope) -> Iterable[Command]:
    """Let go of, because its claim was given up or because it showed whose it is: the claim knows which."""
    if not event.covers:
        yield DoubtClaim(by=system(at), now=at.time, claim=event.claim, ground=Ground.ANOTHERS, source=at.id)


def when_nobody_claimed_then_open_the_claim(event: EntitlementUnclaimed, at: Envelope) -> Iterable[Command]:
    claim = f"CL-{sha256(at.id.encode()).hexdigest()[:16]}"
    yield ClaimCompensation(by=system(at), now=at.time, claim=claim, claimant=event.claimant, incident=event.incident)


def when_claim_decided_then_serve_the_decision(event: ClaimDecided, at: Envelope) -> Iterable[Command]:
    if event.manner is Manner.IN_APP:
        yield ServeDecision(by=system(at), now=at.time, claim=event.claim, manner=Manner.IN_APP)


CLAIMS: tuple[Policy, ...] = (
    policy("volunteers.callup.settled.v1", when_callup_settled_then_record_what_it_came_to),
    policy("alerts.incident.registered.v1", when_incident_registered_then_note_where_it_is),
    policy("volunteers.force.filing_applied.v1", when_force_filing_applied_then_note_its_leader),
    policy("volunteers.force.filed.v1", when_force_filed_then_its_leader_speaks_for_it),
    policy("volunteers.force.roster_updated.v1", when_roster_updated_then_note_the_leader),
    policy("volunteers.volunteer.duplicate_taken.v1", when_duplicate_taken_then_who_is_kept_speaks_for_it),
    policy("compensation.entitlement.recorded.v1", when_entitlement_recorded_then_claims_that_waited_go_on),
    policy("compensation.entitlement.recorded.v1", when_less_was_done_then_what_was_decided_on_it_is_looked_at),
    policy("compensation.once.taken.v1", when_a_thing_is_anothers_then_what_was_decided_on_it_is_looked_at),
    policy("compensation.entitlement.unclaimed.v1", when_nobody_claimed_then_open_the_claim),
    policy("compensation.claim.decided.v1", when_claim_decided_then_serve_the_decision),
)
