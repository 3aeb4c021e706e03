"""Who is asked gets a letter with a link of their own, at a real node and a real mail server; whoever holds the link answers as them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest

from tests.alerts.channels.sinks import MailSink, mail_sink
from tests.support import Node, Post, fresh, started
from tests.volunteers.opening import DPO, GOV, PARTS
from tests.volunteers.pages.applicant import faults, hidden, id_number
from tests.waiting import PATIENCE_S, until

OFFICER, SECOND, DUTY = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.DUTY", "EMD.duty")
AUDITOR = Post("B.AUD", "AUD")
LINK = re.compile(r"http://127\.0\.0\.1:1(/volunteer/answer/\S+)")
ACCEPTED = {"risk_text": 1, "notice": "register/1", "consent": True}


class Called(NamedTuple):
    volunteer: str
    call_up: str
    incident: str
    address: str


@pytest.fixture(scope="module")
def mails() -> Iterator[MailSink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def node(mails: MailSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    smtp = {"HOST": "127.0.0.1", "PORT": str(mails.port), "FROM": "w@example.org", "SECURITY": "none"}
    settings = {f"ORTOO_SMTP_{name}": value for name, value in smtp.items()}
    with started(tmp_path_factory.mktemp("called") / "data", ORTOO_PUBLIC_URL="http://127.0.0.1:1", **settings) as running:
        for module in ("register", "callup"):
            path = f"/api/privacy/modules/{module}/assessments"
            made(running, path, DPO, {"assessment": f"PIA-{module}", **PARTS})
            made(running, f"{path}/PIA-{module}/approval", GOV, {})
        yield running


def made(node: Node, path: str, who: Post, body: dict[str, Any]) -> httpx.Response:
    done = node.post(path, who, body)
    assert done.status_code in (200, 201), done.text
    return done


def registered(node: Node, **more: Any) -> str:
    volunteer = fresh("V")
    said = {
        "volunteer": volunteer,
        "division": "150722",
        "name": "Planted Name",
        "id_number": id_number(),
        "adult": True,
        "fit": True,
        **ACCEPTED,
        **more,
    }
    until(lambda: node.post("/api/volunteers/volunteers", OFFICER, said).status_code in (200, 201), "registration never opened")
    made(node, f"/api/volunteers/volunteers/{volunteer}/review", SECOND, {})
    return volunteer


def incident_of(node: Node) -> str:
    incident = fresh("INC")
    made(node, "/api/alerts/incidents", DUTY, {"incident": incident, "type": "NAT.DAM", "division": "150722"})
    return incident


def asked(node: Node, volunteer: str, incident: str, **more: Any) -> str:
    call_up, begins = fresh("CU"), datetime.now(UTC)
    period = {"from": begins.isoformat(), "to": (begins + timedelta(hours=8)).isoformat()}
    said = {
        "volunteers": [volunteer],
        "incident": incident,
        "place": "150722",
        "task": "Filling sandbags",
        "risk_text": 1,
        **period,
        **more,
    }
    path = f"/api/volunteers/call-ups/{call_up}/offers"
    until(lambda: node.post(path, OFFICER, said).status_code in (200, 201), "the incident never came to volunteers")
    return call_up


def told(node: Node, one: Called, state: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        letter: dict[str, Any] | None = party(node, one)["told"]
        return letter if letter is not None and letter["state"] == state else None

    return until(look, f"{one.volunteer} was not told: {state}")


def party(node: Node, one: Called) -> dict[str, Any]:
    path = f"/api/volunteers/call-ups/{one.call_up}"
    board = until(lambda: found if (found := node.get(path, OFFICER).json()).get("parties") else None, "the board never came")
    return next(one_of for one_of in board["parties"] if one_of["holder"] == one.volunteer)


@pytest.fixture
def called(node: Node) -> Called:
    address = f"{fresh('planted')}@example.org".lower()
    volunteer, incident = registered(node, email=address, phone="13800100777"), incident_of(node)
    return Called(volunteer, asked(node, volunteer, incident), incident, address)


def letter_to(mails: MailSink, address: str) -> str:
    def look() -> str | None:
        return next((mail.get_content() for mail in mails.got if mail["to"] == address), None)

    return until(look, f"no letter to {address}")


def path_in(letter: str) -> str:
    found = LINK.search(letter)
    assert found, letter
    return found[1]


def browser(node: Node, language: str = "en") -> httpx.Client:
    return httpx.Client(base_url=node.url, timeout=PATIENCE_S, headers={"Accept-Language": language})


def test_the_letter_says_no_more_than_that_somebody_is_asked_and_the_board_that_it_went_out(node, mails, called):
    letter = letter_to(mails, called.address)
    assert letter.count(path_in(letter)) == 2 and "no consequence" in letter and "没有任何不利后果" in letter
    for personal in ("Planted", "13800100777", called.address, called.incident, "sandbags"):
        assert personal not in letter
    assert told(node, called, "sent") == {"channel": "mail", "state": "sent", "detail": None}
    assert [mail["to"] for mail in mails.got].count(called.address) == 1


def test_the_address_is_read_as_a_fact_for_its_purpose_before_it_is_used(node, mails, called):
    letter_to(mails, called.address)
    facts = node.get("/api/privacy/readings", AUDITOR, limit=100).json()["items"]
    mine = [fact for fact in facts if called.volunteer in str(fact)]
    assert mine, facts[:3]
    assert (mine[0]["purpose"], mine[0]["incident"], mine[0]["actor"]) == ("callup.contact", called.incident, "SYS.OUTBOX")


def test_whoever_holds_the_link_comes_after_reading_the_risks_and_answers_once(node, mails, called):
    path = path_in(letter_to(mails, called.address))
    with browser(node) as http:
        page = http.get(path)
        assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
        assert "Filling sandbags" in page.text and "Morin Dawa" in page.text and "Planted" not in page.text
        form = hidden(page.text, "form")
        unread = http.post(path, data={"form": form, "answer": "accept", "eta": "tomorrow"})
        assert unread.status_code == 422 and set(faults(unread.text)) == {"risk_text", "eta"} and 'value="tomorrow"' in unread.text
        assert party(node, called)["state"] == "asked"
        yes = http.post(path, data={"form": form, "answer": "accept", "risk_text": "1"})
        assert yes.status_code == 200 and "Accepted, thank you" in yes.text
        again = http.post(path, data={"form": form, "answer": "accept", "risk_text": "1"})
        assert again.status_code == 200 and "you accepted" in again.text
    until(lambda: party(node, called)["state"] == "accepted", "never accepted")
    events = node.get("/api/events", OFFICER, incident=called.incident, limit=2000).json()
    [accepted] = [event for event in events if event["type"] == "volunteers.callup.accepted.v1"]  # pressed twice, said once
    assert accepted["data"]["channel"] == "link"


def test_saying_no_by_the_link_needs_no_reason(node, mails, called):
    path = path_in(letter_to(mails, called.address))
    with browser(node, "zh") as http:
        page = http.get(path)
        assert "我不参加" in page.text and "从不强制" in page.text
        no = http.post(path, data={"form": hidden(page.text, "form"), "answer": "decline"})
        assert no.status_code == 200 and "没有任何后果" in no.text
    until(lambda: party(node, called)["state"] == "declined", "never declined")


def test_looking_changes_nothing_and_nobody_answers_without_the_page_of_the_link(node, mails, called):
    path = path_in(letter_to(mails, called.address))
    with browser(node) as http:
        http.get(path)
        http.head(path)
        for form in ("", "x" * 30, "..."):
            refused = http.post(path, data={"form": form, "answer": "decline"})
            assert refused.status_code == 403 and "buttons of its page" in refused.text
        nonsense = http.post(path, data={"form": hidden(http.get(path).text, "form"), "answer": "<script>"})
        assert nonsense.status_code == 422 and "<script>" not in nonsense.text
        for wrong in (path[:-1] + ("A" if path[-1] != "A" else "B"), path.replace(called.volunteer, "V-OTHER"), path + "A" * 500):
            assert http.get(wrong).status_code == 410 and http.post(wrong, data={}).status_code == 410
    assert party(node, called)["state"] == "asked"


def test_a_call_up_that_is_over_and_a_registration_given_up_leave_nothing_to_answer(node, mails, called):
    path = path_in(letter_to(mails, called.address))
    made(node, f"/api/volunteers/call-ups/{called.call_up}/cancellation", OFFICER, {"reason": "nobody is needed"})
    with browser(node) as http:
        over = until(lambda: page if (page := http.get(path)).status_code == 410 else None, "the link still holds")
        assert "This link holds no more" in over.text and called.volunteer not in over.text


def test_odd_bytes_another_version_and_a_later_list_are_refused_in_words(node, mails, called):
    path = path_in(letter_to(mails, called.address))
    odd = b'--b\r\nContent-Disposition: form-data; name="form"\r\n\r\n\\ud800\r\n--b--\r\n'
    with browser(node) as http:
        for charset in ("unicode_escape", "raw_unicode_escape"):
            for page in (path, "/volunteer", "/rights"):
                kind = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
                assert http.post(page, content=odd, headers=kind).status_code in (400, 403, 422), page
        form = hidden(http.get(path).text, "form")
        unseen = http.post(path, data={"form": form, "answer": "accept", "risk_text": "7"})
        assert unseen.status_code == 422 and set(faults(unseen.text)) == {"risk_text"}
        late = http.post(path, data={"form": form, "answer": "accept", "risk_text": "1", "eta": "2199-01-01T00:00"})
        assert late.status_code == 422 and set(faults(late.text)) == {"eta"}
        assert http.post(path, data={"form": form, "answer": "decline"}).status_code == 200
        again = http.post(path, data={"form": form, "answer": "reserve"})
        assert again.status_code == 409 and 'class="fault"' in again.text


def test_who_gave_no_address_gets_no_letter_and_the_board_says_nothing_of_one(node, mails):
    volunteer, incident = registered(node, phone="13800100778"), incident_of(node)
    one = Called(volunteer, asked(node, volunteer, incident), incident, "")
    other = registered(node, email="later@example.org")
    call_up = asked(node, other, incident)
    told(node, Called(other, call_up, incident, ""), "sent")  # what came later went out already
    assert party(node, one)["told"] is None


def test_an_address_the_server_refuses_is_told_with_its_answer(node, mails):
    mails.refuses["refused@example.org"] = "550 no such user"
    volunteer, incident = registered(node, email="refused@example.org"), incident_of(node)
    one = Called(volunteer, asked(node, volunteer, incident), incident, "")
    assert told(node, one, "failed")["detail"] == "mail server answered 550"


def test_no_address_lies_in_any_file_beside_the_vault(node, mails, called):
    told(node, called, "sent")
    for file in node.folder.rglob("*"):
        if file.is_file():
            assert called.address.encode() not in file.read_bytes(), file
