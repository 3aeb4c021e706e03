"""`ortoo cluster`: the processes of a cluster, each started by one command, and how they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from services.operate.places import servers
from services.operate.status import states
from services.start.cluster import Opened, open_front, open_service
from services.start.feeding import feed_logs, open_filter, process_names, topic_names
from services.start.importing import open_importer
from services.start.serving import fail, listen, start_logging
from services.start.serving import serve as serve_app
from services.start.settings import ClusterSettings
from shared.kafka.topics import Topics
from shared.sql.ports import LogBusy, StorageFailed
from shared.web.session import Links

cluster_commands = typer.Typer(no_args_is_help=True)
Story = Annotated[bool, typer.Option("--story-clock", help="take the time from Ortoo-At; for stories only, in every process alike")]


@cluster_commands.command("serve")
def serve(service: Annotated[str, typer.Argument(help="such as alerts")], story_clock: Story = False) -> None:
    """Serve one service over HTTP and step its engines; any number of processes may do so."""
    _serve(service, story_clock, lambda settings, _: open_service(settings, service))


@cluster_commands.command("front")
def front(
    story_clock: Story = False,
    link: Annotated[bool, typer.Option("--link", help="print a one-time link to sign in")] = False,
) -> None:
    """Serve the pages, the documents and the live events of all logs."""
    _serve("front", story_clock, open_front, link=link)


@cluster_commands.command("filter")
def run_filter(story_clock: Story = False) -> None:
    """Write the feed log of every audience in ORTOO_AUDIENCES, and relay it to its topic."""
    _serve("filter", story_clock, lambda settings, _: open_filter(settings))


@cluster_commands.command("import")
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


@cluster_commands.command("topics")
def topics() -> None:
    """Make the topics that are missing, and name every setting that is not as declared."""
    settings = settings_of()
    try:
        names = topic_names(settings)
        kept = Topics(settings.kafka, settings.replicas)
        for name in kept.make(names):
            print(f"made {name}")
        faults = kept.check(names)
    except (StorageFailed, ValueError) as error:
        fail(str(error))
    if faults:
        fail("\n".join(faults))


@cluster_commands.command("status")
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


def _serve(name: str, story_clock: bool, open_: Callable[[ClusterSettings, Links], Opened], *, link: bool = False) -> None:
    start_logging()
    settings, links = settings_of(story_clock), Links()
    listening, address = listen(settings)
    try:
        opened = open_(settings.named(name, listening.getsockname()[1]), links)
    except (StorageFailed, LogBusy, OSError) as error:
        fail(f"{name} cannot start: {error}")
    except ValueError as error:
        fail(str(error))
    if link:
        host = opened.host
        code = links.make(host.principals.mint("DUTY.1", ("EMD.duty", "EMD.officer"), host.province))
        print(f"值班入口（一次有效）/ sign in, works once: {settings.public_url or address}/enter/{code}", flush=True)
    serve_app(opened.app, listening, f"ortoo {name} is ready at {address}", settings.public_url, proxied=settings.proxied)


def settings_of(story_clock: bool = False) -> ClusterSettings:
    """The environment's settings; ends the process when a variable means nothing."""
    try:
        return ClusterSettings.from_environment(story_clock)
    except ValueError as error:
        fail(str(error))
