"""The history checker of a cluster: what clients were told against every log, inbox, read model and feed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from services.start.cluster import IMPORTS
from services.wiring import SERVICES
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.verify import verify
from shared.handling.declare import Service
from shared.handling.reader import Reader
from shared.handling.timers import utc
from shared.kernel.commands import Command
from shared.kernel.envelope import Recorded
from shared.runtime.generations import newest
from shared.sql.postgres import Schema, Schemas
from shared.sql.sqlite import File
from shared.testing.invariants import SHOWN, Ask, everything, no_effect_twice, reactions_happened, remembered, tables, whole
from tests.faults.load import Asked
from tests.faults.stand import PROVINCE, Stand

LEVEL_S = 60.0
SAME = ("command", "stream", "version", "position", "events")  # also of an answer that was healed, which has lost its flags
OWN = "registry"  # the province is loaded by the registry itself, so not every command there is a client's


def judge(stand: Stand, asked: Sequence[Asked], *, passed_over: Sequence[str] = ()) -> str:
    """Wait until everything is level, then check all of it; a line that says what was checked. AssertionError with the faults found."""
    end = time.monotonic() + LEVEL_S
    while found := [*_behind(stand, passed_over)]:
        if time.monotonic() > end:
            raise AssertionError(f"not level after {LEVEL_S:.0f} s: " + "; ".join(found[:SHOWN]))
        time.sleep(0.2)
    events: dict[str, list[Recorded]] = {}
    for service in SERVICES:
        log = stand.log(service.name)
        events[service.name] = everything(log)
        found += whole(log, events[service.name])
        found += _folded(stand, service)
        log.close()
    found += _answers(asked, events["alerts"])
    found += _once(stand, asked, events["alerts"])
    found += _received(stand, events, passed_over)
    if found:
        raise AssertionError("; ".join(found[:SHOWN]))
    again = sum(len(one.answers) > 1 or one.tries > 1 for one in asked)
    total = sum(map(len, events.values()))
    return f"{len(asked)} commands answered, {again} of them asked more than once; {total} events, none lost, none twice"


def _behind(stand: Stand, passed_over: Sequence[str]) -> Iterable[str]:
    """What has not come as far as its log."""
    heads = {}
    for service in SERVICES:
        log = stand.log(service.name)
        heads[service.name] = log.head().position
        models = Schemas(stand.dsn(service.name), "read.")
        at = models.at(newest(models, service)).look().execute("SELECT position FROM reader_cursor WHERE log = ?", (log.name,)).fetchone()
        if at is None or at[0] != heads[service.name]:
            yield f"read models of {service.name} stand at {at and at[0]} of {heads[service.name]}"
        if service.policies:
            stored = remembered(Schema(stand.dsn(service.name), log.name))
            read = models.at(newest(models, service)).look()
            heard = [recorded for feed in (log, *_inboxes(stand, service)) for recorded in everything(feed)]
            yield from reactions_happened(service, stored, heard, read, utc(datetime.now(UTC)))
        log.close()
    for owner, names in IMPORTS.items():
        if owner in passed_over:
            continue
        for name in names:
            inbox = PostgresLog(stand.dsn(owner), f"{PROVINCE}.{name}", read_only=True)
            if (at := inbox.head().position) != heads[name]:
                yield f"{owner} has {at} of {heads[name]} of {name}"
            inbox.close()


def _answers(asked: Sequence[Asked], events: Sequence[Recorded]) -> Iterable[str]:
    by_command: dict[str | None, list[Recorded]] = {}
    for recorded in events:
        by_command.setdefault(recorded.envelope.command, []).append(recorded)
    for one in asked:
        if not one.answers:
            yield f"{one.key} was never answered"
            continue
        first, *others = ({name: answer[name] for name in SAME} for answer in one.answers)
        if any(other != first for other in others):
            yield f"{one.key} was told {one.answers}"
        if sum(answer["outcome"] != "repeated" for answer in one.answers) > 1:
            yield f"{one.key} was accepted twice"
        stored = by_command.get(first["command"], [])
        if [recorded.type for recorded in stored] != first["events"] or (stored and stored[-1].position != first["position"]):
            yield f"{one.key} was answered {first}, stored is {[(r.type, r.position) for r in stored]}"


def _once(stand: Stand, asked: Sequence[Asked], events: Sequence[Recorded]) -> Iterable[str]:
    service = next(service for service in SERVICES if service.name == "alerts")
    stored = remembered(Schema(stand.dsn("alerts"), f"{PROVINCE}.alerts"))
    asks = [Ask(UUID(answer["command"]), 0, _nobody(), 0) for one in asked for answer in one.answers[:1]]
    heard = [recorded for inbox in _inboxes(stand, service) for recorded in everything(inbox)]
    yield from no_effect_twice(service, asks, stored, events, [*events, *heard])


def _nobody() -> Command:
    return Command.__new__(Command)  # what was asked is not looked at, only under which id


def _received(stand: Stand, events: dict[str, list[Recorded]], passed_over: Sequence[str]) -> Iterable[str]:
    """Every inbox holds the very bytes; every feed is whole."""
    for owner, names in IMPORTS.items():
        for name in names:
            inbox = PostgresLog(stand.dsn(owner), f"{PROVINCE}.{name}", read_only=True)
            told = [recorded.cloud_event() for recorded in everything(inbox)]
            inbox.close()
            own = [recorded.cloud_event() for recorded in events[name]]
            if told != (own[: len(told)] if owner in passed_over else own):
                yield f"{owner} holds {len(told)} records of {name}, which has {len(own)}, or others"
    for schema in Schemas(stand.dsn("filter")).names():
        if schema.startswith(f"{PROVINCE}.to."):
            feed = PostgresLog(stand.dsn("filter"), schema, read_only=True)
            if fault := verify(feed).fault:
                yield f"{schema}: {fault}"
            feed.close()


def _inboxes(stand: Stand, service: Service) -> list[PostgresLog]:
    """The logs a service listens to, as it received them."""
    return [PostgresLog(stand.dsn(service.name), f"{PROVINCE}.{name}", read_only=True) for name in service.listens_to]


def _folded(stand: Stand, service: Service) -> Iterable[str]:
    """The shared read models are what one reader alone makes of the log."""
    models = Schemas(stand.dsn(service.name), "read.")
    with tempfile.TemporaryDirectory(prefix="ortoo-fold-") as folder:
        fresh = File(Path(folder) / "fresh.db")
        reader = Reader(service, stand.log(service.name), _inboxes(stand, service), fresh)
        while reader.step():
            pass
        reader.close()
        kept, made = tables(models.at(newest(models, service)), service), tables(fresh, service)
    for name in sorted(kept.keys() | made.keys()):
        if kept.get(name) != made.get(name):
            yield f"{service.name}: {name} is not what the log says"
