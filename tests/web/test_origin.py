"""Behind a proxy that ends TLS a session is for the public address: its cookie is Secure, and changes come from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request

from shared.web.origin import Proxied, Published
from shared.web.principals import Principals
from shared.web.problems import install
from shared.web.session import COOKIE, Links, from_cookie, routes

PUBLIC = "https://ortoo.example:8443"


class Asked(NamedTuple):
    """Sends a request, and what signs it."""

    ask: Callable[..., httpx.Response]
    token: str
    code: str

    def __call__(self, *request: str, **headers: str) -> httpx.Response:
        return self.ask(*request, **headers)


@pytest.fixture
def asked(tmp_path):
    """What the app answers, as the proxy passes a request on: over http, with the browser's Host."""
    principals, links, app = Principals(tmp_path / "node.pem"), Links(), FastAPI()
    app.include_router(routes(links))
    install(app)

    @app.post("/change")
    async def change(request: Request) -> dict[str, str]:
        by = from_cookie(request, principals)
        return {"by": by.actor if by else ""}

    def ask(method: str, path: str, host: str, **headers: str) -> httpx.Response:
        async def asking() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(Published(app, PUBLIC)), base_url="http://front") as http:
                return await http.request(method, path, headers={"Host": host, **headers})

        return anyio.run(asking)

    token = principals.mint("DUTY.1", ("EMD.duty",), "150000")
    return Asked(ask, token, links.make(token))


def test_a_change_from_the_public_address_is_taken_and_none_from_elsewhere(asked):
    cookie = f"{COOKIE}={asked.token}"
    for host, origin, taken in (
        ("ortoo.example:8443", PUBLIC, True),
        ("ortoo.example:8443", "http://ortoo.example:8443", False),
        ("ortoo.example:8443", "https://evil.example", False),
        ("127.0.0.1:8000", "http://127.0.0.1:8000", True),  # at the machine itself
    ):
        answer = asked("POST", "/change", host, Cookie=cookie, Origin=origin)
        assert answer.status_code == (200 if taken else 403), (host, origin)


@pytest.mark.parametrize(("host", "secure"), [("ortoo.example:8443", True), ("127.0.0.1:8000", False)])
def test_the_cookie_goes_over_tls_alone_where_there_is_tls(asked, host, secure):
    answer = asked("GET", f"/enter/{asked.code}", host)
    assert ("Secure" in answer.headers["set-cookie"]) == secure and "HttpOnly" in answer.headers["set-cookie"]


def test_only_our_own_proxy_says_who_calls():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"])

    for headers in ([(b"ortoo-client", b"192.0.2.7")], [], [(b"x-forwarded-for", b"192.0.2.8")]):
        anyio.run(Proxied(app), {"type": "http", "headers": headers, "client": ("10.0.0.2", 4711)}, None, None)
    assert seen == [("192.0.2.7", 0), ("10.0.0.2", 4711), ("10.0.0.2", 4711)]
