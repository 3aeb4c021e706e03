"""`ortoo cluster import`: apart from the other processes, which need not load what only an importer runs on."""

from __future__ import annotations

from typing import Annotated

import typer

from services.start.cli import Story, settings_of
from services.start.importing import open_importer
from services.start.serving import fail, listen, start_logging
from services.start.serving import serve as serve_app
from shared.sql.ports import LogBusy, StorageFailed


def run_import(name: Annotated[str, typer.Argument(help="a service, front or filter: who receives")], story_clock: Story = False) -> None:
    """Take the topics of the neighbours' logs, and for alerts what stations report; one process for each name."""
    start_logging()
    settings = settings_of(story_clock)
    listening, address = listen(settings)
    try:
        app = open_importer(settings.named(f"import {name}", listening.getsockname()[1]), name)
    except (StorageFailed, LogBusy, ValueError) as error:
        fail(f"import {name} cannot start: {error}")
    serve_app(app, listening, f"ortoo import {name} is ready at {address}")
