"""The own page: opened by number and code, corrected, taken along, given up."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.support import Post
from tests.volunteers.pages.applicant import faults, hidden, person, picture
from tests.waiting import until


@pytest.fixture
def known(people):
    one = people()
    one.said = person(email="a@example.org", health_note="asthma")
    assert one.send(one.said, files={"photo": ("p.jpg", picture())}).status_code == 201
    return one


def test_nothing_is_shown_without_the_code(people, known):
    other = people()
    for path in ("", "/card", "/letter", "/export", "/photo", "/certificates/VC-1"):
        assert str(known.said["name"]) not in other.http.get(f"/volunteer/me{path}", follow_redirects=True).text
    wrong, nobody = other.enter(known.number, "AAAA-BBBB-CCCC"), other.enter("V-NONE-NONE", "AAAA-BBBB-CCCC")
    assert wrong.status_code == nobody.status_code == 403
    assert "do not fit" in wrong.text and "do not fit" in nobody.text


def test_tries_of_a_code_are_counted(people, known):
    answers = [people().enter(known.number, "AAAA-BBBB-CCCC").status_code for _ in range(9)]
    assert answers[0] == 403 and answers[-1] == 429


def test_the_code_opens_it_however_it_is_typed(known):
    page = known.enter(code=known.code.lower().replace("-", " "))
    for said in (known.said["name"], known.said["id_number"], known.said["phone"], "asthma"):
        assert str(said) in page.text


def test_contact_is_corrected_in_the_vault_and_faults_keep_what_was_typed(known):
    known.enter()
    wrong = known.act("correction", phone="no phone", email="b@example.org")
    assert set(faults(wrong.text)) == {"phone"} and 'value="no phone"' in wrong.text
    done = known.act("correction", phone="139 1111 2222", email="", address="Street 1", kin_name="", kin_phone="", health_note="asthma")
    assert "saved" in done.text
    kept = json.loads(known.http.get("/volunteer/me/export").text)
    assert kept["values"]["phone"] == "139 1111 2222" and kept["values"]["address"] == "Street 1" and kept["values"]["email"] == ""
    assert kept["record"][-1]["type"] == "volunteers.volunteer.contact_corrected.v1"
    assert kept["files"]["photo"]


def test_who_lost_the_code_gets_another_at_a_desk(gate, people, known):
    path, desk = f"/api/volunteers/volunteers/{known.number}/code", Post("B.OFF", "EMD.officer")
    assert gate.post(path, Post(known.number, "VOL"), {"method": "document_seen"}).status_code == 403
    assert "VOLUNTEER.CODE" in gate.post(path, desk, {}).text.upper()
    given = gate.post(path, desk, {"method": "document_seen"}, Idempotency_Key="lost")
    again = gate.post(path, desk, {"method": "document_seen"}, Idempotency_Key="lost")
    assert (given.status_code, again.status_code) == (201, 200) and given.json()["code"] == again.json()["code"] != known.code
    assert given.json()["events"] == ["volunteers.volunteer.code_reissued.v1"]
    assert "was replaced" in people().enter(known.number, known.code).text
    assert str(known.said["name"]) in people().enter(known.number, given.json()["code"]).text


def test_while_a_law_keeps_it_locked_nothing_is_shown_changed_or_given_up(gate, known):
    known.enter()
    ends = (known.now + timedelta(days=30)).isoformat()
    lock = {"reason": "evidence", "basis": "PIPL-47", "until": ends}
    held = gate.post(f"/api/privacy/people/{known.number}/locks/LK-1", Post("B.DPO", "DPO"), lock)
    assert held.status_code == 201, held.text
    page = until(lambda: got if (got := known.http.get("/volunteer/me")).status_code == 423 else None, "no lock on the page")
    assert "stay locked" in page.text and str(known.said["name"]) not in page.text and "were destroyed" not in page.text
    assert known.act("correction", phone="13900002222").status_code == 423
    assert known.act("erasure", erasure="yes").status_code == 423
    assert known.http.get("/volunteer/me/photo").status_code == 404


def test_a_code_that_was_replaced_is_told_so_and_closes_other_pages(people, known):
    old, elsewhere = known.code, people()
    elsewhere.enter(known.number, old)
    known.enter()
    new = known.act("code")
    code = new.text.split('id="code">')[1].split("<")[0]
    assert code != old
    assert "was replaced" in people().enter(known.number, old).text
    assert str(known.said["name"]) not in elsewhere.http.get("/volunteer/me").text
    assert str(known.said["name"]) in elsewhere.enter(known.number, code).text


def test_another_page_cannot_press_its_buttons(known):
    known.enter()
    answer = known.http.post("/volunteer/me/erasure", data={"erasure": "yes", "form": "guessed"})
    assert answer.status_code == 403
    assert "to be reviewed" in known.http.get("/volunteer/me").text


def test_leaving_needs_to_be_sure_and_no_reason(known):
    known.enter()
    assert set(faults(known.act("withdrawal").text)) == {"withdrawal"}
    done = known.act("withdrawal", withdrawal="yes")
    assert "no longer a volunteer" in done.text
    erased = known.act("erasure", erasure="yes")
    assert "request to delete was taken" in erased.text and str(known.said["name"]) not in erased.text
    assert known.http.get("/volunteer/me/photo").status_code == 404


def test_what_was_asked_to_be_deleted_is_locked_and_not_called_destroyed(gate, known):
    known.enter()
    said = known.act("erasure", erasure="yes").text
    assert "not deleted yet" in said and "deletion asked for" in said and ">deleted<" not in said
    page = known.http.get("/volunteer/me").text
    assert f"RR-{known.number}-" in page and "were destroyed" not in page and str(known.said["name"]) not in page
    reading = {"subject": known.number, "purpose": "register"}

    def read() -> bool:
        return gate.post("/api/privacy/readings", Post("B.OFF", "EMD.officer"), reading).status_code == 423

    until(read, "officers still read it")
    assert gate.post("/api/privacy/readings", Post("B.DPO", "DPO"), reading).status_code == 201, "who decides about it"


def test_the_page_closes_by_itself_and_when_told(known):
    known.enter()
    known.later(21 * 60)
    assert str(known.said["name"]) not in known.http.get("/volunteer/me").text
    known.enter()
    known.act("leave")
    assert str(known.said["name"]) not in known.http.get("/volunteer/me").text


def test_the_address_of_a_button_leads_back_to_the_page(known):
    known.enter()
    back = known.http.get("/volunteer/me/correction?lang=zh", follow_redirects=False)
    assert (back.status_code, back.headers["location"]) == (303, "/volunteer/me?lang=zh")
    assert known.http.get("/volunteer/me/card").status_code == 200


def test_a_number_opens_the_page_however_it_is_typed(known):
    assert str(known.said["name"]) in known.enter(number=known.number.lower()).text


def test_card_and_letter_are_paper(known):
    known.enter()
    card = known.http.get("/volunteer/me/card").text
    assert "<svg" in card and known.number in card and str(known.said["name"]) not in card
    letter = known.http.get("/volunteer/me/letter").text
    assert "No service has ended yet" in letter and "article 90" not in letter  # nobody is vouched for who did not serve


def test_its_cookie_is_for_nobody_else(known):
    page = known.http.get("/volunteer/me")
    said = {"form": hidden(page.text, "form"), "number": known.number, "code": known.code}
    cookie = known.http.post("/volunteer/me", data=said).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/volunteer" in cookie
    assert known.code not in cookie
