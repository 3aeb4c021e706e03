"""`ortoo drill make | serve | list | drop`: a realm of its own for a drill, below the node's data."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer
from msgspec import structs

from services.alerts.observations.store import ObservationStore
from services.operate.places import Folder, Home, Log, here, runs
from services.operate.repairs import DIGEST, WITH_CONTENT
from services.registry.provinces import province
from services.start.realms import Drill, From, drill_folder, drill_of, drills_of, mark
from services.start.serving import fail, listen, serve, start_logging
from services.start.settings import Settings
from services.wiring import PARTS, open_node
from shared.blobs.store import Blobs
from shared.eventlog.sqlite import SqliteLog
from shared.handling.seeding import Seed, SeedFailed, sow, through_command
from shared.kernel.envelope import Recorded
from shared.kernel.realm import log_prefix
from shared.runtime.embedded import FolderTaken, take_folder
from shared.runtime.past import position_at
from shared.sql.ports import LogBusy, StorageFailed
from shared.sql.sqlite import File
from shared.web.session import Links

MASTER = {part.service.name: part.master for part in PARTS}
"""What a drill begins with unless it goes on from a log: the registry whole, and these streams. Of no incident, warning or order."""

AT_ONCE = 200  # contents written to the disk together

drill_commands = typer.Typer(no_args_is_help=True, help="Realms for drills, apart from everything real.")
Name = Annotated[str, typer.Argument(metavar="DRILL", help="its name, such as DR-1")]


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in the past a drill begins: at a time, or behind a position of one log."""

    at: datetime
    log: str | None = None
    position: int = 0

    def of(self, log: Log) -> int:
        """The last position of a log that belongs to it."""
        return self.position if log.name == self.log else position_at(log, self.at)


@drill_commands.command("make")
def make(
    name: Name,
    from_log: Annotated[bool, typer.Option("--from-log", help="go on from the real logs; else begin with master data alone")] = False,
    at: Annotated[str | None, typer.Option(metavar="MOMENT", help="up to 2021-07-18T20:00, or a position such as alerts:1234")] = None,
) -> None:
    """Make the realm of a drill: its own folder, logs, read models and key. The node may be running; nothing of it is changed."""
    if at is not None and not from_log:
        fail("--at says how far --from-log goes: give both")
    with _words():
        settings, place = Settings.from_environment(), here()
        folder = drill_folder(settings.folder, name)
        if folder.exists():
            fail(f"there is a drill {name} already: ortoo drill drop {name}, or take another name")
        logs = [(home, log) for home in place.homes() if (log := home.log()) is not None]
        if not logs:
            fail(f"{place.words} holds no log to begin with: start the node once")
        moment = _moment(at, [log for _, log in logs], settings) if at else None
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        building = Path(mkdtemp(prefix=f".{name}.", dir=folder.parent))  # readable by its owner alone
        try:
            drill = _begun(name, building, logs, settings.province, moment, whole=from_log)
            building.rename(folder)  # all of it is there, or nothing
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
    for begun in drill.logs.values():
        print(f"{begun.log} up to {begun.position:,}, chain {begun.chain[:16]}{'' if begun.whole else ': its master data'}")
    print(f"the drill {name} is made. Start it: ortoo drill serve {name}")


@drill_commands.command("serve")
def serve_drill(
    name: Name,
    port: Annotated[int, typer.Option(envvar="ORTOO_DRILL_PORT", min=0, max=65535, help="beside the real node's")] = 8001,
    story_clock: Annotated[bool, typer.Option("--story-clock", help="take the time from Ortoo-At")] = False,
) -> None:
    """Start the node of a drill: prints a one-time link to its first page. Nothing it does reaches anybody outside."""
    start_logging()
    with _words():
        told = Settings.from_environment()
        folder = _there(told, name)
        if runs(Folder(folder, told.province)):
            raise FolderTaken(str(folder))
        settings = Settings(folder, told.province, told.host, port, story_clock)  # no mail server, no public address
        listening, address = listen(settings)
        node, links = open_node(settings), Links()
    code = links.make(node.host.principals.mint("DUTY.1", ("EMD.duty", "EMD.officer"), node.province.root))
    print(f"演练 EXERCISE {name}：演练入口（一次有效）/ sign in, works once: {address}/enter/{code}", flush=True)
    serve(node.app(links), listening, f"ortoo is ready at {address} with data in {folder}")


@drill_commands.command("list")
def list_drills() -> None:
    """Print the drills of this node, a line each."""
    with _words():
        for folder, drill in drills_of(Settings.from_environment().folder):
            whole = any(begun.whole for begun in drill.logs.values() if begun.log.rpartition(".")[2] != "registry")
            since = f", goes on from {drill.begins.isoformat(timespec='seconds')}" if drill.begins else ""
            of = "the real logs" if whole else "master data"
            state = "runs" if runs(Folder(folder, drill.province)) else "stopped"
            print(f"{drill.drill}  {state}  made {drill.made_at.isoformat(timespec='seconds')} of {of}{since}")


@drill_commands.command("drop")
def drop(name: Name, yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Delete the realm of a drill with everything that was played in it. What the real log says of the drill stays."""
    with _words():
        folder = _there(Settings.from_environment(), name)
        with take_folder(folder):
            if not yes and not typer.confirm(f"Delete {folder} and everything that was played in it?"):
                fail("nothing was deleted")
            gone = Path(mkdtemp(prefix=f".{name}.", dir=folder.parent))
            folder.rename(gone)  # from now on there is no such drill, also if what follows is broken off
            folder.with_name(f"{folder.name}.root.key").unlink(missing_ok=True)
            shutil.rmtree(gone)
    print(f"the drill {name} is gone")


@contextmanager
def _words() -> Iterator[None]:
    """What goes wrong ends the command in words."""
    try:
        yield
    except FolderTaken as error:
        fail(f"the drill in {error} runs: stop it first")
    except (SeedFailed, StorageFailed, LogBusy, OSError, ValueError) as error:
        fail(str(error))


def _there(settings: Settings, name: str) -> Path:
    folder = drill_folder(settings.folder, name)
    if drill_of(folder) is None:
        fail(f"there is no drill {name}: ortoo drill list says which there are, ortoo drill make {name} makes it")
    return folder


def _moment(text: str, logs: Sequence[Log], settings: Settings) -> Moment:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _position(text, logs)
    at = at if at.tzinfo else at.replace(tzinfo=province(settings.province).zone)
    if at > datetime.now(UTC):
        raise ValueError(f"{text} is not past yet")
    return Moment(at)


def _position(text: str, logs: Sequence[Log]) -> Moment:
    named, _, number = text.rpartition(":")
    log = next((log for log in logs if named in (log.name, log.name.rpartition(".")[2])), None)
    if log is None or not re.fullmatch(r"[0-9]{1,15}", number):
        raise ValueError(f"{text[:60]!r} is neither a moment such as 2021-07-18T20:00 nor a position such as alerts:1234")
    found = log.read(int(number) - 1, 1) if int(number) else []
    if not found:
        raise ValueError(f"{log.name} has no position {number}: it ends at {log.head().position}")
    return Moment(found[0].envelope.time, log.name, through_command(log, int(number)))


def _begun(name: str, folder: Path, logs: Sequence[tuple[Home, Log]], root: str, moment: Moment | None, *, whole: bool) -> Drill:
    """Everything in the folder. The mark first: what is in it is never taken for a real node's."""
    drill = Drill(drill=name, province=root, made_at=datetime.now(UTC), begins=moment.at if moment else None)
    mark(folder, drill)
    names = {log.name: f"{log_prefix(name, root)}.{home.service.name}" for home, log in logs}
    begun: dict[str, From] = {}
    (folder / "logs").mkdir(mode=0o700)
    for home, source in logs:
        streams = None if whole else MASTER[home.service.name]
        reacting = [policy.name for policy in home.service.policies]
        seed = Seed(moment.of(source) if moment else source.head().position, streams, names, reacting)
        target = SqliteLog(folder / "logs" / f"{names[source.name]}.db", names[source.name])
        with closing(source), closing(target), _content(home, folder) as told:
            end = sow(source, target, seed, told)
        if whole:
            _readings(home, folder, moment)
        begun[target.name] = From(source.name, end.position, end.chain.hex(), streams is None)
    mark(folder, drill := structs.replace(drill, logs=begun))
    return drill


def _readings(home: Home, folder: Path, moment: Moment | None) -> None:
    """What stations had said by then, so that a drill can judge its windows. What was judged before and is in its log counts once."""
    store = home.store("observations")
    if store is not None:
        with closing(store.look()) as source, closing(ObservationStore(File(folder / "observations.db"))) as target:
            target.take(source, moment.at if moment else None)


@contextmanager
def _content(home: Home, folder: Path) -> Iterator[Callable[[Recorded], None]]:
    """Takes along what copied events name, so that a drill can show it."""
    store = home.store("blobs")
    if store is None:
        yield lambda _: None
        return
    found: dict[str, bytes] = {}
    with closing(store.look()) as db, closing(Blobs(File(folder / "blobs.db"))) as blobs:

        def take(recorded: Recorded) -> None:
            for digest in DIGEST.findall(recorded.record) if recorded.type.startswith(WITH_CONTENT) else ():
                row = db.execute("SELECT body FROM blob WHERE digest = ?", (bytes.fromhex(digest.decode()),)).fetchone()
                if row is not None:
                    found[digest.decode()] = bytes(row[0])
            if len(found) >= AT_ONCE:
                blobs.put_many(found)
                found.clear()

        yield take
        blobs.put_many(found)
