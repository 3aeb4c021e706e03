"""Where resources holds data of owners, households and donors, the record of it: what for, of which incident."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.privacy.deciders.records.commands import CollectPersonalData
from services.resources.events.donation import DonationReceived
from services.resources.events.household import HouseholdRegistered
from services.resources.events.relief import ReliefApplied, ReliefNominated, ReliefPaid
from services.resources.events.requisition import PropertyLent, RequisitionRequested, RequisitionTakenOrally
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

PAYMENT = "relief.payment"


def when_property_requested_then_hold_its_owner(event: RequisitionRequested, at: Envelope) -> Iterable[Command]:
    yield _owner(event, at)


def when_property_taken_orally_then_hold_its_owner(event: RequisitionTakenOrally, at: Envelope) -> Iterable[Command]:
    yield _owner(event, at)


def when_property_lent_then_hold_its_owner(event: PropertyLent, at: Envelope) -> Iterable[Command]:
    yield _owner(event, at)


def when_household_registered_then_hold_its_values(event: HouseholdRegistered, at: Envelope) -> Iterable[Command]:
    if event.person is not None:
        yield CollectPersonalData(
            by=system(at),
            now=at.time,
            subject=event.household,
            purpose=event.purpose,
            ref=event.person,
            fields=event.fields,
            division=event.village,
        )


def when_relief_nominated_then_hold_the_household(event: ReliefNominated, at: Envelope) -> Iterable[Command]:
    """What paying it needs is copied from the list of households."""
    yield _of(event.household, event.purpose or PAYMENT, event.incident, event.village, at)


def when_relief_applied_then_hold_the_household(event: ReliefApplied, at: Envelope) -> Iterable[Command]:
    yield _of(event.household, event.purpose or PAYMENT, event.incident, event.village, at)


def when_relief_paid_urgently_then_hold_the_household(event: ReliefPaid, at: Envelope) -> Iterable[Command]:
    if event.urgent:
        yield _of(event.household, event.purpose or PAYMENT, event.incident, event.village, at)


def when_donation_received_then_hold_the_donor(event: DonationReceived, at: Envelope) -> Iterable[Command]:
    """Of a gift without a purpose nothing is collected."""
    if event.donor is not None and event.purpose:
        yield CollectPersonalData(
            by=system(at),
            now=at.time,
            subject=event.donor,
            purpose=event.purpose,
            incident=event.incident,
            ref=event.person,
            fields=event.fields if event.person else (),
            division=event.division,
        )


def _owner(event: RequisitionRequested | RequisitionTakenOrally | PropertyLent, at: Envelope) -> CollectPersonalData:
    held = _of(event.subject, event.wanted.purpose, event.incident, event.division, at)
    return replace(held, ref=event.person, fields=event.fields if event.person else ())


def _of(subject: str, purpose: str, incident: str, division: str | None, at: Envelope) -> CollectPersonalData:
    return CollectPersonalData(by=system(at), now=at.time, subject=subject, purpose=purpose, incident=incident, division=division)


SUPPLYING: tuple[Policy, ...] = (
    policy("resources.requisition.requested.v1", when_property_requested_then_hold_its_owner),
    policy("resources.requisition.taken_orally.v1", when_property_taken_orally_then_hold_its_owner),
    policy("resources.requisition.lent.v1", when_property_lent_then_hold_its_owner),
    policy("resources.household.registered.v1", when_household_registered_then_hold_its_values),
    policy("resources.relief.nominated.v1", when_relief_nominated_then_hold_the_household),
    policy("resources.relief.applied.v1", when_relief_applied_then_hold_the_household),
    policy("resources.relief.paid.v1", when_relief_paid_urgently_then_hold_the_household),
    policy("resources.donation.received.v1", when_donation_received_then_hold_the_donor),
)
