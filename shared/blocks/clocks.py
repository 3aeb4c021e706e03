"""Deadlines that run on one stream: started, met, stopped, missed. The due times are stored, so that no rule is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline. `key` names it on its stream, `rule` is the row of the catalogue (domain 2.17) it rests on."""

    key: str
    rule: str
    since: datetime  # the moment of knowledge, or whatever the rule counts from
    due_at: datetime
    amber_at: datetime | None = None  # from when it is shown as pressing


@dataclass(frozen=True, slots=True)
class Running:
    """What became of a deadline; `ended` is None while it runs."""

    due: Due
    ended: datetime | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Clocks:
    """Deadlines by key. Meeting or missing one twice, or one that never ran, changes nothing."""

    by_key: Mapping[str, Running] = field(default_factory=dict)

    def start(self, *dues: Due) -> Clocks:
        """These run; one of the same key begins anew."""
        return Clocks({**self.by_key, **{due.key: Running(due) for due in dues}}) if dues else self

    def end(self, at: datetime, *keys: str) -> Clocks:
        """Met, or no longer needed."""
        ended = {key: replace(self.by_key[key], ended=at) for key in keys if self.runs(key)}
        return Clocks({**self.by_key, **ended}) if ended else self

    def miss(self, key: str) -> Clocks:
        """Told that it was missed. It runs on: what is late is still owed."""
        return Clocks({**self.by_key, key: replace(self.by_key[key], missed=True)}) if self.runs(key) else self

    def runs(self, key: str) -> bool:
        running = self.by_key.get(key)
        return running is not None and running.ended is None

    def get(self, key: str) -> Due | None:
        running = self.by_key.get(key)
        return running.due if running else None

    def open(self) -> tuple[Due, ...]:
        """The deadlines that run, oldest first."""
        return tuple(running.due for running in self.by_key.values() if running.ended is None)

    def passed(self, key: str, now: datetime) -> Due | None:
        """The deadline, when it runs, has passed and nobody was told yet: what is escalated, once."""
        running = self.by_key.get(key)
        untold = running is not None and running.ended is None and not running.missed
        return running.due if running and untold and now >= running.due.due_at else None

    def late(self, key: str, at: datetime) -> timedelta | None:
        """By how much `at` is after the deadline; None when it is in time or no such deadline runs."""
        due = self.get(key)
        return at - due.due_at if due and at > due.due_at else None


STILL = Clocks()
