"""What a finder writes is held as personal data: sealed, read with a purpose, gone with its incident; and blobs are searched after."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.alerts.events.report import ReportReceived
from services.alerts.events.triage import Finding, TriageResolved
from services.privacy.deciders.records.commands import AttachPersonalData, CollectPersonalData, ReadPersonalData
from services.privacy.deciders.retention.commands import CertifyDestruction, VerifyDestruction
from services.privacy.events.record import PersonalDataCollected
from services.privacy.events.retention import PersonFound, RetentionVerified
from services.privacy.policies.collecting import (
    when_report_received_then_hold_its_words,
    when_reports_found_true_then_their_words_belong_to_the_incident,
)
from services.privacy.searching.searcher import Holding, Searcher
from shared.blobs.store import digest
from shared.kernel.errors import NotFound, RuleBroken, WrongState
from tests.privacy.node import Node, running
from tests.privacy.test_following import NOW, sent, told
from tests.privacy.world import AUDITOR, OFFICER, SYS, Streams, collect, decided, destroy
from tests.support import Post, problem

DUTY, DPO, LEGAL = Post("B.DUTY", "EMD.duty", "150722"), Post("C.DPO", "DPO", "150700"), Post("C.LEG", "LEG", "150700")
PHONE = "13912345678"
SAID = {"place": "150722", "text": f"water in the yard of Zhao Yi, call {PHONE}"}
WORDS = {"purpose": "report.words"}


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    with running(tmp_path / "data", monkeypatch) as made:
        yield made


def report(node: Node, key: str | None = None, **said: Any) -> Any:
    made = node.client.request("POST", "/api/alerts/reports", json=SAID | said, headers=node.headers(DUTY, key=key))
    assert made.status_code in (200, 201), made.text
    node.settle()
    return made.json()


def test_a_finders_words_lie_sealed_and_are_read_with_a_purpose_even_before_an_assessment(node: Node) -> None:
    report(node, report="RP-1")
    assert PHONE.encode() not in node.bytes() and b"Zhao Yi" not in node.bytes()
    read = node.done("readings", DUTY, {"subject": "RP-1", **WORDS})
    assert json.loads(read["words"]) == {**SAID, "type": None}
    assert node.get("readings", Post("C.AUD", "AUD", "150700"))["items"][0]["purpose"] == "report.words", "and it is noted"
    problem(node.post("readings", Post("B.WHK", "WHK", "150722"), {"subject": "RP-1", **WORDS}), 403, "not_allowed", "ERL-84")


def test_they_are_no_orphans_however_long_they_wait(node: Node) -> None:
    report(node, report="RP-1")
    vault = node.opened.host.vault
    assert vault is not None and vault.sweep(datetime.fromisoformat(node.at) + timedelta(days=2)) == ()
    assert node.done("readings", DUTY, {"subject": "RP-1", **WORDS})["words"]


def test_each_report_has_a_key_of_its_own_and_a_finders_number_is_a_link(node: Node) -> None:
    for name in ("RP-1", "RP-2"):
        report(node, report=name, subject="CIT-1", text=f"{name}: {SAID['text']}")
    problem(node.post("readings", DUTY, {"subject": "CIT-1", **WORDS}), 404, "not_found", "reference")
    gone = {"certificate": "DC-1", "reason": "wrong", "purposes": ["report.words"]}
    node.done("people/RP-1/erasure", DPO, gone, cosigner=LEGAL)
    problem(node.post("readings", DUTY, {"subject": "RP-1", **WORDS}), 410, "destroyed", "ERL-85")
    assert json.loads(node.done("readings", DUTY, {"subject": "RP-2", **WORDS})["words"])["text"].startswith("RP-2")
    vault = node.opened.host.vault
    assert vault is not None and vault.counts()["refs"] == 1


def test_nobodys_export_holds_what_a_stranger_wrote_under_their_number(node: Node) -> None:
    node.done("modules/report/assessments", DPO, {"assessment": "PIA-1", "lawfulness": "needed", "risks": "few", "protection": "vault"})
    node.done("modules/report/assessments/PIA-1/approval", Post("C.GOV", "GOV", "150700"))
    report(node, report="RP-1", subject="V-A")
    told = node.done("people/V-A/export", Post("V-A", "VOL", "150722"), {})
    assert [(one["purpose"], one["values"]) for one in told["records"]] == [("report.contact", {})]


@pytest.mark.parametrize("name", ["register", "unassigned", "INC-1"])
def test_a_report_may_be_called_like_a_register_or_an_incident(node: Node, name: str) -> None:
    report(node, report=name)
    assert node.done("readings", DUTY, {"subject": name, "incident": name, **WORDS})["words"]
    node.done(f"people/{name}/attachment", Post("B.OFF", "EMD.officer", "150722"), {"incident": "INC-1", "report": name, **WORDS})
    assert node.done("readings", DUTY, {"subject": name, "incident": "INC-1", **WORDS})["words"]


def test_a_report_sent_again_under_its_key_is_the_same_and_is_kept_once(node: Node) -> None:
    once, again = (report(node, "a-key", report="RP-1") for _ in range(2))
    assert once["report"] == again["report"]
    vault = node.opened.host.vault
    assert vault is not None and vault.counts()["refs"] == 1


def test_what_is_found_true_belongs_to_its_incident() -> None:
    fact = ReportReceived("RP-1", "c", "", 9, "150722", NOW, ref="r-1")
    streams = Streams(assessed=False)
    (held,) = sent(when_report_received_then_hold_its_words(fact, told()))
    assert isinstance(held, CollectPersonalData)
    streams.handle(held)
    streams.handle(held)
    found = TriageResolved("public.1", 1, "public_report", ("RP-1",), Finding.CONFIRMED, "B.DUTY", NOW, incident="INC-1")
    (attach,) = sent(when_reports_found_true_then_their_words_belong_to_the_incident(found, told()))
    assert isinstance(attach, AttachPersonalData)
    streams.handle(attach)
    assert "RP-1" in streams.state("retention-INC-1.alerts").roster
    assert streams.state("person-RP-1").records["report:RP-1", "report.words"].incident == "INC-1"
    streams.refused(AttachPersonalData, OFFICER, WrongState, "ERL-85", subject="RP-1", incident="INC-2", **WORDS)
    other = TriageResolved("figures.1", 1, "report", ("RP-1",), Finding.CONFIRMED, "B.DUTY", NOW, incident="INC-1")
    assert not list(when_reports_found_true_then_their_words_belong_to_the_incident(other, told()))
    assert not list(when_report_received_then_hold_its_words(ReportReceived("RP-0", "c", "0" * 64, 9, "150722", NOW), told()))


def test_of_several_reports_the_one_meant_is_named() -> None:
    streams = Streams()
    for name in ("RP-1", "RP-2"):
        collect(streams, "CIT-1", "report.contact", None, report=name, ref=f"r-{name}", fields=("phone",))
    said = {"subject": "CIT-1", "incident": "INC-1", "purpose": "report.contact"}
    assert "RP-1, RP-2" in streams.refused(AttachPersonalData, OFFICER, RuleBroken, "ERL-85", **said).cure
    streams.do(AttachPersonalData, OFFICER, **said, report="RP-2")
    streams.refused(AttachPersonalData, OFFICER, NotFound, **said, report="RP-9")
    held = streams.state("person-CIT-1").records
    assert (held["report:RP-1", "report.contact"].incident, held["report:RP-2", "report.contact"].incident) == (None, "INC-1")


def test_records_of_reports_from_before_are_still_found_by_the_reports_id() -> None:
    said = {
        "owner": "alerts",
        "incident": None,
        "purpose": "report.words",
        "ref": "r-1",
        "fields": ("words",),
        "sensitive": (),
        "basis": "b",
    }
    none = {"notice": None, "deferred": None, "copied_from": None, "by": "SYS", "division": "150722", "at": NOW}
    streams = Streams()
    streams.past["person-CIT-1"] = [PersonalDataCollected("CIT-1", register="RP-1", **said, **none)]
    read = streams.do(ReadPersonalData, OFFICER, subjects=("CIT-1",), incident="RP-1", **WORDS)
    assert read.answer is not None and read.answer["records"]["CIT-1"] == {"words": "r-1"}
    streams.do(AttachPersonalData, OFFICER, subject="CIT-1", incident="INC-1", report="RP-1", **WORDS)


def test_a_finder_who_is_destroyed_takes_no_words_that_another_incident_needs() -> None:
    streams = Streams()
    for name in ("RP-1", "RP-2"):
        fact = ReportReceived(name, "c", "", 9, "150722", NOW, subject="CIT-1", ref=f"r-{name}")
        for command in sent(when_report_received_then_hold_its_words(fact, told())):
            streams.handle(command)
    found = TriageResolved("public.2", 1, "public_report", ("RP-2",), Finding.CONFIRMED, "B.DUTY", NOW, incident="INC-2")
    for command in sent(when_reports_found_true_then_their_words_belong_to_the_incident(found, told())):
        streams.handle(command)
    collect(streams, "CIT-1", "report.contact", ref="r-3", fields=("phone",))
    decided(streams, "alerts")
    ((_, gone), *_) = destroy(streams, "CIT-1", register="alerts").events
    assert (gone.refs, gone.purposes) == (("r-3",), ("report.contact",))
    assert [len(streams.state(f"person-{name}").live()) for name in ("RP-1", "RP-2")] == [1, 1]


def test_what_was_destroyed_with_one_incident_does_not_stand_against_the_next_report(node: Node) -> None:
    said = {"assessment": "PIA-1", "lawfulness": "needed", "risks": "few", "protection": "vault"}
    node.done("modules/report/assessments", DPO, said)
    node.done("modules/report/assessments/PIA-1/approval", Post("C.GOV", "GOV", "150700"))
    for name in ("RP-1", "RP-2"):
        report(node, report=name, subject="CIT-1", purpose="report.contact")
        contact = {"purpose": "report.contact", "report": name, "values": {"phone": PHONE}}
        node.done("people/CIT-1/records", Post("B.OFF", "EMD.officer", "150722"), contact)
        read = node.done("readings", DUTY, {"subject": "CIT-1", "incident": name, "purpose": "report.contact"})
        assert read["phone"] == PHONE
        other = {"purpose": "report.contact", "values": {"phone": PHONE}}  # of whom no report is known to the desk
        node.done(f"people/CIT-{name}/records", Post("B.OFF", "EMD.officer", "150722"), other)
        report(node, report=f"{name}-B", subject=f"CIT-{name}", purpose="report.contact")
        asked = {"subject": f"CIT-{name}", "purpose": "report.contact"}
        assert node.done("readings", DUTY, asked)["phone"] == PHONE, "what holds nothing is not in the way"
        node.done("people/CIT-1/erasure", DPO, {"certificate": f"DC-{name}", "reason": "asked for it"}, cosigner=LEGAL)


def test_only_the_node_itself_holds_words_without_an_assessment() -> None:
    streams = Streams(assessed=False)
    streams.refused(CollectPersonalData, OFFICER, RuleBroken, "PIPL-55", subject="RP-1", ref="r-1", fields=("words",), **WORDS)


def test_a_blob_that_names_nobodys_record_is_searched_and_so_is_that_of_the_backup(node: Node, tmp_path: Path) -> None:
    host, root = node.opened.host, tmp_path / "data.root.key"
    backups = tmp_path / "kept"
    assert host.vault is not None
    searcher = Searcher(host.running, host.vault, backups, root, False, host.blobs)
    assert (searcher.search("DC-1").blobs, Searcher(host.running, host.vault, backups, root).search("DC-1").blobs) == (0, None)
    left = f"call {PHONE}".encode()
    host.blobs.put_many({digest(left): left})
    assert searcher.search("DC-1").blobs == 1
    old = "call 13900000001".encode("utf-16-le")
    (backups / "one").mkdir(parents=True)
    (backups / "one" / "manifest.json").write_text('{"made_at": "2021-07-18T08:00:00+08:00"}')
    with closing(sqlite3.connect(backups / "one" / "blobs.db")) as db, db:
        db.execute("CREATE TABLE blob (digest BLOB PRIMARY KEY, body BLOB NOT NULL)")
        db.executemany("INSERT INTO blob VALUES (?, ?)", [(bytes.fromhex(digest(one)), one) for one in (left, old)])
    assert searcher.search("DC-1").blobs == 2
    (backups / "one" / "blobs.db").write_bytes(b"no database at all" * 100)
    assert "remove this backup" in str(searcher.search("DC-1").unsearched)


def test_what_a_fact_names_is_a_record_unless_a_finder_wrote_it_which_is_counted_apart() -> None:
    bodies = [f"call 139123456{n:02}".encode() for n in range(3)]
    names = [digest(body) for body in bodies]
    held = Holding()
    held.look([*zip(names, bodies, strict=True), ("0" * 64, b"nobody")])
    held.heard("alerts.message.received.v1", f'{{"digest":"{names[0]}"}}')
    held.heard("alerts.report.received.v1", f'{{"digest":"{names[1]}"}}')
    assert (held.loose, held.finders, held.records) == (1, 1, 1)
    held.heard("alerts.message.received.v1", f'{{"digest":"{names[1]}"}}')
    assert (held.loose, held.finders, held.records) == (1, 0, 2), "what is a record too is one"


@pytest.mark.parametrize("said", ["sha256:{}", "SHA256:{}", "{}"])
def test_a_record_is_known_by_its_name_however_that_is_written(said: str) -> None:
    body = b"call 13912345600"
    for name in (digest(body), digest(body).upper()):
        held = Holding()
        held.look([(digest(body), body)])
        held.heard("alerts.message.received.v1", f'{{"digest":"{said.format(name)}"}}')
        assert (held.loose, held.records) == (0, 1)


def test_whoever_is_found_in_a_blob_is_found() -> None:
    streams = Streams()
    collect(streams, "P-1")
    decided(streams, "alerts")
    destroy(streams, "P-1", register="alerts")
    streams.do(CertifyDestruction, SYS, certificate="DC-1", position=1, chain="00", root="r")
    shown = {"replay_shows_person": False, "export_shows_person": False, "backup_shows_person": False, "searched": 9}
    said = {"incident": "INC-1", "register": "alerts", "certificate": "DC-1", **shown}
    ((_, found),) = streams.do(VerifyDestruction, AUDITOR, **said, blobs_show_person=True, found=1).events
    assert isinstance(found, PersonFound) and found.blobs_show_person
    ((_, fact),) = streams.do(VerifyDestruction, AUDITOR, **said, blobs_show_person=False, records=3, finders=2).events
    assert isinstance(fact, RetentionVerified) and (fact.looked_in, fact.records) == (("replay", "export", "blobs"), 3)
    assert fact.finders == 2, "which nothing destroys, and which does not stand against others' destruction"
