"""Who sees a report, beside the organs of the chain it was made in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec

from services.alerts.api.seeing import seeing
from services.alerts.projections import incidents
from shared.web.call import Call
from shared.web.host import Host
from shared.web.paging import Row


def sees_report(host: Host, caller: Call) -> Callable[[Row], bool]:
    """The chain of its place, of whom it was transferred to (ERL art. 60 para. 3), and of who leads the incident it is about; of a
    restricted incident also whose matter that is."""
    sees, own, tree = host.sees(caller.by), caller.by.division, host.directory.divisions
    shown = seeing(host, caller.by)

    @cache
    def led(incident: str) -> tuple[str, ...]:
        row = incidents.find(host.read("alerts"), incident)
        return tuple(filter(None, (row["division"], *msgspec.json.decode(row["leads"])))) if row is not None else ()

    def leads(place: str) -> bool:
        """Who leads, or stands above: not all that lies below a leader, which may have nothing to do with it."""
        return own is not None and tree.covers(own, place)

    def seen(row: Row) -> bool:
        visibility = row["visibility"]
        if shown(row | {"stream": "report-"}) or (row["transferred_to"] is not None and sees(row["transferred_to"], visibility)):
            return True
        return row["incident"] is not None and any(leads(place) and sees(place, visibility) for place in led(row["incident"]))

    return seen
