"""The whole way in a real browser, on a phone, without any script: registered, seen, corrected, withdrawn."""

from __future__ import annotations

import re
import subprocess
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import expect

from services.volunteers.pages.rendering import WORDS, text
from tests.pages.served import ORTOO, Served
from tests.support import fresh
from tests.volunteers.pages.applicant import Applicant, hidden, id_number, person, picture
from tests.waiting import PATIENCE_S, until

LEAST_S = 3  # the rule registration.form, and the second a time is rounded to
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    node = Served(tmp_path_factory.mktemp("served") / "data")
    subprocess.run([ORTOO, "demo", "--url", node.url], env=node.environment(), check=True, capture_output=True)  # opens registration
    yield node
    node.stop()


def send(page, words):
    """Add the two numbers and press the button, no sooner than a person can: the form says when it was shown."""
    numbers = {said: int(number) for number, said in words["numbers"].items()}
    found = re.findall("|".join(numbers), page.locator("label[for=sum]").inner_text())
    page.fill("#sum", str(sum(numbers[one] for one in found)))
    shown_at = int(page.locator("input[name=form]").get_attribute("value").split(".")[1])
    while time.time() < shown_at + LEAST_S:
        page.locator("#sum").input_value()
    page.get_by_role("button", name=words["send"], exact=True).last.click()


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-GB", "en")])
def test_from_the_form_to_leaving_without_script(served, visit, locale, language):
    words, number = WORDS[language], id_number()
    visited = visit(served.url, locale=locale, viewport=PHONE, java_script_enabled=False)
    visited.expect_failures = True  # a form with faults is 422, which a browser writes down
    page = visited.open("/volunteer")
    expect(page.get_by_role("heading", level=1)).to_have_text(words["register_title"])
    page.get_by_label(words["name"], exact=True).fill("<i>Bat</i> 巴特")
    page.get_by_label(words["id_number"], exact=True).fill(number[:-1] + ("1" if number[-1] != "1" else "2"))
    page.set_input_files("#photo", {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.get_by_label(words["language"]["mn"]).check()
    send(page, words)

    for rule in ("id.checksum", "registration.missing", "registration.place", "VSR-12", "PIPL-17", "PIPL-14"):
        expect(page.get_by_text(words["errors"][rule]).first).to_be_visible()
    expect(page.get_by_label(words["name"], exact=True)).to_have_value("<i>Bat</i> 巴特")
    expect(page.get_by_label(words["language"]["mn"])).to_be_checked()
    expect(page.get_by_text(words["file_kept"])).to_be_visible()
    assert page.locator("#id_number").get_attribute("aria-invalid") == "true"

    page.fill("#id_number", number)
    page.fill("#phone", "138 0013 8000")
    page.select_option("#place", "150722")
    for name in ("risk_text", "notice", "consent", "separate_consent"):
        page.check(f"input[name={name}]")
    send(page, words)
    expect(page.get_by_role("heading", level=1)).to_have_text(words["done_title"])
    public, code = page.locator("#number").inner_text(), page.locator("#code").inner_text()

    page.get_by_role("link", name=words["to_own"]).click()
    page.fill("input#number", public)  # the page before shows a number under this id
    page.fill("#code", "2222-2222-2222")
    page.get_by_role("button", name=words["enter"]).click()
    expect(page.get_by_text(words["errors"]["code.none"])).to_be_visible()
    page.fill("#code", code)
    page.get_by_role("button", name=words["enter"]).click()
    expect(page.locator("#number")).to_have_text(public)
    expect(page.get_by_text("<i>Bat</i> 巴特")).to_be_visible()
    photo = page.locator("img.photo")
    expect(photo).to_have_js_property("complete", True)
    assert photo.evaluate("image => image.naturalWidth") > 0
    assert code not in page.url and number not in page.url

    page.fill("#phone", "139 0000 1111")
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(page.locator("#note")).to_have_text(words["saved"])
    page.locator("input[name=withdrawal]").check()
    page.get_by_role("button", name=words["withdraw"]).click()
    expect(page.locator("#note")).to_have_text(words["withdrawn"])
    expect(page.locator("#status")).to_have_text(words["states"]["withdrawn"])


def test_the_language_is_changed_within_the_form_and_nothing_is_lost(served, visit):
    page = visit(served.url, locale="zh-CN", viewport=PHONE, java_script_enabled=False).open("/volunteer")
    page.fill("#name", "巴特")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Register as a volunteer")
    expect(page.locator("#name")).to_have_value("巴特")


def officer(served, path, body):
    """What an emergency officer of the banner does over the API."""
    token = served.token("EMD.officer", "150722")
    made = httpx.post(f"{served.url}/api/volunteers{path}", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_S)
    assert made.status_code == 201, made.text


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-GB", "en")])
def test_asked_and_answered_without_script(served, visit, locale, language):
    words, one = WORDS[language], Applicant(served.url)
    page = one.form()
    until(lambda: time.time() > int(hidden(page.text, "form").split(".")[1]) + LEAST_S, "the form is never old enough")
    assert one.send(person(), page, wait=False).status_code == 201
    one.close()
    officer(served, f"/volunteers/{one.number}/review", {})
    begins = datetime.now(UTC) + timedelta(days=2)
    period = {"from": begins.isoformat(), "to": (begins + timedelta(hours=8)).isoformat()}
    for call_up in (named := (fresh("CU"), fresh("CU"))):
        said = {"volunteers": [one.number], "place": "150722", "task": f"<b>{call_up}</b>", "risk_text": 1, **period}
        officer(served, f"/call-ups/{call_up}/offers", said)

    visited = visit(served.url, locale=locale, viewport=PHONE, java_script_enabled=False)
    visited.expect_failures = True  # what is refused is 422, which a browser writes down
    page = visited.open("/volunteer/me")
    page.fill("input#number", one.number)
    page.fill("#code", one.code)
    page.get_by_role("button", name=words["enter"], exact=True).click()
    first, second = (page.locator(f"#call-{call_up}") for call_up in named)
    expect(first.get_by_role("heading")).to_have_text(f"<b>{named[0]}</b>")
    eta = f"{datetime.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    first.get_by_label(words["eta"]).fill(eta)
    first.get_by_role("button", name=words["accept"], exact=True).click()
    expect(first.get_by_text(words["errors"]["VSR-12"])).to_be_visible()
    expect(second.get_by_text(words["errors"]["VSR-12"])).to_have_count(0)
    expect(first.get_by_label(words["eta"])).to_have_value(eta)
    expect(first.get_by_text(text("risk", "1")[language][0])).to_be_visible()
    first.get_by_role("checkbox").check()
    first.get_by_role("button", name=words["accept"], exact=True).click()
    expect(page.locator("#note")).to_have_text(words["accepted"])
    expect(first.get_by_text(words["against"])).to_be_visible()
    second.get_by_role("button", name=words["decline"], exact=True).click()
    expect(page.locator("#note")).to_have_text(words["declined"])
    first.get_by_role("checkbox").check()
    first.get_by_role("button", name=words["resign"]).click()
    expect(page.locator("#note")).to_have_text(words["resigned"])

    page.get_by_label(words["weekdays"]["2"]).uncheck()
    page.get_by_label(words["first_day"]).fill("2031-02-01")
    page.get_by_label(words["last_day"]).fill("2031-02-03")
    page.get_by_role("button", name=words["save_calendar"]).click()
    expect(page.get_by_text("2031-02-01 – 2031-02-03")).to_be_visible()
    expect(page.get_by_label(words["weekdays"]["2"])).not_to_be_checked()
    page.get_by_role("button", name=words["pause"], exact=True).click()
    expect(page.locator("#status")).to_have_text(words["states"]["paused"])


@pytest.mark.parametrize("path", ["/volunteer", "/volunteer/me", "/certificates", "/certificates/VC-1"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_page_is_silent_ours_and_as_wide_as_the_phone(served, visit, path, language):
    page = visit(served.url, viewport=PHONE).open(f"{path}?lang={language}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == WORDS[language]["lang"]
