"""Compensation has its log and nothing beside it; a drill starts with its tariffs and with who leads which force."""

from __future__ import annotations

from services.compensation.api.queries import OPERATIONS
from services.compensation.api.routes import router
from services.compensation.service import COMPENSATION
from services.start.part import Part

PART = Part(COMPENSATION, router, asked=OPERATIONS, master=("tariff-", "leader-"))
