"""A claim for relief, from the village to the payment (domain 3.14; NDR art. 20, 26, 30; SAR art. 47, 48). No fact names a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.blocks.clocks import Due
from shared.kernel.events import event


class ServedHow(StrEnum):
    """How a decision reaches the household."""

    IN_APP = "in_app"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Remedy:
    """Where and in how many days a review may be asked for (ARC-20)."""

    organ: str
    days: int
    text: str
    article: str


@event("resources.relief.applied.v1")
@dataclass(frozen=True, slots=True)
class ReliefApplied:
    """The household asks, or an officer for it."""

    relief: str
    household: str
    kind: str
    chain: str  # which steps it takes
    incident: str
    village: str
    purpose: str | None
    person: str | None  # into the vault
    fields: tuple[str, ...]
    by: str
    at: datetime


@event("resources.relief.nominated.v1")
@dataclass(frozen=True, slots=True)
class ReliefNominated:
    """The group of villagers names the household."""

    relief: str
    household: str
    kind: str
    chain: str
    incident: str
    village: str
    purpose: str | None
    person: str | None
    fields: tuple[str, ...]
    by: str
    at: datetime


@event("resources.relief.appraised.v1")
@dataclass(frozen=True, slots=True)
class ReliefAppraised:
    """The village voted. Without a majority the application goes back."""

    relief: str
    votes_for: int
    votes_against: int
    passed: bool
    by: str
    at: datetime


@event("resources.relief.posted.v1")
@dataclass(frozen=True, slots=True)
class ReliefPosted:
    """The list hangs in the village until then."""

    relief: str
    text: str
    until: datetime
    by: str
    at: datetime


@event("resources.relief.objection_filed.v1")
@dataclass(frozen=True, slots=True)
class ObjectionFiled:
    """Somebody objects; never dropped. `late`: after the posting ended."""

    relief: str
    objection: str
    text: str
    late: bool
    by: str
    at: datetime


@event("resources.relief.objection_resolved.v1")
@dataclass(frozen=True, slots=True)
class ObjectionResolved:
    """Upheld, the village appraises anew; else the claim goes on."""

    relief: str
    objection: str
    upheld: bool
    reason: str
    anew: bool  # the claim begins again
    by: str
    at: datetime


@event("resources.relief.township_reviewed.v1")
@dataclass(frozen=True, slots=True)
class TownshipReviewed:
    """The township found it in order."""

    relief: str
    note: str
    by: str
    at: datetime


@event("resources.relief.returned.v1")
@dataclass(frozen=True, slots=True)
class ReliefReturned:
    """Sent back to be put right; it may be brought in again."""

    relief: str
    reason: str
    by: str
    at: datetime


@event("resources.relief.decided.v1")
@dataclass(frozen=True, slots=True)
class ReliefDecided:
    """Granted. `tariff` is what the tariff comes to for this household, `source` the decision it rests on."""

    relief: str
    household: str
    kind: str
    incident: str
    amount: Decimal
    tariff: Decimal
    source: str
    reason: str
    payer: str
    remedy: Remedy
    manner: ServedHow
    by: str
    at: datetime


@event("resources.relief.denied.v1")
@dataclass(frozen=True, slots=True)
class ReliefDenied:
    """Not granted, and why."""

    relief: str
    reason: str
    remedy: Remedy
    manner: ServedHow
    by: str
    at: datetime


@event("resources.relief.served.v1")
@dataclass(frozen=True, slots=True)
class ReliefServed:
    """The household was told, with the remedy."""

    relief: str
    manner: ServedHow
    proof: str
    by: str
    at: datetime


@event("resources.relief.paid.v1")
@dataclass(frozen=True, slots=True)
class ReliefPaid:
    """Paid, whole and once. `urgent`: before the papers, signed by two."""

    relief: str
    household: str
    kind: str
    incident: str
    village: str
    amount: Decimal
    payer: str
    fund: str  # out of which it was paid
    reference: str | None  # of the transfer
    by: str
    at: datetime
    urgent: bool = False
    reason: str = ""
    second: str | None = None
    person: str | None = None
    fields: tuple[str, ...] = ()
    purpose: str | None = None
    clocks: tuple[Due, ...] = ()


@event("resources.relief.papered.v1")
@dataclass(frozen=True, slots=True)
class ReliefPapered:
    """The papers of an urgent payment were completed."""

    relief: str
    document: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.relief.disclosed.v1")
@dataclass(frozen=True, slots=True)
class ReliefDisclosed:
    """Use and amount were published."""

    relief: str
    disclosure: str
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.relief.recovery_ordered.v1")
@dataclass(frozen=True, slots=True)
class RecoveryOrdered:
    """Got by fraud: to be given back in time (NDR art. 30). Two persons."""

    relief: str
    amount: Decimal
    reason: str
    by: str
    second: str
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.relief.recovered.v1")
@dataclass(frozen=True, slots=True)
class ReliefRecovered:
    """Given back."""

    relief: str
    amount: Decimal
    by: str
    at: datetime
    met: tuple[str, ...] = ()


@event("resources.guard.relief_paid.v1")
@dataclass(frozen=True, slots=True)
class PaidOnce:
    """This household was paid for this kind and incident, by that claim."""

    relief: str
    division: str
    at: datetime
