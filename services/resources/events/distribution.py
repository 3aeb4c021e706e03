"""Goods handed out to people (domain 3.10). Headcounts and public ids only; a list of persons is a reference into the vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.resources.events.shipment import Carried
from shared.kernel.events import event


@event("resources.supplies.distributed.v1")
@dataclass(frozen=True, slots=True)
class SuppliesDistributed:
    """So much for so many people, at one place; free of charge (SU-06). `requests` says against which requests it counts."""

    distribution: str
    store: str
    division: str
    place: str
    people: int
    items: Mapping[str, int]
    lines: tuple[Carried, ...]  # the lots they came out of
    requests: Mapping[str, Mapping[str, int]]
    households: tuple[str, ...]  # public ids
    period: str | None
    list_ref: str | None  # of the list of persons, in the vault
    incident: str | None
    by: str
    at: datetime


@event("resources.supplies.distribution_reversed.v1")
@dataclass(frozen=True, slots=True)
class DistributionReversed:
    """It was written down wrongly: its goods are on the books again, its turns are free again."""

    distribution: str
    reason: str
    by: str
    at: datetime


@event("resources.guard.turn_taken.v1")
@dataclass(frozen=True, slots=True)
class TurnTaken:
    """On the household and period: it had its turn."""

    household: str
    period: str
    distribution: str
    division: str
    at: datetime


@event("resources.guard.turn_freed.v1")
@dataclass(frozen=True, slots=True)
class TurnFreed:
    """The distribution was reversed."""

    household: str
    period: str
    at: datetime


DistributionEvent = SuppliesDistributed | DistributionReversed
TurnEvent = TurnTaken | TurnFreed
