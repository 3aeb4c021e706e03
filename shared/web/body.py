"""Bodies have a limit, and every answer says that it is not to be sniffed or framed (pure ASGI: no cost per chunk)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.errors import Failure
from shared.web.problems import problem_response

LIMIT = 1024 * 1024
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
]


def _page(limit: int) -> str:
    """For whoever sent a form: a browser that goes back still has what was typed."""
    most = f"{limit / 1_000_000:.0f} MB"
    return (
        '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>文件过大</title>'
        f"<h1>文件过大</h1><p>一次最多 {most}。请在浏览器中返回，已填写的内容仍在，换较小的文件后再提交。</p>"
        f'<p lang="en">Too large: at most {most} at once. Go back in your browser, what you typed is still there; choose smaller files.</p>'
    )


class Bodies:
    """Refuses bodies over their limit (413), counted also when no length was announced."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, int]) -> None:
        self._app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], LIMIT)
        seen = 0

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > limit:
            failure = Failure("limit.body", f"send at most {limit} bytes at once")
            page = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
            refused: Response = HTMLResponse(_page(limit), 413) if page else problem_response(413, "too_large", [failure])
            await refused(scope, receive, hardened)
            return

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413, f"send at most {limit} bytes at once")
            return message

        await self._app(scope, counted, hardened)
