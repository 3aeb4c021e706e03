"""`ortoo cluster`: the processes of a cluster that answer, each started by one command, and its topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from services.start.cluster import Opened, open_front, open_service
from services.start.feeding import open_filter, topic_names
from services.start.serving import fail, listen, start_logging
from services.start.serving import serve as serve_app
from services.start.settings import ClusterSettings
from shared.kafka.topics import Topics
from shared.sql.ports import LogBusy, StorageFailed
from shared.web.session import Links

Story = Annotated[bool, typer.Option("--story-clock", help="take the time from Ortoo-At; for stories only, in every process alike")]


def serve(service: Annotated[str, typer.Argument(help="such as alerts")], story_clock: Story = False) -> None:
    """Serve one service over HTTP and step its engines; any number of processes may do so."""
    _serve(service, story_clock, lambda settings, _: open_service(settings, service))


def front(
    story_clock: Story = False,
    link: Annotated[bool, typer.Option("--link", help="print a one-time link to sign in")] = False,
) -> None:
    """Serve the pages, the documents and the live events of all logs."""
    _serve("front", story_clock, open_front, link=link)


def run_filter(story_clock: Story = False) -> None:
    """Write the feed log of every audience in ORTOO_AUDIENCES, and relay it to its topic."""
    _serve("filter", story_clock, lambda settings, _: open_filter(settings))


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
