"""Goods lent to somebody who brings them back: what, until when, what came back (domain 2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.blocks.clocks import Due
from shared.kernel.events import event


@event("resources.loan.made.v1")
@dataclass(frozen=True, slots=True)
class LoanMade:
    """So much of these lots left a store for a borrower, to come back by the deadline."""

    loan: str
    store: str
    borrower: str  # public handle of a division, post or organisation
    lots: Mapping[str, int]
    items: Mapping[str, str]  # lot -> item
    cause: str
    by: str
    division: str | None
    at: datetime
    clocks: tuple[Due, ...] = ()


@event("resources.loan.returned.v1")
@dataclass(frozen=True, slots=True)
class LoanReturned:
    """Some of it came back or is lost; with the last of it the loan is over."""

    loan: str
    lots: Mapping[str, int]
    over: bool
    by: str
    at: datetime
    met: tuple[str, ...] = ()
