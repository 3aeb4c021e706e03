"""Who sees a row: as its class and place say; of what serves a restricted incident, those whose incident it is (ERL art. 69)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec

from services.alerts.projections import incidents
from shared.kernel.commands import Signature
from shared.web.host import Host
from shared.web.paging import Row

RESTRICTED = "restricted"


def seeing(host: Host, by: Signature) -> Callable[[Row], bool]:
    """A test of rows with `division`, `visibility` and `incident`. What a superior does about a restricted incident is for the divisions
    the incident is in, and not for all that lie below the superior (domain IR-17)."""
    sees = host.sees(by)

    @cache
    def concerned(incident: str) -> bool | None:
        """Whether it is restricted and a matter of the caller's; None of what is not restricted."""
        about = incidents.find(host.read("alerts"), incident)
        if about is None or about["visibility"] != RESTRICTED:
            return None
        return any(sees(one, RESTRICTED) for one in (about["division"], *msgspec.json.decode(about["divisions"])))

    def seen(row: Row) -> bool:
        ours = concerned(row["incident"]) if row["incident"] is not None else None
        if ours is None:
            return sees(row["division"], row["visibility"])
        return ours and (row["visibility"] == RESTRICTED or sees(row["division"], row["visibility"]))

    return seen
