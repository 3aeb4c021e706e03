"""At a real node: a warning goes out by every channel, and comes back acknowledged."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.alerts.channels.office import parsed
from tests.alerts.channels.sinks import mail_sink, web_sink
from tests.support import ADMIN, AUTHOR, DUTY, HEAD_OFFICE, OFFICER, PASSER_BY, Post, fresh, problem, started
from tests.waiting import PATIENCE_S, until

TOWN = Post("T.XW", "L4.office", "150722106")
OTHERS = Post("A.OFF", "EMD.officer", "150721")
LINK = re.compile(r"http://127\.0\.0\.1:\d+/answer/(\S+)")


@pytest.fixture(scope="module")
def sinks():
    with mail_sink() as mail, web_sink() as web:
        yield mail, web


@pytest.fixture(scope="module")
def office(sinks, tmp_path_factory):
    """A node with a mail server, whose officer keeps a list of one recipient for each channel."""
    smtp = {"HOST": "127.0.0.1", "PORT": str(sinks[0].port), "FROM": "w@example.org", "SECURITY": "none"}
    settings = {f"ORTOO_SMTP_{name}": value for name, value in smtp.items()}
    with started(tmp_path_factory.mktemp("channels") / "data", ORTOO_PUBLIC_URL="http://127.0.0.1:1/", **settings) as node:
        town = {"code": "150722106", "zh": "西瓦尔图镇", "en": "Xiwa'ertu", "level": 4, "parent": "150722"}
        loaded = node.post("/api/registry/divisions/150000/units", ADMIN, {"units": [town], "source": "test"})
        assert loaded.status_code == 201, loaded.text
        yield node


@pytest.fixture
def published(office, sinks):
    """A warning in force, with recipients nobody used before; (alert, {channel: recipient})."""
    names = {channel: fresh(channel.upper()) for channel in ("in_app", "link", "mail", "webhook", "list")}
    contact(office, names["mail"], mail="town@example.org")
    contact(office, names["webhook"], webhook=sinks[1].url)
    recipients = [{"actor": actor, "channel": channel} for channel, actor in names.items()]
    done = office.post("/api/alerts/recipients/150722", OFFICER, {"recipients": recipients})
    assert done.status_code == 201, done.text
    alert = office.published()
    told(office, alert, names["in_app"], state="delivered")
    return alert, names


def contact(node, recipient: str, who: Post = OFFICER, **fields: Any) -> dict[str, Any]:
    done = node.post(f"/api/alerts/contacts/{recipient}", who, fields)
    assert done.status_code == 201, done.text
    made: dict[str, Any] = done.json()
    return made


def acks(node, alert: str) -> dict[str, dict[str, Any]]:
    rows = node.get(f"/api/alerts/alerts/{alert}/acks", DUTY).json().get("recipients", [])  # 404 until the reader is there
    return {row["recipient"]: row for row in rows}


def told(node, alert: str, recipient: str, **wanted: Any) -> None:
    """Wait for a line to look so; `...` is any value."""

    def looks_so() -> bool:
        row = acks(node, alert).get(recipient, {})
        return all(row.get(name) == value or (value is ... and row.get(name)) for name, value in wanted.items())

    until(looks_so, lambda: (recipient, wanted, acks(node, alert), node.logged[-2000:]))


def opened(node, path: str) -> httpx.Response:
    """As a stranger's browser would: no token, no cookie."""
    return httpx.get(node.url + path, headers={"Accept-Language": "en"}, timeout=PATIENCE_S)


def pressed(node, path: str, page: httpx.Response) -> httpx.Response:
    [form] = parsed(page.text).forms
    return httpx.post(node.url + path + form.action, data=dict(form.fields), timeout=PATIENCE_S)


def test_every_channel_reports_what_it_did_and_no_more(office, published, sinks):
    alert, names = published
    told(office, alert, names["mail"], state="sent")
    told(office, alert, names["webhook"], state="delivered")
    assert acks(office, alert)[names["link"]]["state"] == acks(office, alert)[names["list"]]["state"] == "queued"
    assert sum(names["webhook"].encode() in body for _, body in sinks[1].got) == 1


def test_the_link_in_a_mail_acknowledges_as_its_recipient_once(office, published, sinks):
    alert, names = published
    told(office, alert, names["mail"], state="sent")
    path = "/answer/" + LINK.findall(sinks[0].got[-1].get_content())[0]
    page = opened(office, path)
    assert page.status_code == 200 and "heavy rain" in page.text and names["mail"] in page.text
    assert page.headers["cache-control"] == "no-store" and "set-cookie" not in page.headers
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert acks(office, alert)[names["mail"]]["acknowledged_at"] is None, "looking is not answering"
    for _ in range(2):
        done = pressed(office, path, page)
        assert done.status_code == 200 and "Acknowledged" in done.text
    told(office, alert, names["mail"], channel="mail", acknowledged_at=...)
    said = [event for event in timeline(office, alert) if event["type"] == "alerts.alert.acknowledged.v1"]
    assert [(event["actor"], event["role"]) for event in said] == [(names["mail"], "LINK")]
    assert not parsed(opened(office, path).text).forms


def timeline(node, alert: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = node.get(f"/api/alerts/alerts/{alert}", DUTY).json()["timeline"]
    return found


def test_only_the_button_of_the_page_acknowledges(office, published):
    alert, names = published
    path = handed_out(office, alert, names["link"])
    for data in ({}, {"form": "0" * 64}, {"form": "é"}, {"x": "1"}):
        refused = httpx.post(office.url + path, data=data, headers={"Accept-Language": "en"}, timeout=PATIENCE_S)
        assert refused.status_code == 403 and "use the button" in refused.text
    assert httpx.post(office.url + path, content=b"\xff\x00" * 9, timeout=PATIENCE_S).status_code == 403
    assert acks(office, alert)[names["link"]]["acknowledged_at"] is None
    broken = opened(office, path[:-3] + "AAA")
    assert broken.status_code == 403 and "as it was given" in broken.text


def handed_out(node, alert: str, recipient: str, who: Post = DUTY) -> str:
    done = node.post(f"/api/alerts/alerts/{alert}/recipients/{recipient}/link", who)
    assert done.status_code in (200, 201), done.text
    assert done.headers["cache-control"] == "no-store"
    return "/answer/" + LINK.findall(done.json()["link"])[0]


def test_who_hands_out_a_link_is_on_the_log_and_the_link_is_not(office, published):
    alert, names = published
    path = handed_out(office, alert, names["link"])
    assert handed_out(office, alert, names["link"]), "as often as it is needed"
    told(office, alert, names["link"], state="sent", channel="link")
    said = [event for event in timeline(office, alert) if event["type"] == "alerts.alert.disseminated.v1" and event["actor"] == DUTY.actor]
    assert len(said) == 1
    assert pressed(office, path, opened(office, path)).status_code == 200
    told(office, alert, names["link"], acknowledged_at=...)
    link = f"/api/alerts/alerts/{alert}/recipients"
    problem(office.post(f"{link}/{names['link']}/link", AUTHOR), 403, "not_allowed", "ERL-65")
    problem(office.post(f"{link}/{names['link']}/link", OTHERS), 403, "not_allowed", "ERL-65")
    problem(office.post(f"{link}/NOBODY/link", DUTY), 404, "not_found", "alert.recipients")


def test_paper_is_queued_until_somebody_says_who_holds_it(office, published):
    alert, names = published
    printed = office.get(f"/api/alerts/alerts/{alert}/printout", DUTY, lang="en")
    assert printed.headers["content-type"].startswith("text/html")
    rows = {row[1]: row[0] for row in ([cell.text for cell in line] for line in parsed(printed.text).xpath("//tbody/tr"))}
    assert rows[names["list"]] == "☐" and len(rows) == 5
    path = f"/api/alerts/alerts/{alert}/recipients/{names['list']}/delivery"
    assert office.post(path, TOWN).status_code == 201
    assert office.post(path, TOWN).json()["events"] == []
    told(office, alert, names["list"], state="delivered")
    problem(office.post(path, PASSER_BY), 403, "not_allowed", "ERL-65")
    problem(office.get(f"/api/alerts/alerts/{alert}/printout", OTHERS), 404, "not_found")
    problem(office.get(f"/api/alerts/alerts/{alert}/printout"), 401, "unauthenticated")


def test_the_inbox_holds_what_its_owner_has_not_acknowledged(office):
    me = Post(fresh("T.IN"), "L4.office", "150722106")
    office.post("/api/alerts/recipients/150722", OFFICER, {"recipients": [{"actor": me.actor, "channel": "in_app"}]})
    alerts = [office.published() for _ in range(3)]
    for alert in alerts:
        told(office, alert, me.actor, state="delivered")
    pages, before = [], None
    while True:
        got = office.get("/api/alerts/inbox", me, limit=2, **({"before": before} if before else {})).json()
        pages.append([item["alert"] for item in got["items"]])
        before = got["next"]
        if before is None:
            break
    assert pages == [alerts[:0:-1], alerts[:1]]
    done = office.post(f"/api/alerts/alerts/{alerts[0]}/acknowledgement", me)
    left = office.settle(done.headers["ortoo-position"], "/api/alerts/inbox", me).json()["items"]
    assert [item["alert"] for item in left] == alerts[:0:-1] and left[0]["overdue"] is False
    assert office.get("/api/alerts/inbox", PASSER_BY).json()["items"] == []
    problem(office.get("/api/alerts/inbox"), 401, "unauthenticated")
    problem(office.get("/api/alerts/inbox", me, before="x"), 400, "malformed")


def test_addresses_are_kept_by_the_recipients_officers_and_read_by_nobody_else(office):
    name = fresh("T.AD")
    path = f"/api/alerts/contacts/{name}"
    made = contact(office, name, division="150722106", mail="a@example.org", webhook="https://example.org/hook")
    assert made["webhook_secret"].startswith("whsec_") and (made["stream"], made["events"]) == (None, [])
    assert "webhook_secret" not in contact(office, name, mail="b@example.org", webhook="https://example.org/hook")
    assert contact(office, name, webhook="https://example.org/hook", new_secret=True)["webhook_secret"] != made["webhook_secret"]
    assert office.get(path, HEAD_OFFICE).json() == {
        "recipient": name,
        "division": "150722106",
        "mail": None,
        "webhook": "https://example.org/hook",
    }
    for who in (OTHERS, DUTY, TOWN, PASSER_BY):
        problem(office.get(path, who), 403, "not_allowed")
        problem(office.post(path, who, {"mail": "c@example.org"}), 403, "not_allowed")
    problem(office.post(path, OTHERS, {"division": "150721", "mail": "c@example.org"}), 403, "not_allowed")
    problem(office.get(path), 401, "unauthenticated")
    refused = problem(office.post(path, OFFICER, {"mail": "no address", "webhook": "http://example.org/"}), 422, "rule_broken")
    assert [failure["field"] for failure in refused["failures"]] == ["mail", "webhook"]
    problem(office.post(path, OFFICER, {"phone": "1"}), 400, "malformed")
    contact(office, name)
    problem(office.get(path, OFFICER), 404, "not_found")


def test_no_address_secret_or_link_is_in_the_log_or_in_what_is_logged(office, published):
    alert, names = published
    told(office, alert, names["mail"], state="sent")
    path = handed_out(office, alert, names["link"])
    opened(office, path)
    opened(office, path[:-3] + "AAA")
    stored = b"".join(file.read_bytes() for name in ("logs", "read") for file in (office.folder / name).rglob("*") if file.is_file())
    token = path.removeprefix("/answer/").encode()
    for secret in (b"town@example.org", b"/hook", b"whsec_", token):
        assert secret not in stored
        assert secret.decode() not in office.logged


def test_without_a_mail_server_the_delivery_has_failed_and_says_what_cures_it(tmp_path):
    with started(tmp_path / "data") as node:
        name = fresh("T.NO")
        contact(node, name, mail="a@example.org")
        node.post("/api/alerts/recipients/150722", OFFICER, {"recipients": [{"actor": name, "channel": "mail"}]})
        alert = node.published()
        told(node, alert, name, state="failed")
        events = node.get("/api/events", DUTY, type="alerts.alert.disseminated").json()
        assert "set ORTOO_SMTP_HOST" in events[-1]["data"]["detail"]


def test_a_mail_server_described_wrongly_is_told_at_the_start(tmp_path):
    with pytest.raises(AssertionError, match="ORTOO_SMTP_FROM"), started(tmp_path / "data", ORTOO_SMTP_HOST="mail.example.org"):
        pass
