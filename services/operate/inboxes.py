"""`ortoo inbox`: what stopped an importer, and a person's word that a record is none of the log's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Annotated

import typer

from services.operate.places import Servers, servers
from services.start.serving import fail
from services.start.settings import ClusterSettings
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.sql.ports import LogBusy, StorageFailed
from shared.sql.postgres import Schemas

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
