"""Compensation has its log and a page; a drill starts with its tariffs and with who leads which force."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.compensation.api.queries import OPERATIONS
from services.compensation.api.routes import router
from services.compensation.pages.own import router as pages_of
from services.compensation.service import COMPENSATION
from services.start.part import Part
from shared.web.host import Host


def pages(host: Host, beside: None) -> Sequence[APIRouter]:
    """Where volunteers claim for themselves."""
    return (pages_of(host),)


PART = Part(COMPENSATION, router, pages=pages, asked=OPERATIONS, master=("tariff-", "leader-"))
