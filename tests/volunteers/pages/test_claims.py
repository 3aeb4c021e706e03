"""Own costs and reviews on `/claims`, reached from the own page: what applies is shown, refusals say why, nobody acts for another."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest

from services.compensation.pages.own import PAGES
from tests.support import Node, Post
from tests.volunteers.pages.applicant import Applicant, hidden, person
from tests.volunteers.pages.serving import OFFICER, approved, done, ended, working
from tests.waiting import until

GOV = Post("B.GOV", "GOV")


class Served(Applicant):
    """Somebody whose call-up is settled, on the page of their claims."""

    incident = ""


@pytest.fixture
def serving(gate):
    """As many as are needed; closed in the end."""
    windows: list[Served] = []

    def another() -> Served:
        windows.append(Served(gate.url))
        return settled(gate, windows[-1])

    yield another
    for each in windows:
        each.close()


@pytest.fixture
def served(serving):
    return serving()


def settled(gate: Node, one: Served) -> Served:
    assert one.send(person(fit="yes")).status_code == 201
    approved(gate, one)
    one.enter()
    assert "/me/claims" not in one.http.get("/volunteer/me").text  # nothing to claim for yet
    call_up, one.incident = working(gate, one)
    ended(gate, one)
    assert "/me/claims" in one.http.get("/volunteer/me").text
    one.act("claims")
    assert 'id="none"' in one.http.get("/claims").text and "/claims/opening" not in one.http.get("/claims").text
    done(gate, f"/call-ups/{call_up}/standing-down", OFFICER, {"reason": "the water fell"})
    until(lambda: one.incident in one.http.get("/claims").text, "nothing is settled")
    return one


def press(one: Applicant, act: str, page: httpx.Response | None = None, **said: str) -> httpx.Response:
    shown = page or one.http.get("/claims")
    return one.http.post(f"/claims/{act}", data={"form": hidden(shown.text, "form"), **said})


def opened(one: Served, **said: str) -> tuple[httpx.Response, str]:
    answer = press(one, "opening", claimant=one.number, incident=one.incident, **said)
    found = re.search(r'<section id="claim-([\w.-]+)"', answer.text)
    assert found, answer.text
    return answer, found[1]


def wrong(page: httpx.Response) -> dict[str, str]:
    return {name: html.unescape(said) for name, said in re.findall(r'<p class="fault" id="([a-z]+)-fault">([^<]*)</p>', page.text)}


def claim_of(gate: Node, claim: str, who: Post) -> Any:
    return gate.get(f"/api/compensation/claims/{claim}", who).json()


def test_costs_are_claimed_put_right_and_kept_where_refused(gate, served):
    odd = press(served, "opening", claimant=served.number, incident=served.incident, receipts="a lot", km="1,200")
    assert odd.status_code == 422 and set(wrong(odd)) == {"receipts", "km"}
    assert 'value="a lot"' in odd.text and 'value="1,200"' in odd.text and 'class="unclaimed"' in odd.text
    fine = press(served, "opening", claimant=served.number, incident=served.incident, receipts="86.505")
    assert set(wrong(fine)) == {"receipts"}
    made, claim = opened(served, receipts="86.50", km="40")
    assert made.status_code == 200 and "was taken" in made.text and 'class="unclaimed"' not in made.text
    mine = Post(served.number, "VOL")
    figures = until(lambda: got if (got := claim_of(gate, claim, mine)).get("figures") else None, "no claim")["figures"]
    assert (figures["receipts"], figures["km"]) == ("86.50", "40.00")
    none = press(served, "costs", claim=claim, receipts="", km=" ")
    assert none.status_code == 422 and set(wrong(none)) == {"receipts", "km"}
    right = press(served, "costs", claim=claim, receipts="50.00")
    assert 'value="50.00"' in right.text and 'value="40.00"' in right.text and "costs were saved" in right.text  # what is not named stays
    until(lambda: claim_of(gate, claim, mine)["figures"]["receipts"] == "50.00", "it was not put right")
    many = press(served, "costs", claim=claim, receipts="900")
    assert "something is missing" in many.text


def test_the_same_form_twice_is_one_claim_and_the_days_are_claimed_once(served):
    page = served.http.get("/claims")
    said = {"claimant": served.number, "incident": served.incident, "receipts": "10"}
    first, again = press(served, "opening", page, **said), press(served, "opening", page, **said)
    assert first.status_code == again.status_code == 200 and again.text.count('<section id="claim-') == 1
    other = press(served, "opening", page, **{**said, "receipts": "99"})
    assert other.status_code == 409 and "sent already" in other.text
    twice = press(served, "opening", **said)
    assert twice.status_code == 409 and "claimed already" in twice.text


def test_cash_is_asked_for_once_and_a_decision_is_reviewed(gate, served):
    claim = opened(served)[1]
    assert "/claims/appeal" not in served.http.get("/claims").text  # nothing is decided yet
    paid = press(served, "cash", claim=claim)
    assert "in cash at the counter" in paid.text and "/claims/cash" not in paid.text
    path = f"/api/compensation/claims/{claim}"
    until(lambda: gate.post(f"{path}/assessment", OFFICER, {}).status_code in (200, 201), "it is not assessed")
    assert gate.post(f"{path}/decision", GOV, {"amount": "1.00", "reason": "half of it was lent"}).status_code == 201
    page = served.http.get("/claims").text
    assert "/claims/appeal" in page and "/claims/costs" not in page and "<dd>1.00</dd>" in page
    long = press(served, "appeal", claim=claim, reason="x" * 4001)
    assert long.status_code == 422 and set(wrong(long)) == {"reason"} and "x" * 4001 in long.text
    named = press(served, "appeal", claim=claim, reason="ring 13800138000")
    assert named.status_code == 422 and "Write no identity numbers" in named.text and "ring 13800138000" in named.text
    asked = press(served, "appeal", claim=claim, reason="it was mine")
    assert asked.status_code == 200 and "under review" in asked.text and "/claims/appeal" not in asked.text
    until(lambda: claim_of(gate, claim, Post(served.number, "VOL"))["state"] == "appealed", "no review")


def test_nobody_acts_for_another_and_only_who_showed_number_and_code(people, serving, served):
    claim = opened(served)[1]
    stranger, other = people(), serving()
    assert stranger.http.get("/claims").status_code == 403 and served.number not in stranger.http.get("/claims").text
    page = other.http.get("/claims")
    assert claim not in page.text and served.number not in page.text
    for act, said in (("costs", {"receipts": "1"}), ("cash", {}), ("appeal", {"reason": "r"})):
        assert press(other, act, page, claim=claim, **said).status_code == 403, act
    assert press(other, "opening", page, claimant=served.number, incident=served.incident).status_code == 403
    for name in ("CL-NONE", "no such claim"):
        assert press(other, "cash", claim=name).status_code in (403, 404)
    served.enter()
    served.act("claims")
    assert served.http.post("/claims/cash", data={"claim": claim, "form": hidden(page.text, "form")}).status_code == 403
    served.act("leave")
    assert served.http.get("/claims").status_code == 403


STRANGE = ("1e9", "-5", "NaN", "Infinity", "99999999999", "5\u0000", "<b>5</b>", "9" * 20_000, "五")


def test_whatever_is_typed_is_kept_and_refused_in_words_and_nothing_else_happens(served):
    sent = {"claimant": served.number, "incident": served.incident}
    for odd in STRANGE:
        answer = press(served, "opening", **sent, receipts=odd, km=odd)
        assert answer.status_code == 422 and set(wrong(answer)) == {"receipts", "km"}, odd[:20]
        assert f'value="{html.escape(odd, quote=True)}"' in answer.text or "<b>" not in answer.text, odd[:20]
    for broken in (b"form=%ff&claim=%00", b"\xff\xfe", b"&".join(b"a%d=1" % n for n in range(200)), b""):
        kind = {"content-type": "application/x-www-form-urlencoded"}
        answer = served.http.post("/claims/opening", content=broken, headers=kind)
        assert answer.status_code in (400, 403) and answer.headers["content-type"].startswith("text/html"), broken[:20]
    assert "/claims/opening" in served.http.get("/claims").text  # nothing was claimed by any of it
    wide, _ = opened(served, receipts="８６．５０", km="４０")
    assert wide.status_code == 200 and 'value="86.50"' in wide.text and 'value="40.00"' in wide.text


def test_what_is_sent_beside_the_form_is_in_no_key_and_the_address_of_a_button_leads_back(served):
    claim = opened(served)[1]
    page = served.http.get("/claims")
    assert press(served, "cash", page, claim=claim, incident="\u0000" + "x" * 300).status_code == 200
    again = press(served, "cash", page, claim=claim)
    assert again.status_code == 409 and "sent already" in again.text
    back = served.http.get("/claims/cash?lang=zh", follow_redirects=False)
    assert (back.status_code, back.headers["location"]) == (303, "/claims?lang=zh")
    assert served.http.post("/claims/none", data={}).status_code == 403


def test_the_page_closes_by_itself(served):
    served.later(21 * 60)
    assert served.http.get("/claims").status_code == 403


def test_both_languages_say_the_same(served):
    assert "补偿申请" in served.http.get("/claims?lang=zh").text
    zh, en = PAGES.words["zh"], PAGES.words["en"]
    assert zh.keys() == en.keys() and all(zh[one].keys() == en[one].keys() for one in ("done", "kinds", "ways", "states", "errors"))
