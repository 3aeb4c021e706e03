"""The page on which anybody reports an emergency: in both languages, on a phone, and nothing written is lost."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.waiting import PATIENCE_S


@pytest.fixture
def page(node, visit):
    return visit(node.url, locale="en-GB", viewport={"width": 360, "height": 740}).open("/report")


def report(page, text="water over the road"):
    page.get_by_label("What you saw").fill(text)
    page.get_by_role("button", name="Send").click()


def test_a_report_gets_a_number_and_the_number_tells_what_became_of_it(page):
    page.get_by_label("Where").fill("behind the mill")
    page.get_by_label("What it is").select_option("NAT.FLOOD")
    report(page)
    number = page.locator("#receipt")
    expect(number).to_contain_text("P-")
    expect(page.get_by_label("Receipt number")).to_have_value(number.inner_text())
    expect(page.get_by_label("What you saw")).to_have_value("")
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("#found")).to_contain_text("Being verified.")


def test_a_number_nobody_gave_is_told_so(node, visit):
    visited = visit(node.url, locale="en-GB")
    visited.expect_failures = True
    page = visited.open("/report")
    page.get_by_label("Receipt number").fill("p-aaaa")
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("#found")).to_contain_text("No such number")


def test_it_speaks_chinese_and_says_whom_to_call_first(node, visit):
    page = visit(node.url, locale="zh-CN").open("/report")
    expect(page.locator("main")).to_contain_text("110、119 或 120")
    page.get_by_label("您看到了什么").fill("路面进水")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("#sent")).to_contain_text("已收到")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#sent")).to_contain_text("Received")


def test_what_could_not_be_sent_stays_and_is_the_same_report_when_it_is_sent_again(node, visit):
    visited = visit(node.url, locale="en-GB")
    visited.expect_failures = True
    page = visited.open("/report")
    keys = []

    def lose(route):
        keys.append(route.request.headers["idempotency-key"])
        route.abort() if len(keys) == 1 else route.continue_()

    page.route("**/api/alerts/reports", lose)
    report(page)
    expect(page.locator("#sent")).to_contain_text("Not sent")
    expect(page.get_by_label("What you saw")).to_have_value("water over the road")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#receipt")).to_contain_text("P-")
    assert len(keys) == 2 and keys[0] == keys[1]


def test_who_sends_too_often_is_asked_to_wait_and_keeps_the_words(node, visit):
    visited = visit(node.url, locale="en-GB")
    visited.expect_failures = True
    page = visited.open("/report")
    for n in range(20):
        while httpx.post(f"{node.url}/api/alerts/reports", json={"text": f"water at the mill {n}"}, timeout=PATIENCE_S).status_code != 429:
            pass  # this address has used up what it may send, for some seconds
        report(page, f"water {n}")
        expect(page.locator("#sent")).not_to_contain_text("Sending")
        if "Too often" in page.locator("#sent").inner_text():
            break
    expect(page.locator("#sent")).to_contain_text("Too often: send it again in")
    expect(page.get_by_label("What you saw")).to_have_value(f"water {n}")
