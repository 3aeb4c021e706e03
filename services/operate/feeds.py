"""`ortoo feed list | drop`: the audiences of this node, and a feed log that gave what was forged."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from services.operate.places import FILTER, OF_A_FEED, Running, servers, sessions
from services.start.feeding import audiences
from services.start.serving import fail
from services.start.settings import ClusterSettings
from shared.eventlog.postgres import PostgresLog
from shared.handling import forged
from shared.kafka.ports import TopicMissing
from shared.kafka.topic import KafkaTopic
from shared.sql.ports import LogBusy, StorageFailed
from shared.sql.postgres import Schemas


def list_audiences(province: Annotated[str, typer.Option(envvar="ORTOO_PROVINCE", help="whose node it is")] = "150000") -> None:
    """Print the audiences of the configuration, a line each; ORTOO_AUDIENCES names its file."""
    try:
        for audience in audiences():
            where = f"{audience.division}{' and public above' if audience.above else ''}"
            asked = f"{', '.join(audience.types)} ({', '.join(audience.visibility)})"
            print("  ".join((audience.log(province), where, asked, f"{audience.zh} {audience.en}")))
    except ValueError as error:
        fail(str(error))


def drop(
    audience: Annotated[str, typer.Argument(help="whose feed log gave what its source does not hold, such as 150724")],
    yes: Annotated[bool, typer.Option("--yes", help="it goes, and its readers begin anew")] = False,
) -> None:
    """Drop the feed log of an audience that was given forged events, once its topic is empty. The filter gives everything anew."""
    try:
        place = servers(ClusterSettings.from_environment())
        dsn, name = place.databases.get(FILTER), f"{place.settings.province}{OF_A_FEED}{audience}"
        if dsn is None or name not in Schemas(dsn).names():
            fail(f"there is no feed log {name} here: ortoo feed list names the audiences")
        if busy := sessions(dsn):
            raise Running(f"{busy} sessions of ortoo use that database: stop the filter and its importer first")
        with closing(PostgresLog(dsn, name, read_only=True)) as feed:
            events, words = feed.head().position, "; ".join(forged.marked(feed))
        if not words:
            raise ValueError(f"{name} gave nothing that is known to be forged: there is nothing to drop")
        if _carries(place.settings.kafka, name):
            raise ValueError(f"the topic {name} holds it still: delete it and make it again (`ortoo cluster topics`), then come back")
        if not yes:
            fail(f"{name} holds {events:,} events, and {words}. It goes, and its audience reads from the beginning: tell them, then --yes")
        Schemas(dsn).drop(name)
        if name in Schemas(dsn).names():
            raise LogBusy(f"somebody uses {name}: stop the filter first")
    except (StorageFailed, LogBusy, Running, ValueError) as error:
        fail(str(error))
    print(f"{name} is gone. Start the filter: it gives everything anew from position 1, and the readers of {audience} forget their place")


def _carries(kafka: str, name: str) -> bool:
    with closing(KafkaTopic(kafka, name)) as topic:
        try:
            begin, end = topic.bounds()
        except TopicMissing:
            return False
    return end > begin
