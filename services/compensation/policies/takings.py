"""What was taken for the rescue is paid for without being asked: property given back or lost, agreements changed in the public interest."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from services.compensation.deciders.claims.commands import ClaimCompensation, DoubtClaim, Proof
from services.compensation.events.figures import ClaimKind
from services.compensation.events.ground import Ground
from services.resources.events.agreement import AgreementAmended, AgreementTerminated
from services.resources.events.requisition import PropertyLost, PropertyReturned, ReturnCorrected
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_property_returned_then_open_the_claim(event: PropertyReturned | PropertyLost | ReturnCorrected, at: Envelope) -> Iterable[Command]:
    """Or lost, or out again after all. One policy, so that what is parked of a thing waits in order, and is replayed in order."""
    match event:
        case PropertyReturned():
            yield _returned(event, at)
        case PropertyLost():
            yield _lost(event, at)
        case ReturnCorrected():  # every claim for it, the owner's own too; which these are is known here and not where it was taken
            yield DoubtClaim(by=system(at), now=at.time, item=event.requisition, ground=Ground.NOT_BACK, source=at.id)


def _returned(event: PropertyReturned, at: Envelope) -> ClaimCompensation:
    """For the days of use by the tariff of its kind, and the damage; of what was lent, the damage alone (ERL-12, RQ-07): came it back
    whole, none is opened, but what the owner claimed waits for that no longer."""
    damaged = (Proof("damage_report", at.id),) if event.damage else ()
    return ClaimCompensation(
        by=system(at),
        now=at.time,
        claim=event.claim or f"CL-{event.requisition}",
        claimant=event.subject,
        incident=event.incident,
        kind=ClaimKind.REQUISITION,
        item=event.requisition,
        since=event.since,
        until=event.until,
        tariff=event.tariff or None,
        days=Decimal(event.days) if event.tariff else None,
        damage=event.damage,
        evidence=(Proof("requisition_certificate", at.id), *damaged),
    )


def _lost(event: PropertyLost, at: Envelope) -> ClaimCompensation:
    """For the days of use and the loss; what it was worth is still to be proved by a valuation."""
    return ClaimCompensation(
        by=system(at),
        now=at.time,
        claim=event.claim,
        claimant=event.subject,
        incident=event.incident,
        kind=ClaimKind.REQUISITION,
        item=event.requisition,
        since=event.since,
        until=event.until,
        tariff=event.tariff or None,
        days=Decimal(event.days) if event.tariff else None,
        loss=event.loss,
        evidence=(Proof("requisition_certificate", at.id),),
    )


def when_agreement_changed_then_open_the_claim(event: AgreementAmended | AgreementTerminated, at: Envelope) -> Iterable[Command]:
    """The public interest changed or ended what was agreed (SEED-25); a valuation of the loss is still to be brought."""
    if event.claim is None:
        return
    yield ClaimCompensation(
        by=system(at),
        now=at.time,
        claim=event.claim,
        claimant=event.supplier,
        kind=ClaimKind.AGREEMENT,
        item=f"{event.agreement}.{event.change}",
        loss=event.loss,
        evidence=(Proof("agreement", at.id),),
    )


TAKINGS: tuple[Policy, ...] = (
    policy(
        "resources.requisition.returned.v1",
        when_property_returned_then_open_the_claim,
        "resources.requisition.lost.v1",
        "resources.requisition.return_corrected.v1",
        formerly={
            "resources.requisition.lost.v1": "when_property_lost_then_open_the_claim",
            "resources.requisition.return_corrected.v1": "when_return_was_corrected_then_its_claim_is_looked_at",
        },
    ),
    Policy(
        "when_agreement_changed_then_open_the_claim",
        ("resources.agreement.amended", "resources.agreement.terminated"),
        when_agreement_changed_then_open_the_claim,
    ),
)
