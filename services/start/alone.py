"""`ortoo run` and `ortoo serve`: a node on one machine."""

from __future__ import annotations

from typing import Annotated

import typer

from services.start.serving import fail, listen, settings_of, start_logging
from services.start.serving import serve as serve_app
from services.start.settings import Settings
from services.wiring import open_node
from shared.kernel.processor import together
from shared.runtime.embedded import FolderTaken
from shared.sql.ports import LogBusy, StorageFailed
from shared.web.session import Links


def run() -> None:
    """Start a node for a person at this machine: prints a one-time link to its first page."""
    _serve(settings_of(), link=True)


def serve(
    story_clock: Annotated[bool, typer.Option("--story-clock", help="take the time from Ortoo-At and the pack from Ortoo-Pack")] = False,
) -> None:
    """Start a node; ORTOO_HOST, ORTOO_PORT, ORTOO_DATA and ORTOO_PROVINCE say where and which."""
    _serve(settings_of(story_clock), link=False)


def _serve(settings: Settings, *, link: bool) -> None:
    start_logging()
    listening, address = listen(settings)
    try:
        node = open_node(settings)
    except FolderTaken:
        fail(f"another node runs on {settings.folder}: stop it, or set ORTOO_DATA to another folder")
    except (StorageFailed, LogBusy, OSError) as error:
        fail(f"the data folder {settings.folder} cannot be used: {error}; make it writable and free some space, or set ORTOO_DATA")
    except ValueError as error:
        fail(str(error))
    links = Links()
    if link:
        code = links.make(node.host.principals.mint("DUTY.1", ("EMD.duty", "EMD.officer"), node.province.root))
        print(f"值班入口（一次有效）/ sign in, works once: {address}/enter/{code}")
        print("演示数据（可选）/ demo data, if you like: .venv/bin/ortoo demo", flush=True)
    together()
    serve_app(node.app(links), listening, f"ortoo is ready at {address} with data in {settings.folder}", settings.public_url)
