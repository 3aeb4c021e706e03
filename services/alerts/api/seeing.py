"""Who sees a row or an event of this service: as its class and place say; of what serves a restricted incident, whose matter that is.

One rule for lists, single readings, the board and live streams (`Concern`, `seen`): what a superior does about a restricted incident is
for the divisions it is in and those above them, and for the place whose people act in it, not for all that lie below the superior
(ERL art. 69, 18; domain IR-17, RA-05). A restricted message is also for the divisions that it names (own default, D).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import msgspec

from services.alerts.projections import incidents
from shared.handling.matters import Sees
from shared.kernel.commands import Signature
from shared.web.host import Host
from shared.web.paging import Row

PUBLIC, RESTRICTED = "public", "restricted"
OF_THEIR_OWN = ("alert", "checklist", "report")  # who sees these is said by themselves: for a restricted incident never fewer


@dataclass(frozen=True, slots=True)
class Concern:
    """An incident, as far as it says who may see what serves it."""

    restricted: bool
    places: tuple[str | None, ...]  # where the stream belongs, and every division it is in
    into: str | None = None  # the one it was merged into: whose matter that is, theirs is this


Concerns = Callable[[str], Concern | None]


def concerned(sees: Sees, incident: str | None, known: Concerns) -> bool | None:
    """Whether a restricted incident is a matter of who sees so; None of what is not restricted."""
    own = known(incident) if incident is not None else None
    both = [one for one in (own, known(own.into) if own is not None and own.into is not None else None) if one is not None]
    if not any(one.restricted for one in both):
        return None
    return any(sees(place, RESTRICTED) for one in both for place in one.places)


def seen(sees: Sees, division: str | None, visibility: str, ours: bool | None, category: str = "") -> bool:
    """Whether somebody may see what lies there in this class; `ours` is what `concerned` says of its incident."""
    plain = sees(division, visibility)
    if ours is None or visibility == PUBLIC:
        return plain
    placed = division is not None  # what lies nowhere is no place's own
    if visibility == RESTRICTED:
        return ours or (plain and (placed or category in OF_THEIR_OWN))
    if category in OF_THEIR_OWN:
        return plain
    return plain and (ours or (placed and sees(division, RESTRICTED)))


def named(sees: Sees, division: str | None, codes: Iterable[str]) -> bool:
    """A restricted message: the staff of its division and of those above, and of each division that it names."""
    return sees(division, RESTRICTED) or any(sees(code, RESTRICTED) for code in codes)


def seeing(host: Host, by: Signature, at_hand: Iterable[Row] = ()) -> Callable[[Row], bool]:
    """A test of rows with `division`, `visibility` and `incident`, and with the `stream` where rows are of several kinds. Incidents whose
    rows are at hand are not looked up again."""
    sees, given = host.sees(by), {row["incident"]: row for row in at_hand}

    @cache
    def known(incident: str) -> Concern | None:
        about = given.get(incident) or incidents.find(host.read("alerts"), incident)
        if about is None:
            return None
        places = (about["division"], *msgspec.json.decode(about["divisions"]))
        return Concern(about["visibility"] == RESTRICTED, places, about["merged_into"])

    @cache
    def ours(incident: str | None) -> bool | None:
        return concerned(sees, incident, known)

    def test(row: Row) -> bool:
        return seen(sees, row["division"], row["visibility"], ours(row["incident"]), row.get("stream", "").partition("-")[0])

    return test
