"""At the edge: who may still be out there stays, who is called again is reached, and every destruction can be verified."""

from __future__ import annotations

from tests.privacy.node import Node
from tests.privacy.test_over_http import (
    AUDITOR,
    CONTACT,
    DPO,
    LEAD,
    LEGAL,
    OFFICER,
    PHONE,
    end_of_responses,
    node,
    offer,
    problem,
    register,
    stand_down,
)

KIN = "13900139000"
__all__ = ["node"]


def test_who_was_called_is_destroyed_once_the_call_up_is_over_and_reached_again_when_called_again(node: Node) -> None:
    register(node)
    offer(node)
    stand = {"certificate": "DC-1", "subjects": ["V-A"]}
    node.at = "2021-07-24T12:00:00+08:00"
    end_of_responses(node)
    node.at = "2021-07-30T09:00:00+08:00"
    node.done("retention/volunteers/findings", DPO, {"legality": "text", "necessity": "text", "safety": "text"})
    node.done("retention/volunteers/decision", DPO, {"destroy": ["V-A"], "retain": []}, cosigner=LEGAL)
    told = problem(node.post("retention/volunteers/destruction", DPO, stand), 423, "ERL-85")
    assert "V-A may still be out there, CU-V-A" in told["cure"]
    assert node.done("readings", LEAD, CONTACT)["phone"] == PHONE, "and whoever leads still reaches them"
    stand_down(node, "V-A")
    node.done("retention/volunteers/destruction", DPO, stand)
    told = problem(node.post("readings", LEAD, CONTACT), 410, "ERL-85")
    values = {"purpose": "callup.contact", "incident": "INC-1", "values": {"kin_phone": KIN}}
    problem(node.post("people/V-A/records", OFFICER, values), 410, "ERL-85")
    node.at = "2021-07-30T10:00:00+08:00"
    offer(node)
    assert node.done("readings", LEAD, CONTACT)["phone"] == PHONE
    node.done("people/V-A/records", OFFICER, values)
    read = node.done("readings", LEAD, {"subject": "V-A", "purpose": "callup.contact"})
    assert (read["kin_phone"], read["incident"]) == (KIN, "INC-1"), "the only incident that holds them is named"
    assert node.done("retention/volunteers/verification", AUDITOR, {"certificate": "DC-1"})["verified"]
    assert next(row for row in node.get("retention", DPO)["items"] if row["register"] == "volunteers")["state"] == "opened"


def test_a_destruction_by_request_is_verified_too(node: Node) -> None:
    register(node)
    node.done("people/V-A/erasure", DPO, {"certificate": "DC-1", "reason": "asked"}, cosigner=LEGAL)
    told = problem(node.post("retention/volunteers/verification", AUDITOR, {"certificate": "DC-1"}), 422, "ERL-85")
    assert "retention/register/verification" in told["cure"]
    problem(node.post("retention/register/verification", AUDITOR, {"certificate": "DC-9"}), 404, "reference")
    problem(node.post("retention/register/verification", DPO, {"certificate": "DC-1"}), 403, "ERL-85")
    verified = node.done("retention/register/verification", AUDITOR, {"certificate": "DC-1"})
    assert (verified["events"], verified["verified"]) == (["privacy.destruction.searched.v1"], True)
    shown = node.get("overview", AUDITOR)
    assert (shown["standing"], shown["standing_destroyed"], shown["replay_shows_person"]) == (0, 1, False)
    (row,) = node.get("destructions", DPO)["items"]
    assert (row["state"], row["verified"]["by"], row["verified"]["replay_shows_person"]) == ("complete", "C.AUD", False)


def test_whoever_reviews_a_registration_reads_what_that_needs_of_it(node: Node) -> None:
    register(node)
    read = node.done("readings", OFFICER, {"subject": "V-A", "purpose": "register.review"})
    assert read["values"] == {"V-A": {"name": "Volunteer", "phone": PHONE}}
    assert node.get("readings", AUDITOR)["items"][0]["purpose"] == "register.review"
    problem(node.post("readings", OFFICER, {"subject": "V-A", "purpose": "register.review", "field": "address"}), 422, "PIPL-6")
    collect = {"purpose": "register.review", "values": {"name": "Somebody"}, "consent": "form"}
    assert "collect it for that" in problem(node.post("people/V-B/records", OFFICER, collect), 422, "PIPL-6")["cure"]
