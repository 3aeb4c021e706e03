"""`MergeVolunteers`: what the vault knows of both is compared first; only whether it differs leaves the vault."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool

from services.volunteers.deciders.people.commands import MergeVolunteers
from services.volunteers.deciders.people.volunteer import VOLUNTEER
from services.volunteers.deciders.streams import volunteer_stream
from services.volunteers.reception.desk import SERVICE, Desk
from shared.kernel.errors import Destroyed
from shared.vault.index import normal
from shared.web.call import Call
from shared.web.commands import CommandRoutes
from shared.web.host import Host

NUMBER = "id_number"


def add(routes: CommandRoutes, host: Host, desk: Desk | None) -> None:
    """The operation; without a desk it is only described."""

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        fields["differ"] = desk is not None and await run_in_threadpool(_differ, host, desk, (fields["volunteer"], fields["into"]))

    routes.post("/volunteers/{volunteer}/merger", MergeVolunteers, fill=fill, stamped=("differ",))


def _differ(host: Host, desk: Desk, pair: tuple[str, str]) -> bool:
    """Whether both have an identity number, and not the same one."""
    found = [number for name in pair if (number := _number(host, desk, name))]
    return len(found) == len(pair) and found[0] != found[1]


def _number(host: Host, desk: Desk, volunteer: str) -> str:
    person = VOLUNTEER.fold([one.event for one in host.history(SERVICE, volunteer_stream(volunteer))]).person
    if person is None:
        return ""
    try:
        kept = desk.vault.read([person], [NUMBER]).get(person, {}).get(NUMBER)
    except Destroyed:
        return ""
    return normal(str(kept.reveal())) if kept is not None else ""
