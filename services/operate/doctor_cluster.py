"""What `ortoo doctor` looks at in a cluster beside its logs: the databases, the topics, the inboxes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import partial

from services.operate.findings import Finding, looked
from services.operate.places import FILTER, OF_A_FEED, VAULT, Home, Own, Servers
from services.operate.vaults import shut
from shared.eventlog.chain import common
from shared.handling import forged
from shared.handling.relay import parted, told
from shared.kafka.ports import BrokerAway
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.sql.postgres import Schemas
from shared.sql.sessions import dial, settings

OTHER_ORDER = """SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
WHERE data_type = 'text' AND table_schema NOT IN ('pg_catalog', 'information_schema') AND collation_name IS DISTINCT FROM 'C'
AND (SELECT datcollate FROM pg_database WHERE datname = current_database()) NOT IN ('C', 'POSIX') ORDER BY 1 LIMIT 1"""


Standing = dict[tuple[str, str], list[str]]
"""What stops inboxes: log and words -> whose."""


def examined(place: Servers, now: datetime) -> Iterator[Finding]:
    """What is wrong around the logs."""
    for name, why in place.refused.items():
        yield Finding("postgres.refused", name, why)
    standing: Standing = {}
    for name, dsn in place.databases.items():
        yield from looked("postgres.refused", name, partial(_inside, name, dsn, standing))
    for (log, words), owners in standing.items():  # one bad record stops all who receive it, and is said once
        yield Finding("inbox.fault", f"{log} in {', '.join(owners)}", words)
    for home in place.homes():
        yield from looked("log.unreadable", home.log_name, partial(_older, place, home))
    yield from looked("log.unreadable", FILTER, partial(_feeds, place))
    yield from looked("log.unreadable", FILTER, partial(_topics, place))
    if (stores := place.vault()) is not None:
        yield from looked("postgres.refused", VAULT, partial(shut, stores))


def _older(place: Servers, home: Home) -> Iterator[Finding]:
    if (log := home.log()) is None:
        return
    parting: dict[tuple[int, bytes], tuple[str, list[str]]] = {}  # what is none of the log's, and who goes on with it
    with closing(log):
        for name, inbox in place.carried(log.name):
            with closing(inbox):
                received = inbox.head().position  # before the log is asked, which may go on meanwhile
                if (own := common(log, inbox)) < received:
                    [first] = inbox.read(own, 1)
                    parting.setdefault((own, first.chain), (told(first), []))[1].append(f"{name} goes to {received:,}")
        for first_words, who in parting.values():
            words = f"{', '.join(who)}, further than the log or otherwise from {first_words}"
            yield Finding("log.older", log.name, f"{words}; this log goes to {log.head().position:,}")


def _inside(name: str, dsn: str, standing: Standing) -> Iterator[Finding]:
    yield from _database(name, dsn)
    _inboxes(name, dsn, standing)


def _database(name: str, dsn: str) -> Iterator[Finding]:
    with closing(dial(dsn, settings("public", read_only=True))) as db:
        for (column,) in db.execute(OTHER_ORDER).fetchall():
            yield Finding("postgres.collation", name, f"{column} is not compared bytewise")
        if db.execute("SHOW full_page_writes").fetchall() != [("on",)]:
            yield Finding("postgres.pages", name, "full_page_writes is off")


def _inboxes(name: str, dsn: str, standing: Standing) -> None:
    schemas = Schemas(dsn)
    there = "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'inbox_fault'"
    with closing(dial(dsn, settings("public", read_only=True))) as db:
        logs = [row[0] for row in db.execute(there).fetchall()]
    for log in logs:
        with closing(schemas.at(log).look()) as inbox:
            for row in inbox.execute("SELECT words, cure FROM inbox_fault WHERE ended IS NULL").fetchall():
                standing.setdefault((log, f"{row[0]}; {row[1]}"), []).append(name)


def _feeds(place: Servers) -> Iterator[Finding]:
    for own in place.logs():
        if OF_A_FEED in own.log_name and (log := own.log()) is not None:
            with closing(log):
                for words in forged.marked(log):
                    yield Finding("feed.forged", log.name, words)


def _topics(place: Servers) -> Iterator[Finding]:
    logs = place.logs()
    names = [*(own.log_name for own in logs), f"{place.settings.province}.observations"]
    try:
        for words in Topics(place.settings.kafka, place.settings.replicas).check(names, strict=True):
            yield Finding("topic.settings", place.settings.kafka, words)
    except BrokerAway as error:
        yield Finding("relay.away", place.settings.kafka, str(error))
        return
    for own in logs:
        yield from looked("topic.settings", own.log_name, partial(_carried, place, own))


def _carried(place: Servers, own: Own) -> Iterator[Finding]:
    if (log := own.log()) is None:
        return
    with closing(log), closing(KafkaTopic(place.settings.kafka, log.name)) as topic:
        last = topic.last()
        if last and log.chain_at(last[0]) != last[1]:
            yield Finding("relay.fork", log.name, parted(log, topic, *last))
