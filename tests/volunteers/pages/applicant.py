"""People who fill in the form without a browser, and the files they hand over. Numbers are made up and well formed."""

from __future__ import annotations

import html
import io
import itertools
import re
from datetime import UTC, datetime, timedelta

import httpx
from PIL import Image

from services.volunteers.pages.rendering import WORDS
from tests.waiting import PATIENCE_S

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_numbers = itertools.count(1)
BEGINS = datetime(2026, 7, 18, tzinfo=UTC)
AGREED = {"risk_text": "1", "notice": "register/2", "consent": "yes", "separate_consent": "yes"}


def id_number(born: str = "19900521", area: str = "150722") -> str:
    """A well-formed number that nobody else in these tests has."""
    base = f"{area}{born}{next(_numbers):03}"
    return base + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(base, _WEIGHTS, strict=True)) % 11]


def person(**changed: str | list[str]) -> dict[str, str | list[str]]:
    """A registration in order."""
    n = next(_numbers)
    return {
        "name": f"Test Person {n}",
        "document": "resident",
        "id_number": id_number(),
        "phone": f"138 0013 {n:04}",
        "place": "150722",
        "languages": ["zh", "mn"],
        "skills": ["boat"],
        **AGREED,
        **changed,
    }


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **more) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (120, 80, 40)).save(made, kind, **more)
    return made.getvalue()


def somewhere(url: str, **more) -> httpx.Client:
    """A client at an address of its own: the whole of 127/8 is this machine."""
    n = next(_numbers)
    return httpx.Client(
        base_url=url, timeout=PATIENCE_S, transport=httpx.HTTPTransport(local_address=f"127.1.{n // 250}.{n % 250 + 1}"), **more
    )


class Applicant:
    """One browser without script, from an address of its own. The node's clock stands still unless somebody moves it."""

    now = BEGINS

    def __init__(self, url: str, language: str = "en") -> None:
        self.url, self.language = url, language
        self.http = somewhere(url, headers={"Accept-Language": language})
        self.number = self.code = ""

    def close(self) -> None:
        self.http.close()

    def form(self) -> httpx.Response:
        return self.http.get("/volunteer")

    def later(self, seconds: float = 5) -> None:
        """Time goes on, for everybody at this node."""
        Applicant.now += timedelta(seconds=seconds)
        assert self.http.get("/api/me", headers={"Ortoo-At": Applicant.now.isoformat()}).status_code == 200

    def send(self, said, page: httpx.Response | None = None, files=None, wait: bool = True, **more) -> httpx.Response:
        """Fill in the form as the page shows it, and press the button."""
        page = page or self.form()
        if wait:
            self.later()
        sent = {"form": hidden(page.text, "form"), "sum": str(total(page.text, self.language)), **said, **more}
        answer = self.http.post("/volunteer", data=sent, files=files or {"photo": ("", b"")})
        if answer.status_code == 201:
            self.number, self.code = shown(answer.text, "number"), shown(answer.text, "code")
        return answer

    def enter(self, number: str | None = None, code: str | None = None) -> httpx.Response:
        """Open the own page."""
        page = self.http.get("/volunteer/me")
        said = {"form": hidden(page.text, "form"), "number": number or self.number, "code": code or self.code}
        return self.http.post("/volunteer/me", data=said, follow_redirects=True)

    def act(self, name: str, **said: str) -> httpx.Response:
        """Press a button of the own page."""
        page = self.http.get("/volunteer/me")
        return self.http.post(f"/volunteer/me/{name}", data={"form": hidden(page.text, "form"), **said}, follow_redirects=True)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, page[:2000]
    return html.unescape(found[1])


def shown(page: str, name: str) -> str:
    found = re.search(rf'<dd id="{name}">([^<]*)</dd>', page)
    assert found, page
    return found[1]


def total(page: str, language: str) -> int:
    """The answer to the sum the form asks for."""
    words = {said: int(number) for number, said in WORDS[language]["numbers"].items()}
    asked = re.search(r'<label for="sum">([^<]*)</label>', page)
    assert asked
    return sum(words[one] for one in re.findall("|".join(words), asked[1]))


def faults(page: str) -> dict[str, str]:
    """What is wrong, by field."""
    return {name: html.unescape(said) for name, said in re.findall(r'<p class="fault" id="(\w+)-fault">([^<]*)</p>', page)}
