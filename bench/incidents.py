"""A command centre under load: incidents, reports and orders with every policy, timer and reader on, and live streams by jurisdiction."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import msgspec

from bench import load, serving
from bench.figures import Figure, Scale, folder
from bench.http import NOOP, Drafts, post
from bench.serving import Server

OPEN, RATE, LISTENERS = 200, 300, 50
BOARD = 1_000  # open incidents on one board
CLOCKS = 10_000  # deadlines that run; each incident brings three
BANNERS = ("150722", "150721")  # half of the work and half of the listeners each
IDLE_S = 10
TEXT = "水库溃坝，下游道路中断，群众正在转移"


def run(scale: Scale) -> list[Figure]:
    """Open loop over incidents that are open, then the board of many, then deadlines that only run."""
    seconds, answers, heard = scale.of(10, 2), [], []
    with folder() as place, serving.node(place) as ours, NOOP() as noop:
        work, drafts = Work(place), Drafts(serving.token(place))
        registered(ours, work, OPEN)
        everything = LISTENERS // 2 * RATE * seconds  # each banner hears of its half
        for _ in range(scale.runs):
            report = load.by_clock(ours.port, work.mixed(RATE * seconds), RATE, work.streams(LISTENERS), everything)
            bare = load.by_clock(noop.port, drafts.requests(RATE * seconds), RATE)
            assert set(report["statuses"]) == {"201"}, report
            assert report["heard"] == everything, f"{report['heard']} of {everything} events arrived"
            answers.append((report["p99_ms"], bare["p99_ms"]))
            heard.append(report["heard_p99_ms"])
    with folder() as place, serving.node(place) as ours:
        work = Work(place)
        registered(ours, work, scale.of(BOARD, 60))
        took = boards(ours, work, scale)
        registered(ours, work, scale.of(CLOCKS // 3 - BOARD + 1, 20))
        idle = resting(ours, scale.of(IDLE_S, 2))
    return [
        Figure(
            f"p99 of an answer at {RATE} mixed commands/s on {OPEN} incidents, {LISTENERS} streams by jurisdiction",
            "ms",
            median(own for own, _ in answers),
            median(bare for _, bare in answers),
            "ours <= 150",
        ),
        Figure("p99 from command to live stream, same run", "ms", median(heard), None, "ours <= 300"),
        Figure(f"board of {scale.of(BOARD, 60):,} open incidents", "ms", took, None, "ours <= 50"),
        Figure(f"{scale.of(CLOCKS, 240):,} running deadlines, nothing else", "CPU seconds per second", idle, None, "ours <= 0.05"),
    ]


class Work:
    """Requests of two duty rooms."""

    def __init__(self, place: Path) -> None:
        self.tokens = {banner: serving.token(place, ("EMD.duty", "EMD.officer", "HQ", "GOV"), banner) for banner in BANNERS}
        self._numbers = count(1)
        self._open: dict[str, list[str]] = {banner: [] for banner in BANNERS}

    def streams(self, number: int) -> list[bytes]:
        """Requests for the live events that each banner may see."""
        return [
            f"GET /api/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.tokens[BANNERS[n % 2]]}\r\n\r\n".encode()
            for n in range(number)
        ]

    def incidents(self, number: int) -> list[bytes]:
        """Registrations; the work that follows is about them."""
        made = []
        for n, banner in zip(range(number), self._turns(), strict=False):
            incident = f"INC-{next(self._numbers)}-{n}"
            self._open[banner].append(incident)
            made.append(self._incident(banner, incident))
        return made

    def mixed(self, number: int) -> list[bytes]:
        """Two reports, an order and a new incident in turn, each with an id of its own."""
        made = []
        for n, banner in zip(range(number), self._turns(), strict=False):
            key, incident = f"{next(self._numbers):08}", self._open[banner][n // 2 % len(self._open[banner])]
            kind = n // 2 % 4
            if kind == 0:
                made.append(self._incident(banner, f"IN-{key}"))
            elif kind == 1:
                made.append(self._post(banner, "orders", self._order(banner, f"OR-{key}", incident)))
            else:
                told = {"kind": "FIRST", "to": "150700", "incident": incident, "known_at": _now()}
                made.append(self._post(banner, f"reports/RP-{key}/hops", told))
        return made

    def _turns(self) -> Iterator[str]:
        while True:
            yield from BANNERS

    def _incident(self, banner: str, incident: str) -> bytes:
        said = {"incident": incident, "type": "NAT.DAM", "division": banner, "known_at": _now(), "separate": "another dam", "text": TEXT}
        return self._post(banner, "incidents", said)

    def _order(self, banner: str, order: str, incident: str) -> Mapping[str, Any]:
        said = {
            "order": order,
            "incident": incident,
            "measure_type": "close road",
            "basis": "ERL-73",
            "executor": "B.ICP",
            "areas": [banner],
        }
        due = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
        ends = {"feedback": "hourly", "end_condition": "water below the road", "remedy": "notice 1"}
        return {**said, **ends, "areas": [banner], "due": due, "text": TEXT}

    def _post(self, banner: str, where: str, said: Mapping[str, Any]) -> bytes:
        return post(f"/api/alerts/{where}", self.tokens[banner], msgspec.json.encode(said), "application/json")


def registered(server: Server, work: Work, number: int) -> None:
    """So many more open incidents."""
    report = load.closed(server.port, work.incidents(number), 16)
    assert set(report["statuses"]) == {"201"}, report


def boards(server: Server, work: Work, scale: Scale) -> float:
    """Milliseconds of a board's answer, the slower of the two banners' medians."""
    took = []
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as http:
        for token in work.tokens.values():
            times = []
            for _ in range(scale.of(30, 5)):
                began = time.perf_counter()
                answer = http.get("/api/alerts/board", headers={"Authorization": f"Bearer {token}"})
                times.append(1000 * (time.perf_counter() - began))
                assert answer.status_code == 200, answer.text
            took.append(median(times))
    return max(took)


def resting(server: Server, seconds: int) -> float:
    """Share of a core while nothing is asked, after what was set off has settled."""
    before = server.cpu()
    while True:
        time.sleep(1)
        now = server.cpu()
        if now - before < 0.2:
            break
        before = now
    began, before = time.perf_counter(), server.cpu()
    time.sleep(seconds)
    return (server.cpu() - before) / (time.perf_counter() - began)


def _now() -> str:
    return datetime.now(UTC).isoformat()
