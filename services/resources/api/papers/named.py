"""The name on a paper: out of the vault, for who read it through privacy just before, and stored nowhere (ERL-84, PIPL-51).

Who prints reads the name first (`ReadPersonalData` of privacy, which notes the reading before any value leaves) and names that reading. So
whoever may read it, while it may be read, may print it; and what stands on the paper was noted as read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.resources.projections import readings
from shared.handling.timers import utc
from shared.kernel.errors import Failure, NotAllowed, NotFound
from shared.web.call import Call
from shared.web.directory import Directory
from shared.web.problems import Malformed
from shared.web.vaulted import vault_of

LASTS = "paper.reading"
_POSITION = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Whose:
    """A person on a paper: under which reference their values lie, for what and which incident; `ref` None: none were given."""

    subject: str | None
    ref: str | None
    purpose: str
    incident: str | None


def name_of(reading: str | None, whose: Whose, caller: Call, directory: Directory) -> str | None:
    """The name, when a reading of it is named. NotFound, NotAllowed unless the caller read this name for this purpose just now; Destroyed
    when it is gone. Blocks: call it from a thread."""
    if reading is None:
        return None
    host = caller.host
    log, _, number = reading.rpartition(":")
    if log != host.log("privacy") or not _POSITION.fullmatch(number):
        raise Malformed(Failure("position", "<log>:<position> as ReadPersonalData answered it", "reading"))
    if whose.subject is None or whose.ref is None:
        raise NotFound(Failure("reference", "no name is kept with it: leave reading out, and write it by hand", "reading"))
    db = host.read("resources")
    row = readings.find(db, int(number))
    if row is None or whose.subject not in row["subjects"] or (row["purpose"], row["incident"]) != (whose.purpose, whose.incident):
        cure = f"{reading} is no reading of this name: read it (ReadPersonalData, purpose {whose.purpose}), and name its position"
        raise NotFound(Failure("reference", f"{cure}; behind, send it as Ortoo-Position too", "reading"))
    lasts = directory.rules_for(caller.by.division, caller.now, caller.pack).value(LASTS)
    if row["actor"] != caller.by.actor or row["at"] < utc(caller.now - lasts):
        raise NotAllowed(Failure("PIPL-51", f"a name is printed by who read it, within {lasts}: read it again", "reading"))
    ref = readings.corrected(db, whose.ref, whose.subject, whose.purpose, whose.incident) or whose.ref
    found = vault_of(host).read({ref: whose.subject}, [readings.NAME])[ref].get(readings.NAME)
    said = found.reveal() if found is not None else None
    return said if isinstance(said, str) else None
