"""The page of rights in a real browser, on a phone, without any script."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from services.privacy.events.duties import Right
from services.privacy.pages.rights import PAGES
from tests.pages.conftest import browser, visit
from tests.pages.served import Served
from tests.waiting import until

__all__ = ["browser", "visit"]
LEAST_S = 3  # the rule privacy.rights_form, and the second a time is rounded to
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    node = Served(tmp_path_factory.mktemp("rights") / "data")
    yield node
    node.stop()


def send(page, words):
    """Add the two numbers and press the button, no sooner than a person can."""
    numbers = {said: int(number) for number, said in words["numbers"].items()}
    found = re.findall("|".join(numbers), page.locator("label[for=sum]").inner_text())
    page.fill("#sum", str(sum(numbers[one] for one in found)))
    shown_at = int(page.locator("#ask input[name=form]").get_attribute("value").split(".")[1])
    until(lambda: time.time() >= shown_at + LEAST_S, "the form is never old enough")
    page.get_by_role("button", name=words["send"], exact=True).last.click()


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-GB", "en")])
def test_from_the_first_page_to_the_number_without_script(served, visit, locale, language):
    words = PAGES.words[language]
    visited = visit(served.url, locale=locale, viewport=PHONE, java_script_enabled=False)
    visited.expect_failures = True  # a form with faults is 422, which a browser writes down
    page = visited.open("/rights")
    expect(page.get_by_role("heading", level=1)).to_have_text(words["title"])
    page.get_by_label(words["name"]).fill("<i>Bat</i> 巴特")
    page.get_by_label(words["kind"]).select_option("donor")
    send(page, words)
    expect(page.get_by_text(words["errors"]["rights.what"])).to_be_visible()
    expect(page.get_by_label(words["name"])).to_have_value("<i>Bat</i> 巴特")
    page.get_by_label(words["right"], exact=True).select_option(Right.COPY.value)
    send(page, words)
    expect(page.get_by_role("heading", level=1)).to_have_text(words["taken_title"])
    number = page.locator("#number").inner_text()
    expect(page.locator("#desk")).to_contain_text("红十字会" if language == "zh" else "Red Cross")
    page = visited.open("/rights")
    page.get_by_label(words["number"]).fill(number)
    page.get_by_role("button", name=words["look"], exact=True).click()
    expect(page.locator("#asked")).to_contain_text(words["states"]["received"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_silent_ours_and_as_wide_as_the_phone(served, visit, language):
    page = visit(served.url, viewport=PHONE).open(f"/rights?lang={language}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == PAGES.words[language]["lang"]
