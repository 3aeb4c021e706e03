"""Browsers: a one-time link sets a session cookie. The cookie is a token; unsafe requests must come from our own pages."""

from __future__ import annotations

import secrets
import time

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.kernel.commands import Signature
from shared.kernel.errors import Failure, NotAllowed
from shared.kernel.realm import REAL
from shared.web.principals import LIFETIME_S, Principals
from shared.web.problems import Unauthenticated

COOKIE = "ortoo_session"
LINK_S = 15 * 60
LAPSED = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>驿站 Ortoo</title><h1>此链接已用过或已失效</h1><p>重新启动节点即可得到新的链接。
<p lang="en">This link was used or has lapsed. Start the node again for a new one.<p><a href="/">驿站 Ortoo</a></html>"""


class Links:
    """One-time links: a code works once, for a quarter of an hour, and is never stored."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[float, str]] = {}

    def make(self, token: str) -> str:
        code = secrets.token_urlsafe(24)
        self._codes[code] = (time.monotonic() + LINK_S, token)
        return code

    def take(self, code: str) -> str | None:
        until, token = self._codes.pop(code, (0.0, ""))
        return token if until > time.monotonic() else None


def from_cookie(request: Request, principals: Principals) -> Signature | None:
    """The signature of a session cookie. A request that changes something must carry our own Origin (CSRF)."""
    token = request.cookies.get(cookie_of(principals.realm))
    if not token:
        return None
    if request.method not in ("GET", "HEAD", "OPTIONS") and not _same_origin(request):
        raise NotAllowed(Failure("session.origin", "a change by session cookie must come from this node's own page"))
    try:
        return principals.verify(token)
    except Unauthenticated:
        return None  # a lapsed session sees what anybody sees


def _same_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is not None and origin == f"{request.url.scheme}://{request.headers.get('host')}"


def cookie_of(realm: str) -> str:
    """Cookies know no ports: who looks at a drill beside the real node stays signed in to both."""
    return COOKIE if realm == REAL else f"{COOKIE}_{realm}"


def routes(links: Links, realm: str = REAL) -> APIRouter:
    """`/enter/<code>` and `/leave`."""
    cookie = cookie_of(realm)
    router = APIRouter(include_in_schema=False)

    @router.get("/enter/{code}")
    async def enter(code: str, request: Request) -> Response:
        token = links.take(code)
        if token is None:
            return HTMLResponse(LAPSED, 401)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(cookie, token, max_age=LIFETIME_S, httponly=True, samesite="strict", secure=request.url.scheme == "https")
        return answer

    @router.get("/leave")
    async def leave() -> Response:
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(cookie)
        return answer

    return router
