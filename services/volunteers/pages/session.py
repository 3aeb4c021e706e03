"""Who opened their own page with number and code: for twenty minutes, in one browser, until the code is replaced."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from services.volunteers.pages.registering import cookie_name, give_cookie
from services.volunteers.reception.desk import Desk
from shared.web.host import Host

COOKIE = "ortoo_volunteer"


class Sessions:
    """Sealed in a cookie; nothing of it is stored here."""

    def __init__(self, host: Host, desk: Desk) -> None:
        self._host, self._desk = host, desk

    def open(self, answer: Response, request: Request, volunteer: str) -> None:
        """From now on this browser may."""
        minutes: int = self._host.directory.rules_for(None, self._host.now(), None).value("registration.session")
        until = str(int((self._host.now() + timedelta(minutes=minutes)).timestamp()))
        value = f"{volunteer}~{until}~{self._seal(volunteer, until)}"
        give_cookie(answer, self._host, request, COOKIE, value, minutes * 60)

    def of(self, request: Request) -> str | None:
        """Whose page this browser may see; None when it was closed."""
        volunteer, _, rest = self._carried(request).partition("~")
        until, _, seal = rest.partition("~")
        if not (until.isascii() and until.isdigit() and len(until) < 12 and int(until) > self._host.now().timestamp()):
            return None
        return volunteer if self._desk.forms.sealed(seal, *self._parts(volunteer, until)) else None

    def token(self, request: Request) -> str:
        """What forms of the own page carry, so that no other page's form passes for them."""
        return self._desk.forms.seal("act", self._carried(request))

    def ours(self, request: Request, token: str) -> bool:
        return self._desk.forms.sealed(token, "act", self._carried(request))

    def close(self, answer: Response) -> None:
        answer.delete_cookie(cookie_name(self._host, COOKIE), path="/volunteer")

    def _carried(self, request: Request) -> str:
        return request.cookies.get(cookie_name(self._host, COOKIE), "")[:300]

    def _seal(self, volunteer: str, until: str) -> str:
        return self._desk.forms.seal(*self._parts(volunteer, until))

    def _parts(self, volunteer: str, until: str) -> tuple[str, ...]:
        return ("session", volunteer, until, self._desk.codes.current(volunteer).hex())
