"""What the edge and the custodian keep: under keys of their own, for whom it is, until the event that names it."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta

import pytest

from services.privacy.searching.searcher import Searcher
from services.volunteers.deciders.forces import filing
from services.volunteers.events.validity import Member
from services.volunteers.events.volunteer import VolunteerRegistered
from shared.handling.pending import fingerprint
from shared.web.principals import Principals
from tests.privacy.node import Node, running
from tests.privacy.test_over_http import DPO, GOV, ID, LEAD, OFFICER, PHONE, VOLUNTEER, problem, register
from tests.privacy.world import at
from tests.support import Post

SHELTER = {"incident": "INC-1", "purpose": "shelter.list"}


@pytest.fixture
def bare(tmp_path, monkeypatch):
    with running(tmp_path / "data", monkeypatch) as made:
        yield made


@pytest.fixture
def node(bare):
    assess(bare)
    return bare


def assess(node: Node) -> None:
    for module in ("register", "shelter"):
        said = {"assessment": "PIA-1", "lawfulness": "needed", "risks": "few", "protection": "vault"}
        node.done(f"modules/{module}/assessments", DPO, said)
        node.done(f"modules/{module}/assessments/PIA-1/approval", GOV)


def read(node: Node, field: str = "phone") -> str:
    return str(node.done("readings", LEAD, {"subject": "P-1", "field": field, "purpose": "shelter.list"})[field])


def prints(node: Node) -> set[bytes]:
    log = sqlite3.connect(next((node.folder / "logs").glob("*.privacy.db")))
    return {bytes(row[0]) for row in log.execute("SELECT fingerprint FROM command")}


def test_what_repeats_are_known_by_cannot_be_guessed(node):
    body = {**SHELTER, "values": {"phone": PHONE}}
    node.done("people/P-1/records", LEAD, body, key="k-1")
    sent = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    told = ("CollectPersonalData", sent, "/api/privacy/people/P-1/records", "")
    assert fingerprint(*told) not in prints(node)
    assert fingerprint(*told, key=node.opened.host.principals.secret) in prints(node)
    assert node.post("people/P-1/records", LEAD, body, key="k-1").json()["outcome"] == "repeated"
    assert Principals(node.folder / "keys" / "node.pem").secret == node.opened.host.principals.secret, "also after a restart"


def test_a_correction_sent_again_later_brings_nothing_back(node):
    node.done("people/P-1/records", LEAD, {**SHELTER, "values": {"phone": "13900000001", "name": "Somebody"}})
    first = {"purpose": "shelter.list", "values": {"phone": "13900000002"}, "reason": "misread"}
    node.done("people/P-1/corrections", LEAD, first, key="k-1")
    node.done("people/P-1/corrections", OFFICER, first | {"values": {"phone": "13900000003"}}, key="k-2")
    assert node.post("people/P-1/corrections", LEAD, first, key="k-1").json()["outcome"] == "repeated"
    assert (read(node), read(node, "name")) == ("13900000003", "Somebody")
    vault = node.opened.host.vault
    assert vault is not None and not vault.known(["13900000001", "13900000002"])


def test_what_was_refused_and_mended_holds_what_was_mended(node):
    wrong = {**SHELTER, "values": {"name": "Wrong", "id_number": ID}}
    problem(node.post("people/P-1/records", LEAD, wrong, key="k-1"), 422, "PIPL-28")
    node.done("people/P-1/records", LEAD, {**SHELTER, "values": {"name": "Right"}}, key="k-1")
    assert read(node, "name") == "Right"


def test_nothing_is_kept_for_what_is_undeclared_or_nobodys_id(node):
    before = node.opened.host.vault.counts()
    problem(node.post("people/P-1/records", LEAD, {"incident": "INC-1", "purpose": "gossip", "values": {"name": "x"}}), 422, "PIPL-6")
    assert node.post(f"people/{ID}/records", LEAD, {**SHELTER, "values": {"name": "x"}}).status_code == 422
    assert node.opened.host.vault.counts() == before
    assert ID.encode() not in node.bytes()


def test_the_words_of_a_request_lie_in_the_vault(node):
    said = {"subject": "V-A", "right": "deletion", "text": f"I am {PHONE}", "proof": f"card {ID}"}
    asked = node.done("rights-requests", VOLUNTEER, said, key="k-1")
    again = node.post("rights-requests", VOLUNTEER, said, key="k-1").json()
    assert again["stream"] == asked["stream"] and again["outcome"] == "repeated"
    assert PHONE.encode() not in node.bytes() and ID.encode() not in node.bytes()
    fact = node.opened.host.history("privacy", asked["stream"])[0].event
    vault, request = node.opened.host.vault, asked["stream"].removeprefix("rights-")
    assert vault is not None and vault.counts()["pending"] == 0
    assert vault.read({fact.digest: request}, ["text"])[fact.digest]["text"].reveal() == f"I am {PHONE}"


def test_an_officer_of_elsewhere_exports_nobody(node):
    register(node)
    far = Post("X.DPO", "DPO", "150900")
    node.done("rights-requests", far, {"subject": "V-A", "right": "access", "request": "RQ-X"})
    node.done("rights-requests/RQ-X/identity", Post("X.OFF", "EMD", "150900"), {"confirmed": True, "how": "trust me"})
    node.done("rights-requests/RQ-X/decision", far, {"outcome": "granted"})
    assert node.post("people/V-A/export", far, {"request": "RQ-X"}).status_code == 403


def test_another_persons_reference_opens_nothing(node):
    register(node)
    said = {"township": None, "adult": True, "guardian": False, "languages": (), "skills": (), "organisation": None, "excluded": ()}
    told = {"division": "150722", "risk_text": 1, "notice": "register/1", "by": "V-B", "at": at("08:00", 18), "fields": ("name", "phone")}
    node.say(VolunteerRegistered(volunteer="V-B", person="ref-V-A", **said, **told))
    asked = {"subject": "V-B", "purpose": "register", "field": "phone"}
    answer = node.post("readings", OFFICER, asked)
    assert answer.status_code == 410 and PHONE not in answer.text
    assert PHONE not in node.post("people/V-B/export", Post("V-B", "VOL")).text
    assert node.done("readings", OFFICER, asked | {"subject": "V-A"})["phone"] == PHONE


def test_a_roster_names_no_reference():
    assert [fault.rule for fault in filing.roster((Member("M-1", person="ref-V-A", adult=True),), {})] == ["force.roster"]


def test_a_registration_that_privacy_could_not_record_is_kept(bare):
    register(bare)
    problem(bare.post("readings", OFFICER, {"subject": "V-A", "purpose": "register"}), 404, "reference")
    vault = bare.opened.host.vault
    assert vault is not None
    vault.sweep(datetime.fromisoformat(bare.at) + timedelta(days=1))
    assert vault.read(["ref-V-A"], ["phone"])["ref-V-A"]["phone"].reveal() == PHONE


def test_more_contents_than_one_read_takes_are_read(node):
    people = [f"Q-{n}" for n in range(101)]
    for n, subject in enumerate(people):
        for values in ({"name": "N"}, {"phone": f"139000{n:05}"}):
            assert node.post(f"people/{subject}/records", LEAD, {**SHELTER, "values": values}).status_code == 201
    node.settle()
    told = node.done("readings", LEAD, {"subjects": people, "purpose": "shelter.list"})["values"]
    assert len(told) == 101 and told["Q-100"] == {"name": "N", "phone": "13900000100"}


def test_a_backup_that_cannot_be_opened_is_told(node, tmp_path):
    host, root = node.opened.host, tmp_path / "data.root.key"
    assert host.vault is not None
    backups = tmp_path / "kept"
    assert Searcher(host.running, host.vault, backups, root).search("DC-1").unsearched is None, "no backup is kept"
    assert "ORTOO_BACKUPS" in str(Searcher(host.running, host.vault, backups, root, named=True).search("DC-1").unsearched)
    dump = backups / "one"
    dump.mkdir(parents=True)
    assert "no whole backup" in str(Searcher(host.running, host.vault, backups, root).search("DC-1").unsearched)
    (dump / "manifest.json").write_text('{"made_at": "2021-07-18T08:00:00+08:00"}')
    (dump / "vault.dump").write_bytes(b"PGDMP")
    found = Searcher(host.running, host.vault, backups, root).search("DC-1")
    assert (found.oldest, found.backup) == ("one", 0) and "remove this backup" in str(found.unsearched)
