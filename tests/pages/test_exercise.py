"""The pages of a drill's node say so before anything else, in words, in both languages, in sight all the time."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from services.start.realms import Drill, mark
from tests.pages.served import Served


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drill") / "data"
    folder.mkdir()
    mark(folder, Drill(drill="DR-1", province="150000", made_at=datetime.now(UTC)))
    served = Served(folder)
    yield served
    served.stop()
    shutil.rmtree(folder)


@pytest.mark.parametrize(("locale", "own"), [("zh-CN", "演练：DR-1"), ("en-GB", "Drill: DR-1")])
@pytest.mark.parametrize("path", ["", "/docs", "/report"])
def test_the_mark_is_the_first_thing_on_the_page_and_stays_in_sight(drill, visit, path, locale, own):
    page = visit(drill.url + path, locale=locale, viewport={"width": 375, "height": 700}).open()
    note = page.locator("body > :first-child")
    expect(note).to_have_attribute("role", "note")
    for words in ("演练 EXERCISE DR-1", "这里的一切都不是真实的", "Nothing here is real"):
        expect(note).to_contain_text(words)
    expect(page).to_have_title(re.compile("^【演练 EXERCISE DR-1】"))
    page.mouse.wheel(0, 4000)
    expect(note).to_be_in_viewport(ratio=1)
    if not path:
        expect(page.locator("#realm")).to_have_text(own)


def test_the_mark_is_words_and_stripes_and_no_colour_of_a_warning(drill, visit):
    for scheme in ("light", "dark"):
        page = visit(drill.url, color_scheme=scheme, forced_colors="none").open()
        look = page.locator(".exercise").evaluate(
            "(e) => { const s = getComputedStyle(e); return [s.borderImageSource, s.color, s.backgroundColor] }"
        )
        assert "repeating-linear-gradient" in look[0] and look[1] != look[2]


def test_it_needs_no_script_and_a_real_node_has_none(drill, node):
    for path in ("/", "/docs", "/report", "/pages/report.html"):
        assert '<p class="exercise" role="note"><strong>演练 EXERCISE DR-1</strong>' in drill.get(path).text
    assert "exercise" not in node.get("/").text


def test_its_first_steps_sign_for_the_drill(drill, visit):
    page = visit(drill.url).open()
    expect(page.locator("#events-note")).to_contain_text("--realm DR-1")
