"""The engine between the observation store and the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as forall
from hypothesis import strategies as st

from services.alerts.deciders.monitoring.crossing import RecordCrossing
from services.alerts.deciders.monitoring.registers import RaiseStationSilence
from services.alerts.events.registers import Station, StationRegistered
from services.alerts.observations.evaluator import evaluate
from services.alerts.observations.monitor import Monitor, StationWatch, crossing_id
from services.alerts.observations.store import ObservationStore
from shared.handling.pending import Answer, Busy, Pending
from shared.kernel.envelope import Recorded, genesis, link
from shared.sql.ports import LogBusy, StorageFailed
from shared.sql.sqlite import File
from tests.alerts.weather import LIMITS, STORY, rain, sets
from tests.alerts.world import RULES, Streams, at

NUMBERS = count()  # hypothesis seeds `random`, so a random name would come again


class Desk:
    """A writer that decides at once, or loses what it is given."""

    def __init__(self) -> None:
        self.streams, self.ids, self.lost, self.busy = Streams(), {}, False, False
        self.now = at("14:00")

    def submit(self, pending: Pending) -> None:
        if self.busy:
            raise Busy
        if self.lost:
            pending.done(RuntimeError("disk full"))
            return
        known = self.ids.setdefault(pending.id, pending.fingerprint)
        assert known == pending.fingerprint, "the same id with another fingerprint"
        self.streams.handle(pending.command)
        pending.done(Answer(command=str(pending.id), position=0))

    def crossings(self) -> list[str]:
        return [f"{event.colour.value} {event.until.astimezone(at('00:00').tzinfo):%H:%M}" for _, event in self.streams.log]


def monitor(store: ObservationStore, desk: Desk) -> Monitor:
    return Monitor(store, lambda division, now, pack: RULES, desk.submit, lambda: desk.now)  # type: ignore[arg-type,return-value]


def run(engine: Any) -> None:
    for _ in range(50):
        if not engine.step():
            return
    raise AssertionError("the engine never rests")


def test_new_readings_become_crossings_once(store):
    desk = Desk()
    engine = monitor(store, desk)
    for reading in STORY:
        store.add([reading], reading.at)
        run(engine)
    assert desk.crossings() == ["yellow 02:00", "orange 05:00"]
    assert isinstance(next(iter(desk.streams.log))[1].value, Decimal)
    run(monitor(store, desk))
    assert len(desk.streams.log) == 2


def test_repeats_are_counted_on_the_alarm_they_repeat(store):
    store.add(STORY, at("14:00"))
    run(monitor(store, Desk()))
    assert [(alarm.colour, alarm.repeats) for alarm in store.alarms()] == [("orange", 1), ("yellow", 0)]


def test_a_crash_before_the_cursor_is_saved_sends_the_same_ids_again(store):
    desk = Desk()
    store.add(STORY, at("14:00"))
    assert monitor(store, desk).step()  # submitted, and gone before it could settle
    run(monitor(store, desk))
    assert desk.crossings() == ["yellow 02:00", "orange 05:00"]


def test_a_late_reading_can_make_a_later_instant_cross(store):
    desk = Desk()
    engine = monitor(store, desk)
    for hour in ("05:00", "04:00"):
        store.add([rain(1, 30, at(hour))], at("05:30"))
        run(engine)
    assert desk.crossings() == ["orange 05:00"]


@pytest.mark.parametrize("trouble", ["lost", "busy"])
def test_what_was_not_stored_is_judged_again(store, trouble):
    desk = Desk()
    engine = monitor(store, desk)
    store.add(STORY, at("14:00"))
    setattr(desk, trouble, True)
    engine.step()
    engine.step()
    assert store.cursor("monitor") == (0, b"")
    setattr(desk, trouble, False)
    run(engine)
    assert desk.crossings() == ["yellow 02:00", "orange 05:00"]


@pytest.mark.parametrize("broken", ["judged", "division", "submit"])
def test_a_failure_while_judging_loses_no_crossing(store, monkeypatch, broken):
    desk = Desk()
    engine = monitor(store, desk)
    store.add([rain(12, 48, at("20:00", 17), station="G-0"), *STORY], at("14:00"))

    def busy(*_: Any) -> None:
        raise LogBusy("database is locked")

    with monkeypatch.context() as patched:
        if broken == "submit":
            engine._submit = busy
        else:
            patched.setattr(store, broken, busy)
        with pytest.raises(LogBusy):
            engine.step()
    engine._submit = desk.submit
    run(engine)
    assert desk.crossings() == ["yellow 02:00", "orange 05:00"]
    assert store.cursor("monitor")[0] == 5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@forall(sets, st.randoms(use_true_random=False))
def test_whatever_order_readings_arrive_in_every_final_crossing_is_recorded(tmp_path, some, chance):
    store = ObservationStore(File(tmp_path / f"{next(NUMBERS)}.db"))
    desk = Desk()
    engine = monitor(store, desk)
    arriving = list(some)
    chance.shuffle(arriving)
    for reading in arriving:
        store.add([reading], reading.at)
        run(engine)
    assert {crossing_id(crossing) for crossing in evaluate(some, LIMITS).crossings} <= {event.crossing for _, event in desk.streams.log}


def test_a_silent_station_raises_one_alarm_for_each_silence(store):
    desk = Desk()
    desk.now = at("03:00")
    desk.streams.past["station-G-1"] = [StationRegistered("G-1", Station("150722", ("rain",), 60), at("00:00"))]
    store.expect("G-1", "150722", 60, at("00:00"))
    engine = monitor(store, desk)
    for minutes in (0, 1, 30):
        desk.now = at("03:00") + timedelta(minutes=minutes)
        run(engine)
    run(monitor(store, desk))
    assert [type(event).__name__ for _, event in desk.streams.log] == ["StationSilent"]
    store.add([rain(1, 0, at("04:00"))], at("04:00"))
    desk.now = at("07:00")
    run(engine)
    assert len(desk.streams.log) == 2


def test_the_monitor_acts_as_the_system_in_the_division_of_the_station(store):
    sent: list[Any] = []
    engine = Monitor(store, lambda division, now, pack: RULES, lambda pending: sent.append(pending.command), lambda: at("14:00"))  # type: ignore[arg-type,return-value]
    store.add(STORY, at("14:00"))
    engine.step()
    assert all(isinstance(command, RecordCrossing | RaiseStationSilence) for command in sent)
    assert {(command.by.roles, command.by.division) for command in sent} == {(("SYS",), "150722")}
    assert not engine.step()  # nothing was answered yet


class Feed:
    """A log of one event."""

    name = "150000.alerts"

    def __init__(self, event: Any, kind: str) -> None:
        record = b'{"type":"x"}'
        recorded = Recorded(1, "station-G-1", 1, kind, record, link(genesis(self.name), record))
        recorded._event = event
        self.events = [recorded]

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return self.events[after:]


def test_the_store_expects_the_stations_the_log_registers(store):
    event = StationRegistered("G-1", Station("150722", ("rain",), 60), at("00:00"))
    watch = StationWatch(store, Feed(event, "alerts.station.registered.v1"))
    assert watch.step()
    assert not watch.step()
    assert [silence.station for silence in store.silent(at("03:00"), 3)] == ["G-1"]
    assert store.cursor("register")[0] == 1


def test_a_station_that_could_not_be_stored_is_read_again(store, monkeypatch):
    event = StationRegistered("G-1", Station("150722", ("rain",), 60), at("00:00"))
    watch, enroll = StationWatch(store, Feed(event, "alerts.station.registered.v1")), store.enroll

    def fails(*_: Any) -> None:
        monkeypatch.setattr(store, "enroll", enroll)
        raise StorageFailed("the disk is full")

    monkeypatch.setattr(store, "enroll", fails)
    with pytest.raises(StorageFailed):
        watch.step()
    assert watch.step()
    assert store.division("G-1") == "150722"


def test_a_station_is_judged_where_the_register_says_it_is(store):
    asked: list[str | None] = []
    sent: list[Any] = []

    def rules_for(division: str | None, now: Any, pack: str | None) -> Any:
        asked.append(division)
        return RULES

    engine = Monitor(store, rules_for, lambda pending: sent.append(pending.command), lambda: at("14:00"))
    store.add([replace(reading, division="150102") for reading in STORY], at("14:00"))
    event = StationRegistered("G-1", Station("150722", ("rain",), 60), at("00:00"))
    StationWatch(store, Feed(event, "alerts.station.registered.v1")).step()
    engine.step()
    assert set(asked) == {"150722"}
    assert {command.by.division for command in sent} == {"150722"}


def test_a_copy_of_what_had_come_in_by_then_is_judged_anew(tmp_path):
    """A drill that begins at a past moment: the window that was open then crosses with what comes next, and what is known counts once."""
    database = File(tmp_path / "real.db")
    real = ObservationStore(database)
    real.add([replace(STORY[0], value=Decimal(49)), STORY[0]], at("20:01", 17))  # the second contradicts the first
    for n, reading in enumerate(STORY[1:], 1):
        real.add([reading], at("14:00") + timedelta(minutes=n))
    run(monitor(real, desk := Desk()))
    drilled = ObservationStore(File(tmp_path / "drill.db"))
    drilled.take(database.look(), at("14:01"))
    assert [reading.value for _, reading in drilled.since(0)] == [Decimal(49), Decimal(55)]
    assert [reading.value for reading in drilled.conflicts()] == [Decimal(48)] and drilled.division("G-1") == "150722"
    run(monitor(drilled, drilling := Desk()))
    before = drilling.crossings()
    assert before == desk.crossings()[: len(before)] != desk.crossings()
    drilled.add(STORY[2:], at("14:04"))
    run(monitor(drilled, drilling))
    assert drilling.crossings() == desk.crossings()
    whole = ObservationStore(File(tmp_path / "whole.db"))
    whole.take(database.look())
    assert whole.since(0) == real.since(0) and whole.add(STORY, at("15:00")).added == 0
