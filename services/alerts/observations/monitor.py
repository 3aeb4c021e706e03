"""The engine that judges new readings and raises what they come to. A crash sends some commands again, under the same ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from services.alerts.deciders.monitoring.crossing import RecordCrossing
from services.alerts.deciders.monitoring.registers import RaiseStationSilence
from services.alerts.events.crossing import ReadingUsed
from services.alerts.events.registers import StationRegistered
from services.alerts.observations.evaluator import Crossing, Judgement, Threshold, evaluate, thresholds
from services.alerts.observations.readings import Reading
from services.alerts.observations.store import Alarm, ObservationStore, Silence
from shared.eventlog.chain import Cursor
from shared.eventlog.ports import EventFeed
from shared.handling.deciding import RulesFor
from shared.handling.pending import Busy, Pending, Result, fingerprint
from shared.kernel.commands import Command, Signature, derived_id
from shared.kernel.envelope import genesis
from shared.kernel.errors import DomainError

CHUNK = 500
SEEN_AGAIN = 1_000  # events a restart may look at again, none of which registered a station
READINGS, STATIONS = "monitor", "register"
LOOK_EVERY = timedelta(seconds=30)  # for silent stations


class Monitor:
    """One step judges a chunk of new readings and submits its crossings; the next, once all are decided, moves on."""

    def __init__(
        self, store: ObservationStore, rules_for: RulesFor, submit: Callable[[Pending], None], clock: Callable[[], datetime]
    ) -> None:
        self._store, self._rules_for, self._submit, self._clock = store, rules_for, submit, clock
        self._cursor, _ = store.cursor(READINGS)
        self._target: int | None = None
        self._waiting: set[str] = set()
        self._failed = False
        self._looked: datetime | None = None
        self._raised: set[tuple[str, datetime]] = set()

    def step(self) -> bool:
        """False when idle, or waiting for what was submitted."""
        if self._target is not None:
            return self._settle()
        batch = self._store.since(self._cursor, CHUNK)
        if not batch:
            return self._look()
        by_station: dict[str, list[Reading]] = defaultdict(list)
        for _, reading in batch:
            by_station[reading.station].append(reading)
        commands = [command for readings in by_station.values() for command in self._judge(readings)]
        self._failed = False
        for command in commands:
            self._send(command.crossing, command)
        self._target = batch[-1][0]  # last: what failed before is judged again
        return True

    def close(self) -> None:
        """The store is the service's."""

    def _settle(self) -> bool:
        if self._waiting:
            return False
        assert self._target is not None
        target, self._target = self._target, None
        if not self._failed:
            self._store.save_cursor(READINGS, target)
            self._cursor = target
        return True

    def _judge(self, fresh: list[Reading]) -> list[RecordCrossing]:
        """Everything the new readings of one station can have changed: instants up to the longest window after them."""
        now, division = self._clock(), self._store.division(fresh[0].station)
        rules = thresholds(self._rules_for(division, now, None).value("alert.thresholds"))
        first, judgement = judged(self._store, fresh, rules)
        crossings = [crossing for crossing in judgement.crossings if crossing.until >= first]
        self._store.judged(
            [_alarm(crossing) for crossing in crossings],
            [(repeat.station, repeat.hazard, repeat.at) for repeat in judgement.repeats if repeat.at >= first],
        )
        by = Signature("SYS.MONITOR", ("SYS",), division)
        return [_record(crossing, by, now) for crossing in crossings]

    def _look(self) -> bool:
        now = self._clock()
        if self._looked is not None and timedelta(0) <= now - self._looked < LOOK_EVERY:
            return False
        self._looked = now
        factor = int(self._rules_for(None, now, None).value("station.silence_factor"))
        fresh = [silence for silence in self._store.silent(now, factor) if (silence.station, silence.last_heard) not in self._raised]
        for silence in fresh:
            self._raised.add((silence.station, silence.last_heard))
            self._send(derived_id("silence", silence.station, silence.last_heard.isoformat()).hex, _silence(silence, now))
        return bool(fresh)

    def _send(self, key: str, command: Command) -> None:
        name = type(command).__name__
        pending = Pending(
            id=derived_id(name, key),
            command=command,
            fingerprint=fingerprint(name, key.encode()),  # a later reading may change the sum, not what was crossed
            done=lambda result: self._decided(key, command, result),
            derived=True,
        )
        self._waiting.add(key)
        try:
            self._submit(pending)
        except BaseException as trouble:
            self._decided(key, command, trouble)
            if not isinstance(trouble, Busy):
                raise

    def _decided(self, key: str, command: Command, result: Result) -> None:
        if isinstance(result, BaseException) and not isinstance(result, DomainError):
            self._failed = True  # storage or a full queue: the chunk is judged again
            if isinstance(command, RaiseStationSilence):
                self._raised.discard((command.station, command.last_heard))
        self._waiting.discard(key)


class StationWatch:
    """Follows the log for registered stations: the store then knows where they are and whom to expect. Its cursor lies there too."""

    def __init__(self, store: ObservationStore, feed: EventFeed, *, expects: bool = True) -> None:
        """In a drill nobody expects readings: the stations are real, and what they measure does not come here."""
        self._store, self._feed, self._expects = store, feed, expects
        position, chain = store.cursor(STATIONS)
        self._cursor = Cursor(position, chain or genesis(feed.name))
        self._saved = position

    def step(self) -> bool:
        """Read on; False when there was nothing new."""
        cursor = Cursor(self._cursor.position, self._cursor.chain)
        batch = cursor.follow(self._feed.read(cursor.position, CHUNK))
        for recorded in batch:
            if recorded.type == "alerts.station.registered.v1":
                event: StationRegistered = recorded.event
                self._store.enroll(event.station, event.entry.division)
                if self._expects:
                    self._store.expect(event.station, event.entry.division, event.entry.interval_minutes, event.at)
        found = any(recorded.type == "alerts.station.registered.v1" for recorded in batch)
        if found or cursor.position - self._saved >= SEEN_AGAIN:  # each time would be a commit for every commit of the log
            self._store.save_cursor(STATIONS, cursor.position, cursor.chain)
            self._saved = cursor.position
        self._cursor = cursor  # last: what could not be stored is read again
        return bool(batch)

    def close(self) -> None:
        """The store is the service's."""


def judged(store: ObservationStore, fresh: Iterable[Reading], rules: tuple[Threshold, ...]) -> tuple[datetime, Judgement]:
    """Judge a station around its new readings; also the instant before which nothing can have changed."""
    times = [reading.at for reading in fresh]
    station = next(iter(fresh)).station
    longest = max((rule.window for rule in rules), default=timedelta(0))
    # An instant is a repeat of one up to a window before it, which itself rests on readings up to a window before that.
    return min(times), evaluate(store.between(station, min(times) - 2 * longest, max(times) + longest), rules)


def crossing_id(crossing: Crossing) -> str:
    """Follows from rule, station and window."""
    return derived_id("crossing", crossing.threshold.rule, crossing.station, crossing.until.timestamp()).hex


def _alarm(crossing: Crossing) -> Alarm:
    threshold = crossing.threshold
    return Alarm(crossing_id(crossing), crossing.station, threshold.hazard, threshold.colour.value, crossing.until)


def _record(crossing: Crossing, by: Signature, now: datetime) -> RecordCrossing:
    threshold = crossing.threshold
    return RecordCrossing(
        by=by,
        now=now,
        crossing=crossing_id(crossing),
        station=crossing.station,
        rule=threshold.rule,
        hazard=threshold.hazard,
        colour=threshold.colour,
        number=threshold.colour.number,
        property=threshold.limit.property,
        hours=threshold.hours,
        limit=threshold.limit.limit,
        value=crossing.value,
        since=crossing.until - threshold.window,
        until=crossing.until,
        readings=tuple(ReadingUsed(r.observation, r.at, r.hours, r.value) for r in crossing.readings),
    )


def _silence(silence: Silence, now: datetime) -> RaiseStationSilence:
    by = Signature("SYS.MONITOR", ("SYS",), silence.division)
    return RaiseStationSilence(by=by, now=now, station=silence.station, last_heard=silence.last_heard, expected_by=silence.expected_by)
