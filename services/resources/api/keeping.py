"""Commands with values of a person beside them: the values go into the vault first, the command gets their reference and which there are.

Of use for every command that has fields `person` and `fields`: households, donors, owners.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from pydantic import create_model
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.resources.projections.assessments import assessed
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, RuleBroken, refuse_all
from shared.vault.scope import REGISTER, Scope
from shared.web.call import answered
from shared.web.commands import Accepted, Fill, body_of, words
from shared.web.host import Host
from shared.web.paging import Caller
from shared.web.problems import RESPONSES
from shared.web.vaulted import Values, ref_of, vault_of

MADE = ("person", "fields")  # by the edge, never read from a body
ANSWERS: dict[int | str, dict[str, Any]] = {201: {"model": Accepted}, 200: {"model": Accepted, "description": "A repeat"}, **RESPONSES}


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose the values are and under which key they lie: the same as that of the record privacy makes of the fact."""

    subject: str  # field of the command
    purpose: str  # where the command names none
    incident: Callable[[Caller, Mapping[str, Any]], str | None] | None = None  # None: a standing record


def post_keeping(
    router: APIRouter, host: Host, path: str, command: type[Command], kept: Kept, fill: Fill | None = None, stamped: tuple[str, ...] = ()
) -> None:
    """The operation of the command, whose body may hold `values` and `files`; `stamped` fields are `fill`'s alone."""
    without = (*MADE, *stamped)
    names = [item.name for item in dataclasses.fields(command) if item.name not in ("by", "now", "cosigner", *without)]
    made = create_model(f"{command.__name__}Body", __base__=(Values, body_of(command, without=without)))

    async def endpoint(body: Values, caller: Caller) -> Response:
        fields = {name: getattr(body, name.removesuffix("_")) for name in names}
        if fill is not None:
            await fill(caller, fields)
        if body.fields():
            caller.allowed(lambda: host.directory.may(command.__name__, caller.by, None))  # before anything is kept
            fields |= await _keep(host, caller, kept, body, fields)
        return answered(host.log("resources"), await caller.handle("resources", command, fields))

    endpoint.__annotations__["body"] = made
    router.add_api_route(
        path,
        endpoint,
        methods=["POST"],
        operation_id=command.__name__,
        summary=words(command.__name__),
        description=inspect.getdoc(command),
        status_code=201,
        response_model=None,
        responses=ANSWERS,
    )


async def _keep(host: Host, caller: Caller, kept: Kept, body: Values, fields: dict[str, Any]) -> dict[str, Any]:
    subject, purpose = fields.get(kept.subject), fields.get("purpose") or kept.purpose
    register = REGISTER if kept.incident is None else kept.incident(caller, fields)
    faults = [*_unneeded(host, caller, purpose, body), *_unassessed(host, caller, purpose), *_told_in_clear(body, fields)]
    if not subject:
        faults.append(Failure("PIPL-6", f"name whose values these are: {kept.subject}", kept.subject))
    if not register:
        faults.append(Failure("ERL-85", "name the incident the values are collected for", "incident"))
    refuse_all(RuleBroken, faults)
    values = body.personal()
    ref = ref_of(caller, values)
    await run_in_threadpool(vault_of(host).keep, Scope(str(subject), str(register), purpose), ref, values, caller.now)
    named = {"purpose": purpose, "incident": register} if kept.incident is not None else {}
    return {name: value for name, value in named.items() if name in fields} | {"person": ref, "fields": body.fields()}


def _unneeded(host: Host, caller: Caller, purpose: str, body: Values) -> list[Failure]:
    rows = host.directory.rules_for(caller.by.division, caller.now, None).value("privacy.purposes")
    takes = next((row["fields"] for row in rows if row["purpose"] == purpose), ())
    cure = f"is not needed for {purpose}: it takes {', '.join(takes) or 'nothing'}"
    return [Failure("PIPL-6", f"{name} {cure}", f"values.{name}") for name in body.fields() if name not in takes]


def _unassessed(host: Host, caller: Caller, purpose: str) -> list[Failure]:
    """Privacy would refuse the record afterwards, and nobody would be told that the values are swept away."""
    module = purpose.partition(".")[0]
    if assessed(host.read("resources"), module, caller.now):
        return []
    cure = f"module {module} has no valid impact assessment: have one approved first, or leave the values out"
    return [Failure("PIPL-55", cure, "values")]


def _told_in_clear(body: Values, fields: Mapping[str, Any]) -> list[Failure]:
    """What is kept in the vault stands in no text beside it: a name is no number, so only who sends both can tell."""
    said = [value.strip() for value in body.values.values() if len(value.strip()) > 1]
    named = [name for name, text in fields.items() if isinstance(text, str) and any(value in text for value in said)]
    return [Failure("PIPL-5", "a value of the person in clear; leave it out", name) for name in named]
