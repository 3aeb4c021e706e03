"""`ortoo doctor`: what is wrong with a node or a cluster. It looks only, whether the node runs or not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from pathlib import Path

import httpx

from services.operate.doctor_cluster import examined as cluster_examined
from services.operate.findings import Finding, looked
from services.operate.lag import Lag, lags
from services.operate.places import Folder, Home, Log, Place, Servers, runs
from services.operate.repairs import all_parked, lost_content
from services.operate.vaults import lost, shut
from services.registry.provinces import province
from services.start.realms import drill_of
from services.start.settings import Settings
from services.wiring import directory_of, root_key
from shared.eventlog.verify import verify
from shared.handling.healing import cut, lacks_healing
from shared.handling.reader import stopped
from shared.handling.timers import utc
from shared.kernel.realm import REAL
from shared.runtime.clock import RealClock
from shared.runtime.generations import in_use
from shared.sql.sqlite import File, Files
from shared.vault.root import RootFile, RootRefused
from shared.vault.vault import KEYRING

LOW_BYTES, LOW_PART = 1 << 30, 0.05
LATE_S = 60.0  # a reader of a running node, or a deadline, that is later than this does not merely wait for its turn
AHEAD = timedelta(seconds=60)  # by how much a clock may have been corrected
NAMED = 5  # of many alike


def examine(place: Place, settings: Settings, now: datetime, *, deep: bool = False) -> Iterator[Finding]:
    """Everything that is found wrong; `deep` walks every chain and looks for every content."""
    running = runs(place)
    if isinstance(place, Folder):
        yield from chain(_folder(place.folder), _root(place.folder, settings))
        if not (place.folder / "logs").is_dir():
            return
    for home in place.homes():
        yield from looked("log.unreadable", home.log_name, partial(_home, place, home, settings, now, running, deep))
    if running:
        yield from chain(_late(lags(place, now)), _engines(settings) if isinstance(place, Folder) else ())
    if isinstance(place, Servers):
        yield from cluster_examined(place, now)


def _home(place: Place, home: Home, settings: Settings, now: datetime, running: bool, deep: bool) -> Iterator[Finding]:
    log = home.log()
    if log is None:
        yield Finding("log.missing", home.log_name, "it is not there")
        return
    with closing(log):
        yield from chain(_log(place, home, log, now, deep), _models(home, now, running))
        if home.service.name == "registry":
            yield from _packs(settings, log)


def _folder(folder: Path) -> Iterator[Finding]:
    if not (folder / "logs").is_dir():
        yield Finding("folder.missing", str(folder), "there is no node's data here")
        return
    closed = [path for path in (folder, folder / "logs", *folder.glob("*.db"), *folder.glob("logs/*.db")) if not os.access(path, os.W_OK)]
    if closed:
        yield Finding("folder.access", str(closed[0]), "the user who asks this may not write it")
    disk = shutil.disk_usage(folder)
    if disk.free < min(LOW_BYTES, disk.total * LOW_PART):
        yield Finding("disk.low", str(folder), f"{disk.free >> 20:,} MB are free of {disk.total >> 20:,} MB")
    keys = folder / "keys"
    if not (keys / "node.pem").exists():
        yield Finding("keys.missing", str(keys), "the node's key is not there")
    for path in islice((path for path in (keys, *keys.glob("*")) if path.exists() and path.stat().st_mode & 0o077), 1):
        yield Finding("keys.open", str(path), f"others may read it (mode {path.stat().st_mode & 0o777:o})")


def _root(folder: Path, settings: Settings) -> Iterator[Finding]:
    """Of a vault: without its root key nobody's data open again, and who else has it opens the backups of all."""
    if not (folder / f"{KEYRING}.db").exists():
        return
    own, drill = folder.resolve(), drill_of(folder)
    path, backups = root_key(folder, settings, drill.drill if drill else REAL), settings.backups or own.with_name(f"{own.name}.backups")
    for within, what in ((own, "the data folder, which backups take"), (backups, "the folder of the backups")):
        if path.resolve().is_relative_to(within.resolve()):
            yield Finding("root.inside", str(path), f"it lies in {what}")
    try:
        if RootFile(path).current() is None and _keys(folder):  # where there are none, the next start makes one
            yield Finding("root.missing", str(path), "it is not there")
        if (root := RootFile(path).current()) is not None:
            yield from shut(Files(folder), root.id)
    except RootRefused as refused:
        yield Finding("root.refused", str(path), str(refused))


def _keys(folder: Path) -> bool:
    with closing(File(folder / f"{KEYRING}.db").look()) as db:
        return db.execute("SELECT 1 FROM data_key LIMIT 1").fetchone() is not None


def _log(place: Place, home: Home, log: Log, now: datetime, deep: bool) -> Iterator[Finding]:
    head = log.head()
    own = log.chain_at(head.position) if head.position else head.chain
    if own is None or own != head.chain or log.last_handled() > log.head().position:
        says = "the last event is not the one the head names" if own else "the last events are gone"
        yield Finding("log.end", log.name, f"the head says {head.position:,}, a command {log.last_handled():,}: {says}")
    if deep and (fault := verify(log).fault) is not None:
        yield Finding("log.broken", log.name, f"the chain does not hold at {fault}")
    if tables := log.unguarded():
        yield Finding("log.unguarded", log.name, f"the guard of {', '.join(tables)} is gone: rows could be changed")
    if own is not None and (words := cut(log)):
        yield Finding("log.cut", log.name, words)
    if lacks_healing(log):
        yield Finding("log.restored", log.name, "it was restored from a backup, and what was carried of it was not taken back yet")
    if head.time is not None and head.time > now + AHEAD:
        yield Finding("log.clock", log.name, f"its last event is of {head.time.isoformat(timespec='seconds')}, which is still to come")
    if deep and home.service.name == "privacy" and (stores := place.vault()) is not None:
        yield from lost(stores, log)
    for position, digest in islice(lost_content(home, log), NAMED) if deep else ():
        yield Finding("content.lost", f"{log.name}:{position}", f"the content {digest[:12]} it names is not there")


def _models(home: Home, now: datetime, running: bool) -> Iterator[Finding]:
    for parked in {(p.reader, p.log, p.stream): p for p in reversed(all_parked(home))}.values():
        yield Finding("parked.waiting", f"{parked.log}:{parked.position}", f"{parked.reader} waits on {parked.stream}: {parked.reason}")
    databases = home.models()
    name = in_use(databases, home.service) if databases else None
    if databases is None or name is None:
        return
    with closing(databases.at(name).look()) as db:
        for projection, log, position, reason in stopped(db):
            yield Finding("models.stopped", f"{log}:{position}", f"{projection} stands still: {reason}")
        if running and home.service.due is not None:
            late = utc(now - timedelta(seconds=LATE_S))
            asked = "SELECT stream, clock, due_at FROM due WHERE due_at < ? ORDER BY due_at LIMIT ?"
            for row in db.execute(asked, (late, NAMED)).fetchall():
                yield Finding("deadlines.stuck", row["stream"], f"{row['clock']} was due at {row['due_at']}")


def _late(found: Iterator[Lag]) -> Iterator[Finding]:
    codes = {"read models": "models.behind", "policies": "policies.behind", "relay": "relay.behind"}
    for lag in found:
        if lag.behind and lag.seconds > LATE_S:
            words = f"{lag.reader}: {lag.behind:,} events behind, the oldest waits for {lag.seconds:,.0f} s"
            code = next((code for reader, code in codes.items() if lag.reader.startswith(reader)), "inbox.behind")  # also "... of alerts"
            yield Finding(code, lag.log, words)


def _engines(settings: Settings) -> Iterator[Finding]:
    host = "127.0.0.1" if settings.host in ("", "0.0.0.0", "::") else settings.host
    try:
        told = httpx.get(f"http://{host}:{settings.port}/health/ready", timeout=5)
    except httpx.HTTPError as error:
        words = f"a node runs on {settings.folder} and does not answer here ({type(error).__name__})"
        yield Finding("node.silent", f"{host}:{settings.port}", words)
        return
    for failure in told.json().get("failures", ()) if told.status_code == 503 else ():
        yield Finding("node.engine", failure["rule"], failure["cure"])


def _packs(settings: Settings, log: Log) -> Iterator[Finding]:
    own = province(settings.province)
    directory = directory_of(own, RealClock(own.zone))
    directory.bind(log)
    directory.step()
    for words in directory.faults().values():
        yield Finding("packs.differ", log.name, words)
