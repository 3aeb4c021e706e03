"""Privacy at the edge, with its vault: values in, values out, and nothing of them anywhere else; then gone."""

from __future__ import annotations

import base64
import shutil
from typing import Any

import pytest

from services.privacy.deciders.activity import NoteResponseOver, NoteResponseRuns
from services.privacy.searching.backups import Backups
from services.privacy.searching.searcher import Searcher
from services.volunteers.events.callup import CallUpOffered, CallUpStoodDown
from services.volunteers.events.volunteer import VolunteerRegistered
from shared.runtime.backup import About, back_up
from tests.privacy.node import Node, running
from tests.privacy.world import at
from tests.support import Post

LEAD, KEEPER, OFFICER = Post("B.LEAD", "TASK.lead"), Post("W.MD1", "WHK"), Post("B.OFF", "EMD.officer")
DPO, LEGAL, AUDITOR = Post("C.DPO", "DPO", "150700"), Post("C.LEG", "LEG", "150700"), Post("C.AUD", "AUD", "150700")
GOV, VOLUNTEER = Post("C.GOV", "GOV", "150700"), Post("V-A", "VOL")
NAMED = ("blobs", "contacts", "vault", "keyring")
PHONE, ID = "13800138000", "11010519491231002X"
CONTACT = {"subject": "V-A", "field": "phone", "purpose": "callup.contact"}


@pytest.fixture
def node(tmp_path, monkeypatch):
    with running(tmp_path / "data", monkeypatch) as made:
        for module in ("register", "callup", "shelter"):
            said = {"assessment": "PIA-1", "lawfulness": "needed", "risks": "few", "protection": "vault"}
            made.done(f"modules/{module}/assessments", DPO, said)
            made.done(f"modules/{module}/assessments/PIA-1/approval", GOV)
        yield made


def register(node: Node, subject: str = "V-A", phone: str = PHONE) -> None:
    node.keep(subject, f"ref-{subject}", name="Volunteer", phone=phone)
    said = {"township": None, "adult": True, "guardian": False, "languages": (), "skills": (), "organisation": None, "excluded": ()}
    told = {"person": f"ref-{subject}", "division": "150722", "risk_text": 1, "notice": "register/1", "by": subject, "at": at("08:00", 18)}
    node.say(VolunteerRegistered(volunteer=subject, **said, **told, fields=("name", "phone")))


def offer(node: Node, subject: str = "V-A", incident: str = "INC-1") -> None:
    said = {
        "force": None,
        "wave": 1,
        "quota": 1,
        "from_": at("08:00"),
        "to": at("20:00"),
        "task": "unloading",
        "risk_text": 1,
        "place": None,
    }
    told = {"line": (), "host_needed": False, "by": "B.OFF", "division": "150722", "at": at("08:00", 18)}
    node.say(CallUpOffered(call_up=f"CU-{subject}", incident=incident, volunteer=subject, **said, **told))


def problem(answer, status, rule):
    assert answer.status_code == status, answer.text
    assert answer.json()["rule"] == rule, answer.text
    return answer.json()


def test_the_thinnest_path_of_the_story(node):
    register(node)
    offer(node)
    node.at = "2021-07-19T07:40:00+08:00"
    assert problem(node.post("readings", LEAD, {"subject": "V-A", "field": "phone"}), 422, "PIPL-6")["cure"] == "name the purpose"
    read = node.done("readings", LEAD, CONTACT)
    assert read["events"] == ["privacy.personal_data.accessed.v1"]
    assert (read["phone"], read["values"]) == (PHONE, {"V-A": {"phone": PHONE}})
    refused = problem(node.post("readings", KEEPER, CONTACT), 403, "ERL-84")
    assert "no task with this volunteer" in refused["cure"]
    assert PHONE.encode() not in node.bytes(), "nothing but the vault holds it, and the vault only encrypted"
    shown = node.get("overview", AUDITOR)
    assert (shown["keys"], shown["accessed"], shown["standing"]) == (1, 1, 1)
    assert [row["subjects"] for row in node.get("readings", AUDITOR)["items"]] == [["V-A"]]
    assert node.get("readings", VOLUNTEER, subject="V-A")["items"][0]["actor"] == "B.LEAD"


def test_values_are_given_once_for_each_fact(node):
    register(node)
    offer(node)
    node.done("readings", LEAD, CONTACT, key="read-1")
    again = node.post("readings", LEAD, CONTACT, key="read-1")
    assert again.status_code == 409 and PHONE not in again.text
    assert node.get("overview", AUDITOR)["accessed"] == 1


def test_collected_at_the_edge_with_values_and_a_photo(node):
    photo = base64.b64encode(b"\x89PNG a photo").decode()
    body = {"incident": "INC-1", "purpose": "shelter.list", "values": {"name": "Somebody", "id_number": ID}, "files": {"photo": photo}}
    problem(node.post("people/P-1/records", LEAD, body), 422, "PIPL-28")
    made = node.done("people/P-1/records", LEAD, body | {"sensitive": ["id_number", "photo"]})
    assert made["events"] == ["privacy.personal_data.collected.v1"]
    read = node.done("readings", LEAD, {"subjects": ["P-1"], "purpose": "shelter.list"})
    assert read["values"]["P-1"] == {"name": "Somebody", "id_number": ID, "photo": photo}
    record = node.get("people/P-1", DPO)["records"][0]
    assert (record["fields"], record["deferred"]) == (["name", "id_number", "photo"], "urgency (PIPL-18)")
    assert ID not in str(record)
    corrected = {"purpose": "shelter.list", "values": {"name": "Somebody Else"}, "reason": "misread"}
    problem(node.post("people/P-1/corrections", LEAD, corrected | {"values": {"id_number": ID[:-1] + "A"}}), 422, "PIPL-8")
    node.done("people/P-1/corrections", LEAD, corrected)
    assert node.done("readings", LEAD, {"subject": "P-1", "field": "name", "purpose": "shelter.list"})["name"] == "Somebody Else"
    assert ID.encode() not in node.bytes() and b"Somebody" not in node.bytes()


def test_a_person_gets_everything_and_nobody_else_does(node):
    register(node)
    offer(node)
    told = node.done("people/V-A/export", VOLUNTEER)["records"]
    assert [(record["purpose"], record["values"]["phone"]) for record in told] == [("register", PHONE), ("callup.contact", PHONE)]
    problem(node.post("people/V-A/export", Post("V-B", "VOL")), 403, "PIPL-45")
    asked = node.done("rights-requests", VOLUNTEER, {"subject": "V-A", "right": "copy", "text": f"I am {PHONE}"})
    name = asked["stream"].removeprefix("rights-")
    node.done(f"rights-requests/{name}/identity", OFFICER, {"confirmed": True, "how": "id card seen"})
    node.done(f"rights-requests/{name}/decision", DPO, {"outcome": "granted"})
    assert len(node.done("people/V-A/export", DPO, {"request": name})["records"]) == 2
    assert node.get("rights-requests", DPO)["items"][0]["state"] == "decided"


def test_the_search_finds_who_is_left_in_an_old_backup_under_an_old_root(node, tmp_path):
    register(node)
    offer(node)
    kept = tmp_path / "data.backups" / "one"
    back_up(node.folder, kept, About("150000", "test", at("08:00", 18)), NAMED, lambda _: None)
    root = tmp_path / "data.root.key"
    old = root.with_name("old.key")
    shutil.copy2(root, old)
    refs = [node.ref("V-A")]
    host = node.opened.host
    before = Backups(kept.parent, root)
    (one,) = before.all()
    assert before.look(one, refs) == (1, 1, 0), "while it is not destroyed a backup shows it, as it must"
    destroy_all(node, "V-A")
    after = Searcher(host.running, host.vault, kept.parent, root).search("DC-1")
    assert (after.replay, after.export, after.backup, after.oldest) == (0, 0, 0, "one")
    assert after.searched > 5
    assert [(one.name, one.held, one.shown) for one in after.backups] == [("one", 1, 0)], "it held the data, and shows nobody"
    thief = Searcher(host.running, host.vault, kept.parent, old)
    assert thief.search("DC-1").backup == 1, "with the root of then it would show it: that is why the root is replaced"


def test_every_backup_up_to_a_bound_is_searched_and_named(node, tmp_path):
    register(node)
    offer(node)
    backups = tmp_path / "data.backups"
    for n in range(4):
        back_up(node.folder, backups / f"b{n}", About("150000", "test", at("08:00", 18 + n)), NAMED, lambda _: None)
    destroy_all(node, "V-A")
    back_up(node.folder, backups / "after", About("150000", "test", at("08:00", 25)), NAMED, lambda _: None)
    host = node.opened.host
    searcher = Searcher(host.running, host.vault, backups, tmp_path / "data.root.key")
    found = searcher.search("DC-1", 3)
    assert [(one.name, one.held) for one in found.backups] == [("b0", 1), ("b1", 1), ("b2", None), ("b3", None), ("after", 0)]
    assert (found.backup, searcher.progress) == (0, {}), "the oldest ones and the newest; nothing runs any more"
    verified = node.done("retention/volunteers/verification", AUDITOR, {"certificate": "DC-1"})
    assert verified["backups_that_held_it"] == ["b0", "b1", "b2", "b3"] and verified["backups_left_out"] == []
    part = next(row for row in node.get("retention", AUDITOR)["items"] if row["register"] == "volunteers")
    assert [one["held"] for one in part["verified"]["DC-1"]["backups"]] == [1, 1, 1, 1, 0]


def test_how_far_a_search_is_can_be_asked(node, monkeypatch):
    seen = []
    rebuilt = Searcher._rebuilt

    def looked(self, runs):
        seen.append(node.get("searches", AUDITOR)["items"])
        return rebuilt(self, runs)

    monkeypatch.setattr(Searcher, "_rebuilt", looked)
    register(node)
    offer(node)
    destroy_all(node, "V-A")
    node.done("retention/volunteers/verification", AUDITOR, {"certificate": "DC-1"})
    assert [(one["certificate"], one["step"], one["done"]) for (one,) in seen] == [("DC-1", "read models", n) for n in range(len(seen))]
    assert node.get("searches", AUDITOR)["items"] == []


def test_destroyed_certified_and_searched_after(node):
    for subject, phone in (("V-A", PHONE), ("V-B", "13900139000")):
        register(node, subject, phone)
        offer(node, subject)
    destroyed = destroy_all(node, "V-A", "V-B")
    assert destroyed["events"] == ["privacy.personal_data.destroyed.v1"] * 2
    certificate = node.get("destructions", DPO)["items"][0]
    assert (certificate["state"], certificate["what"]) == ("complete", "2 subjects of INC-1, register volunteers")
    problem(node.post("retention/volunteers/verification", DPO, {"certificate": "DC-1"}), 403, "ERL-85")
    verified = node.done("retention/volunteers/verification", AUDITOR, {"certificate": "DC-1"})
    assert verified["events"] == ["privacy.retention.verified.v1"]
    shown = node.get("overview", AUDITOR)
    assert {name: shown[name] for name in ("keys", "destroyed", "retained", "certificates", "standing")} == {
        "keys": 2,
        "destroyed": 2,
        "retained": 0,
        "certificates": ["DC-1"],
        "standing": 2,
    }
    assert not any(shown[f"{where}_shows_person"] for where in ("replay", "export", "backup"))
    gone = problem(node.post("readings", LEAD, CONTACT | {"incident": "INC-1"}), 410, "ERL-85")
    assert "only the tombstone is left" in gone["cure"]
    assert node.done("readings", OFFICER, {"subject": "V-A", "field": "phone", "purpose": "register"})["phone"] == PHONE


def end_of_responses(node: Node) -> None:
    """As the policies say it once the last response ended."""
    for kind in (NoteResponseRuns, NoteResponseOver):
        node.command(kind, incident="INC-1", activation="ACT-B")


def stand_down(node: Node, *subjects: str) -> None:
    """Nobody is needed any more, and nobody had set out."""
    for subject in subjects:
        said = {"released": (subject,), "released_of": (subject,), "by": "B.OFF", "at": at("12:00", 24)}
        node.say(CallUpStoodDown(call_up=f"CU-{subject}", incident="INC-1", **said))


def destroy_all(node: Node, *subjects: str) -> Any:
    """From the end of the response to the destruction of everybody named."""
    node.at = "2021-07-24T12:00:00+08:00"
    stand_down(node, *subjects)
    end_of_responses(node)
    node.at = "2021-07-30T09:00:00+08:00"
    node.done("retention/volunteers/findings", DPO, {"legality": "text", "necessity": "text", "safety": "text"})
    node.done("retention/volunteers/decision", DPO, {"destroy": list(subjects), "retain": []}, cosigner=LEGAL)
    return node.done("retention/volunteers/destruction", DPO, {"certificate": "DC-1", "subjects": list(subjects)})


def test_a_reading_without_a_purpose_or_for_an_undeclared_one_gives_nothing(node):
    register(node)
    for said in ({}, {"purpose": "curiosity"}):
        told = node.post("readings", OFFICER, {"subject": "V-A", **said})
        problem(told, 422, "PIPL-6")
        assert PHONE not in told.text
    assert not node.get("readings", AUDITOR)["items"], "and nobody read"


def test_what_is_held_by_law_is_not_destroyed(node):
    register(node)
    offer(node)
    lock = {"reason": "lawsuit", "basis": "PIPL-47", "until": "2021-12-31T00:00:00+08:00"}
    node.done("people/V-A/locks/LK-1", LEGAL, lock)
    problem(node.post("people/V-A/erasure", DPO, {"certificate": "DC-1", "reason": "asked"}, cosigner=LEGAL), 423, "PIPL-47")
    node.at = "2021-07-24T12:00:00+08:00"
    end_of_responses(node)
    node.at = "2021-07-30T09:00:00+08:00"
    node.done("retention/volunteers/findings", DPO, {"legality": "text", "necessity": "text", "safety": "text"})
    node.done("retention/volunteers/decision", DPO, {"destroy": ["V-A"], "retain": []}, cosigner=LEGAL)
    destroy = {"certificate": "DC-1", "subjects": ["V-A"]}
    stand_down(node, "V-A")
    problem(node.post("retention/volunteers/destruction", DPO, destroy), 423, "PIPL-47")
    node.done("people/V-A/locks/LK-1/release", LEGAL, {"reason": "settled"})
    assert node.done("retention/volunteers/destruction", DPO, destroy)["destroyed"] == 1
