"""What somebody said they can do is corrected on their own page and by the API alike; what was certified stays."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from tests.support import Node, Post, problem
from tests.volunteers.pages.applicant import Applicant, faults, person
from tests.waiting import until

OFFICER = Post("B.OFF", "EMD.officer")


@pytest.fixture
def known(people):
    one = people()
    assert one.send(person(languages=["zh"], skills=["boat", "cooking"])).status_code == 201
    one.enter()
    return one


def ticked(page: str, name: str) -> set[str]:
    return set(re.findall(rf'name="{name}" value="(\w+)" checked', page))


def exported(one: Applicant) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(one.http.get("/volunteer/me/export").text)
    return kept


def listed(gate: Node, one: Applicant, skills: set[str]) -> None:
    path = f"/api/volunteers/volunteers/{one.number}"
    until(lambda: set(gate.get(path, OFFICER).json()["skills"]) == skills, f"not {skills}")


def test_languages_and_skills_are_corrected_and_corrected_again(gate, known):
    page = known.http.get("/volunteer/me").text
    assert ticked(page, "languages") == {"zh"} and ticked(page, "skills") == {"boat", "cooking"}
    done = known.act("abilities", languages=["mn", "ru"], skills=["radio"])
    assert done.status_code == 200 and "saved" in done.text
    assert ticked(done.text, "languages") == {"mn", "ru"} and ticked(done.text, "skills") == {"radio"}
    assert re.search(r'id="declared">[^<]*adio', done.text)
    assert 'href="/volunteer/me?lang=zh"' in done.text  # an act has no address of its own to be shown at in another language
    listed(gate, known, {"radio"})
    back = known.act("abilities", languages=["zh"], skills=["boat", "cooking"])
    assert ticked(back.text, "skills") == {"boat", "cooking"}
    kept = exported(known)
    assert (kept["skills"], kept["languages"]) == (["boat", "cooking"], ["zh"])
    assert [fact["type"] for fact in kept["record"]][-2:] == ["volunteers.volunteer.languages_set.v1", "volunteers.volunteer.skills_set.v1"]


def test_nothing_ticked_is_nothing_and_the_same_again_is_no_fact(known):
    assert ticked(known.act("abilities", languages=["zh"]).text, "skills") == set()
    before = len(exported(known)["record"])
    known.act("abilities", languages=["zh"])
    assert len(exported(known)["record"]) == before


def test_every_fault_is_told_at_once_and_what_was_ticked_stays(known):
    odd = known.act("abilities", languages=["zh", "mn", "xx"], skills=["radio", "magic"])
    assert odd.status_code == 422 and set(faults(odd.text)) == {"languages", "skills"}
    assert ticked(odd.text, "languages") == {"zh", "mn"} and ticked(odd.text, "skills") == {"radio"}
    assert (exported(known)["languages"], exported(known)["skills"]) == (["zh"], ["boat", "cooking"]), "neither was saved"
    unsaid = known.act("fitness", excluded=["GRASS_FIRE"])
    assert set(faults(unsaid.text)) == {"fit"} and ticked(unsaid.text, "excluded") == {"GRASS_FIRE"}
    assert ticked(unsaid.text, "skills") == {"boat", "cooking"}


def test_what_was_certified_stays_as_it_was_seen(gate, known):
    path = f"/api/volunteers/volunteers/{known.number}/skill-certificates"
    assert gate.post(path, OFFICER, {"skill": "boat"}).status_code == 201
    page = known.act("abilities", languages=["zh"], skills=["cooking"]).text
    assert "Certified skills" in page and re.search(r"<dt>Certified skills</dt><dd>[^<]*oat", page)
    assert exported(known)["skill_certificates"][0]["code"] == "boat"
    listed(gate, known, {"boat", "cooking"})


def test_the_api_takes_the_same_from_them_and_from_nobody_else(gate, people, known):
    path = f"/api/volunteers/volunteers/{known.number}/skills"
    made = gate.post(path, Post(known.number, "VOL"), {"skills": ["drone"]})
    assert made.status_code == 201 and made.json()["events"] == ["volunteers.volunteer.skills_set.v1"]
    assert ticked(known.http.get("/volunteer/me").text, "skills") == {"drone"}
    problem(gate.post(path, Post("V-ELSE", "VOL"), {"skills": []}), 403, "not_allowed", "volunteer.self")
    problem(gate.post(path, Post(known.number, "VOL"), {"skills": ["magic"]}), 422, "rule_broken", "volunteer.skills")


def test_another_page_cannot_press_it_and_who_left_has_none(known):
    sent = known.http.post("/volunteer/me/abilities", data={"skills": "radio", "form": "guessed"})
    assert sent.status_code == 403 and exported(known)["skills"] == ["boat", "cooking"]
    left = known.act("withdrawal", withdrawal="yes").text
    assert "/me/abilities" not in left
    assert known.act("abilities", skills=["radio"]).status_code == 409


def test_it_is_said_in_chinese_too(people):
    one = people("zh")
    assert one.send(person()).status_code == 201
    page = html.unescape(one.enter().text)
    assert "更新语言和技能" in page and "持证技能保持核验时的记录" in page
