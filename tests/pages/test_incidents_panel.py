"""The incidents of the first page: for who is signed in and may see them, with their grade, deadlines and responses, as they change."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.pages.test_first_page import live, signed_in

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def officer(node):
    return node.token("EMD.officer", "150722")


def registered(node, officer, text="dam failed", ago=timedelta()):
    incident = f"INC-{next(_numbers)}"
    known = (datetime.now(UTC) - ago).isoformat()
    said = {"incident": incident, "type": "NAT.DAM", "division": "150722", "known_at": known, "text": text, "separate": "a test"}
    node.says(officer, "incidents", said)
    return incident


def panel(page):
    return page.locator("#incidents-panel")


def row(page, incident):
    return page.locator("#incidents > li", has_text=incident)


def test_an_incident_appears_by_itself_and_changes_as_it_goes_on(node, officer, visit):
    page = visit(node.url, locale="en-GB", storage_state=signed_in(officer, node)).open()
    live(page)
    incident = registered(node, officer)
    shown = row(page, incident)
    expect(shown).to_contain_text("Dam failure")
    expect(shown).to_contain_text("Not graded")
    expect(shown).to_contain_text("Suspected")
    expect(shown).to_contain_text("Morin Dawa Daur Autonomous Banner")
    node.says(officer, f"incidents/{incident}/verification", {})
    node.says(officer, f"incidents/{incident}/classification", {"grade": "LARGER", "basis": "AS-4"})
    expect(shown).to_contain_text("Larger")
    expect(shown).to_contain_text("Verified")


def test_deadlines_say_how_long_is_left_and_how_long_they_are_over(node, officer, visit):
    page = visit(node.url, locale="en-GB", storage_state=signed_in(officer, node)).open()
    live(page)
    late = row(page, registered(node, officer, ago=timedelta(hours=3, minutes=1)))
    expect(late.locator("li.late").first).to_contain_text("overdue")
    fresh = row(page, registered(node, officer))
    expect(fresh.locator(".deadlines li").first).to_contain_text("left")


def test_hostile_ids_and_texts_stay_text_and_the_language_follows(node, officer, visit):
    page = visit(node.url, locale="zh-CN", storage_state=signed_in(officer, node)).open()
    live(page)
    incident = registered(node, officer, text="<img src=x onerror=alert(1)>")
    expect(row(page, incident)).to_contain_text("水库险情")
    expect(row(page, incident)).to_contain_text("未定级")
    assert page.locator("main script, main img").count() == 0


def test_who_is_not_signed_in_has_no_such_panel_and_who_may_not_see_an_incident_does_not(node, officer, visit):
    incident = registered(node, officer)
    page = visit(node.url, locale="en-GB").open()
    live(page)
    expect(panel(page)).to_be_hidden()
    for role, division in (("EMD.officer", "150721"), ("VOL", "150722")):
        stranger = visit(node.url, locale="en-GB", storage_state=signed_in(node.token(role, division), node)).open()
        live(stranger)
        expect(panel(stranger)).to_contain_text("No open incident that you may see")
        expect(row(stranger, incident)).to_have_count(0)
