"""The readable page of operations, made from /openapi.json."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.fixture
def page(node, visit):
    return visit(node.url, locale="en-GB", viewport={"width": 390, "height": 844}).open("/docs")


def test_every_operation_of_the_api_is_on_it(node, page):
    paths = node.get("/openapi.json").json()["paths"]
    names = {operation["operationId"] for item in paths.values() for operation in item.values()}
    expect(page.locator("details.operation")).to_have_count(sum(len(item) for item in paths.values()))
    assert set(page.locator("details.operation").evaluate_all("(all) => all.map((one) => one.id)")) == names
    expect(page.locator("#found")).to_have_text(f"{len(names)} of {len(names)} operations")


def test_a_search_finds_by_all_its_words(page):
    page.get_by_label("Find an operation").fill("post PublishAlert")
    expect(page.locator("details.operation")).to_have_count(1)
    expect(page.locator("#PublishAlert")).to_be_visible()
    page.get_by_label("Find an operation").fill("no such thing")
    expect(page.locator("#operations")).to_contain_text("No operation matches")


def test_an_operation_has_an_address_and_a_line_to_try(node, visit):
    page = visit(node.url, locale="zh-CN").open("/docs#DraftAlert")
    opened = page.locator("#DraftAlert")
    expect(opened).to_have_attribute("open", "")
    expect(opened.locator("pre")).to_contain_text(f"curl -sS -X POST '{node.url}/api/alerts/alerts'")
    expect(opened.locator("pre")).to_contain_text('"alert": "ALERT"')
    expect(opened).to_contain_text("必填")


def test_a_language_changes_without_losing_what_is_open(node, visit):
    page = visit(node.url, locale="zh-CN").open("/docs")
    page.locator("#GetNode summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#GetNode")).to_have_attribute("open", "")
    expect(page.locator("#GetNode")).to_contain_text("Try it")
