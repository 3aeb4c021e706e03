"""A command that somebody gives about themself on their own page: signed by their public number and for nobody else."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request

from services.volunteers.pages.owndata import Own
from services.volunteers.pages.registering import caller_of
from services.volunteers.reception.desk import SERVICE, oneself
from shared.handling.pending import Answer
from shared.kernel.commands import Command
from shared.web.host import Host

Said = Callable[..., Command]  # of by, now and volunteer


async def say(host: Host, request: Request, volunteer: str, own: Own, said: Said) -> Answer:
    """The same command as the API's, by the same signature as a token of theirs: the same refusals, the same events."""
    caller = caller_of(host, request)
    by = oneself(host, volunteer, own.state.division or host.province)
    return await caller.send(SERVICE, said(by=by, now=caller.now, volunteer=volunteer), request.url.path, b"")
