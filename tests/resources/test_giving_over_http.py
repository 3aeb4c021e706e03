"""Relief and gifts at a whole node: values lie in the vault alone, privacy records them, everybody sees what was paid and given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services.privacy.deciders.retention.commands import OpenRetentionAssessment
from shared.handling.pending import Pending, fingerprint
from shared.kernel.commands import Signature, new_id
from tests.resources.node import Node, running
from tests.support import Post

API, PRIVACY = "resources", "privacy"
VILLAGE = "150722106"
GACHA, TOWN = Post("G.COM", "L5.committee", VILLAGE), Post("T.XW", "L4.office", VILLAGE)
OFF, APP, FIN = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.FIN", "FIN")
NEXT_APP, CITY_APP = Post("A.APP", "EMD.approver", "150721"), Post("C.APP", "EMD.approver", "150700")
CHA, CIVIL = Post("CHA.1", "CHA", "150700"), Post("C.CIV", "CIV", "150700")
DPO, GOV, LEG = Post("C.DPO", "DPO", "150700"), Post("C.GOV", "GOV", "150700"), Post("C.LEG", "LEG", "150700")
ACCOUNT, NAME, PHONE = "6222995550001117778", "Visibly Household", "13800100077"
DONOR_NAME = "Visibly Donor"
VALUES = {"name": NAME, "account": ACCOUNT, "phone": PHONE}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("node")
    with running(folder) as made:
        _furnished(made)
        yield made
        made.opened.host.settle()
        _clean(folder)


def _furnished(node: Node) -> None:
    told = {"household": "HH-0", "village": "150722", "persons": 4}
    assert node.refused(f"{API}/households", OFF, **told, values=VALUES) == (422, "PIPL-55")  # nothing is assessed yet
    loader, officer = Post("LOADER", "EMD.officer", "150000"), Post("OFF", "EMD.officer")
    units = [{"code": VILLAGE, "zh": VILLAGE, "en": VILLAGE, "level": 4, "parent": "150722"}]
    node.done("registry/divisions/150000/units", loader, units=units)
    node.done("alerts/incidents", Post("B.DUTY", "EMD.duty"), incident="INC-1", type="NAT.DAM", division="150722", known_at=node.at)
    node.done(f"{API}/items", loader, item="WATER", code="1999904", unit="litre", zh="饮用水")
    store = {"owner": "150722", "place": VILLAGE, "custodian": "W.FP", "positions": ["F-01"]}
    node.done(f"{API}/warehouses", officer, store="WH-MD", **store)
    for module in ("relief", "donation"):
        path = f"{PRIVACY}/modules/{module}/assessments"
        node.done(path, DPO, assessment="PIA-1", lawfulness="stand-in", risks="stand-in", protection="stand-in")
        node.done(f"{path}/PIA-1/approval", GOV)


def _clean(folder: Path) -> None:
    """No value is in any file of the node but the vault's own, where it is sealed."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert files
    for value in (ACCOUNT, NAME, PHONE, DONOR_NAME):
        assert not any(value.encode() in raw for raw in files), value


def records(node: Node, subject: str) -> list[Any]:
    found: list[Any] = [one.event for one in node.opened.host.history(PRIVACY, f"person-{subject}")]
    return [(fact.purpose, fact.register, fact.fields, fact.ref is not None) for fact in found if hasattr(fact, "copied_from")]


def test_a_household_is_registered_with_its_values_in_the_vault(node: Node):
    told = {"household": "HH-1", "village": VILLAGE, "persons": 4}
    assert node.refused(f"{API}/households", GACHA, **told, values={"iris": "x"}) == (422, "PIPL-6")
    assert node.refused(f"{API}/households", CHA, **told, values=VALUES)[0] == 403
    assert node.refused(f"{API}/households", GACHA, **told, person="given by hand")[0] == 400
    node.done(f"{API}/households", GACHA, **told, values=VALUES)
    assert records(node, "HH-1") == [("relief.household", "register", ("name", "account", "phone"), True)]
    assert node.get(f"{API}/households", OFF)["items"] == [
        {"household": "HH-1", "persons": 4, "village": VILLAGE, "holds": ["name", "account", "phone"]}
    ]
    for nobody in (Post("Z.OFF", "EMD.officer", "150721"), Post("Z.COM", "L5.committee", "150721102")):
        assert node.get(f"{API}/households", nobody)["items"] == []
    for chain in (GACHA, TOWN):
        assert [one["household"] for one in node.get(f"{API}/households", chain)["items"]] == ["HH-1"]


def test_the_village_nominates_and_privacy_holds_what_paying_needs(node: Node):
    node.at = "2021-07-20T09:30:00+08:00"
    said = {"relief": "RF-1", "household": "HH-1", "kind": "relief_house_repair", "purpose": "relief.payment", "incident": "INC-1"}
    assert node.refused(f"{API}/relief/nominations", CHA, **said)[0] == 403
    assert node.done(f"{API}/relief/nominations", GACHA, **said)["events"] == ["resources.relief.nominated.v1"]
    assert records(node, "HH-1")[1] == ("relief.payment", "INC-1", ("name", "phone", "account"), True)
    reading = {"subject": "HH-1", "field": "account", "purpose": "relief.payment", "incident": "INC-1"}
    assert ACCOUNT in json.dumps(node.done(f"{PRIVACY}/readings", FIN, **reading))


def test_the_steps_over_http(node: Node):
    at = f"{API}/relief/RF-1"
    node.done(f"{at}/appraisal", GACHA, votes_for=7, votes_against=0)
    for text in ("household, ID number 999999190001010015", f"one household, {ACCOUNT}", f"call {PHONE}"):
        assert node.refused(f"{at}/posting", GACHA, text=text) == (422, "PIPL-6"), text
    node.at = "2021-07-20T15:20:00+08:00"
    text = "one household, house repair, 2000.00"
    node.done(f"{at}/posting", GACHA, text=text, until="2021-07-27T15:20:00+08:00")
    assert node.done(f"{at}/objections", Post("CIT.9", "CIT"), objection="O-1", text=f"ask {PHONE}")["flags"] == ["A-INCOMPLETE"]
    assert node.refused(f"{at}/objections", Post("CIT.9", "CIT"), objection="O-2", text="x", covered=False)[0] == 400
    assert PHONE not in json.dumps(node.get(at, OFF), default=str)
    for chain in (GACHA, TOWN, OFF, FIN, Post("HH-1", "CIT", VILLAGE)):
        assert (node.get(at, chain)["household"], len(node.get(f"{API}/relief", chain)["items"])) == ("HH-1", 1)
    seen = node.get(at, Post("CIT.9", "CIT"))  # what became of the own objection, and nothing of the household
    assert (seen["state"], seen["objections"], "household" in seen) == ("posted", {"O-1": "open"}, False)
    assert node.ask("GET", at, Post("CIT.8", "CIT")).status_code == 404
    assert node.ask("GET", at, Post("Z.COM", "L5.committee", "150721102")).status_code == 404
    assert seen["said"] == {"O-1": "ask •••"} and node.get(at, OFF)["said"] == node.get(at, TOWN)["said"] == seen["said"]
    assert "said" not in node.get(at, FIN) and "said" not in node.get(at, Post("HH-1", "CIT", VILLAGE))
    node.done(f"{at}/objections/O-1/resolution", TOWN, upheld=False, reason="seen")
    early = node.post(f"{at}/decision", APP, amount=2000.0)
    assert (early.status_code, early.json()["rule"]) == (422, "NDR-20")
    assert "posting ends on 2021-07-27" in early.json()["cure"]


def test_what_hangs_in_the_village_is_read_by_everybody_there_and_by_nobody_else(node: Node):
    at, villager = f"{API}/relief/RF-1", Post("CIT.V", "CIT", VILLAGE)
    (shown,) = node.get(f"{API}/relief-postings", villager)["items"]
    assert (shown["posting"], shown["votes"]) == ("one household, house repair, 2000.00", {"for": 7, "against": 0})
    assert "HH-1" not in json.dumps(shown) and node.get(at, villager) | shown == node.get(at, villager)
    assert node.get(at, GACHA)["posting"] == shown["posting"] and node.get(at, GACHA)["votes"] == shown["votes"]
    for who in (GACHA, OFF, Post("V.1", "VOL", VILLAGE)):
        assert [one["relief"] for one in node.get(f"{API}/relief-postings", who)["items"]] == ["RF-1"]
    for who in (Post("CIT.8", "CIT"), Post("CIT.8", "CIT", "150721102"), Post("Z.COM", "L5.committee", "150721102")):
        assert node.get(f"{API}/relief-postings", who)["items"] == [] and node.ask("GET", at, who).status_code == 404
    node.done(f"{at}/objections", villager, objection="O-3", text="the house stands")
    assert node.get(at, villager)["said"] == {"O-3": "the house stands"}
    node.done(f"{at}/objections/O-3/resolution", TOWN, upheld=False, reason="seen")
    node.at = "2021-07-27T15:20:00+08:00"
    assert node.get(f"{API}/relief-postings", villager)["items"] == []
    assert node.ask("GET", at, Post("CIT.W", "CIT", VILLAGE)).status_code == 404


def test_gifts_come_in_and_are_shown_by_pseudonym(node: Node):
    node.done(f"{API}/fund-raisers/CHA.1/qualification", CIVIL, certificate="民公募证〔2021〕12号", valid_until="2021-12-31")
    assert node.refused(f"{API}/campaigns", Post("CHA.2", "CHA", "150700"), campaign="CP-0") == (422, "CHL-22")
    node.done(f"{API}/campaigns", CHA, campaign="CP-1", incident="INC-1")
    money = {"donation": "DO-1", "donor": "DN-1", "purpose": "donation.receipt", "money": 5000.0, "publish_name": False}
    made = node.done(f"{API}/donations", CHA, **money, values={"name": DONOR_NAME})
    assert made["events"] == ["resources.donation.received.v1", "resources.donation.receipted.v1"]
    assert records(node, "DN-1") == [("donation.receipt", "INC-1", ("name",), True)]
    water = {"lot": "DN-WATER-1", "item": "WATER", "qty": 600, "passed": 588, "expires": "2021-12-01"}
    node.done(f"{API}/donations", CHA, donation="DO-2", donor="DN-1", intent=VILLAGE, goods=[water], store="WH-MD")
    assert len(records(node, "DN-1")) == 1
    shown = node.client.request("GET", f"/api/{API}/donations/DO-2").json()
    assert {name: shown[name] for name in ("in", "accepted", "rejected", "donor")} == {
        "in": 600,
        "accepted": 588,
        "rejected": 12,
        "donor": "donor 1",
    }
    assert "DN-1" not in json.dumps(shown) and shown["receipted"]
    node.done(f"{API}/donations", CHA, donation="DO-3", anonymous=True, money=1)
    assert not node.client.request("GET", f"/api/{API}/donations/DO-3").json()["receipted"]  # there is no paper of it
    summaries = {
        one["operationId"]: one["summary"]
        for path in node.client.request("GET", "/openapi.json").json()["paths"].values()
        for one in path.values()
    }
    assert [summaries[name] for name in ("ReceiveDonation", "RegisterHousehold")] == ["Receive donation", "Register household"]
    assert node.refused(f"{API}/donations/DO-2/purpose", CHA, intent="150721") == (422, "CHL-56")


def test_values_of_a_donor_without_an_incident_are_not_kept(node: Node):
    said = {"donation": "DO-9", "donor": "DN-9", "money": 1, "values": {"name": DONOR_NAME}}
    assert node.refused(f"{API}/donations", Post("CHA.9", "CHA", "150700"), **said) == (422, "ERL-85")


def test_the_ledger_is_published_and_shown_to_everybody(node: Node):
    node.done(f"{API}/donations/DO-1/allocations", CHA, to="RF-FUND", money=5000.0)
    said = {"in": 5001.0, "allocated": 5000.0, "goods_in": 588}
    assert node.refused(f"{API}/campaigns/CP-1/ledger", CHA, **said | {"goods_in": 600}) == (422, "donation.ledger")
    node.done(f"{API}/campaigns/CP-1/ledger", CHA, **said)
    shown = node.client.request("GET", f"/api/{API}/disclosures/DS-CP-1-1").json()
    assert shown["money"] == {"in": "5001.00", "allocated": "5000.00", "used": "0.00"}
    assert shown["goods"] == {"WATER": 588}


def test_paid_once_and_published_without_a_name(node: Node):
    at = f"{API}/relief/RF-1"
    node.at = "2021-07-28T09:00:00+08:00"
    node.done(f"{at}/township-review", TOWN)
    for who in (NEXT_APP, CITY_APP, OFF):
        assert node.refused(f"{at}/decision", who, amount=2000.0)[0] == 403
    assert node.done(f"{at}/decision", APP, amount=2000.0)["events"] == ["resources.relief.decided.v1"]
    assert node.done(f"{at}/payment", FIN, amount=2000.0)["events"] == ["resources.relief.paid.v1"]
    assert node.types("disclosure-DR-RF-1") == ["resources.disclosure.published.v1"]
    shown = node.client.request("GET", f"/api/{API}/disclosures", headers={"Ortoo-At": node.at}).json()["items"]
    assert [one["disclosure"] for one in shown] == ["DR-RF-1", "DS-CP-1-1"]
    assert shown[0]["households"] == [{"village": VILLAGE, "kind": "relief_house_repair", "amount": "2000.00"}]
    assert "HH-1" not in json.dumps(shown)
    said = node.get(at, FIN)
    assert (said["state"], said["paid"], said["disclosed"]) == ("disclosed", "2000.00", True)
    assert node.get(at, Post("CIT.9", "CIT"))["objections"] == {"O-1": "resolved"}


def test_papers_of_an_urgent_payment_that_are_owed_stand_in_a_list(node: Node):
    tariff = {"year": 2021, "amount": 500, "source": "notice 1"}
    node.done(f"{API}/relief-tariffs/150722/temporary", FIN, **tariff)
    said = {"relief": "RF-U", "household": "HH-1", "kind": "temporary", "incident": "INC-1", "reason": "no food"}
    tokens = [node.opened.host.principals.mint(who.actor, (who.role,), who.division) for who in (Post("B.CIV", "CIV"), FIN)]
    headers = {"Authorization": f"Bearer {tokens[0]}", "Ortoo-Cosigner": f"Bearer {tokens[1]}", "Ortoo-At": node.at}
    paid = node.client.request("POST", f"/api/{API}/relief/urgent-payments", headers=headers, json=said)
    assert paid.status_code == 201, paid.text
    node.opened.host.settle()
    assert node.get(f"{API}/relief", FIN, overdue=True)["items"] == []
    node.at = "2021-08-08T09:00:00+08:00"
    [late] = node.get(f"{API}/relief", FIN, overdue=True)["items"]
    assert (late["relief"], late["overdue"]) == ("RF-U", ["relief.paper"])
    node.done(f"{API}/relief/RF-U/papers", TOWN, document="0" * 64)
    assert node.get(f"{API}/relief", FIN, overdue=True)["items"] == []


def test_kept_for_audit_they_are_neither_read_for_another_purpose_nor_destroyed(node: Node):
    _over(node)
    at = f"{PRIVACY}/retention"
    node.done(f"{at}/resources/findings", DPO, legality="text", necessity="text", safety="text")
    kept = {"destroy": [], "retain": ["HH-1", "DN-1"], "until": "2022-07-24", "reason": "audit of money and goods (ERL-93)"}
    tokens = [node.opened.host.principals.mint(who.actor, (who.role,), who.division) for who in (DPO, LEG)]
    headers = {"Authorization": f"Bearer {tokens[0]}", "Ortoo-Cosigner": f"Bearer {tokens[1]}", "Ortoo-At": node.at}
    decided = node.client.request("POST", f"/api/{at}/resources/decision", headers=headers, json=kept)
    assert decided.status_code == 201, decided.text
    read = {"subject": "HH-1", "field": "account", "purpose": "training.invite", "incident": "INC-1"}
    refused = node.post(f"{PRIVACY}/readings", OFF, **read).json()
    assert (refused["rule"], "kept for audit only" in refused["cure"]) == ("ERL-85", True)
    gone = node.post(f"{at}/resources/destruction", DPO, subjects=["HH-1"])
    assert (gone.status_code, gone.json()["rule"]) == (423, "ERL-85")
    assert "kept by decision until 2022-07-24" in gone.json()["cure"]


def _over(node: Node) -> None:
    """The last response ended, as the policy of privacy says it."""
    told: list[Any] = []
    by, now = Signature("SYS", ("SYS",), "150722", 3), datetime.fromisoformat(node.at)
    command = OpenRetentionAssessment(by=by, now=now, incident="INC-1", register="resources", division="150722")
    node.opened.host.submit(PRIVACY, Pending(new_id(), command, fingerprint("Open", b""), told.append, fresh=True))
    node.opened.host.settle()


def test_what_a_disclosure_says_of_a_household_ends(node: Node):
    node.at = "2021-11-01T09:00:00+08:00"
    shown = node.client.request("GET", f"/api/{API}/disclosures/DR-RF-1", headers={"Ortoo-At": node.at}).json()
    assert (shown["households"], shown["money"]) == ([], {"paid": "2000.00"})
