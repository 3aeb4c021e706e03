"""`ortoo cluster status`: how the processes of a cluster are."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from services.operate.places import servers
from services.operate.status import states
from services.start.cli import settings_of
from services.start.feeding import feed_logs, process_names
from services.start.serving import fail
from shared.sql.ports import LogBusy, StorageFailed


def status() -> None:
    """Print every process with what holds it up or that it does not run, and how far every reader of every log is; exit 1 when something
    is wrong."""
    well = True
    try:
        settings = settings_of()
        for state in states(servers(settings), datetime.now(UTC), process_names(), feed_logs(settings.province)):
            print(state.words)
            well &= state.well
    except (StorageFailed, LogBusy, ValueError) as error:
        fail(str(error))
    raise typer.Exit(0 if well else 1)
