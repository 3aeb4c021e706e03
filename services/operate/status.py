"""`ortoo cluster status`: each process by its own word, who has which turn, and how far each reader of each log is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import httpx

from services.operate.lag import lags
from services.operate.places import FILTER, Servers
from shared.sql.postgres import holder
from shared.sql.sessions import dial, settings

OF_A_PROCESS = re.compile(r"ortoo (?P<name>.+) (?P<address>\S+:\d+)")  # as a process calls its sessions
ASK_S = 5.0


@dataclass(frozen=True, slots=True)
class State:
    """One line, and whether all is well with what it tells."""

    words: str
    well: bool


def states(place: Servers, now: datetime, expected: Iterable[str], feeds: Iterable[str]) -> Iterator[State]:
    """Every process that has a session with a database reached from here, the names that none has, the turns, also those of the feed
    logs, then every reader of every log.
    """
    for service, why in place.refused.items():
        yield State(f"the database of {service} is not reached: {why}", False)
    found = sorted({told for dsn in place.databases.values() for told in _processes(dsn)})
    with httpx.Client(timeout=ASK_S) as http:
        for name, address in found:
            wrong = _asked(http, address)
            yield State(f"{name:<20} {address:<24} {wrong or 'ready'}", wrong is None)
    borne = {name for name, _ in found}
    for name in expected:
        if name not in borne:
            yield State(f"{name:<20} does not run: no such process has a session with these databases", False)
    for dsn, turn in _turns(place, feeds):
        who = holder(dsn, turn)
        yield State(f"{turn:<20} {who.removeprefix('ortoo ') if who else 'nobody has this turn'}", who is not None)
    for lag in lags(place, now):
        yield State(lag.line(), True)  # being behind is no fault: who is held up says so above


def _turns(place: Servers, feeds: Iterable[str]) -> Iterator[tuple[str, str]]:
    """With the address of the database where each is taken."""
    for home in place.homes():
        for engine in ("reactor", "relay"):
            yield place.databases[home.service.name], f"{home.log_name} {engine}"
    if (dsn := place.databases.get(FILTER)) is not None:
        for log in feeds:
            for engine in ("filter", "relay"):
                yield dsn, f"{log} {engine}"


def _processes(dsn: str) -> list[tuple[str, str]]:
    asked = "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'ortoo %'"
    with closing(dial(dsn, settings("public", read_only=True))) as db:
        named = [OF_A_PROCESS.fullmatch(row[0]) for row in db.execute(asked).fetchall()]
    return [(found["name"], found["address"]) for found in named if found]


def _asked(http: httpx.Client, address: str) -> str | None:
    """What is wrong with a process; None when it says that nothing is."""
    try:
        answer = http.get(f"http://{address}/health/ready")
        if answer.status_code == 200:
            return None
        return "; ".join(f"{failure['rule']}: {failure['cure']}" for failure in answer.json()["failures"])
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return f"does not answer: {type(error).__name__}"
