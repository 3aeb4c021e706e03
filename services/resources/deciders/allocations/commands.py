"""What can be asked of an allocation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Command, PublicId

Quantities = Mapping[PublicId, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocate(Command):
    """Promise goods to a request: `items` of one `store` (the lots that expire first are chosen), exactly these `lots` of it, or items of
    several `stores` in one act, all or nothing; each store then has an allocation of its own, `<allocation>.<store>`.

    `competing` are requests that want the same goods; the edge adds those that asked the same authority. None is given more than the
    scarcity rule's share without a reason. `substitutes` says which of it stands in for which line, with a reason. A reason is also
    asked for where lots go out of order, where more is given than is still open, and for an order out of a store of another authority.
    """

    allocation: PublicId
    request: PublicId
    store: PublicId | None = None
    items: Quantities | None = None
    lots: Quantities | None = None
    stores: Mapping[PublicId, Quantities] | None = None
    competing: tuple[PublicId, ...] = ()
    substitutes: Mapping[PublicId, PublicId] | None = None  # given -> asked for
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAllocation(Command):
    """Promise it no longer: everything reserved for it is free again. Not once it was loaded."""

    allocation: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateAllocationClock(EscalateClock):
    """Nobody dispatched it in time: its goods are free again."""

    allocation: PublicId
