"""Certificates: whether one is true, and nothing else of whoever holds it; and what is signed."""

from __future__ import annotations

import asyncio
import re
from base64 import urlsafe_b64decode
from datetime import UTC, date, datetime
from types import SimpleNamespace

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi import FastAPI

from services.volunteers.deciders.streams import certificate_stream
from services.volunteers.events.service import CertificateIssued, CertificateRevoked
from services.volunteers.pages import certificates, papers
from services.volunteers.pages.rendering import HERE, WORDS, shown
from services.volunteers.reception.sealing import Sealer, words
from shared.geo.divisions import Divisions
from shared.geo.units import Unit
from shared.kernel.realm import REAL
from shared.web.limiting import Buckets
from tests.volunteers.people_world import RULES

AT = datetime(2026, 7, 20, 10, tzinfo=UTC)
ISSUED = CertificateIssued("VC-1", "ABCD2345", "V-SECRET", 1170, "INC-1", date(2026, 7, 18), date(2026, 7, 20), "150722", "B.OFF", AT)


class Host:
    """As much of a node as the page asks."""

    principals = SimpleNamespace(realm=REAL)
    directory = SimpleNamespace(
        divisions=Divisions([Unit("150722", "莫力达瓦达斡尔族自治旗", "Morin Dawa", 3)]), rules_for=lambda *_: RULES
    )

    def __init__(self, *facts):
        self.facts = facts

    def now(self):
        return AT

    def history(self, service, stream):
        return [SimpleNamespace(event=fact) for fact in self.facts] if stream == certificate_stream("VC-1") else []


class Visitor:
    """Asks the app itself, in English."""

    def __init__(self, app):
        self.app = app

    def ask(self, method, path, **more):
        async def asked():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://node") as client:
                return await client.request(method, path, headers={"Accept-Language": "en"}, **more)

        return asyncio.run(asked())

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, data):
        return self.ask("POST", path, data=data)


@pytest.fixture
def sealer(tmp_path):
    return Sealer(tmp_path / "certificates.pem")


@pytest.fixture
def visitor(sealer):
    def of(*facts):
        app = FastAPI()
        certificates.add(app.router, Host(*facts), SimpleNamespace(sealer=sealer, tries=Buckets()))
        return Visitor(app)

    return of


def test_a_true_one_says_hours_period_and_issuer_and_nothing_else(visitor):
    page = visitor(ISSUED).post("/certificates", data={"number": "VC-1", "check": " abcd2345 "}).text
    for said in ("✓ Valid", "19.5", "2026-07-18", "2026-07-20", "Morin Dawa"):
        assert said in page
    for hidden in ("V-SECRET", "INC-1", "B.OFF", "ABCD2345"):
        assert hidden not in page


def test_a_number_is_found_however_it_is_typed(visitor):
    assert "19.5" in visitor(ISSUED).post("/certificates", data={"number": " vc-1 ", "check": "abcd2345"}).text


@pytest.mark.parametrize(("number", "check"), [("VC-1", "WRONG"), ("VC-1", ""), ("VC-2", "ABCD2345"), ("<b>", "x"), ("", "")])
def test_anything_else_is_not_valid_and_says_no_more(visitor, number, check):
    page = visitor(ISSUED).post("/certificates", data={"number": number, "check": check}).text
    assert "Not valid" in page and "19.5" not in page and "<b>" not in page


def test_one_that_was_taken_back_says_so(visitor):
    revoked = CertificateRevoked("VC-1", "V-SECRET", "an error", "B.OFF", AT)
    page = visitor(ISSUED, revoked).post("/certificates", data={"number": "VC-1", "check": "ABCD2345"}).text
    assert "taken back" in page and "19.5" not in page and "an error" not in page


def test_guessing_is_slowed(visitor):
    client = visitor(ISSUED)
    answers = [client.post("/certificates", data={"number": "VC-1", "check": "X"}).status_code for _ in range(9)]
    assert answers[0] == 200 and answers[-1] == 429


def test_a_copy_is_checked_without_us(visitor, sealer):
    key = load_pem_public_key(visitor(ISSUED).get("/certificates/key.pem").content)
    assert isinstance(key, Ed25519PublicKey)
    signature = sealer.sign(ISSUED)
    assert signature == sealer.sign(ISSUED)
    key.verify(urlsafe_b64decode(signature + "=="), words(ISSUED))


def test_a_code_to_scan_is_drawn_without_script_or_style():
    drawn = str(papers.drawn("ORTOO/V-A"))
    assert drawn.startswith("<svg") and not re.search(r"style|script|http(?!://www\.w3\.org)", drawn)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_paper_it_is_one_page_without_buttons(browser, sealer, language):
    address = "http://node/certificates/VC-1"
    said = {"issued": ISSUED, "name": "巴特 Bat", "hours": "19.5", "place": "莫力达瓦达斡尔族自治旗", "signature": sealer.sign(ISSUED)}
    made = bytes(shown("certificate.html", language, REAL, qr=papers.drawn(address), address=address, **said).body).decode()
    page = browser.new_page(viewport={"width": 375, "height": 812}, color_scheme="dark")
    page.set_content(made)
    page.add_style_tag(content=(HERE / "static" / "volunteer.css").read_text(encoding="utf-8"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 375 and page.locator(".button").is_visible()
    page.emulate_media(media="print")
    for hidden in ("nav", ".button", ".no-print"):
        assert not page.locator(hidden).first.is_visible(), hidden
    for shows in ("#number", "#check", ".qr svg", ".sign"):
        assert page.locator(shows).is_visible(), shows
    assert page.locator("h1").inner_text().startswith(WORDS[language]["certificate_title"])
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    page.close()


@pytest.mark.parametrize("periods", [[], [("2026-07-18 08:00", "2026-07-18 16:00", "8")]])
def test_a_letter_vouches_for_who_served_and_for_nobody_else(periods):
    page = bytes(shown("letter.html", "en", REAL, number="V-1", name="", periods=periods, place="", today="2026-07-20").body).decode()
    assert ("article 90" in page) is bool(periods)
