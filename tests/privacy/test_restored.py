"""A node that came back from an older backup says what is true of what does not open, and works with what is collected anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from services.operate.vaults import lost, shut
from services.privacy.custodian import Custodian
from shared.eventlog.sqlite import SqliteLog
from shared.runtime.backup import About, back_up, restore
from shared.sql.sqlite import Files
from shared.vault.root import RootFile
from tests.privacy.node import Node, running
from tests.privacy.test_over_http import DPO, GOV, LEGAL, OFFICER, PHONE, VOLUNTEER, problem, register
from tests.privacy.world import at
from tests.support import Post

READING = {"subject": "V-A", "field": "phone", "purpose": "register"}
OTHER = "13900139000"


def quiet(_: str) -> None:
    """Nobody is told."""


@contextmanager
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    with monkeypatch.context() as patched, running(folder, patched) as node:
        yield node


def findings(folder: Path) -> list[str]:
    with closing(SqliteLog(folder / "logs" / "150000.privacy.db", "150000.privacy", read_only=True)) as log:
        root = RootFile(folder.with_name(f"{folder.name}.root.key")).current()
        assert root is not None
        return [one.code for one in (*shut(Files(folder), root.id), *lost(Files(folder), log))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node on which V-A registered, that was backed up; then V-B's registration was destroyed, and the backup put back."""
    data = tmp_path / "data"
    with opened(data, monkeypatch) as node:
        said = {"assessment": "PIA-1", "lawfulness": "needed", "risks": "few", "protection": "vault"}
        node.done("modules/register/assessments", DPO, said)
        node.done("modules/register/assessments/PIA-1/approval", GOV)
        register(node)
        register(node, "V-B", OTHER)
        back_up(data, tmp_path / "backup", About("150000", "test", at("08:00", 18)), ("blobs", "contacts", "vault", "keyring"), quiet)
        assert findings(data) == []
        node.done("people/V-B/erasure", DPO, {"certificate": "DC-1", "reason": "asked"}, cosigner=LEGAL)
        assert node.done("readings", OFFICER, READING)["phone"] == PHONE
        assert findings(data) == []
    data.rename(tmp_path / "lost")
    restore(tmp_path / "backup", data, quiet)
    return data


def test_what_a_destroyed_root_shut_is_said_to_be_shut_and_what_is_collected_anew_opens(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder, monkeypatch) as node:
        node.settle()
        told = problem(node.post("readings", OFFICER, READING), 410, "vault.shut")
        assert "V-A" in told["cure"] and "collect it anew" in told["cure"]
        both = node.post("readings", OFFICER, {"subjects": ["V-A", "V-B"], "purpose": "register"})
        assert len(problem(both, 410, "vault.shut")["failures"]) == 2, "all who are concerned at once"
        (record,) = node.done("people/V-A/export", VOLUNTEER)["records"]
        assert (record["values"], record["unopened"]) == ({}, ["name", "phone"])
        assert findings(folder) == ["vault.shut"]
        node.done("people/V-A/corrections", DPO, {"purpose": "register", "values": {"phone": OTHER}, "reason": "told at the desk"})
        assert node.done("readings", OFFICER, READING)["phone"] == OTHER
        node.done("people/V-B/erasure", DPO, {"certificate": "DC-2", "reason": "asked"}, cosigner=LEGAL)
        assert findings(folder) == [], "nothing is shut that was not collected anew or erased"


def test_what_is_in_no_backup_is_said_to_be_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder, monkeypatch) as node:
        register(node, "V-C", OTHER)
        ref = node.ref("V-C", "register")
        vault = node.opened.host.vault
        assert vault is not None
        with vault._content.pool.transaction() as db:  # the log took the fact back; the value is in none
            db.execute("DELETE FROM reference WHERE ref = ?", (ref,))
        node.settle()
        problem(node.post("readings", OFFICER, READING | {"subject": "V-C"}), 410, "vault.lost")
        assert findings(folder) == ["vault.shut", "vault.lost"]


def test_only_what_the_custodian_did_not_come_to_is_being_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder, monkeypatch) as node:
        node.settle()
        monkeypatch.setattr(Custodian, "step", lambda _: False)
        values = {"purpose": "register", "values": {"phone": OTHER}, "consent": "form 3"}
        node.done("people/V-D/records", OFFICER, values)
        vault = node.opened.host.vault
        assert vault is not None
        with vault._content.pool.transaction() as db:
            db.execute("DELETE FROM reference WHERE ref = ?", (node.ref("V-D", "register"),))
        told = problem(node.post("readings", OFFICER, READING | {"subject": "V-D"}), 503, "vault.pending")
        assert "being copied" in told["cure"]
        (record,) = node.done("people/V-D/export", Post("V-D", "VOL", "150722"))["records"]
        assert (record["values"], record["pending"], "unopened" in record) == ({}, ["phone"], False)
