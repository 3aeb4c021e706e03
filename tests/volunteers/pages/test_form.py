"""The registration form without a browser: everything at once, nothing lost, nothing told to strangers."""

from __future__ import annotations

import html
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.support import Post
from tests.volunteers.pages.applicant import faults, hidden, id_number, person, picture, total
from tests.waiting import PATIENCE_S

OFFICER = Post("B.OFF", "EMD.officer")


@pytest.fixture
def someone(people):
    return people()


def test_a_registration_gets_a_number_and_a_code(gate, someone):
    answer = someone.send(person(), files={"photo": ("p.png", picture("PNG")), "certificate": ("c.pdf", b"%PDF-1.7 x")})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    someone.later()
    assert gate.get(f"/api/volunteers/volunteers/{someone.number}", OFFICER).json()["status"] == "verified"


def test_every_fault_is_named_at_once_and_nothing_typed_is_lost(someone):
    said = {
        "name": '<script>alert("x")</script> & \u1820\u1828\u1833\u180e\u1820 Анд 安达',
        "document": "resident",
        "id_number": "15072219900521002",
        "phone": "call me",
        "email": "nobody",
        "kin_name": "Kin",
        "birth_date": "21.5.1990",
        "place": "999999",
        "languages": ["xx"],
        "health_note": "a\nb <i>",
    }
    answer = someone.send(said, sum="99")
    assert answer.status_code == 422
    found = faults(answer.text)
    wrong = {"id_number", "birth_date", "phone", "email", "place", "kin_phone", "languages", "risk_text", "notice", "consent", "sum"}
    wrong |= {"separate_consent"}  # for the health note
    assert wrong == set(found)
    for name in ("name", "id_number", "phone", "email", "kin_name", "birth_date"):
        assert f'value="{html.escape(str(said[name]))}"'.replace("&quot;", "&#34;") in answer.text, name
    assert "<script>" not in answer.text and "a\nb &lt;i&gt;" in answer.text


def test_a_strangers_landline_is_sent_to_the_desk(someone):
    answer = someone.send(person(phone="0470-8812345", kin_name="Kin", kin_phone="+86 470 8812345"))
    assert answer.status_code == 422
    found = faults(answer.text)
    assert set(found) == {"phone", "kin_phone"} and all("come to the desk" in said for said in found.values())


def test_the_notice_names_who_handles_the_data_and_how_they_are_reached(someone):
    page = someone.form().text
    assert "{organ}" not in page and "{contact}" not in page
    assert "emergency management department of the banner" in page and "[D]" in page


@pytest.mark.parametrize(
    "name",
    ["\u182a\u1820\u1832\u1824", "Батзориг", "Ö" * 64, "ᠮᠣᠩᠭᠣᠯ ᠬᠦᠮᠦᠨ", "<b>Bold</b> O'Neill", "欧阳\u3000娜娜"],
)
def test_names_of_every_script_are_taken_and_come_back_as_text(someone, name):
    answer = someone.send(person(name=name))
    assert answer.status_code == 201, faults(answer.text)
    page = someone.enter().text
    assert html.escape(name, quote=True).replace("&#x27;", "&#39;") in page and "<b>Bold" not in page


@pytest.mark.parametrize("name", ["", "   ", "1234", "a" * 65, "a\u202eb", "a\u0000b", "!?"])
def test_what_nobody_can_read_is_no_name(someone, name):
    assert set(faults(someone.send(person(name=name)).text)) == {"name"}


def test_who_is_young_needs_a_guardian_and_a_child_the_desk(someone):
    young = person(id_number=id_number("20100101"))
    assert set(faults(someone.send(young).text)) == {"guardian"}
    assert someone.send({**young, "guardian": "yes"}).status_code == 201
    assert set(faults(someone.send(person(id_number=id_number("20160101"), guardian="yes")).text)) == {"id_number"}


def test_another_document_needs_the_date_of_birth(someone):
    passport = person(document="passport", id_number="E12345678")
    assert set(faults(someone.send(passport).text)) == {"birth_date"}
    assert someone.send({**passport, "birth_date": "1990-05-21"}).status_code == 201


def test_a_file_that_is_none_is_refused_and_the_others_are_kept(someone):
    first = someone.send({}, files={"photo": ("p.jpg", picture()), "certificate": ("c.pdf", b"MZ\x90")})
    assert "certificate" in faults(first.text) and "photo" not in faults(first.text)
    answer = someone.send(person(), first, photo_kept=hidden(first.text, "photo_kept"))
    assert answer.status_code == 201
    someone.enter()
    assert someone.http.get("/volunteer/me/photo").content.startswith(b"\xff\xd8")


def test_what_another_browser_kept_is_not_ours(people, someone):
    kept = hidden(someone.send({}, files={"photo": ("p.jpg", picture())}).text, "photo_kept")
    other = people()
    assert set(faults(other.send(person(), photo_kept=kept).text)) == {"photo"}


def test_the_same_form_sent_twice_is_one_registration(someone):
    page, said = someone.form(), person()
    first, number, code = someone.send(said, page), someone.number, someone.code
    assert first.status_code == 201
    assert someone.send(said, page).status_code == 201
    assert (someone.number, someone.code) == (number, code)
    changed = someone.send({**said, "phone": "139 0000 0000"}, page)
    assert changed.status_code == 409 and "already" in changed.text and code not in changed.text


def test_a_machine_is_slowed_and_a_person_loses_nothing(someone):
    page = someone.form()
    assert "too fast" in someone.send(person(), page, wait=False).text
    assert "hidden field" in someone.send(person(website="x"), page).text
    assert set(faults(someone.send(person(), page, sum=str(total(page.text, "en") + 1)).text)) >= {"sum"}
    assert someone.send(person(), page).status_code == 201


@pytest.mark.parametrize("wrong", [{"form": "x"}, {"website": "x"}, {"sum": "1"}, {"switch": "zh", "sum": ""}])
def test_a_file_is_looked_at_only_in_a_form_that_a_person_answered(someone, wrong):
    files = {"photo": ("p.png", picture("PNG")), "certificate": ("c.pdf", b"no PDF at all")}
    page = someone.send(person(), files=files, **wrong).text
    assert all("choose it again" in faults(page)[name] for name in files) and 'name="photo_kept"' not in page


def test_a_large_body_out_of_turn_is_not_waited_for(gate):
    def announced(path: str, length: int) -> int:
        """The answer to a body of which nothing is sent."""
        with closing(HTTPConnection(gate.url.removeprefix("http://"), timeout=PATIENCE_S, source_address=("127.2.0.1", 0))) as line:
            line.putrequest("POST", path)
            line.putheader("Content-Type", "multipart/form-data; boundary=x")
            line.putheader("Content-Length", str(length))
            line.endheaders()
            return line.getresponse().status

    for _ in range(20):
        if announced("/volunteer", 0) == 429:
            break
    assert announced("/volunteer", 8_000_000) == announced("/api/volunteers/volunteers", 8_000_000) == 429


def test_a_form_of_another_browser_or_day_is_shown_again_with_everything_in_it(people, someone):
    page, said = someone.form(), person()
    other = people()
    answer = other.send(said, page)
    assert answer.status_code == 422 and "lapsed" in answer.text and str(said["name"]) in answer.text
    assert other.send(said, answer).status_code == 201


def test_too_many_from_one_address_wait_and_keep_their_words(someone):
    for _ in range(12):
        answer = someone.send({"name": "Patient Person"})
        if answer.status_code == 429:
            break
    assert answer.status_code == 429 and "Patient Person" in answer.text and "Retry-After" in answer.headers


def test_it_speaks_both_languages_and_changes_between_them_without_loss(people):
    one = people("zh")
    page = one.form()
    assert "志愿者登记" in page.text and "您的服务时长只按签到和签退记录" in page.text
    answer = one.http.post("/volunteer?lang=en", data={"form": hidden(page.text, "form"), "name": "巴特", "switch": "en"})
    assert "Register as a volunteer" in answer.text and 'value="巴特"' in answer.text and not faults(answer.text)


def test_who_registers_again_learns_nothing_and_the_officer_does(gate, people, someone):
    said = person()
    first = someone.send(said)
    number = someone.number
    second = people()
    again = second.send({**said, "name": "Other Person"})
    assert again.status_code == first.status_code == 201 and number not in again.text
    second.later()
    assert gate.get(f"/api/volunteers/volunteers/{second.number}", OFFICER).json()["duplicates"] == [number]


def test_a_body_that_is_no_form_is_refused_in_words(someone):
    for kind, body in (("multipart/form-data; boundary=x", b"--y"), ("multipart/form-data", b""), ("text/plain", b"\xff\xfe")):
        answer = someone.http.post("/volunteer", content=body, headers={"Content-Type": kind})
        assert answer.status_code in (400, 422), (kind, answer.status_code)
        assert "Traceback" not in answer.text
