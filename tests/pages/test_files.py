"""The pages over HTTP: what is served, how, and what is not."""

from __future__ import annotations

import http.client
import re

import pytest

from services.wiring import SERVICES
from tests.architecture.house import ROOT

STATIC = ROOT / "services" / "pages" / "static"
FILES = sorted(path.name for path in STATIC.iterdir())
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
OUTSIDE = (
    "/pages/../routes.py",
    "/pages/%2e%2e/routes.py",
    "/pages/..%2froutes.py",
    "/pages//etc/passwd",
    "/pages/%2fetc/passwd",
    "/pages/%00",
    "/pages/",
    "/pages/none.js",
)
MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc")


@pytest.mark.parametrize("path", ["/", "/docs", *(f"/pages/{name}" for name in FILES)])
def test_a_file_comes_with_its_type_and_is_asked_for_again_by_its_etag(node, path):
    answer = node.get(path)
    assert answer.status_code == 200
    suffix = "." + path.rpartition(".")[2] if "." in path else ".html"
    assert answer.headers["content-type"].partition(";")[0] == TYPES[suffix]
    assert answer.headers["cache-control"] == "no-cache"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert node.get(path, **{"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_outside_the_folder_is_served(node, path):
    asked = http.client.HTTPConnection("127.0.0.1", node.port)
    asked.request("GET", path)  # as it stands: httpx would tidy it up
    answer = asked.getresponse()
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    asked.close()


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".html")])
def test_a_page_has_no_inline_script_style_or_handler_since_its_policy_forbids_them(name):
    page = (STATIC / name).read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_what_comes_over_the_wire_never_becomes_markup(name):
    assert not MARKUP.search((STATIC / name).read_text())


def test_without_a_token_i_am_anybody(node):
    assert node.get("/api/me").json() == {"actor": None, "roles": [], "division": None, "level": None, "organ": None, "realm": "real"}


def test_with_a_token_or_a_session_i_am_my_post(node, duty):
    known = {"actor": "TEST.1", "roles": ["EMD.duty"], "division": "150000", "level": 1, "organ": None, "realm": "real"}
    assert node.get("/api/me", Authorization=f"Bearer {duty}").json() == known
    assert node.get("/api/me", Cookie=f"ortoo_session={duty}").json() == known


def test_get_me_is_part_of_the_api_and_the_pages_are_not(node):
    paths = node.get("/openapi.json").json()["paths"]
    assert paths["/api/me"]["get"]["operationId"] == "GetMe"
    assert not {"/", "/docs", "/pages.json", "/pages/{path}"} & set(paths)


def test_anybody_sees_where_the_logs_stand_and_who_may_see_the_node_also_their_chains(node, duty):
    shown = node.get("/pages.json").json()
    assert {log["name"] for log in shown["logs"]} == {f"150000.{service.name}" for service in SERVICES}
    assert not any("chain" in log for log in shown["logs"])
    signed = node.get("/pages.json", Cookie=f"ortoo_session={duty}").json()
    assert all(re.fullmatch("[0-9a-f]{64}", log["chain"]) for log in signed["logs"])
    assert shown["faults"] == []


def test_every_event_has_a_name_in_both_languages(node):
    named = re.findall(r'"([a-z_.]+\.v\d+)": \["([^"]+)", "([^"]+)"\]', (STATIC / "names.js").read_text())
    types = node.get("/asyncapi.json").json()["components"]["messages"]
    assert {name for name, _, _ in named} == set(types)
    assert all(re.search("[\u4e00-\u9fff]", chinese) and english.isascii() for _, chinese, english in named)
