"""A backup holds content and keyring, in step, and never the root; what it brings back without an event is left to a person."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from services.operate.cli import NAMED
from shared.eventlog.sqlite import SqliteLog
from shared.runtime.backup import About, back_up, restore
from shared.sql.sqlite import Files
from shared.vault.scope import Scope
from shared.vault.vault import open_vault
from tests.vault.vaults import HOUR, NOW, PHONE, A, B, kept, person, ref, values

ABOUT = About("150000", "test", datetime(2021, 7, 19, tzinfo=UTC))


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "logs").mkdir(parents=True)
    SqliteLog(folder / "logs" / "150000.alerts.db", "150000.alerts").close()
    return folder


@pytest.fixture
def root(tmp_path):
    return tmp_path / "data.root.key"


def quiet(_: str) -> None:
    """Nobody is told."""


def test_it_holds_content_and_keyring_and_never_the_root(data, root, tmp_path):
    with closing(open_vault(Files(data), root, folder=data)) as vault:
        kept(vault)
        told: list[str] = []
        manifest = back_up(data, tmp_path / "backup", ABOUT, NAMED, told.append)
    assert told[-2:] == ["vault.db", "keyring.db"]  # after the logs, and keys after what lies under them
    assert set(manifest.files) == {"logs/150000.alerts.db", "vault.db", "keyring.db"}
    secret = root.read_bytes()[15:47]
    assert not [path for path in (tmp_path / "backup").rglob("*") if path.is_file() and secret in path.read_bytes()]


def test_restored_it_opens_and_orphans_are_left_to_a_person(data, root, tmp_path):
    with closing(open_vault(Files(data), root, folder=data)) as vault:
        made, orphan = kept(vault), ref()
        vault.keep(B, orphan, person(), NOW)
        back_up(data, tmp_path / "backup", ABOUT, NAMED, quiet)
    data.rename(tmp_path / "lost")
    restore(tmp_path / "backup", data, quiet)
    with closing(open_vault(Files(data), root, folder=data)) as vault:
        assert vault.sweep(NOW + 100 * HOUR) == () and vault.counts()["quarantined"] == 1
        assert values(vault, made, "phone") == {"phone": PHONE} == values(vault, orphan, "phone")


def test_what_is_kept_while_it_is_copied_has_its_key(data, root, tmp_path):
    stop, failed = threading.Event(), []

    def keeping(vault):
        n = 0
        while not stop.is_set():
            n += 1
            try:
                kept(vault, Scope(f"V-{n}", "register", "register"))
            except Exception as error:
                failed.append(error)

    with closing(open_vault(Files(data), root, folder=data)) as vault:
        kept(vault, A)
        thread = threading.Thread(target=keeping, args=(vault,))
        thread.start()
        for n in range(3):
            back_up(data, tmp_path / f"backup-{n}", ABOUT, NAMED, quiet)
        stop.set()
        thread.join()
    assert failed == []
    for n in range(3):
        stores = Files(tmp_path / f"backup-{n}")
        with closing(stores.at("vault").look()) as content, closing(stores.at("keyring").look()) as keyring:
            used = {row[0] for row in content.execute("SELECT data_key FROM holder")}
            assert used and used <= {row[0] for row in keyring.execute("SELECT id FROM data_key")}
