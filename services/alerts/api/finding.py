"""Finding a warning for a caller, and showing its rows."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import Depends, Path, Query

from services.alerts.projections import series
from shared.kernel.errors import Failure, NotFound
from shared.web.call import Call, call
from shared.web.host import Host

Caller = Annotated[Call, Depends(call)]
AlertId = Annotated[str, Path(max_length=1000)]
Limit = Annotated[int, Query(ge=1, le=500)]
Before = Annotated[int | None, Query(ge=0, le=2**53, description="`next` of the page before")]
Row = dict[str, Any]


def found(host: Host, caller: Call, alert: str) -> Row:
    """A warning that the caller may see, by any of its names."""
    row = series.find(host.read("alerts"), alert)
    if row is None or not host.sees(caller.by)(row["division"], "public" if row["public"] else "internal"):
        raise NotFound(Failure("reference", f"no warning {alert[:100]} that you may see", "alert"))
    return row


def visible(host: Host, caller: Call, row: Row) -> list[Row]:
    """The messages of a warning that the caller may see, in the order they were sent."""
    sees = host.sees(caller.by)
    kept = series.messages(host.read("alerts"), row)
    return [message for message in kept if sees(row["division"], "public" if message["public"] else "restricted")]


def shown(row: Row) -> Row:
    """A row of the list as it is answered."""
    kept = {name: value for name, value in row.items() if name not in ("members", "own", "public")}
    return kept | {"areas": msgspec.json.decode(row["areas"]), "own": bool(row["own"]), "public": bool(row["public"])}
