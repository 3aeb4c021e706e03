"""The own page's work: call-ups answered by themself alone, once whatever the channel; the calendar; hours and claims."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support import Node, Post, fresh, problem
from tests.volunteers.pages.applicant import Applicant, faults, hidden, person
from tests.volunteers.pages.serving import OFFICER, approved, done, ended, press, working
from tests.waiting import until

YES = {"answer": "accept", "risk_text": 1}


def offered(node: Node, *people: Applicant, days: int = 1, **more: Any) -> str:
    """A call-up to these people, on a day of its own."""
    call_up, begins = fresh("CU"), Applicant.now + timedelta(days=days)
    period = {"from": begins.isoformat(), "to": (begins + timedelta(hours=8)).isoformat()}
    said = {"volunteers": [one.number for one in people], "place": "150722", "task": "Filling sandbags", "risk_text": 1, "quota": 2}
    made = done(node, f"/call-ups/{call_up}/offers", OFFICER, {**said, **period, **more})
    node.settle(made.headers["Ortoo-Position"], f"/api/volunteers/call-ups/{call_up}", OFFICER)
    return call_up


def board(node: Node, call_up: str, one: Applicant) -> dict[str, Any]:
    shown = node.get(f"/api/volunteers/call-ups/{call_up}", OFFICER).json()
    return next(party for party in shown["parties"] if party["holder"] == one.number)


def seen(node: Node, call_up: str, one: Applicant, state: str) -> dict[str, Any]:
    return until(lambda: found if (found := board(node, call_up, one))["state"] == state else None, f"{one.number} is not {state}")


@pytest.fixture
def known(gate, people):
    one = people()
    assert one.send(person(fit="yes")).status_code == 201
    approved(gate, one)
    one.enter()
    return one


def test_an_offer_is_shown_and_accepted_with_the_time_of_arrival(gate, known):
    call_up = offered(gate, known)
    page = known.http.get("/volunteer/me").text
    for said in ("Filling sandbags", "Morin Dawa", "Please answer by", "2, still free: 2", "version 1"):
        assert said in page, said
    eta = f"{Applicant.now.astimezone() + timedelta(hours=30):%Y-%m-%dT%H:%M}"
    answer = press(known, "acceptance", call_up, risk_text="1", eta=eta)
    assert answer.status_code == 200 and "Accepted, thank you" in answer.text and "you accepted" in answer.text
    assert "Trained" in answer.text and "Accident insurance" in answer.text  # what stands against setting out, at once
    assert board(gate, call_up, known)["eta"] is not None


def test_what_is_refused_says_why_and_keeps_what_was_typed(gate, known):
    call_up = offered(gate, known)
    unread = press(known, "acceptance", call_up, eta="2026-07-30T10:00")
    assert unread.status_code == 422 and set(faults(unread.text)) == {"risk_text"} and 'value="2026-07-30T10:00"' in unread.text
    odd = press(known, "acceptance", call_up, eta="tomorrow early", risk_text="1")
    assert set(faults(odd.text)) == {"eta"} and 'type="text"' in odd.text and 'value="tomorrow early"' in odd.text
    assert re.search(r'name="risk_text" value="1" checked', odd.text)
    past = press(known, "acceptance", call_up, eta="2020-01-01T00:00", risk_text="1")
    assert past.status_code == 422 and "lies ahead" in past.text
    assert board(gate, call_up, known)["state"] == "asked"


def test_saying_no_needs_no_reason_and_they_may_stay_on_the_list(gate, known):
    call_up = offered(gate, known)
    assert "Nothing follows" in press(known, "refusal", call_up).text
    seen(gate, call_up, known, "declined")
    assert "Ask me again" in known.http.get("/volunteer/me").text
    assert "reserve list" in press(known, "reserve", call_up).text


def test_whoever_accepted_withdraws_without_penalty(gate, known):
    call_up = offered(gate, known)
    press(known, "acceptance", call_up, risk_text="1")
    assert set(faults(press(known, "resignation", call_up).text)) == {"resignation"}
    assert "you withdrew" in press(known, "resignation", call_up, resignation="yes").text
    assert gate.get(f"/api/volunteers/call-ups/{call_up}", OFFICER).json()["penalty"] is None


def test_one_person_is_counted_once_whatever_the_channel(gate, known):
    call_up = offered(gate, known)
    press(known, "acceptance", call_up, risk_text="1")
    path = f"/call-ups/{call_up}/answers"
    assert done(gate, path, Post(known.number, "VOL"), YES).json()["events"] == []
    assert done(gate, path, OFFICER, {"volunteer": known.number, "channel": "phone", **YES}).json()["events"] == []
    assert "Accepted" in press(known, "acceptance", call_up, risk_text="1").text
    shown = until(lambda: got if (got := gate.get(f"/api/volunteers/call-ups/{call_up}", OFFICER).json())["asked"] else None, "no board")
    assert shown["asked"] == 1


def test_nobody_answers_for_another(gate, people, known):
    other = people()
    other.send(person(fit="yes"))
    approved(gate, other)
    call_up = offered(gate, other)
    assert call_up not in known.http.get("/volunteer/me").text
    for name, said in (("acceptance", {"risk_text": "1"}), ("refusal", {}), ("reserve", {}), ("resignation", {"resignation": "yes"})):
        refused = press(known, name, call_up, volunteer=other.number, **said)
        assert refused.status_code == 404 and "You were not asked" in refused.text, name
    assert press(known, "refusal", "no such call-up").status_code == 404
    assert board(gate, call_up, other)["state"] == "asked"


def test_another_page_cannot_press_these_buttons(gate, known):
    call_up = offered(gate, known)
    for name in ("acceptance", "refusal", "availability", "pause"):
        assert known.http.post(f"/volunteer/me/{name}", data={"call_up": call_up, "risk_text": "1", "form": "guessed"}).status_code == 403
    assert board(gate, call_up, known)["state"] == "asked"


def test_when_all_places_are_taken_it_says_so_and_offers_the_list(gate, people, known):
    other = people()
    other.send(person(fit="yes"))
    approved(gate, other)
    call_up = offered(gate, known, other, quota=1)
    before = known.http.get("/volunteer/me").text  # shown while the place was free
    other.enter()
    press(other, "acceptance", call_up, risk_text="1")
    said = {
        "form": hidden(before, "form"),
        "call_up": call_up,
        "risk_text": "1",
        "eta": f"{Applicant.now.astimezone() + timedelta(hours=28):%Y-%m-%dT%H:%M}",
    }
    late = known.http.post("/volunteer/me/acceptance", data=said)
    if late.status_code == 409:  # the place of who is not insured is free again once the gate was looked at
        assert "All places are taken" in late.text and "need correcting" not in late.text
    else:
        assert "Accepted" in late.text


def test_an_answer_to_what_is_over_is_told_so(gate, known):
    call_up = offered(gate, known)
    page = known.http.get("/volunteer/me").text
    done(gate, f"/call-ups/{call_up}/cancellation", OFFICER, {"reason": "the water fell"})
    over = known.http.post("/volunteer/me/refusal", data={"form": hidden(page, "form"), "call_up": call_up})
    assert over.status_code == 409 and "over, thank you" in over.text
    until(lambda: "cancelled" in known.http.get("/volunteer/me").text, "it is not said to be cancelled")


def calendar(gate: Node, one: Applicant) -> dict[str, Any]:
    return dict(gate.get(f"/api/volunteers/volunteers/{one.number}", Post(one.number, "VOL")).json())


def test_the_calendar_is_seen_and_changed(gate, known):
    assert known.http.get("/volunteer/me").text.count('name="weekly"') == 7
    first, last = Applicant.now.date() + timedelta(days=20), Applicant.now.date() + timedelta(days=22)
    said = {"calendar": "yes", "weekly": ["1", "6"], "since": str(first), "until": str(last), "can": "no"}
    saved = known.act("availability", **said)
    assert "calendar was saved" in saved.text and f"{first} – {last}" in saved.text
    shown = until(lambda: got if (got := calendar(gate, known))["weekly"] == [1, 6] else None, "no calendar")
    assert [one["available"] for one in shown["calendar"]] == [False]
    spans = [datetime.fromisoformat(shown["calendar"][0][name]) for name in ("since", "until")]
    assert spans[1] - spans[0] == timedelta(days=3)  # the last day is in it
    key = re.search(r'name="drop" value="([^"]+)"', saved.text)
    assert key
    dropped = known.act("availability", calendar="yes", weekly=["1"], drop=key[1], since="", until="")
    assert f"{first} – {last}" not in dropped.text


def test_a_calendar_with_faults_keeps_what_was_typed(gate, known):
    odd = known.act("availability", calendar="yes", weekly=["2"], since="soon", until="", can="yes")
    assert set(faults(odd.text)) == {"since", "until"} and 'value="soon"' in odd.text
    assert odd.text.count(" checked>") == 6  # Tuesday alone, that they can come; two languages, a skill, and that they are fit
    turned = known.act("availability", calendar="yes", weekly=["2"], since="2026-09-09", until="2026-09-01")
    assert turned.status_code == 422 and set(faults(turned.text)) == {"periods"} and 'value="2026-09-09"' in turned.text
    wrong = known.act("availability", calendar="yes", weekly=["9"])
    assert set(faults(wrong.text)) == {"weekly"}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"can": "maybe"}, "periods", "Choose whether you can come"),
        ({"since": "2020-01-01", "until": "2020-01-02"}, "until", "These days are over"),
        ({"since": "2999-01-01", "until": "2999-01-02"}, "since", "between 2000 and 2199"),
    ],
)
def test_a_period_that_would_vanish_or_turn_round_is_not_saved(known, changed, field, said):
    typed = {"calendar": "yes", "weekly": ["2"], "since": "2026-09-01", "until": "2026-09-02", "can": "yes", **changed}
    odd = known.act("availability", **typed)
    assert odd.status_code == 422 and field in faults(odd.text) and said in odd.text


def test_fitness_and_fires_kept_away_from_are_shown_and_said_at_any_time(known):
    page = known.http.get("/volunteer/me").text
    assert re.search(r'id="fit">Yes<', page) and ">boat" in page.lower() and 'id="kept-away"' not in page
    said = known.act("fitness", fit="no", excluded=["FOREST_FIRE"])
    assert said.status_code == 200 and re.search(r'id="fit">No<', said.text)
    assert re.search(r'id="kept-away">\s*[^<]*orest', said.text)
    odd = known.act("fitness", excluded=["FLYING"])
    assert odd.status_code == 422 and set(faults(odd.text)) == {"fit", "excluded"}
    kept = json.loads(known.http.get("/volunteer/me/export").text)
    assert (kept["fit"], kept["excluded"], kept["skills"]) == (False, ["FOREST_FIRE"], ["boat"])
    assert {"trainings", "calendar", "call_ups", "claims", "insurance"} <= kept.keys()


def test_who_pauses_is_not_asked_until_they_resume(gate, known):
    assert "nobody asks you" in known.act("pause").text
    call_up, begins = fresh("CU"), Applicant.now + timedelta(days=1)
    period = {"from": begins.isoformat(), "to": (begins + timedelta(hours=8)).isoformat()}
    said = {"volunteers": [known.number], "place": "150722", "task": "t", "risk_text": 1, **period}
    problem(gate.post(f"/api/volunteers/call-ups/{call_up}/offers", OFFICER, said), 422, "rule_broken", "callup.callable")
    assert "will be asked again" in known.act("resumption").text
    assert known.act("resumption").status_code == 409  # said twice: the state is told, nothing else happens


def test_hours_and_claims_are_shown(gate, known):
    call_up, incident = working(gate, known)
    assert "running" in known.http.get("/volunteer/me").text
    ended(gate, known)
    page = known.http.get("/volunteer/me").text
    assert page.count("1.5 h") == 2  # in all, and of that day
    done(gate, f"/call-ups/{call_up}/standing-down", OFFICER, {"reason": "the water fell"})
    until(lambda: ">over<" in known.http.get("/volunteer/me").text, "it is not said to be over")
    claim = {"claim": fresh("CL"), "claimant": known.number, "incident": incident}
    made = gate.post("/api/compensation/claims", Post(known.number, "VOL"), claim)
    assert made.status_code == 201, made.text
    until(lambda: "call-up of a volunteer" in known.http.get("/volunteer/me").text, "no claim is shown")
    told = known.http.get("/volunteer/me").text
    assert "yuan paid" not in told and "Still missing" in told and "an account to pay to" in told
    decided(gate, claim["claim"], known)


def decided(gate: Node, claim: str, one: Applicant) -> None:
    """What is assessed is not called granted; a decision is shown with its reasons, organ, date and remedy (ARC-20)."""
    path = f"/api/compensation/claims/{claim}"
    until(lambda: gate.post(f"{path}/assessment", OFFICER, {}).status_code in (200, 201), "it is not assessed")
    page = until(lambda: found if "yuan assessed" in (found := one.http.get("/volunteer/me").text) else None, "no assessment is shown")
    assert "yuan granted" not in page and 'class="decision"' not in page
    made = gate.post(f"{path}/decision", Post("B.GOV", "GOV"), {"amount": "1.00", "reason": "half of it was lent"})
    assert made.status_code == 201, made.text
    page = until(lambda: found if 'class="decision"' in (found := one.http.get("/volunteer/me").text) else None, "no decision is shown")
    for said in ("1.00 yuan granted", "half of it was lent", "B.GOV", "within 60 days", "Decided by"):
        assert said in page, said


def test_the_pages_have_an_icon(known):
    assert 'rel="icon" href="/pages/icon.svg"' in known.form().text
    assert known.http.get("/pages/icon.svg").status_code == 200
