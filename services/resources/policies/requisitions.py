"""What requisitions follow from: urgent periods and responses of `alerts`, decisions of `compensation`; and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.events.response import ResponseActivated, ResponseTerminated
from services.alerts.events.urgent import DroughtPeriodDeclared, DroughtPeriodEnded, FloodPeriodDeclared, FloodPeriodEnded
from services.compensation.events.appeal import AppealOutcome, AppealResultRecorded
from services.compensation.events.claim import ClaimOpened, ClaimWithdrawn
from services.compensation.events.decision import ClaimDecided, ClaimSettled
from services.compensation.events.figures import ClaimKind
from services.compensation.events.ground import ClaimDoubted, ClaimReconsidered, ClaimRestated, Ground, Outcome
from services.resources.deciders.requisitions.claimed import NoteRequisitionClaim
from services.resources.deciders.requisitions.commands import AskReturn, ServeNotice
from services.resources.deciders.requisitions.holding import NoteResponse
from services.resources.deciders.requisitions.urgent import NoteUrgentPeriod
from services.resources.events.requisition import RequisitionApproved, RequisitionPapered
from services.resources.events.urgent import ReturnsAsked
from services.resources.events.wanted import NoticeManner
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_urgent_period_declared_then_its_powers_are_open(
    event: FloodPeriodDeclared | DroughtPeriodDeclared, at: Envelope
) -> Iterable[Command]:
    yield NoteUrgentPeriod(
        by=system(at),
        now=at.time,
        period=event.period,
        division=event.division,
        powers=event.powers,
        until=event.until,
        source=at.id,
    )


def when_urgent_period_ended_then_its_powers_are_closed(event: FloodPeriodEnded | DroughtPeriodEnded, at: Envelope) -> Iterable[Command]:
    yield NoteUrgentPeriod(by=system(at), now=at.time, period=event.period, division=at.division, source=at.id, open=False)


def when_response_activated_then_note_that_it_runs(event: ResponseActivated, at: Envelope) -> Iterable[Command]:
    yield NoteResponse(by=system(at), now=at.time, incident=event.incident, activation=event.activation)


def when_response_terminated_then_what_was_taken_may_go_back(event: ResponseTerminated, at: Envelope) -> Iterable[Command]:
    yield NoteResponse(by=system(at), now=at.time, incident=event.incident, activation=event.activation, open=False)


def when_returns_asked_then_ask_for_each(event: ReturnsAsked, at: Envelope) -> Iterable[Command]:
    for requisition in event.requisitions:
        yield AskReturn(by=system(at), now=at.time, requisition=requisition, reason=event.reason)


def when_requisition_approved_then_tell_the_owner(event: RequisitionApproved | RequisitionPapered, at: Envelope) -> Iterable[Command]:
    if event.manner is NoticeManner.IN_APP:
        yield ServeNotice(by=system(at), now=at.time, requisition=event.requisition, manner=NoticeManner.IN_APP)


def when_claim_opened_then_note_it_on_the_requisition(event: ClaimOpened | ClaimRestated, at: Envelope) -> Iterable[Command]:
    """Or told that it is back: maybe in place of the claim that its return named."""
    if event.kind is ClaimKind.REQUISITION and event.item is not None:
        yield NoteRequisitionClaim(
            by=system(at),
            now=at.time,
            claim=event.claim,
            requisition=event.item,
            claimant=event.claimant,
            instead_of=event.instead_of,
        )


def when_claim_is_to_be_decided_anew_then_the_requisition_is_not_closed(
    event: ClaimDoubted | ClaimReconsidered | AppealResultRecorded, at: Envelope
) -> Iterable[Command]:
    """What was decided is to be looked at by two, was set back, or was annulled."""
    if isinstance(event, ClaimDoubted) or event.outcome in (Outcome.SET_BACK, AppealOutcome.ANNULLED):
        yield NoteRequisitionClaim(by=system(at), now=at.time, claim=event.claim)


def when_claim_decided_then_the_requisition_may_be_closed(
    event: ClaimDecided | ClaimSettled | ClaimWithdrawn | ClaimReconsidered, at: Envelope
) -> Iterable[Command]:
    """Also when two let stand what was decided before it was out again: nothing is decided a second time then."""
    if isinstance(event, ClaimReconsidered) and (event.outcome is not Outcome.STANDS or event.ground is Ground.NOT_BACK):
        return
    yield NoteRequisitionClaim(by=system(at), now=at.time, claim=event.claim, decided=True, withdrawn=isinstance(event, ClaimWithdrawn))


REQUISITIONS: tuple[Policy, ...] = (
    Policy(
        "when_urgent_period_declared_then_its_powers_are_open",
        ("alerts.flood_period.declared", "alerts.drought_period.declared"),
        when_urgent_period_declared_then_its_powers_are_open,
    ),
    Policy(
        "when_urgent_period_ended_then_its_powers_are_closed",
        ("alerts.flood_period.ended", "alerts.drought_period.ended"),
        when_urgent_period_ended_then_its_powers_are_closed,
    ),
    policy("alerts.response.activated.v1", when_response_activated_then_note_that_it_runs),
    policy("alerts.response.terminated.v1", when_response_terminated_then_what_was_taken_may_go_back),
    policy("resources.requisition.returns_asked.v1", when_returns_asked_then_ask_for_each),
    Policy(
        "when_requisition_approved_then_tell_the_owner",
        ("resources.requisition.approved", "resources.requisition.papered"),
        when_requisition_approved_then_tell_the_owner,
    ),
    policy("compensation.claim.opened.v1", when_claim_opened_then_note_it_on_the_requisition, "compensation.claim.restated.v1"),
    policy(
        "compensation.claim.doubted.v1",
        when_claim_is_to_be_decided_anew_then_the_requisition_is_not_closed,
        "compensation.claim.reconsidered.v1",
        "compensation.claim.appeal_result_recorded.v1",
    ),
    Policy(
        "when_claim_decided_then_the_requisition_may_be_closed",
        ("compensation.claim.decided", "compensation.claim.settled", "compensation.claim.withdrawn", "compensation.claim.reconsidered"),
        when_claim_decided_then_the_requisition_may_be_closed,
    ),
)
