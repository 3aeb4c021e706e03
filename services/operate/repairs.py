"""What mends: a log healed from what was carried of it, read models built again, a parked stream tried again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.client.session import Mint
from services.operate.places import Folder, Home, Log, Own, Place, Running, Servers
from services.start.settings import Settings
from services.wiring import open_node
from shared.eventlog.copying import is_moved, mark_moved
from shared.eventlog.parking import Parked, parked
from shared.eventlog.ports import EventFeed
from shared.eventlog.sqlite import SqliteLog
from shared.handling.carried import Carried, Export
from shared.handling.healing import cut, heal, lacks_healing, mark_healed
from shared.kafka.ports import TopicMissing
from shared.kafka.topic import KafkaTopic
from shared.kernel.errors import LogFork, LogGap
from shared.runtime import generations
from shared.sql.ports import LogBusy, StorageFailed

DIGEST = re.compile(rb'"digest":"([0-9a-f]{64})"')
WITH_CONTENT = ("alerts.message.", "alerts.import.")  # events that name a blob
Told = Callable[[str], None]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of one log."""

    gained: int
    whole: bool  # every source could be asked, and none had to be refused


def heal_log(
    place: Place, home: Own, file: Path | None, told: Told, progress: Progress = lambda _: None, *, as_it_is: bool = False
) -> Mended:
    """Take back what the sources hold beyond the log's end: a file, else the topic and the neighbours' inboxes. Running.

    A restored log is open again once every source was asked, or when a person says that it is as it is.
    """
    with place.stopped():
        log = home.log(write=True)
        if log is None:
            raise StorageFailed(f"{home.log_name} was never made here: restore a backup of it first")
        with closing(log):
            before = log.head().position
            whole = file is not None or _all_there(place, told)
            for name, source in _sources(place, log.name, file):
                whole &= _take(log, name, source, told, progress)
            gained = log.head().position - before
            _left_by_hand(home, log, before, told)
            if whole or as_it_is:
                mark_healed(log)
                if as_it_is and is_moved(log):
                    mark_moved(log, moved=False)
            elif lacks_healing(log):
                told(f"{log.name} stays closed. Cure what is said above and heal again, or give up what lies there: {as_is(log.name)}")
    return Mended(gained, whole or as_it_is)


def as_is(log: str) -> str:
    """What a person says who knows that nothing more can be had."""
    return f"`ortoo log heal {log} --as-it-is`"


def _all_there(place: Place, told: Told) -> bool:
    """Nobody who may have received the log is away."""
    for name, why in place.unasked().items():
        told(f"the inbox of {name} could not be looked at: {why}")
    return not place.unasked()


def _take(log: Log, name: str, source: EventFeed | Carried, told: Told, progress: Progress) -> bool:
    try:
        healed = heal(log, source, progress)
    except TopicMissing as missing:
        told(f"{name}: {missing}: nothing to take from there")
        return True
    except (LogFork, LogGap, StorageFailed, LogBusy) as error:
        told(f"{name}: {error}")
        return False
    if healed.events:
        told(f"{name}: {healed.events:,} events of {healed.commands:,} commands taken back; {log.name} goes to {healed.position:,} again")
    else:
        told(f"{name}: nothing beyond {healed.position:,}")
    return True


def _left_by_hand(home: Own, log: Log, before: int, told: Told) -> None:
    """What healing cannot bring back is named."""
    if unfinished := cut(log):
        told(unfinished)
    lost = list(lost_content(home, log, before))
    for position, digest in lost:
        told(f"{log.name}:{position} names the content {digest[:12]}, which the backup does not hold: import it again if its sender has it")


def lost_content(home: Own, log: Log, after: int = 0) -> Iterator[tuple[int, str]]:
    """Content that events name and nobody has: (position, digest)."""
    store = home.store("blobs")
    if store is None:
        return
    with closing(store.look()) as db:
        while batch := log.read(after, 1_000):
            after = batch[-1].position
            for recorded in batch:
                if not recorded.type.startswith(WITH_CONTENT):
                    continue
                for found in DIGEST.findall(recorded.record):
                    digest = found.decode()
                    if db.execute("SELECT 1 FROM blob WHERE digest = ?", (bytes.fromhex(digest),)).fetchone() is None:
                        yield recorded.position, digest


def _sources(place: Place, log: str, file: Path | None) -> Iterator[tuple[str, EventFeed | Carried]]:
    if file is not None:
        yield str(file), SqliteLog(file, log, read_only=True) if file.suffix == ".db" else Carried(Export(file, log))
        return
    if isinstance(place, Servers):
        with closing(KafkaTopic(place.settings.kafka, log)) as topic:
            yield f"the topic {log}", Carried(topic)
    yield from place.carried(log)


def rebuild(home: Home, progress: Progress) -> str:
    """Build a service's read models beside those in use; the name of what was built."""
    log, databases = home.log(), home.models()
    if log is None or databases is None:
        raise StorageFailed(f"{home.log_name} was never made here")
    with ExitStack() as opened:
        own, *others = [opened.enter_context(closing(each)) for each in (log, *home.heard())]
        return generations.rebuild(databases, home.service, own, others, progress)


def all_parked(home: Home) -> list[Parked]:
    """What waits in a service: for its policies, and for the projections of the read models in use."""
    models = home.models()
    name = generations.in_use(models, home.service) if models else None
    found: list[Parked] = []
    for database in (home.tables(), models.at(name) if models and name else None):
        if database is not None:
            with closing(database.look()) as db:
                found += parked(db)
    return found


def replay(place: Place, settings: Settings, url: str, mint: Mint, service: str, waiting: Parked) -> int:
    """Try a parked stream again, through the running node or, when it is stopped, here; the number of its events. StorageFailed."""
    if isinstance(place, Folder):
        try:
            with place.stopped():
                pass
            return _replay_here(settings, service, waiting)
        except Running:
            prefix = "/api/node"
    else:
        prefix = f"/api/{service}/node"
    path = f"{url}{prefix}/parked/{service}/{waiting.reader}/{waiting.log}/{waiting.stream}/replay"
    token = mint("CLI.PARKED", "ADMIN", None)
    try:
        answer = httpx.post(path, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    except httpx.HTTPError as error:
        raise StorageFailed(f"{url} does not answer ({type(error).__name__}): --url names the node") from error
    if answer.is_error:
        raise StorageFailed(f"{answer.status_code}: {answer.json().get('cure', answer.text)}")
    count: int = answer.json()["replayed"]
    return count


def _replay_here(settings: Settings, service: str, waiting: Parked) -> int:
    host = open_node(settings).host
    try:
        running = host.running[service]
        count = running.replay(waiting.reader, waiting.log, waiting.stream)
        policies = running.reactor.policies
        while running.writer.step() or any(runner.busy for runner in policies):  # what one sent is decided before the node closes again
            for runner in policies:
                runner.step()
        return count
    except Exception as error:
        raise StorageFailed(f"it fails again ({type(error).__name__}: {error}) and stays parked: cure that first") from error
    finally:
        host.stop()
