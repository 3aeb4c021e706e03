"""What resources decides: one decider per aggregate."""

from __future__ import annotations

from typing import Any

from services.resources.deciders.agreements.agreement import AGREEMENT
from services.resources.deciders.agreements.call_off import CALL_OFF
from services.resources.deciders.agreements.procurement import PROCUREMENT
from services.resources.deciders.allocations.allocation import ALLOCATION
from services.resources.deciders.distributions.distribution import DISTRIBUTION
from services.resources.deciders.distributions.turn import TURN
from services.resources.deciders.donations.appeals import APPEALS
from services.resources.deciders.donations.campaign import CAMPAIGN
from services.resources.deciders.donations.disclosure import DISCLOSURE
from services.resources.deciders.donations.donation import DONATION
from services.resources.deciders.donations.raiser import RAISER
from services.resources.deciders.imports.imported import IMPORT
from services.resources.deciders.incident import INCIDENT
from services.resources.deciders.masters.item import ITEM
from services.resources.deciders.masters.norm import NORM
from services.resources.deciders.masters.notice import NOTICES
from services.resources.deciders.masters.vehicle import DRIVER, VEHICLE
from services.resources.deciders.masters.warehouse import STORE
from services.resources.deciders.photo import PHOTO
from services.resources.deciders.relief.household import HOUSEHOLD
from services.resources.deciders.relief.relief import ONCE, RELIEF
from services.resources.deciders.relief.tariff import RELIEF_TARIFF
from services.resources.deciders.relief.winter import WINTER
from services.resources.deciders.requests.request import REQUEST
from services.resources.deciders.requisitions.claimed import CLAIMED
from services.resources.deciders.requisitions.holding import HELD
from services.resources.deciders.requisitions.register import PROPERTY, THING
from services.resources.deciders.requisitions.requisition import REQUISITION
from services.resources.deciders.requisitions.urgent import URGENT
from services.resources.deciders.shipments.shipment import SHIPMENT
from services.resources.deciders.stock.loans import LOAN
from services.resources.deciders.stock.lots import LOT
from services.resources.deciders.stock.stock import STOCK
from services.resources.deciders.stocktakes.stocktake import STOCKTAKE
from services.resources.deciders.task import TASK
from shared.kernel.decider import Decider

DECIDERS: tuple[Decider[Any], ...] = (
    INCIDENT,
    ITEM,
    STORE,
    NORM,
    NOTICES,
    REQUEST,
    ALLOCATION,
    STOCK,
    LOT,
    LOAN,
    STOCKTAKE,
    IMPORT,
    PHOTO,
    VEHICLE,
    DRIVER,
    SHIPMENT,
    DISTRIBUTION,
    TURN,
    TASK,
    AGREEMENT,
    CALL_OFF,
    PROCUREMENT,
    REQUISITION,
    PROPERTY,
    THING,
    URGENT,
    HELD,
    CLAIMED,
    HOUSEHOLD,
    RELIEF,
    ONCE,
    RELIEF_TARIFF,
    WINTER,
    RAISER,
    CAMPAIGN,
    APPEALS,
    DONATION,
    DISCLOSURE,
)
