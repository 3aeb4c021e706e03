"""What `ortoo doctor` looks at in a cluster beside its logs: the databases, the topics, the inboxes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from services.operate.findings import Finding
from services.operate.places import Log, Servers
from shared.eventlog.ports import EventFeed
from shared.kafka.ports import BrokerAway
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.sql.ports import StorageFailed
from shared.sql.postgres import Schemas
from shared.sql.sessions import dial, settings

OTHER_ORDER = """SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
WHERE data_type = 'text' AND table_schema NOT IN ('pg_catalog', 'information_schema') AND collation_name IS DISTINCT FROM 'C'
AND (SELECT datcollate FROM pg_database WHERE datname = current_database()) NOT IN ('C', 'POSIX') ORDER BY 1 LIMIT 1"""


def examined(place: Servers, now: datetime) -> Iterator[Finding]:
    """What is wrong around the logs."""
    for name, why in place.refused.items():
        yield Finding("postgres.refused", name, why)
    for name, dsn in place.databases.items():
        yield from _database(name, dsn)
        yield from _inboxes(name, dsn)
    for home in place.homes():
        if (log := home.log()) is not None:
            with closing(log):
                yield from _older(place, log)
    yield from _topics(place)


def _older(place: Servers, log: Log) -> Iterator[Finding]:
    for name, inbox in place.carried(log.name):
        with closing(inbox):
            received = inbox.head().position
        if received > log.head().position:
            yield Finding("log.older", log.name, f"{name} goes to {received:,}, further than the log")


def _database(name: str, dsn: str) -> Iterator[Finding]:
    with closing(dial(dsn, settings("public", read_only=True))) as db:
        for (column,) in db.execute(OTHER_ORDER).fetchall():
            yield Finding("postgres.collation", name, f"{column} is not compared bytewise")
        if db.execute("SHOW full_page_writes").fetchall() != [("on",)]:
            yield Finding("postgres.pages", name, "full_page_writes is off")


def _inboxes(name: str, dsn: str) -> Iterator[Finding]:
    schemas = Schemas(dsn)
    there = "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'inbox_fault'"
    with closing(dial(dsn, settings("public", read_only=True))) as db:
        logs = [row[0] for row in db.execute(there).fetchall()]
    for log in logs:
        with closing(schemas.at(log).look()) as inbox:
            for row in inbox.execute("SELECT words, cure FROM inbox_fault WHERE ended IS NULL").fetchall():
                yield Finding("inbox.fault", f"{log} in {name}", f"{row[0]}; {row[1]}")


def _topics(place: Servers) -> Iterator[Finding]:
    logs = [(home.log_name, home.log()) for home in place.homes()]
    try:
        for words in Topics(place.settings.kafka, place.settings.replicas).check([name for name, _ in logs]):
            yield Finding("topic.settings", place.settings.kafka, words)
    except BrokerAway as error:
        yield Finding("relay.away", place.settings.kafka, str(error))
        return
    for name, log in logs:
        if log is not None:
            with closing(log), closing(KafkaTopic(place.settings.kafka, name)) as topic:
                yield from _carried(log, topic)


def _carried(log: EventFeed, topic: KafkaTopic) -> Iterator[Finding]:
    try:
        last = topic.last()
    except StorageFailed as error:
        yield Finding("topic.settings", topic.name, str(error))
        return
    here = log.read(last[0] - 1, 1) if last else []
    if last and not here:
        yield Finding("relay.fork", log.name, f"its topic goes to {last[0]:,}, further than the log: it was restored from an older copy")
    elif last and here[0].chain != last[1]:
        yield Finding("relay.fork", log.name, f"its topic holds another event at {last[0]:,}: two copies of the log were written to")
