"""Many live streams in a process of its own: counts what each client gets.

`python -m bench.listening PORT CLIENTS EVENTS [RECORD]`: says `ready` once all streams are open, then, when every client has so many
events or nothing came for three seconds, how many each got, as JSON. The request is read from standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import uvloop

MARK = b"\ndata: "


class Client(asyncio.Protocol):
    """One stream; counts across the borders of what arrives together."""

    def __init__(self, request: bytes, opened: asyncio.Semaphore, record: bool) -> None:
        self._request, self._opened, self._tail, self._open = request, opened, b"", False
        self.events, self.record, self.lost = 0, bytearray() if record else None, False

    def connection_made(self, transport: Any) -> None:
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        data = self._tail + data
        if not self._open and b": stream open" in data:
            self._open = True
            self._opened.release()
        self.events += data.count(MARK)
        if self.record is not None:
            self.record += data[len(self._tail) :]
        self._tail = data[1 - len(MARK) :]

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True


async def listen(port: int, number: int, events: int, request: bytes, record: Path | None) -> None:
    loop, opened = asyncio.get_running_loop(), asyncio.Semaphore(0)
    clients = [Client(request, opened, record is not None and n == 0) for n in range(number)]
    transports = []
    for client in clients:
        transports.append((await loop.create_connection(lambda client=client: client, "127.0.0.1", port))[0])  # type: ignore[misc]
    for _ in clients:
        await opened.acquire()
    print("ready", flush=True)
    before, still = -1, 0
    while min(client.events for client in clients) < events and still < 30:
        await asyncio.sleep(0.1)
        now = sum(client.events for client in clients)
        still, before = (still + 1 if now == before and now else 0), now
    print(json.dumps({"events": [client.events for client in clients], "lost": sum(client.lost for client in clients)}), flush=True)
    if record is not None and clients[0].record is not None:
        record.write_bytes(bytes(clients[0].record))
    for transport in transports:
        transport.close()


if __name__ == "__main__":
    _port, _number, _events, *_record = sys.argv[1:]
    uvloop.run(listen(int(_port), int(_number), int(_events), sys.stdin.buffer.read(), Path(_record[0]) if _record else None))
