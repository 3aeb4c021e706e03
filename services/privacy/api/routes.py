"""Every operation of privacy, commands as one table."""

from __future__ import annotations

from fastapi import APIRouter

from services.privacy.api import duties, queries, records, retention
from services.privacy.searching.searcher import Searcher
from shared.web.commands import CommandRoutes
from shared.web.host import Host

OPERATIONS = (
    "GetPersonalDataRecord",
    "GetPrivacy",
    "ListDisclosures",
    "ListReadings",
    "ListUnusualReadings",
    "ListRetention",
    "ListDestructions",
    "ListRightsRequests",
    "ListBreaches",
    "ListProcessors",
    "ListAssessments",
    "ListMinorsAudits",
    "ListUnclaimed",
    "ListSearches",
)
"""Queries that need a permission row."""


def router(host: Host, searcher: Searcher | None) -> APIRouter:
    """All operations, to be mounted under `/api/privacy`."""
    made = APIRouter(tags=["privacy"])
    log = host.log("privacy")
    routes = CommandRoutes(made, "privacy", log)
    for module in (records, retention, duties):
        for path, command in module.COMMANDS:
            routes.post(path, command)
    records.add(made, host, log)
    retention.add(made, host, routes, searcher, log)
    duties.add(made, host, log)
    queries.add(made, host)
    return made
