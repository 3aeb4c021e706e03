"""The address people reach a process by: only it is https when something before us ends TLS, and nobody's word is taken for it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send


class Published:
    """Requests for the host of the public URL came over its scheme, whatever they come over from the proxy on."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        told = urlsplit(public_url)
        self._app, self._scheme, self._host = app, told.scheme, told.netloc.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (b"host", self._host) in scope["headers"]:
            scope = {**scope, "scheme": self._scheme}
        await self._app(scope, receive, send)
