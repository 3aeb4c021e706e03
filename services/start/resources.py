"""Resources has its log; a drill starts with its catalogue, its stores and what was in them."""

from __future__ import annotations

from services.resources.api import (
    agreements,
    allocations,
    availability,
    dispatch,
    files,
    masters,
    papers,
    photos,
    relief,
    requests,
    requisitions,
    scans,
    stock,
    stocktakes,
)
from services.resources.api.routes import router
from services.resources.service import RESOURCES
from services.start.part import Part

PART = Part(
    RESOURCES,
    router,
    vault=True,
    limits=files.LIMITS | photos.LIMITS,
    asked=(
        *stock.OPERATIONS,
        *stocktakes.OPERATIONS,
        *files.OPERATIONS,
        *scans.OPERATIONS,
        *papers.OPERATIONS,
        *masters.OPERATIONS,
        *availability.OPERATIONS,
        *requests.OPERATIONS,
        *allocations.OPERATIONS,
        *dispatch.OPERATIONS,
        *agreements.OPERATIONS,
        *requisitions.OPERATIONS,
        *relief.OPERATIONS,
    ),
    master=("item-", "store-", "lot-", "stock-", "vehicle-", "agreement-", "norm-", "property-", "tariff-"),
)
