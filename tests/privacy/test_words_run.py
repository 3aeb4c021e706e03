"""Words of rights requests that are due go once a day, together: each destruction replaces the root (PIPL art. 19, 47; own default)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.privacy.custodian import LATER, Custodian
from services.privacy.deciders.streams import request_scope
from services.privacy.hearing import Cursors, Ending, Waiting
from services.privacy.searching.searcher import Searcher
from shared.eventlog.chain import Cursor
from shared.runtime.backup import About, back_up
from shared.sql.ports import Databases
from shared.vault.keyring import RootReplaced
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from tests.privacy.node import Node, running
from tests.privacy.test_over_http import AUDITOR, DPO, GOV, LEGAL, NAMED, destroy_all, offer, register
from tests.privacy.world import RULES, at

SAID = {"right": "copy", "text": "all of mine", "name": "Secretly Sarnai", "contact": "13911112222", "division": "150722"}
STEPS = {"identity": {"confirmed": True, "how": "card seen"}, "decision": {"outcome": "granted"}, "completion": {"note": "told"}}
KEPT = RULES.value("privacy.rights_words")


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    with running(tmp_path / "data", monkeypatch) as made:
        for module in ("register", "callup"):
            said = {"assessment": "PIA-1", "lawfulness": "needed", "risks": "few", "protection": "vault"}
            made.done(f"modules/{module}/assessments", DPO, said)
            made.done(f"modules/{module}/assessments/PIA-1/approval", GOV)
        yield made


def asked(node: Node, *steps: str) -> str:
    number: str = node.done("rights-requests", DPO, SAID)["stream"].removeprefix("rights-")
    for step in steps:
        node.done(f"rights-requests/{number}/{step}", DPO, STEPS[step])
    return number


def goes_on(node: Node, until: datetime) -> None:
    node.at = until.isoformat()
    node.get("rights-requests", DPO)  # time goes on with a request
    node.settle()


def kept(node: Node) -> int:
    vault = node.opened.host.vault
    assert vault is not None
    return vault.counts()["refs"]


def followed_anew(node: Node) -> None:
    """Another custodian follows the log from its beginning."""
    host = node.opened.host
    assert host.vault is not None
    with closing(host.vault.database.connect(private=True)) as db:
        db.execute("DELETE FROM custodian")
    with closing(Custodian(host.running["privacy"].log, host.vault, host.vault.database, lambda _: None, host.now)) as custodian:
        while custodian.step():
            pass


@pytest.fixture
def roots(node: Node, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each root that was replaced."""
    vault, replaced = node.opened.host.vault, list[str]()
    assert vault is not None
    destroy = vault.destroy

    def counted(scopes: Sequence[Scope], since: Sequence[str]) -> RootReplaced:
        made = destroy(scopes, since=since)
        replaced.append(made.before)
        return made

    monkeypatch.setattr(vault, "destroy", counted)
    return replaced


def test_what_is_due_in_a_day_goes_with_one_root(node: Node, roots: list[str]) -> None:
    begun, numbers = datetime.fromisoformat(node.at), list[str]()
    for hour in range(3):
        node.at = (begun + timedelta(hours=hour)).isoformat()
        numbers.append(asked(node, *STEPS))
    due = begun + KEPT + timedelta(hours=4)
    goes_on(node, due)
    assert (kept(node), roots) == (3, []), "due, and waiting for the run of the day"
    for number in numbers:
        assert node.post(f"rights-requests/{number}/reading", DPO).status_code == 410
    goes_on(node, due.replace(hour=1) + timedelta(days=1) + LATER - timedelta(seconds=1))
    assert roots == [], "what is due by then may still be followed"
    goes_on(node, due.replace(hour=1) + timedelta(days=1) + LATER)
    assert (kept(node), len(roots)) == (0, 1)
    goes_on(node, due + timedelta(days=3))
    assert len(roots) == 1
    states = {row["id"]: (row["state"], row["due"], row["missed"]) for row in node.get("rights-requests", DPO)["items"]}
    assert [states[number][0] for number in numbers] == ["done"] * 3
    assert states[numbers[1]][1:] == ({}, []), "that it was asked and decided stays"
    followed_anew(node)
    assert len(roots) == 1, "what is gone has no other run"


def test_what_waits_is_known_to_the_next_custodian_and_goes_with_another_destruction(node: Node, roots: list[str]) -> None:
    asked(node, *STEPS)
    goes_on(node, datetime.fromisoformat(node.at) + KEPT + timedelta(minutes=1))
    vault = node.opened.host.vault
    assert vault is not None and kept(node) == 1
    with closing(Cursors(vault.database)) as cursors:
        ((request, (run, root)),) = Ending(cursors).waiting().items()
    assert root == vault.root()
    assert request.startswith("RQ-") and run > datetime.fromisoformat(node.at)
    register(node)
    node.done("people/V-A/erasure", DPO, {"certificate": "DC-1", "reason": "asked"}, cosigner=LEGAL)
    assert (kept(node), len(roots)) == (0, 1)
    goes_on(node, run + LATER)
    assert len(roots) == 1, "nothing is left for the run"


def test_a_locked_request_stays_until_the_lock_is_lifted(node: Node, roots: list[str]) -> None:
    number, due = asked(node, *STEPS), datetime.fromisoformat(node.at) + KEPT
    said = {"reason": "lawsuit", "basis": "PIPL-47", "until": (due + timedelta(days=9)).isoformat()}
    assert node.post("people/RQ-9/locks/LK-1", DPO, said).status_code == 404
    node.done(f"people/{number}/locks/LK-1", DPO, said)
    goes_on(node, due + timedelta(days=20))
    assert (kept(node), roots) == (1, [])
    node.done(f"people/{number}/locks/LK-1/release", DPO, {"reason": "settled"})
    goes_on(node, due + timedelta(days=22))
    assert (kept(node), len(roots)) == (0, 1)


def test_what_waits_lies_in_either_database(databases: Databases) -> None:
    with closing(Cursors(databases.at("vault"))) as cursors:
        ending, first, second = Ending(cursors), Waiting(at("01:00", 21), "r-1"), Waiting(at("01:00", 20), "r-1")
        ending.wait({"RQ-1": first.run, "RQ-2": second.run}, "r-1")
        ending.wait({"RQ-1": at("01:00", 22)}, "r-2")
        assert list(ending.waiting().items()) == [("RQ-2", second), ("RQ-1", first)] == list(Ending(cursors).waiting().items())
        ending.done(["RQ-2"])
        ending.wait({"RQ-2": second.run}, "r-2")
        assert list(ending.waiting()) == ["RQ-1"], "done is done"
        ending.forget()
        ending.wait({"RQ-2": second.run}, "r-2")
        assert ending.waiting() == {"RQ-2": Waiting(second.run, "r-2")}
        cursors.save("150000.privacy", Cursor(7, b"chain"))
        assert cursors.every() == {"150000.privacy": 7}


def test_a_search_after_a_destruction_looks_for_them_too(node: Node, tmp_path: Path) -> None:
    register(node)
    offer(node)
    number = asked(node, *STEPS)
    back_up(node.folder, tmp_path / "data.backups" / "one", About("150000", "test", at("08:00", 18)), NAMED, lambda _: None)
    root, old = tmp_path / "data.root.key", tmp_path / "old.key"
    shutil.copy2(root, old)
    due = datetime.fromisoformat(node.at) + KEPT + timedelta(minutes=1)
    destroy_all(node, "V-A")
    goes_on(node, due)
    host, folder = node.opened.host, tmp_path / "data.backups"
    assert host.vault is not None
    waiting = Searcher(host.running, host.vault, folder, root).search("DC-1")
    assert (waiting.words, waiting.replay) == (0, 0), "what waits for its run is no finding"
    goes_on(node, due + timedelta(days=1) + LATER)
    found = Searcher(host.running, host.vault, folder, root).search("DC-1")
    assert (found.words, found.words_found, found.replay, found.backup) == (1, 0, 0, 0)
    then = Searcher(host.running, host.vault, folder, old).search("DC-1")
    assert (then.backup, then.words_found) == (2, 1), "the root of then would show both"
    verified = node.done("retention/volunteers/verification", AUDITOR, {"certificate": "DC-1"})
    assert verified["words"] == 1
    part = next(row for row in node.get("retention", AUDITOR)["items"] if row["register"] == "volunteers")
    assert part["verified"]["DC-1"]["words"] == 1
    ref = next(one.event.digest for one in host.history("privacy", f"rights-{number}"))
    host.vault.keep(Scope(*request_scope(number)), ref, {"contact": Personal("13911112222")}, at("08:00"))
    left = node.done("retention/volunteers/verification", AUDITOR, {"certificate": "DC-1"})
    assert (left["verified"], left["words_found"]) == (False, 1), "the vault shows them again"
