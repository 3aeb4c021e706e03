"""One function for each way to break a cluster, done under load; it says what was noticed. The judge says whether anything was lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from random import Random

import httpx
from msgspec.structs import replace

from shared.eventlog.chain import seal_all
from shared.eventlog.ports import New
from shared.kernel.envelope import opened, seal
from shared.testing.invariants import everything
from tests.faults.load import PATIENCE_S, Load
from tests.faults.stand import PROVINCE, Stand
from tests.support import AUTHOR, draft
from tests.waiting import until

KILLS = 4
FROZEN_S = 13.0  # longer than the server waits for who holds a turn
ALERTS, REGISTRY = f"{PROVINCE}.alerts", f"{PROVINCE}.registry"

Fault = Callable[[Stand, Load, Random], str]
in_time = partial(until, within_s=PATIENCE_S)


def killed(stand: Stand, load: Load, random: Random) -> str:
    """kill -9 of processes of any kind, the stores too, one after the other, at random moments."""
    victims = random.sample(stand.kinds, KILLS)
    for name in victims:
        load.go_on(random.randrange(1, 15))
        stand.cluster.process(name).kill()
    for name in victims:
        stand.cluster.process(name).wait_healthy(PATIENCE_S)
    load.go_on(10)
    return f"killed {', '.join(victims)}"


def frozen(stand: Stand, load: Load, random: Random) -> str:
    """A process that stands still and later goes on, whatever it holds."""
    name = random.choice(stand.ours)
    load.go_on(5)
    stand.cluster.process(name).pause()
    time.sleep(FROZEN_S)
    stand.cluster.process(name).resume()
    load.go_on(10)
    stand.cluster.process(name).wait_healthy(PATIENCE_S)
    return f"froze {name} for {FROZEN_S:.0f} s"


def broker_away(stand: Stand, load: Load, random: Random) -> str:
    """Commands go on without a broker; what waits is told."""
    kafka = stand.cluster.process("kafka")
    load.go_on(5)
    kafka.stop()
    load.go_on(20)
    told = _noticed(stand, "relay", "Kafka", "broker", "topic")
    kafka.start()
    kafka.wait_healthy(PATIENCE_S)
    load.go_on(5)
    return f"without a broker 20 commands were answered; {told}"


def broker_emptied(stand: Stand, load: Load, random: Random) -> str:
    """A broker that comes back with an empty disk: its topics are made anew, and everything is sent again."""
    load.go_on(5)
    stand.empty_broker()
    told = _noticed(stand, "there is no topic")
    _said(stand, "cluster", "topics")
    load.go_on(5)
    return told


def postgres_restarted(stand: Stand, load: Load, random: Random) -> str:
    """Stopped in order, or killed as by a power cut, and started again."""
    postgres = stand.cluster.process("postgres")
    load.go_on(5)
    how = random.choice(("stop", "kill"))
    getattr(postgres, how)()
    time.sleep(random.uniform(0.2, 2))
    if how == "stop":
        postgres.start()
    postgres.wait_healthy(PATIENCE_S)
    load.go_on(10)
    return f"PostgreSQL: {how}, and started again"


def restored(topic: str) -> Fault:
    """The database of alerts is put back to an older backup, with its topic as it was, emptied, or away."""

    def fault(stand: Stand, load: Load, random: Random) -> str:
        load.go_on(10)
        backup = stand.cluster.folder / f"backup-{time.monotonic_ns()}"
        _said(stand, "backup", str(backup))
        load.go_on(20)
        with _all_stopped(stand):
            stand.recreate_database("alerts")
            _said(stand, "restore", str(backup), "--service", "alerts")
            if topic == "emptied":
                stand.empty_broker()
                _said(stand, "cluster", "topics")
            told = _healed_without_a_broker(stand) if topic == "away" else _said(stand, "log", "heal", "alerts")
        load.go_on(5)
        return told.splitlines()[-1]

    return fault


def _healed_without_a_broker(stand: Stand) -> str:
    """What the inboxes hold is taken back; then the log waits for a person's word, who knows that they hold all."""
    kafka = stand.cluster.process("kafka")
    kafka.stop()
    done = stand.ortoo("log", "heal", "alerts")
    told = done.stdout + done.stderr
    assert done.returncode == 1 and f"`ortoo log heal {ALERTS} --as-it-is`" in told, told
    _said(stand, "log", "heal", "alerts", "--as-it-is")
    kafka.start()
    kafka.wait_healthy(PATIENCE_S)
    return told.strip()


def cloned(stand: Stand, load: Load, random: Random) -> str:
    """A copy of the database of alerts is written to by a second node: whose relay comes second sees the fork and stops."""
    load.go_on(5)
    with _all_stopped(stand):
        stand.copy_database("ortoo_alerts", "clone_alerts")
    load.go_on(10)
    with stand.one_more("alerts", ORTOO_DATABASE="clone") as url:
        in_time(lambda: _answers(f"{url}/health/live") == 200, "the clone answers")
        in_time(lambda: _drafted(stand, url), "the clone takes a draft")
        in_time(lambda: "fork" in httpx.get(f"{url}/health/ready", timeout=PATIENCE_S).text, "the clone's relay sees the fork")
    stand.drop_database("clone_alerts")
    return "the clone's relay stopped at a fork; nothing of it reached the topic"


def foreign_records(stand: Stand, load: Load, random: Random) -> str:
    """Records that are none of the log's: old ones again, nonsense, another log's, more than any event holds."""
    load.go_on(10)
    with closing(stand.log("alerts")) as log:
        some = log.read(max(0, log.head().position - 6), 5)
    with closing(stand.log("registry")) as registry:
        foreign = registry.read(0, 1)[0].cloud_event()
    with stand.producer() as producer:
        for again in some:  # duplicates are passed over by themselves
            producer.send(ALERTS, again.cloud_event()).get(20)
        offsets = [producer.send(ALERTS, value).get(20).offset for value in (b"nonsense \xff", foreign, b"x" * 600_000)]
    for offset in offsets:
        _noticed(stand, f"offset {offset} of the topic {ALERTS}")
        in_time(partial(_passed, stand, offset), f"offset {offset} is passed over by all who receive {ALERTS}")
    load.go_on(10)
    return f"{len(some)} duplicates skipped; {len(offsets)} others stopped the importers, were named with their offsets, and passed over"


def forged_chain(stand: Stand, load: Load, random: Random) -> str:
    """A record that says it is the log's, with a chain of its own: relay and importers stop; the topic is made anew and sent again."""
    load.go_on(10)
    with closing(stand.log("alerts")) as log:
        record, _ = opened(log.read(max(0, log.head().position - 3), 1)[0].cloud_event())
    forged = record[:-1] + b',"chain":"' + bytes(32).hex().encode() + b'"}'
    with stand.producer() as producer:
        offset = producer.send(ALERTS, forged).get(20).offset
    told = _noticed(stand, f"offset {offset} of the topic {ALERTS}", "another event at position")
    load.go_on(10)  # nobody who decides waits for it
    with _all_stopped(stand):
        _made_anew(stand)
    load.go_on(10)
    return told


def forged_and_chained(stand: Stand, load: Load, random: Random) -> str:
    """A record that follows on a log nobody writes to just now, by who can read it and may write to its topic: every inbox takes it in."""
    load.go_on(10)
    with closing(stand.log("registry")) as log:
        head = log.head()
        last = log.read(head.position - 1, 1)[0]
    at, version = head.position + 1, last.version + 1
    place = {"id": f"{REGISTRY}:{at}", "position": at, "streamversion": version}
    lie = New(last.stream, version, last.type, lambda _: seal(replace(last.envelope, **place)))
    with stand.producer() as producer:
        producer.send(REGISTRY, seal_all(head, [lie])[0].cloud_event()).get(20)
    owners = [owner for owner, names in stand.imports.items() if "registry" in names]
    took_in = ", ".join(f"the inbox of {owner} goes to {at:,}" for owner in owners)
    told = _noticed(stand, f"log.older  {REGISTRY}: {took_in}, further than the log")
    _noticed(stand, f"relay.fork  {REGISTRY}: topic {REGISTRY} ends with position {at}")
    load.go_on(10)  # nobody who decides waits for it
    with _all_stopped(stand):
        _made_anew(stand, REGISTRY)
        for owner in owners:
            _said(stand, "inbox", "drop", owner, REGISTRY, "--yes")
    load.go_on(10)
    return f"{told}; it was dropped from {len(owners)} inboxes"


def spoiled(how: str) -> Fault:
    """The topic of alerts as a bad copy of it would be, beyond what its receivers have: one record is missing, or two are the other way
    round. Made anew, everything is sent again."""

    def fault(stand: Stand, load: Load, random: Random) -> str:
        load.go_on(10)
        for name in stand.ours:
            if name.startswith("import-"):
                stand.cluster.process(name).stop()
        load.go_on(20)
        with _all_stopped(stand, healthy=False):
            _made_anew(stand)
            with closing(stand.log("alerts")) as log:
                records = [recorded.cloud_event() for recorded in everything(log)]
            at = len(records) - random.randrange(2, 15)
            records[at : at + 2] = records[at + 1 : at + 2] if how == "missing" else records[at : at + 2][::-1]
            with stand.producer() as producer:
                for sent in [producer.send(ALERTS, record) for record in records]:
                    sent.get(20)
        told = _noticed(stand, f"of the topic {ALERTS}: ")
        load.go_on(10)
        with _all_stopped(stand):
            _made_anew(stand)
        load.go_on(10)
        return told

    return fault


FAULTS: Mapping[str, Fault] = {
    "killed": killed,
    "frozen": frozen,
    "broker away": broker_away,
    "broker emptied": broker_emptied,
    "postgres restarted": postgres_restarted,
    "restored, topic present": restored("present"),
    "restored, topic emptied": restored("emptied"),
    "restored, topic away": restored("away"),
    "cloned": cloned,
    "foreign records": foreign_records,
    "forged chain": forged_chain,
    "forged and chained": forged_and_chained,
    "record missing": spoiled("missing"),
    "records out of order": spoiled("out of order"),
}


def _said(stand: Stand, *arguments: str) -> str:
    done = stand.ortoo(*arguments)
    assert done.returncode == 0, f"ortoo {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def _noticed(stand: Stand, *words: str) -> str:
    """Wait until `ortoo doctor` names it; the line that does."""
    found: list[str] = []

    def look() -> bool:
        said = stand.ortoo("doctor").stdout
        found[:] = [line for line in said.splitlines() if any(word in line for word in words)]
        return bool(found)

    in_time(look, f"doctor says something of {', '.join(words)}")
    return f"doctor: {found[0].strip()}"


def _answers(url: str) -> int:
    try:
        return httpx.get(url, timeout=5).status_code
    except httpx.TransportError:
        return 0


def _drafted(stand: Stand, url: str) -> bool:
    try:
        answer = httpx.post(f"{url}/api/alerts/alerts", json=draft(), headers=stand.door.signed(AUTHOR), timeout=20)
    except httpx.TransportError:
        return False
    return answer.status_code == 201


def _passed(stand: Stand, offset: int) -> bool:
    """Say it for whoever stopped there by now; true once nobody stands there any more."""
    stand.ortoo("inbox", "pass", ALERTS, str(offset))
    return f"offset {offset} of the topic {ALERTS}" not in stand.ortoo("doctor").stdout


def _made_anew(stand: Stand, topic: str = ALERTS) -> None:
    """The cure of a damaged topic: its relay sends everything again."""
    stand.delete_topic(topic)
    _said(stand, "cluster", "topics")


@contextmanager
def _all_stopped(stand: Stand, *, healthy: bool = True) -> Iterator[None]:
    """Every process of ours is down inside; the stores are up. Afterwards they are started, and waited for if they can be healthy."""
    for name in stand.ours:
        stand.cluster.process(name).stop()
    yield
    for name in stand.ours:
        stand.cluster.process(name).start()
    for name in stand.ours if healthy else ():
        stand.cluster.process(name).wait_healthy(PATIENCE_S)
