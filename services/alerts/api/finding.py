"""Finding a warning for a caller, and showing its rows."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
from fastapi import Path

from services.alerts.api.seeing import RESTRICTED, named
from services.alerts.projections import series
from shared.handling.matters import Sees
from shared.kernel.errors import Behind, Failure, NotFound
from shared.web.call import WAIT_S, Call
from shared.web.host import Host
from shared.web.paging import Row

AlertId = Annotated[str, Path(max_length=1000)]


def found(host: Host, caller: Call, alert: str) -> Row:
    """A warning that the caller may see, by any of its names."""
    row = series.find(host.read("alerts"), alert)
    if row is None or not reached(host.sees(caller.by), row):
        raise NotFound(Failure("reference", f"no warning {alert[:100]} that you may see", "alert"))
    return row


def issued(host: Host, caller: Call, alert: str) -> Row:
    """As `found`, of everything decided before now, and once the public message is there that a policy issues right after."""
    log, deadline = host.log("alerts"), time.monotonic() + WAIT_S
    head = host.heads()[log]
    while True:
        if host.positions().get(log, 0) >= head and (row := found(host, caller, alert))["due"] is None:
            return row
        if time.monotonic() > deadline:
            raise Behind(Failure("message.due", "what was decided last is not shown or its message is being issued; ask again"))
        time.sleep(0.01)


def visible(host: Host, caller: Call, row: Row) -> list[Row]:
    """The messages of a warning that the caller may see, in the order they were sent."""
    sees = host.sees(caller.by)
    kept = series.messages(host.read("alerts"), row)
    return [message for message in kept if message["public"] or _named(sees, message)]


def inner(host: Host, caller: Call, alert: str) -> Row:
    """One of our own warnings whose inner life the caller may see."""
    row = found(host, caller, alert)
    if not row["own"] or not host.sees(caller.by)(row["division"], "internal"):
        raise NotFound(Failure("reference", f"no warning {alert[:100]} of our own that you may look into", "alert"))
    return row


def reached(sees: Sees, row: Row) -> bool:
    """Whether somebody may see a row of the list: a restricted one also where it is named."""
    how = visibility(row)
    return _named(sees, row) if how == RESTRICTED else sees(row["division"], how)


def _named(sees: Sees, row: Row) -> bool:
    return named(sees, row["division"], msgspec.json.decode(row["named"]))


def visibility(row: Row) -> str:
    """Of a row of the list: a warning nobody was told of is an inner matter, a message that was not for everybody is restricted."""
    return "public" if row["public"] else "internal" if row["own"] else RESTRICTED


def shown(row: Row) -> Row:
    """A row of the list as it is answered."""
    kept = {name: value for name, value in row.items() if name not in ("members", "own", "public", "due", "named")}
    return kept | {"areas": msgspec.json.decode(row["areas"]), "own": bool(row["own"]), "public": bool(row["public"])}
