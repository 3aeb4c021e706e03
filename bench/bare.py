"""A bare asyncio socket writer: every 50 ms the same bytes to every connection. The raw limit of live streams."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import uvloop

GATHER_S = 0.05
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: stream open\n\n"


class Out(asyncio.Protocol):
    """A client; anything it sends starts its stream."""

    def __init__(self, everybody: set[Any]) -> None:
        self._everybody = everybody

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(HEAD)
        self._everybody.add(self.transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._everybody.discard(self.transport)


async def serve(file: Path, clients: int) -> None:
    """Wait for all clients, then write the events of a recorded stream at the rate of the record: so many to each gathering."""
    loop = asyncio.get_running_loop()
    everybody: set[Any] = set()
    await loop.create_server(lambda: Out(everybody), "127.0.0.1", int(os.environ["ORTOO_PORT"]), backlog=2048)
    while True:
        if len(everybody) < clients:
            await asyncio.sleep(0.05)
            continue
        await asyncio.sleep(1)  # opening the streams is over, and counted for neither side
        events = file.read_bytes().split(b"\n\n")[:-1]
        due = loop.time()
        for start in range(0, len(events), 5):
            body = b"".join([event + b"\n\n" for event in events[start : start + 5]])
            for transport in everybody:
                transport.write(body)
            due += GATHER_S
            await asyncio.sleep(max(0.0, due - loop.time()))
        while everybody:
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
