"""What must hold after any history, whatever died in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from shared.eventlog.ports import EventFeed, EventStore
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.handling.declare import Service, Start
from shared.handling.pending import Answer, decode_answer
from shared.handling.reader import Reader, built
from shared.handling.timers import timer_id, utc
from shared.kernel.commands import Command, derived_id
from shared.kernel.envelope import Recorded
from shared.kernel.events import family
from shared.sql.ports import Connection, Database
from shared.sql.sqlite import File

SHOWN = 8  # faults named at most


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass(slots=True, eq=False)
class Ask:
    """One command of one client, from its first try to its last answer. Times are counted in actions of the history."""

    id: UUID
    client: int
    command: Command
    asked_at: int
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    refusals: list[BaseException] = field(default_factory=list)
    answered_at: int | None = None
    tries: int = 0  # on their way, not answered
    accepted_at: int | None = None  # later than the first answer when a refusal was cured


Stored = Mapping[str, Answer | None]
"""The command table: the answer by command id; None for a remembered refusal."""


def check(
    log: SqliteLog, service: Service, asks: Sequence[Ask], read: Database, fresh: Database, others: Sequence[EventFeed] = ()
) -> list[Recorded]:
    """All invariants of a finished history; returns its events. Raises Broken with what was found. `fresh` is an empty database."""
    events, stored = everything(log), remembered(File(log.path))
    heard = [*events, *(recorded for feed in others for recorded in everything(feed))]
    found = [
        *whole(log, events),
        *_answered_is_stored(asks, stored, events),
        *no_effect_twice(service, asks, stored, events, heard),
        *reactions_happened(service, stored, heard, read.look()),
        *_in_order(asks),
        *_read_model_is_the_fold(service, log, others, read, fresh),
    ]
    if found:
        raise Broken("; ".join(found[:SHOWN]))
    return events


def received(inbox: EventFeed, events: Sequence[Recorded]) -> None:
    """The neighbour holds the very records, once and in order. Raises Broken."""
    told = everything(inbox)
    if [recorded.cloud_event() for recorded in told] != [recorded.cloud_event() for recorded in events]:
        raise Broken(f"the inbox holds {len(told)} records, the log {len(events)}, or others")


def everything(log: EventFeed) -> list[Recorded]:
    """All events of a log."""
    events: list[Recorded] = []
    while batch := log.read(events[-1].position if events else 0, 1000):
        events += batch
    return events


def remembered(database: Database) -> Stored:
    """The command table of a log."""
    db = database.look()
    try:
        rows = db.execute("SELECT id, outcome, answer FROM command").fetchall()
    finally:
        db.close()
    named = {str(id if isinstance(id, UUID) else UUID(bytes=id)): (outcome, answer) for id, outcome, answer in rows}
    return {id: decode_answer(answer) if outcome == "accepted" else None for id, (outcome, answer) in named.items()}


def whole(log: EventStore, events: Sequence[Recorded]) -> Iterable[str]:
    verdict = verify(log)
    if verdict.fault is not None:
        yield f"the chain: {verdict.fault}"
    times = [recorded.envelope.time for recorded in events]
    if times != sorted(times):
        yield "recorded time ran backwards"


def _answered_is_stored(asks: Sequence[Ask], stored: Stored, events: Sequence[Recorded]) -> Iterable[str]:
    for ask in asks:
        kept = stored.get(str(ask.id))
        if ask.answered_at is None:
            yield f"{ask.id} was never answered"
        elif ask.answers and kept is None:
            yield f"{ask.id} was accepted and is not stored"
        elif kept is not None and not ask.answers:
            yield f"{ask.id} was refused and is stored"
        for answer in ask.answers:
            if kept is not None and _told(answer) != _told(kept):
                yield f"{ask.id} was answered {answer}, stored is {kept}"
        if kept is not None and kept.events:
            own = events[kept.position - len(kept.events) : kept.position]
            if [(r.type, r.envelope.command) for r in own] != [(name, str(ask.id)) for name in kept.events]:
                yield f"{ask.id} says {kept.events} end at {kept.position}, the log says otherwise"


def no_effect_twice(
    service: Service, asks: Sequence[Ask], stored: Stored, events: Sequence[Recorded], heard: Sequence[Recorded]
) -> Iterable[str]:
    """Every event belongs to one remembered command, and every remembered command to a client, or to a policy or a timer that heard."""
    next_ = 1
    for answer in sorted((a for a in stored.values() if a is not None and a.events), key=lambda a: a.position):
        if answer.position - len(answer.events) + 1 != next_:
            yield f"position {next_} belongs to no command, or to two"
        next_ = answer.position + 1
    if next_ != len(events) + 1:
        yield f"{len(events) + 1 - next_} events belong to no command"
    for id in stored.keys() - {str(ask.id) for ask in asks} - _reactions(service, heard).keys() - _deadlines(service, heard):
        yield f"command {id} was sent by nobody"
    for ask in asks:
        if sum(not answer.repeated for answer in ask.answers) > 1:
            yield f"{ask.id} was accepted twice"


def reactions_happened(service: Service, stored: Stored, heard: Sequence[Recorded], read: Connection, until: str = "9") -> Iterable[str]:
    """Every policy's command was decided, and every deadline's that lies before `until` (as `utc` writes it)."""
    for id, sentence in _reactions(service, heard, needed=True).items():
        if id not in stored:
            yield f"{sentence} did not happen"
    if service.due is not None:
        for row in read.execute("SELECT stream, clock, due_at, cause FROM due WHERE due_at < ?", (until,)):
            if str(timer_id(*row)) not in stored:
                yield f"{row['clock']} of {row['stream']} was due at {row['due_at']} and never fired"


def _reactions(service: Service, events: Sequence[Recorded], needed: bool = False) -> Mapping[str, str]:
    """The commands that follow from these events by a policy; `needed`: only what follows whichever facts were read together."""
    heard = [(policy, recorded) for recorded in events for policy in service.policies if family(recorded.type) in policy.listens]
    last = {(policy.name, recorded.stream): recorded.id for policy, recorded in heard}
    ids = {}
    for policy, recorded in heard:
        if needed and policy.newest and last[policy.name, recorded.stream] != recorded.id:
            continue
        for n, command in enumerate(policy.react(recorded.event, recorded.envelope)):
            ids[str(derived_id(recorded.id, policy.name, n))] = f"{policy.name}: {type(command).__name__} for {recorded.id}"
    return ids


def _deadlines(service: Service, events: Sequence[Recorded]) -> set[str]:
    """The commands that may follow from these events by a timer."""
    ids = set()
    for recorded in events:
        if service.due is not None and family(recorded.type) in service.due_families:
            for change in service.due(recorded.event, recorded.envelope):
                if isinstance(change, Start):
                    ids.add(str(timer_id(recorded.stream, change.key, utc(change.due_at), recorded.id)))
    return ids


def _in_order(asks: Sequence[Ask]) -> Iterable[str]:
    """What a client asked after it had an answer comes after what was answered."""
    done = [(ask, ask.answers[0]) for ask in asks if ask.answers and ask.answers[0].events]
    for ask, answer in done:
        for later, behind in done:
            known = ask.accepted_at is not None and ask.accepted_at < later.asked_at
            if known and later.client == ask.client and behind.position <= answer.position:
                yield f"{later.id} overtook {ask.id}"


def _read_model_is_the_fold(
    service: Service, log: EventFeed, others: Sequence[EventFeed], read: Database, fresh: Database
) -> Iterable[str]:
    reader = Reader(service, log, others, fresh)
    while reader.step():
        pass
    reader.close()
    kept, made = tables(read, service), tables(fresh, service)
    for name in sorted(kept.keys() | made.keys()):
        if kept.get(name) != made.get(name):
            yield f"{name} is not what the log says"
    for name in ("stopped", "parked"):
        if made.get(name):
            yield f"{name}: {made[name][0]}"


def tables(database: Database, service: Service) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a read model with its rows in order."""
    made = {table.name: "*" for projection in built(service) for table in projection.tables}
    made |= {"reader_cursor": "log, position, chain", "stopped": "*", "parked": "*"}
    db = database.look()
    try:
        return {name: sorted(((*row,) for row in db.execute(f"SELECT {what} FROM {name}")), key=repr) for name, what in made.items()}
    finally:
        db.close()


def _told(answer: Answer) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(answer, repeated=False))
