"""Operations on orders, tasks and military help: their commands as a table, and the board of each."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Query

from services.alerts.api.incidents import with_incident
from services.alerts.api.seeing import seeing
from services.alerts.deciders.orders import commands as order
from services.alerts.deciders.orders import military, task
from services.alerts.deciders.orders.work_state import FROM_OUTSIDE, theirs
from services.alerts.projections import incidents, orders, tasks
from shared.handling.timers import utc
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import Behind, Failure, NotFound
from shared.web.call import Call
from shared.web.commands import CommandRoutes, Fill
from shared.web.host import Host
from shared.web.paging import Before, Caller, Limit, Row, page
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/orders/{order}/paper", order.PaperOrder),
    ("/orders/{order}/publication", order.PublishOrder),
    ("/orders/{order}/filing", order.FileOrder),
    ("/orders/{order}/amendment", order.AmendOrder),
    ("/orders/{order}/revocation", order.RevokeOrder),
    ("/orders/{order}/end", order.EndOrder),
    ("/orders/{order}/review", order.ReviewProportionality),
    ("/orders/{order}/acknowledgement", order.AcknowledgeOrder),
    ("/orders/{order}/objections", order.ObjectToOrder),
    ("/orders/{order}/objection-decision", order.DecideObjection),
    ("/orders/{order}/decision-above", order.DecideOrderAbove),
    ("/tasks/{task}/verification", task.VerifyTask),
    ("/military-requests/{request}/answer", military.RecordMilitaryAnswer),
    ("/military-requests/{request}/support", military.StartMilitarySupport),
    ("/military-requests/{request}/end", military.EndMilitarySupport),
    ("/military-requests/{request}/cost", military.ReportMilitaryCost),
)
OF_A_TASK: tuple[tuple[str, type[task.OfTask]], ...] = (
    ("acceptance", task.AcceptTask),
    ("refusal", task.RefuseTask),
    ("delegation", task.DelegateTask),
    ("progress", task.ReportProgress),
    ("completion", task.CompleteTask),
    ("abortion", task.AbortTask),
)
FOR_AN_INCIDENT: tuple[tuple[str, type[Command]], ...] = (
    ("/tasks", task.AssignTask),
    ("/military-requests", military.RequestMilitaryAssistance),
)
Named = Annotated[str | None, Query(max_length=200)]
TaskState = Literal["open", "accepted", "in progress", "reported", "verified", "refused", "suspended", "done", "aborted", "withdrawn"]
TOWN = 4  # the level of townships
_PUBLIC = ("state", "measure_type", "liable_government", "public_text", "issued_at", "published_at", "ended_at", "division")


def add(router: APIRouter, host: Host, routes: CommandRoutes) -> None:
    for path, command in FOR_AN_INCIDENT:
        routes.post(path, command, fill=with_incident(host))
    for path, command in OF_A_TASK:
        routes.post(f"/tasks/{{task}}/{path}", command, fill=_of_line(host), stamped=("line", "below"))
    routes.post("/orders", order.IssueOrder, fill=_in_view(host), stamped=("heads", "above"))
    routes.post("/team-withdrawals", task.WithdrawTeams, fill=if_known(host))

    @router.get("/orders", operation_id="ListOrders", responses=RESPONSES)
    def list_orders(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        state: Literal["in force", "revoked", "ended"] | None = None,
        incident: Named = None,
        division: Named = None,
        unfiled: Annotated[bool | None, Query(description="not yet filed with the congress desk")] = None,
    ) -> Row:
        """Orders, the last changed first. Who may not look into one reads what of it was published."""
        directory = host.directory
        items, more = page(
            lambda at: orders.listed(host.read("alerts"), before=at, limit=limit, state=state, incident=incident, unfiled=unfiled),
            lambda row: (
                (division is None or directory.within(row["division"], division))
                and (row["published_at"] is not None or _reached(host, caller.by, row))
            ),
            limit,
            before,
        )
        told = [_order(row) if _reached(host, caller.by, row) else _public(row) for row in items]
        return {"items": told, "next": more, "positions": host.positions()}

    @router.get("/orders/{order}", operation_id="GetOrder", responses=RESPONSES)
    def get_order(order: Annotated[str, Path(max_length=200)], caller: Caller) -> Row:
        """One order with every act on it."""
        caller.require("GetOrder")
        row = orders.find(host.read("alerts"), order)
        if row is None or not _reached(host, caller.by, row):
            raise NotFound(Failure("reference", f"no order {order[:100]} that you may see", "order"))
        history = host.history("alerts", f"order-{order}")
        acts = [
            {"position": one.position, "type": one.type, "time": utc(at.time), "actor": at.actor, "role": at.role}
            for one, at in ((one, one.envelope) for one in history)
        ]
        return _order(row) | {"timeline": acts, "positions": host.positions()}

    @router.get("/tasks", operation_id="ListTasks", responses=RESPONSES)
    def list_tasks(
        caller: Caller,
        limit: Limit = 100,
        before: Before = None,
        mine: Annotated[bool, Query(description="only what is the caller's own work")] = False,
        open: bool | None = None,
        state: TaskState | None = None,
        role: Annotated[str | None, Query(max_length=60)] = None,
        executor: Named = None,
        division: Named = None,
        incident: Named = None,
        overdue: Annotated[bool, Query(description="only what was told as overdue up to the caller's division")] = False,
    ) -> Row:
        """Tasks, the last changed first: the caller's own, and those of the divisions it may look into."""
        caller.require("ListTasks")
        sees, directory, by = seeing(host, caller.by), host.directory, caller.by

        def wanted(row: Row) -> bool:
            known = sees(row)
            if not ((_own_work(host, by, row) and (known or _may_know(host, by, row))) or (not mine and known)):
                return False
            if division is not None and not directory.within(row["division"], division):
                return False
            if role is not None and not any(one == role or role.startswith(f"{one}.") for one in msgspec.json.decode(row["roles"])):
                return False
            return not overdue or (bool(row["escalated"]) and by.division in _told(host, row))

        items, more = page(
            lambda at: tasks.listed(
                host.read("alerts"), before=at, limit=limit, open=open, state=state, incident=incident, executor=executor
            ),
            wanted,
            limit,
            before,
        )
        return {"items": [_task(host, by, row) for row in items], "next": more, "positions": host.positions()}

    @router.get("/military-requests", operation_id="ListMilitaryRequests", responses=RESPONSES)
    def list_military_requests(caller: Caller, limit: Limit = 100, before: Before = None, incident: Named = None) -> Row:
        """Requests for military help, the last changed first."""
        caller.require("ListMilitaryRequests")
        items, more = page(
            lambda at: orders.requests(host.read("alerts"), before=at, limit=limit, incident=incident),
            seeing(host, caller.by),
            limit,
            before,
        )
        told = [{**row, "asked": msgspec.json.decode(row["asked"])} for row in items]
        return {"items": told, "next": more, "positions": host.positions()}


def if_known(host: Host) -> Fill:
    """As `with_incident`, for what saves lives: where that cannot be told yet, it is done without an incident."""
    only = with_incident(host)

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        with suppress(Behind):
            await only(caller, fields)

    return fill


def _of_line(host: Host) -> Fill:
    """Where the caller is in the tree, so that the work of a division above, or of a village, is known as theirs or not."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        fields["line"], fields["below"] = _line(host, caller.by), _below(host, caller.by)

    return fill


def _line(host: Host, by: Signature) -> tuple[str, ...]:
    return tuple(host.directory.divisions.chain(by.division)) if by.division else ()


def _below(host: Host, by: Signature) -> tuple[str, ...]:
    """The villages of a township; of who lies above it none, since they have townships for them."""
    return tuple(sorted(host.directory.divisions.subtree(by.division) - {by.division})) if by.division and by.level == TOWN else ()


def _in_view(host: Host) -> Fill:
    """As `with_incident`, with how far the logs are that a board shows, and who lies above the issuer."""
    only = with_incident(host)

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        if fields.get("activation") is None:  # else it is that of the response
            await only(caller, fields)
        fields["heads"] = tuple({**host.positions(), **host.heads()}.items())
        fields["above"] = next(iter(_line(host, caller.by)[1:]), None)

    return fill


def _reached(host: Host, by: Signature, row: Row) -> bool:
    """Who may look into an order: the organs of the line it was given in, which it binds, and its executor."""
    return seeing(host, by)(row) or bool(by.actor == row["executor"])


def _order(row: Row) -> Row:
    kept = {name: value for name, value in row.items() if name not in ("id", "content", "position")}
    lists = {name: msgspec.json.decode(row[name]) for name in ("on_screen", "acknowledged", "objections")}
    flags: Row = {name: bool(row[name]) for name in ("restricts", "oral", "filed_late")}
    content: Row = msgspec.json.decode(row["content"])
    flags["approved"] = bool(row["approved"]) if row["approved"] is not None else None
    return {"order": row["id"]} | content | kept | lists | flags


def _public(row: Row) -> Row:
    return {"order": row["id"]} | {name: row[name] for name in _PUBLIC}


def _own_work(host: Host, by: Signature, row: Row) -> bool:
    if row["executor"]:
        return bool(row["executor"] == by.actor)
    roles, areas = (tuple(msgspec.json.decode(row[name])) for name in ("roles", "areas"))
    place = row["division"]
    near = by.division is not None and (place is None or host.directory.within(place, by.division))
    return near and theirs(by, _line(host, by), roles, place, areas, _below(host, by))


def _may_know(host: Host, by: Signature, row: Row) -> bool:
    """Work of a division above is theirs too who have the role below; what it is about only where they may see that. What is restricted
    is known outside its staff to whom it names, and to the offices it was given in."""
    if row["executor"] == by.actor:
        return True
    if row["division"] == by.division:
        return row["visibility"] == "internal" or not by.has(*FROM_OUTSIDE)
    if row["incident"] is None:
        return bool(row["visibility"] == "internal")
    about = incidents.find(host.read("alerts"), row["incident"])
    return about is None or seeing(host, by)(about)


def _told(host: Host, row: Row) -> list[str]:
    """The divisions above the task's that were told it is overdue, its own first."""
    chain = host.directory.divisions.chain(row["division"]) if row["division"] else ()
    return list(chain[: row["escalated"] + 1])


def _task(host: Host, by: Signature, row: Row) -> Row:
    kept = {name: value for name, value in row.items() if name != "position"}
    more = {name: msgspec.json.decode(row[name]) for name in ("roles", "areas")} | {"mine": _own_work(host, by, row)}
    return kept | more | {"escalated_to": _told(host, row)[1:] if row["escalated"] else []}
