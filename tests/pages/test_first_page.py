"""The first page in a real browser against a running node."""

from __future__ import annotations

import subprocess

import pytest
from playwright.sync_api import expect

from tests.architecture.house import ROOT
from tests.pages.served import ORTOO
from tests.waiting import PATIENCE_S

HOSTILE = "&lt;script&gt;document.title='taken'&lt;/script&gt;&lt;img src=x onerror=\"document.title='taken'\"&gt;"
AGED = """() => {
  const long = ["compensation 123456", "resources 12345678"];
  document.querySelectorAll("#events td.place").forEach((cell, n) => { cell.textContent = long[n % 2]; });
  for (const number of document.querySelectorAll("[data-log] .big")) number.firstChild.data = "12,345,678";
}"""
TOO_WIDE = """() => [...document.querySelectorAll("#events td, .card > *")]
  .filter((element) => element.scrollWidth > element.clientWidth).map((element) => element.outerHTML)"""
AS_TEXT = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"


def events(page):
    return page.locator("#events tbody")


def division(page):
    return page.get_by_role("combobox", name="Division", exact=True)


def named(page):
    """The names of divisions are there: until then a filter takes codes alone."""
    expect(page.locator("#divisions option").first).to_be_attached()


def live(page):
    expect(page.locator("#connection[data-state=right]")).to_be_visible()


def signed_in(token, node):
    return {"cookies": [{"name": "ortoo_session", "value": token, "url": node.url, "httpOnly": True, "sameSite": "Strict"}], "origins": []}


def test_an_imported_warning_appears_by_itself(node, duty, visit):
    page = visit(node.url, locale="en-GB").open()
    live(page)
    node.imports(duty, "LIVE-1", "Gale over the steppe")
    row = events(page).filter(has_text="Gale over the steppe")
    expect(row).to_contain_text("Message received")
    expect(row).to_contain_text("Morin Dawa Daur Autonomous Banner")
    warning = page.locator("#warnings li", has_text="Gale over the steppe")
    expect(warning).to_contain_text("Moderate")
    expect(warning.get_by_role("link", name="JSON LIVE-1")).to_be_visible()
    expect(warning.get_by_role("link", name="CAP LIVE-1")).to_have_count(0)  # others' texts may name persons: only for who is signed in


def test_a_row_opens_to_the_whole_event_by_keyboard(node, duty, visit):
    node.imports(duty, "OPEN-1", "To be opened")
    page = visit(node.url, locale="en-GB").open()
    row = events(page).filter(has_text="To be opened")
    row.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(row.locator("pre")).to_contain_text('"identifier": "OPEN-1"')
    expect(row.get_by_role("button")).to_have_attribute("aria-expanded", "true")


def test_hostile_text_is_shown_and_never_run(node, duty, visit):
    page = visit(node.url, locale="en-GB").open()
    live(page)
    node.imports(duty, f"BAD-{HOSTILE}", HOSTILE)
    row = events(page).filter(has_text=AS_TEXT)
    expect(row).to_be_visible()
    row.get_by_role("button").click()
    expect(page.locator("#warnings li", has_text=AS_TEXT)).to_be_visible()
    assert page.locator("main script, main img").count() == 0
    expect(page).to_have_title("驿站 Ortoo")


def test_the_language_follows_the_browser_then_the_reader(node, visit):
    page = visit(node.url, locale="zh-CN").open()
    expect(page.get_by_role("heading", name="实时事件")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Live events")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Live events")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_both_languages_have_every_word(node, visit):
    page = visit(node.url).open()
    zh, en = page.evaluate("() => import('/pages/words.js').then(({WORDS}) => [Object.keys(WORDS.zh), Object.keys(WORDS.en)])")
    assert zh == en
    used = page.evaluate("() => [...document.querySelectorAll('[data-t]')].map((element) => element.dataset.t)")
    assert set(used) <= set(zh)


def test_without_a_session_only_public_events_show(node, duty, visit):
    author = node.token("SECT.weather", "150722")
    anybody = visit(node.url, locale="en-GB").open()
    officer = visit(node.url, locale="en-GB", storage_state=signed_in(duty, node)).open()
    expect(anybody.locator("#me")).to_contain_text("only public events show")
    expect(officer.locator("#me")).to_contain_text("Signed in: TEST.1")
    live(anybody)
    live(officer)
    node.drafts(author, "SECRET-1", "Not yet for the public", "150722")
    node.imports(duty, "PUBLIC-1", "For the public")
    expect(events(officer).filter(has_text="Not yet for the public")).to_be_visible()
    expect(events(anybody).filter(has_text="For the public")).to_be_visible()
    expect(events(anybody).filter(has_text="Not yet for the public")).to_have_count(0)


def test_filters_choose_the_past_and_what_comes_and_stay_in_the_address(node, duty, visit):
    node.imports(duty, "FILTER-1", "Here before", "150722")
    node.imports(duty, "FILTER-2", "Elsewhere before", "150100")
    page = visit(node.url, locale="en-GB").open()
    expect(events(page).filter(has_text="Elsewhere before")).to_be_visible()
    named(page)
    division(page).fill("Hulunbuir")  # by name, of the parent: the whole subtree counts
    page.get_by_role("combobox", name="Event type").select_option("alerts.message")
    expect(events(page).filter(has_text="Here before")).to_be_visible()
    expect(events(page).filter(has_text="Elsewhere before")).to_have_count(0)
    expect(events(page).filter(has_text="Divisions loaded")).to_have_count(0)
    live(page)
    node.imports(duty, "FILTER-3", "Elsewhere after", "150100")
    node.imports(duty, "FILTER-4", "Here after", "150722")
    expect(events(page).filter(has_text="Here after")).to_be_visible()
    expect(events(page).filter(has_text="Elsewhere after")).to_have_count(0)
    expect(page).to_have_url(f"{node.url}/?division=150700&type=alerts.message")
    page.reload()
    expect(events(page).filter(has_text="Here after")).to_be_visible()
    expect(events(page).filter(has_text="Elsewhere after")).to_have_count(0)


def test_an_unknown_division_is_named_and_shows_nothing(node, visit):
    page = visit(node.url, locale="en-GB").open()
    field = division(page)
    named(page)
    field.fill("Atlantis")
    field.press("Tab")
    expect(page.locator("#events-note")).to_contain_text("No event matches")
    expect(field).to_have_js_property("validationMessage", "no such division")


def test_a_paused_table_stands_still_and_goes_on_with_all(node, duty, visit):
    page = visit(node.url, locale="en-GB").open()
    expect(events(page).filter(has_text="Divisions loaded")).to_be_visible()  # the past is all there
    page.get_by_role("button", name="Pause").click()
    node.imports(duty, "PAUSE-1", "While paused")
    go_on = page.get_by_role("button", name="Go on (1 new)")
    expect(go_on).to_be_visible()
    expect(events(page).filter(has_text="While paused")).to_have_count(0)
    go_on.click()
    expect(events(page).filter(has_text="While paused")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_it_fits_every_screen(node, duty, visit, language):
    """Also once the logs are long: nothing is wider than the screen, and nothing in the table than its cell."""
    node.imports(duty, f"WIDE-{language}", f"{language}-{'x' * 400}")
    visited = visit(node.url, locale=language)
    page = visited.open()
    expect(events(page).filter(has_text=f"{language}-{'x' * 300}")).to_be_visible()
    expect(page.locator("[data-log] .big").first).to_be_visible()
    page.evaluate(AGED)
    for width in (320, 360, 390, 720, 721, 900, 1099, 1100, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        wide, screen = visited.width()
        assert wide <= screen
        assert page.evaluate(TOO_WIDE) == [], width


def test_the_state_of_the_node_is_shown_and_follows(node, duty, visit):
    page = visit(node.url, locale="en-GB").open()
    expect(page.locator("#health")).to_have_text("All is well")
    position = node.imports(duty, "STATE-1", "One more")
    expect(page.locator('[data-log="150000.alerts"] .big')).to_have_text(f"{position:,} Position")


def test_the_first_step_of_an_empty_page_works_when_pasted(fresh, visit):
    page = visit(fresh.url, locale="en-GB").open()
    first = page.locator("#events-note pre").first
    expect(first).to_contain_text("/api/alerts/imports")
    commands = first.inner_text().replace(".venv/bin/ortoo", str(ORTOO))
    subprocess.run(["bash", "-ec", commands], env=fresh.environment(), cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE_S)
    expect(events(page).filter(has_text="Test: blue gale warning")).to_be_visible()
    expect(page.locator("#events-note")).to_be_hidden()


def test_a_page_outlives_its_node(fresh, visit):
    visited = visit(fresh.url, locale="en-GB")
    visited.expect_failures = True
    page = visited.open()
    live(page)
    fresh.stop()
    expect(page.locator("#connection")).to_have_text("Connection lost, trying again")
    fresh.start()
    fresh.imports(fresh.token("EMD.duty", "150000"), "BACK-1", "After the restart")
    expect(events(page).filter(has_text="After the restart")).to_be_visible()
    live(page)
