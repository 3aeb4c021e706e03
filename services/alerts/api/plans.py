"""Operations on plans: their commands as a table, and the library."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool

from services.alerts.deciders.plans import commands as plan
from services.alerts.projections import plans, responses
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.call import Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/plans", plan.DraftPlan),
    ("/adopted-plans", plan.AdoptPlan),
    ("/plans/{plan}/revision", plan.RevisePlan),
    ("/plans/{plan}/opinions", plan.RecordOpinion),
    ("/plans/{plan}/legal-review", plan.PassLegalReview),
    ("/plans/{plan}/approval", plan.ApprovePlan),
    ("/plans/{plan}/issue", plan.IssuePlan),
    ("/plans/{plan}/filing", plan.FilePlan),
    ("/plans/{plan}/triggers", plan.DefineTrigger),
    ("/plans/{plan}/drills", plan.RecordPlanDrill),
)
State = Literal["drafting", "consulting", "legally reviewed", "approved", "issued", "filed", "under evaluation", "repealed", "expired"]
_STORED = ("in_force", "draft", "triggers", "notes")  # as JSON


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    """The repeal, which tells what goes on under the plan, and the queries."""
    routes.post("/plans/{plan}/repeal", plan.RepealPlan, fill=_going_on(host), stamped=("responses",))

    @router.get("/plans", operation_id="ListPlans", responses=RESPONSES)
    def list_plans(caller: Caller, limit: Limit = 100, before: Before = None, state: State | None = None) -> Row:
        """The library of plans, the last changed first; without their texts."""
        caller.require("ListPlans")
        sees = host.sees(caller.by)
        items, more = page(
            lambda at: plans.listed(host.read("alerts"), before=at, limit=limit, state=state),
            lambda row: sees(row["division"], row["visibility"]),
            limit,
            before,
        )
        short = [{name: value for name, value in row.items() if name not in _STORED} for row in items]
        return {"items": short, "next": more, "positions": host.positions()}

    @router.get("/plans/{plan}", operation_id="GetPlan", responses=RESPONSES)
    def get_plan(plan: Annotated[str, Path(max_length=200)], caller: Caller) -> Row:
        """One plan: the version in force, the text that is worked on, its triggers, opinions, drills and findings."""
        caller.require("GetPlan")
        row = plans.one(host.read("alerts"), plan)
        if row is None or not host.sees(caller.by)(row["division"], row["visibility"]):
            raise NotFound(Failure("reference", f"no plan {plan} that you may see", "plan"))
        told = {name: msgspec.json.decode(row[name]) if row[name] else None for name in _STORED}
        return row | told | {"positions": host.positions()}


def _going_on(host: Host) -> Fill:
    """The responses that run under a plan."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        fields["responses"] = await run_in_threadpool(lambda: responses.under(host.read("alerts"), fields["plan"]))

    return fill
