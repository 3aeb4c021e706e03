"""The addresses of a process and of who calls it: what our own proxy and settings say of them, and nobody else's word."""

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


class Proxied:
    """Behind our own proxy, which overwrites what a client sends under this name: who calls is whom it names."""

    HEADER = b"ortoo-client"

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            named = next((value for name, value in scope["headers"] if name == self.HEADER), b"")
            if named:
                scope = {**scope, "client": (named.decode("latin-1"), 0)}
        await self._app(scope, receive, send)
