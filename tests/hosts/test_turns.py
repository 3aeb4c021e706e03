"""What a process keeps and shows of an engine that another process steps, and who gives up a turn that is of no use to it."""

from __future__ import annotations

from contextlib import closing
from functools import partial

import psycopg
import pytest

from shared.blobs.store import Blobs
from shared.eventlog.chain import seal_all
from shared.eventlog.postgres import PostgresLog
from shared.kafka.ports import BrokerAway
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from shared.kernel.errors import TooNew, TopicFork
from shared.runtime import guarded
from shared.runtime.cluster import Shared, relaying
from shared.runtime.guarded import Guarded
from shared.runtime.turns import InTurn
from shared.sql.postgres import Schema
from shared.testing.facts import put, run_of
from tests.handling.desk import NAME, NOW
from tests.hosts.depot import DEPOT
from tests.hosts.depot_work import DepotWork
from tests.kafka import topics
from tests.waiting import until


class Sick:
    """An engine that meets a bug."""

    def __init__(self) -> None:
        self.closed = False

    def step(self) -> bool:
        raise KeyError("what")

    def close(self) -> None:
        self.closed = True


class Turn:
    """One of several processes that share a turn."""

    def __init__(self, held_by: list[Turn]) -> None:
        self._held_by, self.term = held_by, 0

    connection = None

    def held(self) -> bool:
        if not self._held_by:
            self._held_by.append(self)
            self.term += 1
        return self._held_by == [self]

    def close(self) -> None:
        if self._held_by == [self]:
            self._held_by.clear()


class Carrying:
    """What relays."""

    def __init__(self, fails: set[str], name: str, sent: list[str]) -> None:
        self._fails, self._name, self._sent = fails, name, sent

    def step(self) -> bool:
        reached(self._fails, self._name)
        self._sent.append(self._name)
        return True


def reached(fails: set[str], name: str) -> None:
    if name in fails:
        raise BrokerAway("nobody listens")


@pytest.fixture
def depot(pg):
    """A process of the depot's service."""
    opened: list[Shared] = []

    def depot() -> Shared:
        log, work = PostgresLog(pg, NAME), DepotWork()
        parts = {"rules_for": work.rules_for, "may": work.may, "now": lambda: NOW, "blobs": Blobs(Schema(pg, "blobs"))}
        opened.append(Shared(DEPOT, pg, log, lambda name: pytest.fail(name), lambda names: (), deliver=lambda results: None, **parts))
        return opened[-1]

    yield depot
    for one in opened:
        one.close()


def react(process: Shared) -> bool:
    return process.guarded("reactor", process.reacting.step)


def test_who_lost_the_turn_is_in_trouble_no_more_and_holds_nothing(depot):
    first, second, sick = depot(), depot(), Sick()
    first.add(lambda: sick)
    react(first)
    assert first.troubles() == {"Sick": "bug KeyError"}
    first.reacting._turn.connection.close()  # as when the server ended its session
    until(lambda: react(second) or second.reactor)
    react(first)
    assert first.reactor is None and first.troubles() == {} and sick.closed


def test_each_time_it_is_ones_turn_again_takes_no_more_sessions_than_the_first(depot, pg):
    process = depot()

    def held() -> int:
        with psycopg.connect(pg) as db:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%FROM parked%'"
            return int(db.execute(asked.encode() + b" AND pid <> pg_backend_pid()").fetchall()[0][0])

    react(process)
    first = held()
    assert first > 0
    for _ in range(3):
        process.reacting._turn.connection.close()
        until(lambda: react(process) or process.reactor)
    until(lambda: held() <= first)


def test_who_cannot_reach_the_broker_lets_another_relay_and_says_so_until_it_can():
    held_by: list[Turn] = []
    fails, sent = {"first"}, list[str]()

    def process(name: str) -> tuple[Guarded, InTurn[Carrying]]:
        return Guarded(name), InTurn(Turn(held_by), lambda: Carrying(fails, name, sent), able=lambda: reached(fails, name))

    def step(which: tuple[Guarded, InTurn[Carrying]]) -> dict[str, str]:
        of, relaying = which
        of.guarded("relay", relaying.step)
        return of.faults

    first, second = process("first"), process("second")
    away = {"relay": "broker away: nobody listens"}
    assert step(first) == away
    assert step(second) == {} and sent == ["second"]
    assert step(first) == away, "it does not reach the broker, whoever's turn it is"
    fails.clear()
    assert step(first) == {} and sent == ["second"]
    fails.add("second")
    assert step(second) == away and step(first) == {} and sent == ["second", "first"]


class Holding:
    """What relays to a topic that may hold another history, and cannot read what is too new."""

    def __init__(self, wrong: list[Exception]) -> None:
        self._wrong = wrong

    def step(self) -> bool:
        for error in self._wrong:
            raise error
        return True


@pytest.mark.parametrize("able", [None, lambda: None], ids=["filters", "relays"])
def test_a_topic_that_holds_another_history_is_told_by_who_has_the_turn_and_by_nobody_else(monkeypatch, able):
    monkeypatch.setattr(guarded, "LOOK_AGAIN_S", 0.0)
    held_by: list[Turn] = []
    wrong: list[Exception] = [TopicFork("another history")]
    processes = [(Guarded(name), InTurn(Turn(held_by), lambda: Holding(wrong), able=able)) for name in ("first", "second")]

    def faults() -> list[dict[str, str]]:
        for of, turn in processes:
            of.guarded("relay", turn.step)
        return [dict(of.faults) for of, _ in processes]

    forked = {"relay": "fork: another history"}
    assert [faults() for _ in range(4)] == [[forked, {}]] * 4
    processes[0][1].close()  # it ends
    processes.reverse()
    assert [faults() for _ in range(3)] == [[forked, {}]] * 3, "whoever takes the turn says it, and who has it no more does not"
    wrong.clear()
    assert faults() == [{}, {}]


def test_who_meets_what_is_too_new_lets_one_that_was_upgraded_have_the_turn():
    held_by: list[Turn] = []
    old, new = Guarded("old"), Guarded("new")
    first, second = InTurn(Turn(held_by), lambda: Holding([TooNew("x.v9: upgrade")])), InTurn(Turn(held_by), lambda: Holding([]))
    assert not old.guarded("filter", first.step) and old.faults == {"filter": "too new: x.v9: upgrade"}
    assert new.guarded("filter", second.step) and new.faults == {}
    old.guarded("filter", first.step)
    assert old.faults == {} and new.guarded("filter", second.step)


def test_a_topic_that_is_not_as_declared_is_not_written_to(pg):
    of, wrong = Guarded("depot"), ["topic x has 2 partitions instead of 1"]
    with closing(PostgresLog(pg, NAME)) as log, closing(relaying(pg, log, lambda name: pytest.fail(name), lambda names: wrong)) as turn:
        of.guarded("relay", turn.step)
        assert of.faults == {"relay": f"topic: {wrong[0]}"}
        assert turn.engine is None


def test_a_relay_whose_topic_was_forked_goes_on_once_it_was_made_anew(pg, broker, topic_name, monkeypatch):
    monkeypatch.setattr(guarded, "LOOK_AGAIN_S", 0.0)
    of, beside, declared = Guarded("depot"), Guarded("depot"), Topics(broker)
    declared.make([topic_name])
    with closing(PostgresLog(pg, topic_name)) as log:
        sent = put(log, *run_of(topic_name, "a-1", 1, 3))
        process = partial(relaying, pg, log, partial(KafkaTopic, broker), declared.check)
        with closing(process()) as turn, closing(process()) as elsewhere:

            def fault() -> str:
                of.guarded("relay", turn.step)
                return of.faults.get("relay", "")

            assert fault() == ""
            topics.put(broker, topic_name, seal_all(log.head(), run_of(topic_name, "a-1", 4, 1))[0].cloud_event())
            until(lambda: "or what follows was forged" in fault())
            assert fault().startswith("fork: ")
            beside.guarded("relay", elsewhere.step)
            assert beside.faults == {}, "who has the turn says it, alone"
            topics.delete(broker, topic_name)
            until(lambda: "there is no topic" in fault())
            declared.make([topic_name])
            until(lambda: fault() == "")
    assert [record.value for record in topics.read(broker, topic_name)] == [recorded.cloud_event() for recorded in sent]
