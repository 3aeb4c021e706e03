"""HTTP/1.1 by httptools, with a limit for request lines and headers, which uvicorn leaves open."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_BYTES = 64 * 1024


class Limited(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not end within 64 KB of what follows their first piece."""

    _unended = -1  # bytes of a message whose headers go on; -1 outside of headers

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
