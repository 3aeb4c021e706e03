"""Every operation of compensation, commands as one table."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from services.compensation.api import queries
from services.compensation.deciders.claims import commands as claim
from services.compensation.deciders.tariff import SetTariff
from shared.kernel.commands import Command
from shared.web.commands import CommandRoutes
from shared.web.directory import Directory
from shared.web.host import Host

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/claims", claim.ClaimCompensation),
    ("/claims/{claim}/evidence", claim.AddEvidence),
    ("/claims/{claim}/assessment", claim.AssessClaim),
    ("/claims/{claim}/reassessment", claim.ReassessClaim),
    ("/claims/{claim}/decision", claim.DecideClaim),
    ("/claims/{claim}/settlement", claim.SettleClaim),
    ("/claims/{claim}/reconsideration", claim.ReconsiderClaim),
    ("/claims/{claim}/service", claim.ServeDecision),
    ("/claims/{claim}/payment", claim.PayClaim),
    ("/claims/{claim}/payment-correction", claim.CorrectPayment),
    ("/claims/{claim}/appeal", claim.FileAppeal),
    ("/claims/{claim}/appeal-result", claim.RecordAppealResult),
    ("/claims/{claim}/withdrawal", claim.WithdrawClaim),
    ("/tariffs/{division}/{tariff}", SetTariff),
)


def router(host: Host, directory: Directory, beside: Any = None) -> APIRouter:
    """All operations, to be mounted under `/api/compensation`."""
    made = APIRouter(tags=["compensation"])
    routes = CommandRoutes(made, "compensation", host.log("compensation"))
    for path, command in COMMANDS:
        routes.post(path, command)
    queries.add(made, host)
    return made
