"""The history checker of a cluster: what clients were told against every log, inbox, read model and feed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from services.registry.service import REGISTRY
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
from tests.faults.load import ASKED, PATIENCE_S, Asked
from tests.faults.stand import PROVINCE, Stand

SAME = ("command", "stream", "version", "position", "events")  # also of an answer that was healed, which has lost its flags
LOADED = REGISTRY.name  # it loads the province by itself, so not every command there is a client's or a reaction
Logs = Mapping[str, Sequence[Recorded]]


def judge(stand: Stand, asked: Sequence[Asked]) -> str:
    """Wait until everything is level, then check all of it; a line that says what was checked. AssertionError with the faults found."""
    while True:  # a deadline may pass while we look: then it is looked at again
        _level(stand)
        logs = _logs(stand)
        found = [*answered_is_stored(asked, logs[ASKED]), *_received(stand, logs)]
        for service in stand.services:
            found += _written(stand, service, logs[service.name], asked if service.name == ASKED else ())
        if _heads(stand) == {name: len(events) for name, events in logs.items()}:
            break
    if found:
        raise AssertionError("; ".join(found[:SHOWN]))
    again = sum(len(one.answers) > 1 or one.tries > 1 for one in asked)
    reactions = sum(map(len, logs.values())) - len(logs[ASKED]) - len(logs[LOADED])
    told = f"{len(asked)} commands answered, {again} of them asked more than once; {sum(map(len, logs.values()))} events"
    return f"{told}, {reactions} of them in services that only heard of it, none lost, none twice"


def _level(stand: Stand) -> None:
    """Wait until everything came as far as the logs, however long that takes, while it moves."""
    found, moved = [*_behind(stand)], time.monotonic()
    while found:
        time.sleep(0.2)
        before, found = found, [*_behind(stand)]
        if found != before:
            moved = time.monotonic()
        elif time.monotonic() > moved + PATIENCE_S:
            raise AssertionError(f"nothing moves for {PATIENCE_S:.0f} s: {'; '.join(found[:SHOWN])}")


def _heads(stand: Stand) -> dict[str, int]:
    heads = {}
    for service in stand.services:
        with closing(stand.log(service.name)) as log:
            heads[service.name] = log.head().position
    return heads


def _logs(stand: Stand) -> Logs:
    events = {}
    for service in stand.services:
        with closing(stand.log(service.name)) as log:
            events[service.name] = everything(log)
    return events


def _behind(stand: Stand) -> Iterable[str]:
    """What has not come as far as its log."""
    heads = _heads(stand)
    for service in stand.services:
        models, log = Schemas(stand.dsn(service.name), "read."), f"{PROVINCE}.{service.name}"
        with closing(models.at(newest(models, service)).look()) as read:
            at = read.execute("SELECT position FROM reader_cursor WHERE log = ?", (log,)).fetchone()
            if at is None or at[0] != heads[service.name]:
                yield f"read models of {service.name} stand at {at and at[0]} of {heads[service.name]}"
            if service.policies:
                stored = remembered(Schema(stand.dsn(service.name), log))
                yield from reactions_happened(service, stored, _heard(stand, service), read, utc(datetime.now(UTC)))
    for owner, names in stand.imports.items():
        for name in names:
            with closing(_inbox(stand, owner, name)) as inbox:
                if (at := inbox.head().position) != heads[name]:
                    yield f"{owner} has {at} of {heads[name]} of {name}"


def answered_is_stored(asked: Sequence[Asked], events: Sequence[Recorded]) -> Iterable[str]:
    """What clients were told is on the log, once, and every later answer is the first one."""
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


def _written(stand: Stand, service: Service, events: Sequence[Recorded], asked: Sequence[Asked]) -> Iterable[str]:
    """The chain is whole, the read models are its fold, and every event belongs to one command of a client, a policy or a timer."""
    with closing(stand.log(service.name)) as log:
        yield from (f"{service.name}: {fault}" for fault in whole(log, events))
    yield from _folded(stand, service)
    if service.name != LOADED:
        stored = remembered(Schema(stand.dsn(service.name), f"{PROVINCE}.{service.name}"))
        asks = [Ask(UUID(answer["command"]), 0, _nobody(), 0) for one in asked for answer in one.answers[:1]]
        twice = no_effect_twice(service, asks, stored, events, _heard(stand, service))
        yield from (f"{service.name}: {fault}" for fault in twice)


def _nobody() -> Command:
    return Command.__new__(Command)  # what was asked is not looked at, only under which id


def _heard(stand: Stand, service: Service) -> list[Recorded]:
    """Its own log, and those it listens to as it received them."""
    feeds = [stand.log(service.name), *_inboxes(stand, service)]
    heard = [recorded for feed in feeds for recorded in everything(feed)]
    for feed in feeds:
        feed.close()
    return heard


def _received(stand: Stand, logs: Logs) -> Iterable[str]:
    """Every inbox holds the very bytes; every feed is whole."""
    own = {name: [recorded.cloud_event() for recorded in events] for name, events in logs.items()}
    for owner, names in stand.imports.items():
        for name in names:
            with closing(_inbox(stand, owner, name)) as inbox:
                told = [recorded.cloud_event() for recorded in everything(inbox)]
            if told != own[name]:
                yield f"{owner} holds {len(told)} records of {name}, which has {len(own[name])}, or others"
    for schema in Schemas(stand.dsn("filter")).names():
        if schema.startswith(f"{PROVINCE}.to."):
            with closing(PostgresLog(stand.dsn("filter"), schema, read_only=True)) as feed:
                if fault := verify(feed).fault:
                    yield f"{schema}: {fault}"


def _inbox(stand: Stand, owner: str, name: str) -> PostgresLog:
    return PostgresLog(stand.dsn(owner), f"{PROVINCE}.{name}", read_only=True)


def _inboxes(stand: Stand, service: Service) -> list[PostgresLog]:
    """The logs a service listens to, as it received them."""
    return [_inbox(stand, service.name, name) for name in service.listens_to]


def _folded(stand: Stand, service: Service) -> Iterable[str]:
    """The shared read models are what one reader alone makes of the log."""
    models = Schemas(stand.dsn(service.name), "read.")
    feeds = [stand.log(service.name), *_inboxes(stand, service)]
    with tempfile.TemporaryDirectory(prefix="ortoo-fold-") as folder:
        fresh = File(Path(folder) / "fresh.db")
        reader = Reader(service, feeds[0], feeds[1:], fresh)
        while reader.step():
            pass
        reader.close()
        kept, made = tables(models.at(newest(models, service)), service), tables(fresh, service)
    for feed in feeds:
        feed.close()
    for name in sorted(kept.keys() | made.keys()):
        if kept.get(name) != made.get(name):
            yield f"{service.name}: {name} is not what the log says"
