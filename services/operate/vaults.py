"""What of the vault does not open: it came back with a backup from before a destruction, or did not come back at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from services.operate.findings import Finding
from services.operate.places import Log
from services.privacy.events.record import PersonalDataCollected, PersonalDataCorrected, PersonalDataDestroyed
from shared.sql.ports import Connection, Databases, NotReadable
from shared.vault.vault import CONTENT, KEYRING

HELD = ("privacy.personal_data.collected.", "privacy.personal_data.corrected.", "privacy.personal_data.destroyed.")
SHUT = """WITH today AS (SELECT coalesce(?, (SELECT id FROM root WHERE one = 1), '') AS id)
  SELECT count(*) FROM data_key k, today WHERE k.root <> today.id AND NOT EXISTS (SELECT 1 FROM data_key o
  WHERE o.root = today.id AND o.subject = k.subject AND o.register = k.register AND o.purpose = k.purpose)"""


def shut(stores: Databases, today: str | None = None) -> Iterator[Finding]:
    """Keys that today's root does not open, of persons and purposes for which nothing was collected anew. `today`: its id where its file
    is at hand, else the one that the keyring was opened with last."""
    if KEYRING not in stores.names():
        return
    with closing(stores.at(KEYRING).look()) as db:
        keys = db.execute(SHUT, (today,)).fetchone()[0]  # as of one moment: a node that runs may replace the root meanwhile
    if keys:
        yield Finding("vault.shut", KEYRING, f"{keys:,} keys are of a root that a destruction replaced: what lies under them opens nowhere")


def lost(stores: Databases, log: Log) -> Iterator[Finding]:
    """Content that facts name and the vault, brought so far by its custodian, does not have."""
    if CONTENT not in stores.names():
        return
    with closing(stores.at(CONTENT).look()) as db:
        refs = _held(log, _followed(db, log.name))
        gone = [ref for ref in refs if db.execute("SELECT 1 FROM reference WHERE ref = ?", (ref,)).fetchone() is None]
    if gone:
        yield Finding("vault.lost", CONTENT, f"{len(gone):,} values that facts name are not there")


def _followed(db: Connection, log: str) -> int:
    """How far its custodian came with this log; it makes its table when it begins."""
    db.execute("SELECT 1 FROM reference LIMIT 1").fetchone()  # what cannot be read at all is said to be so
    try:
        row = db.execute("SELECT position FROM custodian WHERE log = ?", (log,)).fetchone()
    except NotReadable:
        return 0
    return int(row[0]) if row is not None else 0


def _held(log: Log, until: int) -> set[str]:
    """What is held by the log up to there."""
    refs: set[str] = set()
    after = 0
    while after < until and (batch := log.read(after, 1_000)):
        after = batch[-1].position
        for recorded in batch:
            if recorded.position > until or not recorded.type.startswith(HELD):
                continue
            match recorded.event:
                case PersonalDataCollected(ref=str() as ref) | PersonalDataCorrected(ref=ref):
                    refs.add(ref)
                case PersonalDataDestroyed(refs=destroyed):
                    refs.difference_update(destroyed)
    return refs
