"""HTTP/1.1 by httptools: with a limit for request lines and headers, which uvicorn leaves open, and an answer in one piece."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_BYTES = 64 * 1024
AT_ONCE = 64 * 1024  # bytes of an answer that are no longer gathered: from there on who reads slowly is felt at once


class Limited(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not end within 64 KB of what follows their first piece."""

    _unended = -1  # bytes of a message whose headers go on; -1 outside of headers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._whole = Whole(cast(asyncio.Transport, transport), self.loop)
        super().connection_made(cast(asyncio.Transport, self._whole))

    def eof_received(self) -> None:
        self._whole.send()  # the event loop closes the line itself; what was answered to its last request goes before
        super().eof_received()

    def on_message_begin(self) -> None:
        self._unended = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._unended = -1
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        went_on = self._unended >= 0  # else the piece may hold the end of an earlier body, which does not count
        super().data_received(data)
        if went_on and self._unended >= 0:
            self._unended += len(data)
            if self._unended > HEADER_BYTES and not self.transport.is_closing():
                self.send_400_response("Request line and headers are larger than 64 KB")


class Whole:
    """A transport that sends what is written in one turn of the event loop in one piece: uvicorn writes headers and body one after the
    other, and of a small answer each costs the system as much as both together."""

    __slots__ = ("_bytes", "_loop", "_transport", "_waiting")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._waiting: list[bytes] = []
        self._bytes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self.send)
        self._waiting.append(data)
        self._bytes += len(data)
        if self._bytes > AT_ONCE:
            self.send()

    def close(self) -> None:
        self.send()
        self._transport.close()

    def send(self) -> None:
        """Send what waits; to nobody when the other end is gone."""
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        if waiting and not self._transport.is_closing():
            self._transport.write(b"".join(waiting))
