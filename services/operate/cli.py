"""The operator's commands of `ortoo`, as `services/cli.py` lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from services.operate.doctor import examine
from services.operate.lag import lags
from services.operate.logs import log_commands
from services.operate.places import Folder, Home, Place, Running, Servers, here
from services.operate.repairs import all_parked, heal_log, rebuild, replay
from services.start.serving import fail
from services.start.settings import Settings
from services.wiring import VERSION
from shared.eventlog.parking import Parked
from shared.runtime import backup, backup_cluster
from shared.runtime.backup import About, BackupFailed, Manifest
from shared.sql.ports import LogBusy, StorageFailed

NAMED = ("blobs", "contacts", "vault", "keyring")  # stores whose content events name; keys after what lies under them
KEYS_TOLD = "the keys are not in the backup: keep a copy of {keys} apart from it, or every token, link and webhook secret is void"
KEYS_IN = "the keys are in the backup: whoever has it can sign as anybody. Keep it locked away"

Url = Annotated[str, typer.Option("--url", envvar="ORTOO_URL", help="the node, or the origin of the cluster")]


def doctor(deep: Annotated[bool, typer.Option("--deep", help="also walk every chain and look for every content")] = False) -> None:
    """Say what is wrong and what cures it; exit 1 when something is. The node or the cluster may be running."""
    with _place() as (place, settings):
        found = list(examine(place, settings, datetime.now(UTC), deep=deep))
        for finding in found:
            print(finding.lines())
        print(f"{place.words}: {f'{len(found)} found' if found else 'nothing is wrong'}")
    raise typer.Exit(1 if found else 0)


def lag() -> None:
    """Print how far every reader of every log is: position, events behind, and how long the oldest of them waits."""
    with _place() as (place, _):
        for found in lags(place, datetime.now(UTC)):
            print(found.line())


def parked(
    ctx: typer.Context,
    again: Annotated[tuple[str, str, str] | None, typer.Option("--replay", metavar="READER LOG STREAM", help="try a stream again")] = None,
    url: Url = "http://127.0.0.1:8000",
) -> None:
    """List the events that policies and projections could not take, and why; their streams wait in order."""
    with _place() as (place, settings):
        waiting = [(home.service.name, event) for home in place.homes() for event in all_parked(home)]
        if again is None:
            for _, event in waiting:
                print(_parked_line(event))
            return
        for service, event in waiting:
            if (event.reader, event.log, event.stream) == again:
                print(f"{replay(place, settings, url, ctx.obj(settings.folder), service, event)} events of {event.stream} replayed")
                return
        fail(f"nothing is parked for {' '.join(again)}: ortoo parked lists what is")


def rebuild_models(service: Annotated[str, typer.Argument(help="registry or alerts")]) -> None:
    """Build a service's read models anew, beside those in use; a running node takes them within seconds, a stopped one when it starts."""
    with _place() as (place, _):
        home = _home(place, service)
        log = home.log()
        with _progress(service, log.head().position if log else 1) as progress:
            name = rebuild(home, progress)
        print(f"{name} is level, and takes the place of what is in use")


@log_commands.command("heal")
def heal(
    log: Annotated[str | None, typer.Argument(help="a log, such as 150000.alerts or alerts; all when left out")] = None,
    file: Annotated[Path | None, typer.Option("--from", exists=True, help="an export or another copy (.db) of the log")] = None,
    as_it_is: Annotated[
        bool, typer.Option("--as-it-is", help="open it, though not all sources could be asked, or one was refused")
    ] = False,
) -> None:
    """Take back what was carried of a restored log beyond its end: from its topic and the neighbours' inboxes, or from a file."""
    whole = True
    with _place() as (place, _):
        homes = [home for home in place.logs() if log in (None, home.log_name, home.log_name.rpartition(".")[2])]
        if not homes or ((file or as_it_is) and len(homes) > 1):
            fail("name one log, such as alerts")
        if isinstance(place, Folder) and file is None and not as_it_is:
            fail("a node on a folder has no topic: name what to heal from with --from")
        for home in homes:
            mended = heal_log(place, home, file, print, as_it_is=as_it_is)
            print(f"{home.log_name}: {mended.gained:,} events taken back{'' if mended.whole else '; see above what is left to do'}")
            whole &= mended.whole
    raise typer.Exit(0 if whole else 1)


def back_up(
    to: Annotated[Path, typer.Argument(metavar="DIR", help="a new folder")],
    keys: Annotated[bool, typer.Option("--keys", help="put the keys in, too")] = False,
) -> None:
    """Copy everything a node or a cluster would need, while it runs. Read models are left out: they are built again."""
    with _place() as (place, settings):
        about = About(settings.province, VERSION, datetime.now(UTC))
        if isinstance(place, Folder):
            manifest = backup.back_up(place.folder, to, about, NAMED, _told, keys=keys)
        else:
            assert isinstance(place, Servers)
            if unasked := place.unasked():
                raise BackupFailed("; ".join(f"the database of {name} cannot be reached: {why}" for name, why in unasked.items()))
            manifest = backup_cluster.back_up(place.databases, to, about, _told)
        _summary(manifest)
        print(KEYS_IN if keys and isinstance(place, Folder) else KEYS_TOLD.format(keys=settings.folder / "keys"))


def restore(
    source: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="a backup")],
    only: Annotated[list[str] | None, typer.Option("--service", help="of a cluster: this one's database only; may be given again")] = None,
) -> None:
    """Put a backup into an empty data folder (ORTOO_DATA), or into empty databases; refuses what is not whole."""
    with _place() as (place, _), place.stopped():
        if isinstance(place, Folder):
            _summary(backup.restore(source, place.folder, _told))
            print("what came after the backup is lost unless you have it elsewhere: ortoo log heal LOG --from FILE. Then start the node")
        else:
            assert isinstance(place, Servers)
            _summary(backup_cluster.restore(source, place.databases, _told, only or ()))
            print("next: ortoo log heal, which takes back what the topics hold beyond the backup. Then start the cluster")


@contextmanager
def _place() -> Iterator[tuple[Place, Settings]]:
    """Where the environment says; what goes wrong ends the command in words."""
    try:
        place = here()
        yield place, place.settings if isinstance(place, Servers) else Settings.from_environment()
    except (Running, BackupFailed, StorageFailed, LogBusy, OSError, ValueError) as error:
        fail(str(error))


def _home(place: Place, service: str) -> Home:
    for home in place.homes():
        if home.service.name == service:
            return home
    fail(f"no service {service}: one of {', '.join(home.service.name for home in place.homes())}")


@contextmanager
def _progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    with Progress(transient=True, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=max(total, 1))
        yield lambda position: progress.update(task, completed=position)


def _parked_line(event: Parked) -> str:
    return f"{event.log}:{event.position}  {event.reader}  {event.stream}  {event.type}  {event.reason}"


def _summary(manifest: Manifest) -> None:
    for log, end in manifest.logs.items():
        print(f"{log}: {end.position:,} events, chain {end.chain[:16]}")
    print(f"made {manifest.made_at.isoformat(timespec='seconds')} by {manifest.version}: {len(manifest.files)} files")


def _told(what: str) -> None:
    Console(stderr=True).print(what, highlight=False, markup=False)
