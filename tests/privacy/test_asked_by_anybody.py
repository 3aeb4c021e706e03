"""Rights without an account (PIPL art. 50): taken from anybody, by page and API; who is known is never said; words lie in the vault."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.privacy.pages.rights import PAGES
from tests.support import Node, Post
from tests.volunteers.pages.applicant import Applicant, faults, hidden, person, shown, somewhere, total
from tests.volunteers.pages.conftest import gate, people
from tests.waiting import until

__all__ = ["gate", "people"]
DPO, BANNER_DPO, NEXT_DPO = Post("R.DPO", "DPO", "150000"), Post("B.DPO", "DPO"), Post("A.DPO", "DPO", "150721")
API = "/api/privacy/rights-requests"
WORDS = "I am Secretly Sarnai and my number is 13911112222"


class Asker:
    """A browser without script, from an address of its own."""

    def __init__(self, url: str, language: str = "en") -> None:
        self.language = language
        self.http = somewhere(url, headers={"Accept-Language": language})

    def form(self, **query: str) -> httpx.Response:
        return self.http.get("/rights", params=query)

    def send(self, page: httpx.Response | None = None, **said: Any) -> httpx.Response:
        page = page or self.form()
        Applicant.now += timedelta(seconds=5)
        assert self.http.get("/api/me", headers={"Ortoo-At": Applicant.now.isoformat()}).status_code == 200
        return self.http.post("/rights", data=filled(page, self.language) | said)


def filled(page: httpx.Response, language: str = "en") -> dict[str, str]:
    """What the form carries by itself, and the sum."""
    return {"form": hidden(page.text, "form"), "as": hidden(page.text, "as"), "sum": str(total(page.text, language))}


@pytest.fixture
def asker(gate):
    one = Asker(gate.url)
    yield one
    one.http.close()


@pytest.fixture
def known(people, gate):
    one = people()
    assert one.send(person()).status_code == 201
    until(lambda: gate.get(f"/api/privacy/people/{one.number}", DPO).status_code == 200, "privacy did not hear of the registration")
    return one


def listed(node: Node, number: str, who: Post = DPO) -> dict[str, Any] | None:
    items = node.get(API, who).json()["items"]
    return next((one for one in items if one["id"] == number), None)


def landed(node: Node, number: str, who: Post = DPO) -> dict[str, Any]:
    found: dict[str, Any] = until(lambda: listed(node, number, who), f"{number} is not listed")
    return found


def read(node: Node, number: str, who: Post = DPO) -> httpx.Response:
    return node.post(f"{API}/{number}/reading", who)


def test_a_request_of_a_stranger_lands_with_its_clock_and_names_a_desk(gate, asker):
    said = {"kind": "donor", "right": "deletion", "name": "Secretly Sarnai", "contact": "13911112222", "text": WORDS, "place": "150722"}
    taken = asker.send(**said)
    assert taken.status_code == 201, taken.text
    assert "Nobody verifies a donor" in taken.text and "Red Cross" in taken.text and "people's court" in taken.text.replace("&#39;", "'")
    number = shown(taken.text, "number")
    assert "Sarnai" not in taken.text and re.fullmatch(r"RQ-[0-9A-F]{12}", number)
    row = landed(gate, number, BANNER_DPO)
    assert (row["right"], row["subject"], row["state"], row["division"]) == ("deletion", None, "received", "150722")
    assert row["due"]["K-54"] and shown(taken.text, "due") and "Sarnai" not in str(row)
    assert listed(gate, number, NEXT_DPO) is None


def test_with_its_number_anybody_sees_how_far_it_is_and_nothing_else(gate, asker, known):
    number = shown(asker.send(right="copy", text=WORDS, subject=known.number).text, "number")
    landed(gate, number)
    page = asker.form(number=number.lower()).text
    assert f"{number}: received" in page and known.number not in page
    told = gate.get(f"/api/privacy/rights-receipts/{number}").json()
    assert told.keys() == {"request", "state", "received", "due", "outcome", "positions"}
    named = gate.post(API, DPO, {"request": "RQ-NAMED", "right": "copy"})
    assert named.status_code == 201, named.text
    landed(gate, "RQ-NAMED")
    assert gate.get("/api/privacy/rights-receipts/RQ-NAMED").status_code == 404  # what could be guessed says nothing
    assert "check each letter" in asker.form(number="RQ-NAMED").text


def test_whoever_answers_reads_the_words_and_that_is_a_fact(gate, asker):
    number = shown(asker.send(right="copy", name="Secretly Sarnai", text=WORDS, place="150722").text, "number")
    landed(gate, number, BANNER_DPO)
    assert read(gate, number, NEXT_DPO).status_code == read(gate, number, Post("B.LEAD", "TASK.lead")).status_code == 403
    told = read(gate, number, BANNER_DPO)
    assert told.status_code == 201, told.text
    assert told.json()["words"] == {"name": "Secretly Sarnai", "text": WORDS}
    assert told.json()["events"] == ["privacy.rights.words_read.v1"]
    steps = {"identity": {"confirmed": True, "how": "card seen"}, "decision": {"outcome": "granted"}, "completion": {"note": "told"}}
    for step, body in steps.items():
        done = gate.post(f"{API}/{number}/{step}", BANNER_DPO, body)
        assert done.status_code == 201, done.text
    assert read(gate, number, BANNER_DPO).status_code == 409


def test_what_is_written_is_in_the_vault_alone(gate, asker):
    asker.send(right="access", name="Plainly Hidden", contact="13900007777", text="Plainly Hidden asks", subject="Plainly Hidden")
    written = [file for file in gate.folder.rglob("*") if file.is_file()]
    assert not [file.name for file in written if any(one in file.read_bytes() for one in (b"Plainly Hidden", b"13900007777"))]


def test_the_answer_is_the_same_whoever_is_asked_about(gate, asker, known):
    page = [asker.send(right="access", subject=subject).text for subject in (known.number, "V-NONE-NONE")]
    same = [re.sub(r"RQ-[0-9A-F]{12}", "", one).replace(known.number, "") for one in page]
    assert same[0] == same[1]
    api = [asker.http.post(API, json={"subject": subject, "right": "copy"}).json() for subject in (known.number, "V-NONE-NONE")]
    for one in api:
        for name in ("stream", "position", "command"):
            one.pop(name)
    assert api[0] == api[1]


def test_over_the_api_anybody_asks_without_a_token(gate, asker):
    first = asker.http.post(API, json={"right": "copy", "text": WORDS}, headers={"Idempotency-Key": "k"})
    again = asker.http.post(API, json={"right": "copy", "text": WORDS}, headers={"Idempotency-Key": "k"})
    other = asker.http.post(API, json={"right": "copy", "text": "others"}, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert first.json()["stream"] == again.json()["stream"] != other.json()["stream"]
    assert asker.http.post(API, json={"request": "RQ-1"}).status_code == 400
    assert gate.get(API, None).status_code == 401


def test_who_showed_number_and_code_need_not_come_to_a_desk(gate, asker, known):
    path = f"/api/volunteers/volunteers/{known.number}/showings"
    wrong, nobody = (
        asker.http.post(path, json={"code": "AAAA-BBBB-CCCC"}),
        asker.http.post(path.replace(known.number, "V-NO"), json={"code": "A"}),
    )
    assert (wrong.status_code, nobody.status_code) == (403, 403) and wrong.json()["rule"] == nobody.json()["rule"] == "code.none"
    proof = asker.http.post(path, json={"code": known.code}).json()["shown"]
    made = asker.http.post(API, json={"right": "copy", "shown": proof})
    assert made.status_code == 201, made.text
    number = made.json()["stream"].removeprefix("rights-")
    row = until(lambda: got if (got := listed(gate, number)) and got["state"] == "identity checked" else None, "not checked")
    assert row["subject"] == known.number and row["confirmed"] is True and row["division"] == "150722"
    forged = asker.http.post(API, json={"right": "copy", "shown": proof.replace(known.number, "V-OTHER")})
    assert forged.status_code == 403 and forged.json()["rule"] == "rights.shown"
    known.later(21 * 60)
    assert asker.http.post(API, json={"right": "copy", "shown": proof}).status_code == 403


def test_from_the_own_page_one_asks_as_oneself(gate, known):
    known.enter()
    page = known.act("rights")
    assert f"You ask as {known.number}" in page.text and 'id="name"' not in page.text
    known.later()
    taken = known.http.post("/rights", data=filled(page) | {"right": "access"})
    assert taken.status_code == 201 and "Your identity is known" in taken.text
    number = shown(taken.text, "number")
    row = until(lambda: got if (got := listed(gate, number)) and got["state"] == "identity checked" else None, "not checked")
    assert row["subject"] == known.number
    assert "ortoo_rights" not in "".join(name for name in known.http.cookies if not name.endswith("form")), "shown for one request"
    known.act("rights")
    alone = known.http.get("/rights", params={"alone": "yes"})
    assert known.number not in alone.text and 'id="name"' in alone.text


def test_consent_taken_back_is_one_request_whose_number_the_own_page_shows(gate, known):
    own = Post(known.number, "VOL", "150722")
    back = gate.post(f"/api/privacy/people/{known.number}/consent-withdrawal", own, {"purpose": "register"})
    assert back.status_code == 201, back.text
    known.enter()
    page = until(lambda: got if "RC-" in (got := known.http.get("/volunteer/me").text) else None, "not given up")
    (number,) = set(re.findall(rf"RC-{known.number}-\d+", page))
    assert landed(gate, number)["right"] == "deletion"
    asked = [one["id"] for one in gate.get(API, DPO).json()["items"] if one["subject"] == known.number]
    assert asked == [number], "by whichever way it is heard of"


def test_asked_for_a_dead_relative_it_is_a_desk_that_sees_the_proof(gate, known):
    known.enter()
    page = known.act("rights")
    known.later()
    taken = known.http.post("/rights", data=filled(page) | {"right": "copy", "relative": "yes", "proof": "household book"})
    assert "proof of kinship" in taken.text and "Your identity is known" not in taken.text
    row = landed(gate, shown(taken.text, "number"))
    assert (row["state"], row["relative"], row["subject"]) == ("received", True, None)


@pytest.mark.parametrize("typed", ["E12345678", "zhangsan", "0471-1234567", "V-1", "PUBLIC"])
def test_what_a_stranger_types_is_in_no_event_until_somebody_who_checked_names_the_person(gate, asker, typed):
    number = shown(asker.send(right="copy", subject=typed, place="150722").text, "number")
    told = asker.http.post(API, json={"right": "copy", "subject": typed, "division": "150722"})
    assert told.status_code == 201, told.text
    for one in (number, told.json()["stream"].removeprefix("rights-")):
        row = landed(gate, one, BANNER_DPO)
        assert (row["subject"], row["state"]) == (None, "received")
        assert read(gate, one, BANNER_DPO).json()["words"] == {"subject": typed}
    named = {"confirmed": True, "how": "card seen", "subject": "V-7"}
    assert gate.post(f"{API}/{number}/identity", BANNER_DPO, named).status_code == 201
    row = until(lambda: got if (got := landed(gate, number, BANNER_DPO))["state"] == "identity checked" else None, "not checked")
    assert row["subject"] == "V-7" and typed not in str(row)


def test_a_proof_that_lapsed_or_came_meanwhile_makes_nobody_somebody(gate, known):
    known.enter()
    page = known.act("rights")
    known.later(21 * 60)
    lapsed = known.http.post("/rights", data=filled(page) | {"right": "access", "text": "all of mine"})
    assert lapsed.status_code == 422 and "lapsed" in lapsed.text and "all of mine" in lapsed.text and 'id="name"' in lapsed.text
    known.enter()
    known.act("rights")
    known.later()
    came = known.http.post("/rights", data=filled(lapsed) | {"right": "access", "text": "all of mine"})
    assert came.status_code == 422 and f"You ask as {known.number}" in came.text and "all of mine" in came.text
    known.later()
    taken = known.http.post("/rights", data=filled(came) | {"right": "access"})
    assert taken.status_code == 201 and "Your identity is known" in taken.text


def test_what_is_asked_of_somebody_else_with_a_proof_is_not_told_as_verified(gate, known):
    known.enter()
    page = known.act("rights")
    known.later()
    taken = known.http.post("/rights", data=filled(page) | {"right": "access", "subject": "V-OTHER"})
    assert taken.status_code == 201 and "Your identity is known" not in taken.text
    row = landed(gate, shown(taken.text, "number"))
    assert (row["subject"], row["state"]) == (None, "received")


def test_faults_keep_everything_and_nothing_is_sent(gate, asker):
    said = {"name": "<i>Bat</i>", "contact": "b@example.org", "subject": "V-1", "kind": "owner", "place": "150722"}
    wrong = asker.send(**said, sum="1")
    assert wrong.status_code == 422 and set(faults(wrong.text)) == {"sum", "right"}
    for kept in said.values():
        assert html.escape(kept) in wrong.text
    assert "selected>Somebody whose property" in wrong.text
    long = asker.send(right="copy", name="x" * 501)
    assert set(faults(long.text)) == {"name"}
    other = asker.send(**said, switch="zh")
    assert other.status_code == 200 and "b@example.org" in other.text


def test_a_form_of_another_page_or_browser_is_none(gate, asker):
    page = asker.form()
    stranger = Asker(gate.url)
    refused = stranger.send(page, right="copy")
    assert refused.status_code == 422 and "lapsed" in refused.text
    assert asker.http.post("/rights", data={"right": "copy", "text": "x"}).status_code == 422
    robot = asker.send(right="copy", website="http://example.org")
    assert robot.status_code == 422 and "hidden field" in robot.text
    cookie = asker.form().headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/rights" in cookie
    stranger.http.close()


def test_the_same_form_twice_is_one_request(gate, asker):
    page = asker.form()
    first = asker.send(page, right="copy", text="once")
    again = asker.send(page, right="copy", text="once")
    other = asker.send(page, right="copy", text="something else")
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert shown(first.text, "number") == shown(again.text, "number")


def test_a_line_that_sends_too_often_waits_and_keeps_what_it_typed(gate, asker):
    answers = [asker.send(right="copy", text=f"word {n}") for n in range(8)]
    assert answers[0].status_code == 201 and answers[-1].status_code == 429
    assert "word 7" in answers[-1].text and answers[-1].headers["Retry-After"]
    line = somewhere(gate.url)
    told = [line.post(API, json={"right": "copy"}).status_code for _ in range(8)]
    assert told[0] == 201 and told[-1] == 429
    line.close()


def test_both_languages_say_the_same_things():
    def keys(words: Any, other: Any) -> None:
        assert words.keys() == other.keys()
        for name, said in words.items():
            if not isinstance(said, str):
                keys(said, other[name])

    keys(PAGES.words["zh"], PAGES.words["en"])
