"""What the first page calls things, in both languages, and what it says before it knows."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

NAMES = """(types) => import('/pages/names.js').then(({nameOf, familyName, families}) =>
  [...types.map((type) => [type, nameOf(type)]), ...families(types).map((family) => [family, familyName(family)])])"""
REASON = "lorry full"


def event(n, kind, data):
    said = {"id": f"150000.resources:{n}", "type": f"resources.donation.{kind}.v1", "streamid": "donation-DO-9", "position": n}
    return said | {"log": "150000.resources", "time": f"2021-07-20T11:0{n}:00Z", "division": "150722", "data": data}


def sent(*events):
    return "".join(f"id: r{one['position']}\nevent: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events)


@pytest.mark.parametrize(("locale", "own"), [("zh-CN", re.compile("[\u4e00-\u9fff]")), ("en-GB", re.compile("^[A-Z][^._]+$"))])
def test_every_event_of_supplies_has_a_name_in_the_language_of_the_page(node, visit, locale, own):
    types = [one for one in node.get("/asyncapi.json").json()["components"]["messages"] if one.startswith("resources.")]
    page = visit(node.url, locale=locale).open()
    named = page.evaluate(NAMES, types)
    assert len(named) > len(types) > 100
    assert [name for name in named if not own.search(name[1])] == []


@pytest.mark.parametrize(
    ("locale", "name", "log"),
    [("zh-CN", "捐赠票据已开具", "物资、征用、救助与捐赠"), ("en-GB", "Gift receipted", "supplies, relief, gifts")],
)
def test_a_reason_is_told_of_its_own_event_alone(node, visit, locale, name, log):
    watched = visit(node.url, locale=locale)
    events = sent(event(1, "returned", {"reason": REASON}), event(2, "receipted", {"receipt": "CHA.1-1"}))
    watched.page.route("**/api/events/stream*", lambda route: route.fulfill(content_type="text/event-stream", body=events))
    page = watched.open()
    rows = page.locator("#events tbody")
    expect(rows.filter(has_text=REASON)).to_have_count(1)
    expect(rows.filter(has_text=name)).to_contain_text("donation-DO-9")
    expect(page.locator("[data-log='150000.resources'] h3")).to_contain_text(log)


@pytest.mark.parametrize(("locale", "own"), [("zh-CN", "正在读取"), ("en-GB", "Loading")])
def test_before_it_was_asked_nothing_is_called_none(node, duty, visit, locale, own):
    session = {"name": "ortoo_session", "value": duty, "url": node.url, "httpOnly": True, "sameSite": "Strict"}
    watched = visit(node.url, locale=locale, storage_state={"cookies": [session], "origins": []})
    held, released = [], []

    def hold(route):
        if released:
            route.continue_()
        else:
            held.append(route)

    watched.page.route(re.compile("/api/alerts/(alerts|incidents|responses)"), hold)
    page = watched.open()
    for panel in ("warnings", "incidents"):
        expect(page.locator(f"#{panel}-note")).to_contain_text(own)
        expect(page.locator(f"#{panel}-count")).to_have_text("")
    released.append(True)
    for one in held:
        one.continue_()
    expect(page.locator("#incidents-count")).to_have_text(re.compile(r"^\d+$"))
    watched.page.unroute_all(behavior="ignoreErrors")
