"""The doctor looks into a vault whichever database holds it: a node's files, or a cluster's server, where no root key is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.operate import doctor_cluster
from services.operate.places import VAULT, Folder, Servers
from services.operate.vaults import lost, shut
from services.privacy.custodian import Custodian
from services.start.settings import ClusterSettings
from shared.sql.ports import Connection, Cursor, Databases, NotReadable
from shared.sql.postgres import Schemas
from shared.vault.root import RootFile
from shared.vault.vault import CONTENT, KEYRING, Vault, open_vault
from tests.handling.desk import Desk
from tests.privacy.test_anew import do
from tests.privacy.test_following import NOW, desk_at, dry, hold
from tests.privacy.world import DPO, GOV

OLDER = "INSERT INTO data_key VALUES ('k-1', 'V-Z', 'register', 'register', 'an older root', ?, 0)"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = desk_at(tmp_path / "desk")
    for module in ("register", "callup"):
        do(made, "DraftImpactAssessment", DPO, module=module, assessment="PIA-1", lawfulness="a", risks="b", protection="c")
        do(made, "ApproveImpactAssessment", GOV, module=module, assessment="PIA-1")
    return made


@pytest.fixture
def vault(databases: Databases, tmp_path: Path) -> Iterator[Vault]:
    with closing(open_vault(databases, tmp_path / "root.key")) as made:
        yield made


def comes_back(databases: Databases) -> None:
    """A key of a root that was replaced, as a backup from before brings it."""
    with closing(databases.at(KEYRING).connect(private=True)) as db:
        db.execute(OLDER, (b"wrapped",))


def codes(databases: Databases, desk: Desk, root: str | None) -> list[str]:
    return [one.code for one in (*shut(databases, root), *lost(databases, desk.log))]


@pytest.mark.parametrize("at_hand", [True, False], ids=["with the root's file", "without it"])
def test_what_does_not_open_is_found_in_either_database(
    databases: Databases, desk: Desk, vault: Vault, tmp_path: Path, at_hand: bool
) -> None:
    current = RootFile(tmp_path / "root.key").current()
    assert current is not None
    root = current.id if at_hand else None
    hold(desk, vault)
    dry(desk, Custodian(desk.log, vault, databases.at(CONTENT), desk.writer.submit, lambda: NOW))
    assert codes(databases, desk, root) == []
    comes_back(databases)
    assert codes(databases, desk, root) == ["vault.shut"]
    with vault._content.pool.transaction() as db:
        db.execute("DELETE FROM reference WHERE ref = ?", ("ref-V-A",))
    assert codes(databases, desk, root) == ["vault.shut", "vault.lost"]


def test_a_vault_that_no_custodian_came_to_yet_has_lost_nothing(databases: Databases, desk: Desk, vault: Vault) -> None:
    hold(desk, vault)
    assert codes(databases, desk, None) == []
    with vault._content.pool.transaction() as db:
        for table in ("reference", "entry", "lookup"):
            db.execute(f"DROP TABLE {table}")
    with pytest.raises(NotReadable):
        codes(databases, desk, None)


def test_root_and_keys_are_of_one_moment(databases: Databases, desk: Desk, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(desk, vault)
    look, asked = type(databases.at(KEYRING)).look, list[str]()

    class Asked:
        """A connection, and what is asked of it."""

        def __init__(self, db: Connection) -> None:
            self.db = db

        def execute(self, sql: str, *values: Any) -> Cursor:
            asked.append(sql)
            return self.db.execute(sql, *values)

        def close(self) -> None:
            self.db.close()

    monkeypatch.setattr(type(databases.at(KEYRING)), "look", lambda self: Asked(look(self)))
    assert list(shut(databases)) == [] and len(asked) == 1, "a root that is replaced between two statements would shut everybody"


def test_where_no_vault_is_there_is_nothing_to_say(databases: Databases, desk: Desk) -> None:
    assert codes(databases, desk, None) == []


def test_the_doctor_of_a_cluster_asks_the_vaults_database(pg: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_cluster, "_topics", lambda place: iter(()))
    told = ClusterSettings(tmp_path, "150000", postgres="postgresql://nobody@127.0.0.1:1", kafka="127.0.0.1:1")
    place = Servers(told, {VAULT: pg}, {})
    with closing(open_vault(Schemas(pg), tmp_path / "root.key")):
        comes_back(Schemas(pg))
    assert [one.code for one in doctor_cluster.examined(place, NOW)] == ["vault.shut"]
    assert Servers(told, {}, {}).vault() is None
    assert Folder(tmp_path, "150000").vault() is not None
