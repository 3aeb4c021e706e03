"""Measuring stations (ERL art. 58): registered, and missed when they fall silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from services.alerts.deciders.monitoring.registers import RaiseStationSilence, RegisterStation
from services.alerts.events.registers import Station, StationEvent, StationRegistered, StationSilent
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

A_YEAR = 366 * 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Watched:
    """A station and the last silence an alarm was raised for."""

    entry: Station | None = None
    silent_since: datetime | None = None


def decide(command: RegisterStation | RaiseStationSilence, station: Watched, rules: Rules) -> Sequence[StationEvent]:
    """Facts that follow; one alarm per silence."""
    match command:
        case RegisterStation():
            refuse_all(RuleBroken, _nonsense(command))
            entry = Station(command.division, command.properties, command.interval_minutes, command.lon, command.lat)
            return [] if entry == station.entry else [StationRegistered(command.station, entry, command.now)]
        case RaiseStationSilence(last_heard=last_heard):
            if station.silent_since is not None and last_heard <= station.silent_since:
                return []
            division = station.entry.division if station.entry else None
            return [StationSilent(command.station, last_heard, command.expected_by, division, command.now)]
        case _:
            assert_never(command)


def evolve(station: Watched, event: StationEvent) -> Watched:
    """The station after the event."""
    match event:
        case StationRegistered(entry=entry):
            return replace(station, entry=entry)
        case StationSilent(last_heard=last_heard):
            return replace(station, silent_since=last_heard)
        case _:
            assert_never(event)


def about(station: Watched) -> About:
    """Internal to the organs of the own chain."""
    return About(station.entry.division if station.entry else None)


def _nonsense(command: RegisterStation) -> list[Failure]:
    failures = []
    if command.interval_minutes is not None and not 1 <= command.interval_minutes <= A_YEAR:
        failures.append(Failure("ERL-58", f"interval_minutes is 1 to {A_YEAR} (a year)", "interval_minutes"))
    if (command.lon is None) != (command.lat is None):
        failures.append(Failure("ERL-58", "lon and lat belong together", "lon"))
    elif command.lon is not None and command.lat is not None and not (abs(command.lon) <= 180 and abs(command.lat) <= 90):
        failures.append(Failure("ERL-58", "lon is within 180, lat within 90 degrees", "lon"))
    return failures


STATION = Decider(
    category="station",
    initial=Watched(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        RegisterStation: Handles(lambda c: (f"station-{c.station}",), areas=lambda c: (c.division,), creates=True),
        RaiseStationSilence: Handles(lambda c: (f"station-{c.station}",)),
    },
)
