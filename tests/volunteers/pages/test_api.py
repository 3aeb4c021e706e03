"""RegisterVolunteer at the API: the same faults, the same vault, and an officer's word for who is present."""

from __future__ import annotations

import base64
import itertools
import json

import pytest

from tests.support import Post, problem
from tests.volunteers.pages.applicant import id_number, picture, somewhere

_phones = itertools.count(1)
PATH = "/api/volunteers/volunteers"
OFFICER, SECOND, SELF = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("V-API-1", "VOL")
AGREED = {"risk_text": 1, "notice": "register/2", "consent": True, "separate_consent": True}


def body(**changed):
    said = {
        "name": "Api Person",
        "id_number": id_number(),
        "phone": f"138{next(_phones):08}",
        "division": "150722",
        "skills": ["boat"],
        **AGREED,
    }
    return {name: value for name, value in {**said, **changed}.items() if value is not None}


def send(gate, said, who=None, **headers):
    with somewhere(gate.url) as http:
        return http.post(PATH, json=said, headers=gate.signed(who, **headers))


def test_anybody_may_and_gets_a_number_and_a_code(gate):
    files = {"photo": base64.b64encode(picture()).decode(), "certificate": base64.b64encode(b"%PDF-1.4").decode()}
    answer = send(gate, body(**files), Idempotency_Key="one")
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert said["volunteer"].startswith("V-") and len(said["code"]) == 14 and said["flags"] == []


def test_the_same_request_again_is_the_same_registration(gate):
    said = body()
    first, again = (send(gate, said, Idempotency_Key="twice").json() for _ in range(2))
    assert (first["volunteer"], first["code"]) == (again["volunteer"], again["code"]) and again["outcome"] == "repeated"
    assert send(gate, body(), Idempotency_Key="twice").json()["volunteer"] != first["volunteer"]  # strangers share no keys


def test_every_fault_at_once_and_no_value_comes_back(gate):
    said = body(
        name="Secret\u202eName",
        id_number="110101199003070000",
        phone="hush",
        email="secret@",
        photo="%%%",
        skills=["secretskill"],
        consent=False,
    )
    answer = send(gate, said)
    found = {failure["field"] for failure in problem(answer, 422, "rule_broken")["failures"]}
    assert found == {"name", "id_number", "phone", "email", "photo", "skills", "consent"}
    for planted in ("Secret", "1101011990", "hush", "secret"):
        assert planted not in answer.text


def test_a_birth_date_beside_an_identity_number_is_that_of_the_number(gate):
    told = problem(send(gate, body(id_number=id_number("19900521"), birth_date="1991-05-21")), 422, "rule_broken", "id.differs")
    assert [one["field"] for one in told["failures"]] == ["birth_date"]
    assert send(gate, body(id_number=id_number("19900521"), birth_date="1990-05-21")).status_code == 201


def test_two_people_are_not_merged_by_mistake_and_what_was_theirs_is_shown(gate):
    names = ("V-M1", "V-M2")
    for name in names:
        assert send(gate, body(volunteer=name), OFFICER).status_code == 201
        assert gate.post(f"{PATH}/{name}/review", SECOND, {}).status_code == 201
    period = {"from": "2026-07-20T08:00:00+08:00", "to": "2026-07-20T18:00:00+08:00"}
    asked = {"volunteers": ["V-M1"], "place": "150722", "task": "t", "risk_text": 1, **period}
    assert gate.post("/api/volunteers/call-ups/CU-M/offers", OFFICER, asked).status_code == 201
    path, said = f"{PATH}/V-M1/merger", {"into": "V-M2", "reason": "seen"}
    signed = {"Ortoo_Cosigner": gate.token(SECOND)}
    problem(gate.post(path, OFFICER, said, **signed), 422, "rule_broken", "volunteer.numbers")
    done = gate.post(path, OFFICER, {**said, "numbers": "a card that was made out anew"}, **signed)
    assert done.status_code == 201 and done.json()["flags"] == ["A-DIFFERENT"], done.text
    record = gate.settle(done.headers["ortoo-position"], "/api/volunteers/people/V-M2/record", OFFICER).json()
    assert (record["people"], [one["call_up"] for one in record["call_ups"]]) == (["V-M2", "V-M1"], ["CU-M"])


def test_what_is_wrong_with_the_place_is_said_of_the_division(gate):
    told = problem(send(gate, body(division="999999")), 422, "rule_broken", "registration.place")
    assert [one["field"] for one in told["failures"]] == ["division"]


@pytest.mark.parametrize("said", [{"volunteer": "V-A"}, {"adult": True}, {"organisation": "SF-1"}])
def test_a_stranger_neither_chooses_a_number_nor_vouches(gate, said):
    problem(send(gate, body(**said)), 400, "malformed", "schema")


def test_an_officer_vouches_for_who_stands_there(gate):
    told = {"volunteer": "V-B-DESK", "name": "Volunteer B", "phone": "TEST-000-B", "adult": True, "fit": True, **AGREED}
    answer = send(gate, told, OFFICER)
    assert answer.status_code == 201, answer.text
    seen = gate.settle(answer.headers["ortoo-position"], f"{PATH}/V-B-DESK", OFFICER).json()
    assert (seen["status"], seen["adult"], seen["fit"]) == ("registered", True, True)


def test_an_officer_sees_that_somebody_is_known_and_a_stranger_does_not(gate):
    number = id_number()
    first = send(gate, body(id_number=number)).json()
    assert send(gate, body(id_number=number)).json()["flags"] == []
    again = send(gate, body(id_number=number, volunteer="V-TWICE"), OFFICER)
    assert again.json()["flags"] == ["A-DUPLICATE"]
    assert first["volunteer"] in gate.settle(again.headers["ortoo-position"], f"{PATH}/V-TWICE", OFFICER).json()["duplicates"]
    assert "V-TWICE" in gate.get(f"{PATH}/{first['volunteer']}", OFFICER).json()["duplicates"]  # and on the one before


def test_a_volunteer_registers_themself_only(gate):
    assert send(gate, body(), SELF).json()["volunteer"] == "V-API-1"
    problem(send(gate, body(volunteer="V-OTHER"), SELF), 403, "not_allowed", "volunteer.self")


def test_who_may_not_register_others_leaves_nothing_in_the_vault(gate):
    number = id_number()
    problem(send(gate, body(id_number=number), Post("M.1", "MKT")), 403, "not_allowed")
    assert send(gate, body(id_number=number, volunteer="V-CLEAN"), OFFICER).json()["flags"] == []


@pytest.mark.parametrize(
    "said",
    [
        {"name": ["x"]},
        {"id_number": 5},
        {"excluded": ["SNOW"]},
        {"languages": "zh"},
        {"risk_text": "x"},
        {"photo": 7},
        {"unknown": 1},
        {"division": {"a": 1}},
        {"consent": None, "skills": [None]},
    ],
)
def test_a_body_of_another_shape_is_400(gate, said):
    answer = send(gate, {**body(), **said})
    assert answer.status_code == 400, answer.text


def test_too_often_from_one_place_is_429(gate):
    with somewhere(gate.url) as http:
        answers = [http.post(PATH, json={}) for _ in range(11)]
    assert {answer.status_code for answer in answers[:10]} == {422}
    assert answers[-1].status_code == 429 and int(answers[-1].headers["retry-after"]) >= 1


def test_no_planted_value_is_in_any_byte_the_node_wrote(gate):
    planted = {
        "name": "Planted Verylongname",
        "id_number": id_number(),
        "phone": "13712345678",
        "kin_name": "Kinplanted Other",
        "kin_phone": "13787654321",
    }
    planted |= {"health_note": "plantedasthma", "email": "planted@example.org", "address": "Plantedstreet 5"}
    assert send(gate, body(**planted)).status_code == 201
    send(gate, body(**planted, consent=False))
    files = [file for file in gate.folder.parent.rglob("*") if file.is_file()]
    assert any(file.name.startswith("vault") for file in files)
    for file in files:
        content = file.read_bytes()
        for value in planted.values():
            for form in (value, json.dumps(value), value.upper()):
                assert form.encode() not in content, (file, value)
