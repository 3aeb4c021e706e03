"""Somebody reads the vault's files while it destroys, the node dies, a log or a backup comes back: one root, and none too few."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.privacy.custodian import LATER, REST, Custodian
from services.privacy.deciders.streams import request_scope
from services.privacy.searching.looking import readable
from shared.handling.pending import Answer
from shared.sql.ports import LogBusy
from shared.sql.sqlite import Files
from shared.vault.personal import Personal
from shared.vault.root import Lent, RootFile
from shared.vault.scope import Scope
from shared.vault.vault import CONTENT, KEYRING, Vault, open_vault, open_with
from tests.privacy.test_anew import do
from tests.privacy.test_following import desk_at, dry, hold
from tests.privacy.world import DPO, GOV, LEGAL, OFFICER, RULES, SYS, at

ASKED, KEPT = at("08:00"), RULES.value("privacy.rights_words")
DUE = ASKED + KEPT
RUN = (DUE + timedelta(days=1)).replace(hour=1) + LATER
PHONE = {"contact": Personal("13911112222")}


class Kept:
    """A desk and a vault; the time is what a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.now = folder / "desk", folder / "root.key", ASKED
        self.desk, self.stores = desk_at(self.folder), Files(self.folder)
        self.vault = self.open()
        for module in ("register", "callup"):
            do(self.desk, "DraftImpactAssessment", DPO, module=module, assessment="PIA-1", lawfulness="a", risks="b", protection="c")
            do(self.desk, "ApproveImpactAssessment", GOV, module=module, assessment="PIA-1")

    def open(self) -> Vault:
        return open_vault(self.stores, self.root)

    def custodian(self) -> Custodian:
        return Custodian(self.desk.log, self.vault, self.vault.database, self.desk.writer.submit, lambda: self.now)

    def follow(self, custodian: Custodian | None = None) -> None:
        dry(self.desk, custodian or self.custodian())

    def asked(self, request: str, at: datetime = ASKED) -> None:
        """Received, granted and done."""
        self.vault.keep(Scope(*request_scope(request)), f"ref-{request}", PHONE, at)
        said = {"now": at, "request": request}
        do(self.desk, "ReceiveRightsRequest", OFFICER, **said, digest=f"ref-{request}")
        do(self.desk, "CheckRequestIdentity", OFFICER, **said, confirmed=True, how="card")
        do(self.desk, "DecideRightsRequest", DPO, **said, outcome="granted")
        assert isinstance(do(self.desk, "CompleteRightsRequest", DPO, **said), Answer)

    def over(self, request: str, at: datetime = DUE) -> None:
        """The time of its words is."""
        made = do(self.desk, "EscalateRightsClock", SYS, now=at, request=request, key="privacy.rights_words")
        assert made.events == ("privacy.rights.words_destroyed.v1",)

    @contextmanager
    def read(self, name: str) -> Iterator[None]:
        """Somebody reads this file, as a backup does."""
        with closing(self.stores.at(name).connect()) as db:
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield

    def backup(self, to: Path) -> None:
        to.mkdir()
        for name in (CONTENT, KEYRING):
            with closing(self.stores.at(name).connect()) as db:
                db.execute("VACUUM INTO ?", (str(to / f"{name}.db"),))

    def restore(self, made: Path) -> None:
        """The vault alone: the log is of today."""
        self.vault.close()
        for name in (CONTENT, KEYRING):
            for path in self.folder.glob(f"{name}.db*"):
                path.unlink()
            shutil.copy2(made / f"{name}.db", self.folder / f"{name}.db")
        self.vault = self.open()

    def opens(self, made: Path, ref: str) -> int:
        """What a backup shows with today's root, in a copy."""
        copy = made.with_name(f"{made.name}.copy")
        shutil.copytree(made, copy)
        root = RootFile(self.root).current()
        assert root is not None
        with closing(open_with(Files(copy), Lent(root))) as vault:
            found = readable(vault, [ref])
        shutil.rmtree(copy)
        return found


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    monkeypatch.setattr("shared.sql.sqlite.BUSY_MS", 20)
    made = Kept(tmp_path)
    yield made
    made.vault.close()


@pytest.fixture
def roots(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each root that was replaced, whoever did it."""
    seen: list[str] = []
    stage = RootFile.stage

    def counted(self: RootFile, keyring: str) -> Any:
        if type(self) is RootFile:
            seen.append(keyring)
        return stage(self, keyring)

    monkeypatch.setattr(RootFile, "stage", counted)
    return seen


def words(kept: Kept) -> None:
    kept.asked("RQ-1")
    kept.follow()
    kept.over("RQ-1")
    kept.now = DUE
    kept.follow()
    kept.now = RUN


def people(kept: Kept) -> None:
    hold(kept.desk, kept.vault)
    kept.follow()
    erased = do(kept.desk, "ErasePersonalData", DPO, cosigner=LEGAL, subject="V-A", certificate="DC-1", reason="asked")
    assert isinstance(erased, Answer)


@pytest.mark.parametrize("what", [words, people])
@pytest.mark.parametrize("name", [CONTENT, KEYRING])
def test_while_somebody_reads_the_files_the_root_is_replaced_once_and_tried_once_a_minute(
    kept: Kept, roots: list[str], what: Callable[[Kept], None], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    what(kept)
    custodian, begun = kept.custodian(), kept.now
    tries, destroy = list[datetime](), kept.vault.destroy

    def tried(scopes: Sequence[Scope], since: Sequence[str]) -> Any:
        tries.append(kept.now)
        return destroy(scopes, since=since)

    monkeypatch.setattr(kept.vault, "destroy", tried)
    before = kept.vault.root()
    with kept.read(name):
        for second in range(0, 130, 10):
            kept.now = begun + timedelta(seconds=second)
            with pytest.raises(LogBusy, match="is being read"):
                kept.follow(custodian)
    assert (len(roots), tries) == (1, [begun, begun + REST, begun + 2 * REST])
    kept.now = begun + 3 * REST
    kept.follow(custodian)
    assert len(roots) == 1 and kept.vault.counts()["destroying"] == 0
    kept.follow()
    assert (len(roots), len(tries)) == (1, 4), "noted as done"
    certified = [one.event for one in kept.desk.events if one.type == "privacy.destruction.certified.v1"]
    assert [one.root for one in certified] == ([before] if what is people else [])


def test_who_dies_between_the_destruction_and_noting_it_replaces_no_other_root(
    kept: Kept, roots: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words(kept)
    died = kept.custodian()
    monkeypatch.setattr(died._ending, "done", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        kept.follow(died)
    kept.follow()
    assert len(roots) == 1 and readable(kept.vault, ["ref-RQ-1"]) == 0
    kept.asked("RQ-2", RUN)
    kept.follow()
    kept.over("RQ-2", RUN + KEPT)
    kept.now = RUN + KEPT + timedelta(days=2)
    kept.follow()
    assert len(roots) == 2, "the next run has a root of its own"


def test_where_the_vault_came_back_without_the_words_the_backups_that_hold_them_are_shut_all_the_same(
    kept: Kept, roots: list[str], tmp_path: Path
) -> None:
    older, newer = tmp_path / "older", tmp_path / "newer"
    kept.follow()
    kept.backup(older)
    kept.asked("RQ-1")
    kept.follow()
    kept.backup(newer)
    kept.restore(older)
    kept.over("RQ-1")
    kept.now = RUN
    assert kept.opens(newer, "ref-RQ-1") == 1
    kept.follow()
    assert (kept.opens(newer, "ref-RQ-1"), len(roots)) == (0, 1)
    with kept.custodian()._cursors.pool.use() as db:
        db.execute("DELETE FROM custodian")
    kept.follow()
    assert len(roots) == 1, "followed anew it is known as done"


def test_what_waits_is_what_the_log_says(kept: Kept, roots: list[str], tmp_path: Path) -> None:
    words(kept)
    kept.desk = desk_at(tmp_path / "another")  # shorter than what was followed
    kept.follow()
    assert readable(kept.vault, ["ref-RQ-1"]) == 1, "this log orders nothing destroyed"
    assert roots == [] and kept.custodian()._cursors.every() == {kept.desk.log.name: 0}


def test_the_run_comes_also_where_the_log_never_rests(kept: Kept, roots: list[str]) -> None:
    words(kept)
    custodian = kept.custodian()
    for n in range(3):
        do(kept.desk, "ReceiveRightsRequest", OFFICER, request=f"RQ-B{n}", digest="")
        assert custodian.step() and custodian.step(), "a batch, and what it leads to"
    assert len(roots) == 1


def test_a_long_log_is_followed_to_its_end_before_a_run(kept: Kept, roots: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for request in ("RQ-1", "RQ-2"):
        kept.asked(request)
        kept.over(request)
    kept.now = RUN
    monkeypatch.setattr("services.privacy.custodian.CHUNK", 5)
    kept.follow()
    assert (len(roots), readable(kept.vault, ["ref-RQ-1", "ref-RQ-2"])) == (1, 0)


def test_nothing_is_asked_of_the_database_before_it_is_time(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    words(kept)
    kept.now, custodian = DUE, kept.custodian()
    kept.follow(custodian)
    monkeypatch.setattr(custodian._ending, "_pool", None)
    assert not custodian.step() and custodian._ending.waiting()
