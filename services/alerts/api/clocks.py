"""`ListClocks`: every deadline that runs and the caller may see, with what it is called, on what it rests and how sure that is."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter

from services.alerts.api.incidents import Named
from services.alerts.api.naming import named
from services.alerts.api.seeing import seeing
from services.alerts.projections import clocks
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure
from shared.web.host import Host
from shared.web.paging import PAGES, Caller, Limit, Row
from shared.web.problems import RESPONSES, Malformed


def add(router: APIRouter, host: Host) -> None:
    @router.get("/clocks", operation_id="ListClocks", responses=RESPONSES)
    def list_clocks(
        caller: Caller,
        limit: Limit = 100,
        after: Named = None,
        incident: Named = None,
        division: Named = None,
        colour: Literal["green", "amber", "red"] | None = None,
    ) -> Row:
        """The deadlines that run, the next to pass first: green, amber once they press, red once they passed."""
        caller.require("ListClocks")
        sees, within, now, db = seeing(host, caller.by), host.directory.within, host.now(), host.read("alerts")
        rules = host.directory.rules_for(caller.by.division, now, caller.pack)
        place, items = _place(after), []
        for _ in range(PAGES):
            rows = clocks.running(db, after=place, limit=limit, incident=incident)
            for row in rows:
                place = (row["due_at"], row["stream"], row["key"])
                shade = clocks.colour(row, now)
                wanted = (division is None or within(row["division"], division)) and colour in (None, shade)
                if wanted and sees(row):
                    items.append(_shown(row, shade, rules))
                    if len(items) == limit:
                        return _page(host, items, place)
            if len(rows) < limit:
                return _page(host, items, None)
        return _page(host, items, place)


def _shown(row: Row, colour: str, rules: Rules) -> Row:
    kept = {name: row[name] for name in ("stream", "key", "rule", "since", "due_at", "amber_at", "told", "division", "incident")}
    return kept | {"colour": colour} | named(row["rule"], rules, row["key"])


def _page(host: Host, items: list[Row], place: clocks.Place | None) -> Row:
    return {"items": items, "next": "~".join(place) if place else None, "positions": host.positions()}


def _place(after: str | None) -> clocks.Place:
    if after is None:
        return clocks.FIRST
    parts = after.split("~", 2)
    if len(parts) != 3:
        raise Malformed(Failure("schema", "`next` of the page before", "after"))
    return parts[0], parts[1], parts[2]
