"""What other services have open for an incident stands in the way of closing it (decisions: what blocks closing)."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.policies.closing import opened, settled
from services.compensation.events.appeal import AppealFiled, AppealResultRecorded
from services.compensation.events.claim import ClaimAssessed, ClaimOpened, ClaimWithdrawn
from services.compensation.events.decision import ClaimDecided, ClaimFinal, ClaimSettled
from services.compensation.events.ground import ClaimReconsidered
from services.compensation.events.payment import ClaimPaid, PaymentCorrected
from services.privacy.events.retention import RetentionDecided, RetentionOpened, RetentionResumed
from services.volunteers.events.callup import CallUpCancelled, CallUpOffered, CallUpOrdered, CallUpStoodDown
from shared.handling.declare import Policy
from shared.handling.sentence import policy
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

CALL_UP, CLAIM, RETENTION = "call_up", "claim", "retention"
WentOn = ClaimDecided | ClaimSettled | ClaimPaid | PaymentCorrected | AppealResultRecorded | ClaimReconsidered | ClaimFinal
_NAMES = ("decided", "settled", "paid", "payment_corrected", "appeal_result_recorded", "reconsidered", "became_final")
WENT_ON = tuple(f"compensation.claim.{name}" for name in _NAMES)


def when_call_up_offered_then_closing_waits(event: CallUpOffered, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, CALL_UP, event.call_up)


def when_call_up_ordered_then_closing_waits(event: CallUpOrdered, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, CALL_UP, event.call_up)


def when_call_up_stood_down_then_closing_waits_no_longer(event: CallUpStoodDown, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, CALL_UP, event.call_up, "stood down")


def when_call_up_cancelled_then_closing_waits_no_longer(event: CallUpCancelled, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, CALL_UP, event.call_up, "cancelled")


def when_claim_opened_then_closing_waits(event: ClaimOpened, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, CLAIM, event.claim)


def when_claim_withdrawn_then_closing_waits_no_longer(event: ClaimWithdrawn, at: Envelope) -> Iterable[Command]:
    yield from settled(at, at.correlationid, CLAIM, event.claim, "withdrawn")


def when_appeal_filed_then_closing_waits_again(event: AppealFiled, at: Envelope) -> Iterable[Command]:
    yield from opened(at, at.correlationid, CLAIM, event.claim)


def when_claim_went_on_then_closing_waits_for_what_is_owed(event: WentOn, at: Envelope) -> Iterable[Command]:
    """Decided, agreed, paid, reversed, reviewed, set back or final: it says itself whether anything is owed or under review after it."""
    if event.over:
        yield from settled(at, at.correlationid, CLAIM, event.claim, "nothing is owed")
    else:
        yield from opened(at, at.correlationid, CLAIM, event.claim)


def when_claim_assessed_anew_then_closing_waits_again(event: ClaimAssessed, at: Envelope) -> Iterable[Command]:
    if event.round > 1:
        yield from opened(at, at.correlationid, CLAIM, event.claim)


def when_retention_opened_then_closing_waits(event: RetentionOpened, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, RETENTION, event.register)


def when_retention_decided_then_closing_waits_no_longer(event: RetentionDecided, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, RETENTION, event.register, "decided")


def when_retention_resumed_then_the_response_is_waited_for(event: RetentionResumed, at: Envelope) -> Iterable[Command]:
    """It is opened anew at the end of the response that began."""
    yield from settled(at, event.incident, RETENTION, event.register, "resumed")


_WENT_ON = when_claim_went_on_then_closing_waits_for_what_is_owed
NEIGHBOURS: tuple[Policy, ...] = (
    policy("volunteers.callup.offered.v1", when_call_up_offered_then_closing_waits),
    policy("volunteers.callup.ordered.v1", when_call_up_ordered_then_closing_waits),
    policy("volunteers.callup.stood_down.v1", when_call_up_stood_down_then_closing_waits_no_longer),
    policy("volunteers.callup.cancelled.v1", when_call_up_cancelled_then_closing_waits_no_longer),
    policy("compensation.claim.opened.v1", when_claim_opened_then_closing_waits),
    policy("compensation.claim.withdrawn.v1", when_claim_withdrawn_then_closing_waits_no_longer),
    policy("compensation.claim.appeal_filed.v1", when_appeal_filed_then_closing_waits_again),
    policy("compensation.claim.assessed.v1", when_claim_assessed_anew_then_closing_waits_again),
    Policy(_WENT_ON.__name__, WENT_ON, _WENT_ON),  # one: two of a name would be the last of them alone
    policy("privacy.retention.opened.v1", when_retention_opened_then_closing_waits),
    policy("privacy.retention.decided.v1", when_retention_decided_then_closing_waits_no_longer),
    policy("privacy.retention.resumed.v1", when_retention_resumed_then_the_response_is_waited_for),
)
