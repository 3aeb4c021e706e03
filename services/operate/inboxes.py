"""`ortoo inbox`: what stopped an importer, and a person's word that a record is none of the log's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Annotated

import typer

from services.operate.places import OF_A_FEED, READ, Running, Servers, servers, sessions
from services.start.serving import fail
from services.start.settings import ClusterSettings
from shared.eventlog.chain import branches, common
from shared.eventlog.parking import TABLE as PARKED
from shared.eventlog.ports import EventStore
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.handling import forged
from shared.handling.healing import lacks_healing
from shared.handling.relay import parted, told
from shared.kafka.topic import KafkaTopic
from shared.kernel.envelope import carried, genesis
from shared.kernel.errors import Unreadable
from shared.sql.ports import LogBusy, StorageFailed
from shared.sql.postgres import Schema, Schemas

WINDOW = 10_000  # records of a topic looked at together
inbox_commands = typer.Typer(no_args_is_help=True, help="What a cluster's importers received, and what stopped them.")


@inbox_commands.command("faults")
def faults() -> None:
    """List what stops importers now, and what stopped them before."""
    for owner, inbox in _inboxes():
        for fault in inbox.faults():
            state = "stands" if fault.ended is None else f"ended {fault.ended:%Y-%m-%d %H:%M:%S%z}"
            print(f"{owner}: {fault.kind}, since {fault.since:%Y-%m-%d %H:%M:%S%z}, {state}: {fault.words}; {fault.cure}")


@inbox_commands.command("pass")
def pass_over(
    log: Annotated[str, typer.Argument(help="a log, such as 150000.alerts")],
    offset: Annotated[int, typer.Argument(help="of its topic: the record that stopped an importer")],
) -> None:
    """Go on after a record that is not the log's own: whoever it stopped leaves it out. The chain proves that nothing is missing."""
    passed = [owner for owner, inbox in _inboxes() if inbox.name == log and inbox.pass_over(offset)]
    if not passed:
        fail(f"nothing stands still at offset {offset} of {log}: ortoo inbox faults lists what does")
    print(f"offset {offset} of {log} is left out by: {', '.join(passed)}")


@inbox_commands.command("drop")
def drop(
    service: Annotated[str, typer.Argument(help="whose inbox: alerts, front, filter")],
    log: Annotated[str, typer.Argument(help="a neighbour's log, such as 150000.registry")],
    yes: Annotated[bool, typer.Option("--yes", help="what it holds and the log does not is forged, and goes")] = False,
) -> None:
    """Empty a stopped service's inbox that took in forged records. It is read again from the topic, read models are built again."""
    try:
        place: Servers = servers(ClusterSettings.from_environment())
        dsn = place.databases.get(service)
        if dsn is None or log.rpartition(".")[2] == service or OF_A_FEED in log or log not in Schemas(dsn).names():
            fail(f"{service} has no inbox of {log} here: ortoo lag lists those there are")
        kept, chain, strange = _beyond(place, dsn, log)
        if not yes:
            words = f"{log} goes up to {kept:,} as its inbox in {service} does; that holds {strange} too"
            fail(f"{words}. Was {log} restored, this is the better copy: ortoo log heal {log}. Is it forged, say so: --yes")
        given = _mark(dsn, log, kept)
        _forget(place, service, dsn, log, kept, chain)
    except (StorageFailed, LogBusy, Running, ValueError) as error:
        fail(str(error))
    print(f"the inbox of {log} in {service} is empty; its importer reads the topic from its beginning, and read models are built again")
    for words in given:
        print(f"feed.forged  {words}: make it anew as docs/operate.md#feedforged says")
    print("What was decided or given on because of the forged records stays on the logs: look at it, and correct it by hand")


def _beyond(place: Servers, dsn: str, log: str) -> tuple[int, bytes, str]:
    """Up to where an inbox is its log, and what it holds beyond. Refuses while it is used, or would only be received again."""
    if busy := sessions(dsn):
        raise Running(f"{busy} sessions of ortoo use that database: stop every process of the service and its importer first")
    home = next((home for home in place.homes() if home.log_name == log), None)
    if home is None or (own := home.log()) is None:
        raise StorageFailed(f"{log} itself cannot be looked at, so nobody can tell what is forged: see ortoo doctor")
    with closing(own), closing(PostgresLog(dsn, log, read_only=True)) as inbox, closing(KafkaTopic(place.settings.kafka, log)) as topic:
        if lacks_healing(own):
            raise ValueError(f"{log} was restored: its inboxes may be the better copies. First: ortoo log heal {log}")
        if (last := topic.last()) is not None and own.chain_at(last[0]) != last[1]:
            raise ValueError(f"it would only be received again: {parted(own, topic, *last)}")
        kept = common(own, inbox)
        if (stays := _stays(own, topic, kept)) is not None:
            anew = "delete the topic and make it again (`ortoo cluster topics`), then come back"
            raise ValueError(f"it would only be received again: offset {stays} of the topic {topic.name} holds it still; {anew}")
        received = inbox.head().position
        if kept == received:
            raise ValueError(f"the inbox holds nothing that {log} does not: there is nothing to drop")
        [first] = inbox.read(kept, 1)
        return kept, own.chain_at(kept) or genesis(log), f"{received - kept:,} events from {told(first)}"


def _stays(own: EventStore, topic: KafkaTopic, kept: int) -> int | None:
    """Where the topic holds, after so many events of the log, a record that follows from it and is none of it."""
    begin, end = topic.bounds()
    for since in range(begin + kept, end, WINDOW):
        for offset, value in topic.read(since, WINDOW):
            with suppress(Unreadable):
                recorded = carried(own.name, value)
                if own.chain_at(recorded.position) != recorded.chain and branches(own, recorded):
                    return offset
    return None


def _mark(dsn: str, log: str, kept: int) -> list[str]:
    """The feed logs that gave of it what is not the log's, each with the first such event; marked, doctor says it until it is cured."""
    found = []
    for name in Schemas(dsn).names():
        if OF_A_FEED in name:
            with closing(PostgresLog(dsn, name)) as feed:
                if (given := forged.beyond(feed, log, kept)) is not None:
                    forged.mark(feed, log, given)
                    found.append(f"{name}: {forged.in_words(log, given)}")
    return found


def _forget(place: Servers, service: str, dsn: str, log: str, kept: int, chain: bytes) -> None:
    """Whoever read the inbox reads on after what is the log's; the inbox goes last: until then it can be begun again."""
    followers = [name for name in Schemas(dsn).names() if name == f"{place.settings.province}.{service}" or OF_A_FEED in name]
    for name in followers:
        with closing(PostgresLog(dsn, name)) as follower, closing(Schema(dsn, name).connect()) as db:
            for reader, source, position, _ in follower.cursors():
                if source == log and position > kept and reader != forged.FORGED:
                    follower.save_cursor(reader, log, kept, chain)
            db.executescript(PARKED)
            db.execute("DELETE FROM parked WHERE log = ? AND position > ?", (log, kept))
    for name in Schemas(dsn, READ).names():
        Schemas(dsn, READ).drop(name)
    Schemas(dsn).drop(log)
    if log in Schemas(dsn).names():
        raise LogBusy(f"somebody uses the inbox of {log}: stop every process of {service} first")


def _inboxes() -> Iterator[tuple[str, PostgresInbox]]:
    try:
        place: Servers = servers(ClusterSettings.from_environment())
        for owner, dsn in place.databases.items():
            own = f"{place.settings.province}.{owner}"
            for name in Schemas(dsn).names():
                if name.startswith(f"{place.settings.province}.") and ".to." not in name and name != own:
                    with closing(PostgresInbox(dsn, name)) as inbox:
                        yield owner, inbox
    except (StorageFailed, LogBusy, ValueError) as error:
        fail(str(error))
