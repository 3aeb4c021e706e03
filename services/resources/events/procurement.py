"""Emergency procurement: on which ground another way than tender was taken, kept fifteen years (GPL-42, 85; domain 2.5 SU-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.kernel.events import event


@event("resources.procurement.recorded.v1")
@dataclass(frozen=True, slots=True)
class ProcurementRecorded:
    """What was bought, from whom, at what price and why so. Its file is kept until `keep_until` at least."""

    procurement: str
    ground: str  # row of the rule `procurement.grounds`
    article: str
    item: str
    qty: int
    price: Decimal  # of one unit
    supplier: str
    reason: str
    incident: str | None
    document: str | None
    division: str | None
    keep_until: date
    by: str
    at: datetime
