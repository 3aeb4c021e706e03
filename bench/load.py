"""The load: a minimal HTTP/1.1 client in a process of its own, so that it costs the server nothing and is never the bottleneck.

`python -m bench.load PORT closed CLIENTS EACH` sends every request of the pickle on standard input once, each client its next one when
it has its answer; `open RATE LISTENERS` sends them by the clock, the first LISTENERS of them as live streams. The report is JSON on
standard output.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import uvloop

KEY = re.compile(rb"\b[A-Z]{2}-\d{8}\b")  # of what a request makes: it is in the event too
Done = Callable[[int, float], None]
Report = dict[str, Any]


def closed(port: int, requests: list[bytes], clients: int, each: int = 0) -> Report:
    """All requests by so many keep-alive clients at a time; `each`: so many from one address, then another client comes from another."""
    return _run(port, requests, "closed", str(clients), str(each))


def by_clock(port: int, requests: list[bytes], rate: int, streams: Sequence[bytes] = (), expected: int | None = None) -> Report:
    """The requests at a fixed rate, live streams opened by these requests beside; each hears of each request unless `expected` says
    how many arrive together."""
    heard = len(streams) * len(requests) if expected is None else expected
    return _run(port, [*streams, *requests], "open", str(rate), str(len(streams)), str(heard))


def _run(port: int, requests: list[bytes], *how: str) -> Report:
    asked = [sys.executable, "-m", "bench.load", str(port), *how]
    done = subprocess.run(asked, input=pickle.dumps(requests), stdout=subprocess.PIPE, check=True)
    report: Report = json.loads(done.stdout)
    return report


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way at a time."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.done: Done | None = None
        self._buffer, self._began = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self, request: bytes, began: float, done: Done) -> None:
        self.done, self._began = done, began
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer = data = self._buffer + data if self._buffer else data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return
        length = data.lower().find(b"content-length:", 0, end)
        if len(data) < end + 4 + int(data[length + 15 : data.find(b"\r\n", length)]):
            return
        self._buffer, done = b"", self.done
        assert done is not None
        self.done = None
        done(int(data[9:12]), time.perf_counter() - self._began)

    def connection_lost(self, error: Exception | None) -> None:
        if self.done is not None:
            self.done(0, 0.0)


class Listener(asyncio.Protocol):
    """One live stream: when the first event of each key arrived."""

    def __init__(self, request: bytes, opened: Callable[[], None], seen: Callable[[bytes, float], None]) -> None:
        self._request, self._opened, self._seen, self._rest = request, opened, seen, b""
        self._known = set[bytes]()

    def connection_made(self, transport: Any) -> None:
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now, data = time.perf_counter(), self._rest + data
        if b": stream open" in data:
            self._opened()
        cut = data.rfind(b"\n\n") + 1
        for key in set(KEY.findall(data, 0, cut)) - self._known:
            self._known.add(key)
            self._seen(key, now)
        self._rest = data[cut:]


async def run_closed(port: int, requests: list[bytes], clients: int, each: int = 0) -> Report:
    waiting, loop = deque(requests), asyncio.get_running_loop()
    statuses: dict[int, int] = {}
    times: list[float] = []
    finished = loop.create_future()
    number, share = (len(requests) // each + clients, each) if each else (clients, len(requests))
    lines = [(f"127.{1 + n // 62500}.{n // 250 % 250}.{n % 250 + 1}", 0) if each else None for n in range(number)]
    spare = deque([(await loop.create_connection(Connection, "127.0.0.1", port, local_addr=line))[1] for line in lines])
    began = time.perf_counter()

    def next_of(connection: Connection, left: int) -> None:
        def done(status: int, took: float) -> None:
            statuses[status] = statuses.get(status, 0) + 1
            times.append(took)
            if waiting:
                next_of(connection, left - 1) if left > 1 else next_of(spare.popleft(), share)
            elif len(times) == len(requests):
                finished.set_result(None)

        connection.send(waiting.popleft(), time.perf_counter(), done)

    for _ in range(min(clients, number)):
        next_of(spare.popleft(), share)
    await finished
    return _report(statuses, times, time.perf_counter() - began)


async def run_open(port: int, given: list[bytes], rate: int, listeners: int, expected: int) -> Report:
    streams, requests = given[:listeners], given[listeners:]
    loop, statuses, times = asyncio.get_running_loop(), dict[int, int](), list[float]()
    sent: dict[bytes, float] = {}
    heard: list[float] = []
    opened, everything = asyncio.Semaphore(0), loop.create_future()

    def seen(key: bytes, at: float) -> None:
        if key in sent:
            heard.append(at - sent[key])

    for stream in streams:
        await loop.create_connection(partial(Listener, stream, opened.release, seen), "127.0.0.1", port)
    for _ in streams:
        await opened.acquire()
    idle = deque([(await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(200)])

    def back(connection: Connection) -> Done:
        def done(status: int, took: float) -> None:
            statuses[status] = statuses.get(status, 0) + 1
            times.append(took)
            idle.append(connection)
            if len(times) == len(requests):
                everything.set_result(None)

        return done

    began = time.perf_counter() + 0.1
    for n, request in enumerate(requests):
        due = began + n / rate
        if (wait := due - time.perf_counter()) > 0.0005:
            await asyncio.sleep(wait)
        while not idle:  # the wait counts: time runs from when the request was due
            await asyncio.sleep(0.0005)
        if (key := KEY.search(request)) is not None:
            sent[key[0]] = due
        connection = idle.popleft()
        connection.send(request, due, back(connection))
    await everything
    took = time.perf_counter() - began
    deadline = time.perf_counter() + 5
    while len(heard) < expected and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)
    return {**_report(statuses, times, took), "heard": len(heard), "heard_p99_ms": 1000 * _percentile(heard, 0.99)}


def _report(statuses: dict[int, int], times: list[float], took: float) -> Report:
    return {
        "statuses": {str(status): n for status, n in statuses.items()},
        "rate": len(times) / took,
        "p50_ms": 1000 * _percentile(times, 0.5),
        "p99_ms": 1000 * _percentile(times, 0.99),
        "cpu": time.process_time() / took,
    }


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def main() -> None:
    port, how, first, *more = sys.argv[1:]
    requests = pickle.load(sys.stdin.buffer)
    work = (
        run_closed(int(port), requests, int(first), *map(int, more))
        if how == "closed"
        else run_open(int(port), requests, int(first), *map(int, more))
    )
    print(json.dumps(uvloop.run(work)))


if __name__ == "__main__":
    main()
