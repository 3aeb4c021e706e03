"""Who is calling: tokens of this node only, second signatures by another person, sessions that no other page can use."""

from __future__ import annotations

import base64
import json
import re
import time

import httpx
import jwt
import pytest

from shared.web.principals import Principals
from tests.support import AUTHOR, DUTY, PASSER_BY, SECOND, Post, draft, problem, started
from tests.waiting import PATIENCE_S


def asked(node, token, scheme="Bearer"):
    return node.http.get("/api/node", headers={"Authorization": f"{scheme} {token}"})


def part(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_a_token_of_this_node_is_known(node):
    assert asked(node, node.token(DUTY)).status_code == 200
    assert asked(node, node.token(DUTY), "bearer").status_code == 200
    me = node.get("/api/me", DUTY).json()
    assert me == {"actor": "B.DUTY", "roles": ["EMD.duty"], "division": "150722", "level": 3, "organ": None, "realm": "real"}


def test_tokens_that_do_not_hold(node, tmp_path):
    stale = node.principals.mint("B.DUTY", ("EMD.duty",), "150722", lifetime_s=-1)
    others = Principals(tmp_path / "keys" / "node.pem").mint("B.DUTY", ("EMD.duty",), "150722")
    header, claims, signature = node.token(DUTY).split(".")
    claims_read = json.loads(base64.urlsafe_b64decode(claims + "=="))
    promoted = part({**claims_read, "roles": ["ADMIN"]})
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT'})}.{claims}."
    by_public_key = jwt.encode(claims_read, "k" * 64, algorithm="HS256")
    no_end = part({name: value for name, value in claims_read.items() if name != "exp"})
    wrong = [
        stale,
        others,
        f"{header}.{promoted}.{signature}",
        unsigned,
        by_public_key,
        f"{header}.{no_end}.{signature}",
        f"{header}.{part([])}.{signature}",
        "x",
        "a.b.c",
        "é" * 9,
    ]
    for token in wrong:
        refused = node.http.get("/api/node", headers={"Authorization": f"Bearer {token}".encode()})
        assert problem(refused, 401, "unauthenticated", "token")["cure"]
    problem(asked(node, node.token(DUTY), "Basic"), 401, "unauthenticated", "token")


def test_claims_of_the_wrong_kind_do_not_hold(node):
    now = int(time.time())
    whole = {"sub": "B.DUTY", "roles": ["EMD.duty"], "division": "150722", "organ": None, "realm": "real", "iat": now, "exp": now + 60}
    key = node.principals._key
    for change in ({"roles": 7}, {"roles": None}, {"exp": "soon"}, {"sub": None}, {"sub": 7}, {"iat": now + 3600}):
        answer = asked(node, jwt.encode({**whole, **change}, key, algorithm="EdDSA"))
        problem(answer, 401, "unauthenticated", "token")


def test_a_drill_s_principal_is_refused_at_the_real_node(node):
    drilled = Post("B.DUTY", "EMD.duty", "150722", "drill-1")
    problem(node.get("/api/node", drilled), 403, "not_allowed", "exercise.isolation")
    problem(node.draft(drilled), 403, "not_allowed", "exercise.isolation")


def test_without_a_token_only_what_is_public_shows(node):
    problem(node.get("/api/node"), 401, "unauthenticated")
    problem(node.get("/api/alerts/board"), 401, "unauthenticated")
    inner = node.draft().json()["stream"].removeprefix("alert-")
    assert node.get(f"/api/alerts/alerts/{inner}").status_code == 404
    assert node.get("/api/alerts/alerts").status_code == 200
    assert node.get("/api/me").json()["actor"] is None


def test_somebody_signed_in_without_the_role_is_refused_not_asked_to_sign_in(node):
    problem(node.get("/api/node", PASSER_BY), 403, "not_allowed", "matrix.3.27")


def test_the_second_signature_is_another_person_s(node):
    for cosigner, status, code in (
        (node.token(AUTHOR), 403, "not_allowed"),
        (node.principals.mint("B.MET1", ("GOV",), "150722"), 403, "not_allowed"),
        ("nonsense", 401, "unauthenticated"),
        (node.principals.mint("B.MET2", ("GOV",), "150722", realm="drill"), 403, "not_allowed"),
    ):
        answer = node.draft(headers={"Ortoo-Cosigner": f"Bearer {cosigner}"})
        problem(answer, status, code)
        if status == 401:  # else nobody could tell which of the two tokens is meant
            assert answer.json()["failures"][0]["field"] == "Ortoo-Cosigner" and answer.json()["cure"].startswith("the second person's: ")


def test_the_second_signature_stands_in_the_event(node):
    made = node.draft(headers={"Ortoo-Cosigner": f"Bearer {node.token(SECOND)}"})
    assert made.status_code == 201
    alert = made.json()["stream"].removeprefix("alert-")
    seen = node.settle(made.headers["ortoo-position"], f"/api/alerts/alerts/{alert}", DUTY).json()
    assert [entry["cosigner"] for entry in seen["timeline"]] == ["B.MET2"]


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    """A node started for a person, its one-time link, and a browser that used it."""
    with started(tmp_path_factory.mktemp("run") / "data", command="run") as node:
        link = re.search(r"http\S+/enter/\S+", node.said)
        assert link, node.said
        with httpx.Client(base_url=node.url, timeout=PATIENCE_S) as browser:
            answer = browser.get(link[0])
            yield node, link[0], browser, answer


def test_the_link_sets_a_cookie_that_scripts_and_other_sites_do_not_get(entered):
    _, _, browser, answer = entered
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said and "SameSite=strict" in said.replace("Strict", "strict") and "Path=/" in said
    assert browser.get("/api/me").json()["actor"] == "DUTY.1"


def test_the_link_works_once(entered):
    node, link, _, _ = entered
    with httpx.Client(base_url=node.url, timeout=PATIENCE_S) as other:
        again = other.get(link)
        assert again.status_code == 401 and "used or has lapsed" in again.text
        assert "set-cookie" not in again.headers


def test_a_change_by_cookie_must_come_from_the_node_s_own_page(entered):
    node, _, browser, _ = entered
    for origin in ({}, {"Origin": "null"}, {"Origin": "http://evil.example"}, {"Origin": node.url + ".evil.example"}):
        problem(browser.post("/api/alerts/alerts", json=draft(), headers=origin), 403, "not_allowed", "session.origin")
    own = browser.post("/api/alerts/alerts", json=draft(areas=["150000"]), headers={"Origin": node.url})
    assert own.status_code == 201, own.text


def test_a_token_outweighs_the_cookie_and_needs_no_origin(entered):
    node, _, browser, _ = entered
    made = browser.post("/api/alerts/alerts", json=draft(), headers=node.signed(AUTHOR))
    assert made.status_code == 201


def test_who_leaves_is_anybody_again(entered):
    node, _, browser, _ = entered
    with httpx.Client(base_url=node.url, cookies=browser.cookies, timeout=PATIENCE_S) as leaving:
        assert leaving.get("/leave").status_code == 303
        assert leaving.get("/api/me").json()["actor"] is None
        leaving.cookies.set("ortoo_session", "forged", domain="127.0.0.1")
        assert leaving.get("/api/me").json()["actor"] is None
