"""The root key's file: whose it must be and where it must lie, and what several processes make of it."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from shared.kernel.errors import Destroyed
from shared.sql.ports import LogBusy
from shared.sql.sqlite import Files
from shared.vault.root import RootRefused
from shared.vault.scope import Scope
from shared.vault.vault import open_vault, quarantine
from tests.vault.vaults import HOUR, NOW, PHONE, A, B, gone, kept, person, ref, values


def test_others_could_have_read_it(databases, root, vault):
    kept(vault)
    root.chmod(0o640)
    with pytest.raises(RootRefused, match=f"chmod 600 {root}"):
        open_vault(databases, root)


def test_it_is_another_users(databases, root, vault, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(RootRefused, match="chown"):
        open_vault(databases, root)


def test_a_link_is_not_followed(databases, root, vault, tmp_path):
    (tmp_path / "link.key").symlink_to(root)
    with pytest.raises(RootRefused, match="plain file"):
        open_vault(databases, tmp_path / "link.key")


def test_it_is_damaged(databases, root, vault):
    kept(vault)
    root.write_bytes(root.read_bytes()[:-1])
    with pytest.raises(RootRefused, match="no root key"):
        open_vault(databases, root)


def test_it_is_missing_while_there_are_keys(databases, root, vault):
    kept(vault)
    root.unlink()
    with pytest.raises(RootRefused, match="ORTOO_ROOT_KEY names the file"):
        open_vault(databases, root)
    assert not root.exists()


def test_without_keys_another_is_made(databases, root, vault):
    vault.known([PHONE])
    root.unlink()
    again = open_vault(databases, root)
    assert values(again, kept(again), "phone") == {"phone": PHONE} and again.known([PHONE])
    again.close()


def test_it_never_lies_in_the_data_folder(tmp_path):
    (tmp_path / "data").mkdir()
    for path in (tmp_path / "data" / "root.key", tmp_path / "data" / "keys" / "root.key"):
        with pytest.raises(RootRefused, match="backups take"):
            open_vault(Files(tmp_path / "data"), path, folder=tmp_path / "data")


def test_two_keyrings_never_share_one_file(databases, root, vault, tmp_path):
    made, before = kept(vault), root.read_bytes()
    with pytest.raises(RootRefused, match=r"give .* a copy with a name of its own"):
        open_vault(Files(tmp_path / "try"), root)
    assert root.read_bytes() == before
    other = open_vault(Files(tmp_path / "try"), shutil.copy2(root, tmp_path / "try.key"))
    other.replace_root()
    other.close()
    assert root.read_bytes() == before and values(vault, made, "phone") == {"phone": PHONE}
    open_vault(Files(tmp_path / "try"), tmp_path / "try.key").close()


def test_a_folder_that_cannot_be_written_is_said(databases):
    with pytest.raises(RootRefused, match="this user may write to"):
        open_vault(databases, Path("/proc/root.key"))


def test_another_process_notices_a_new_root(databases, root, vault):
    other = open_vault(databases, root)
    made = kept(vault)
    assert values(other, made, "phone") == {"phone": PHONE}
    for one, two in ((vault, other), (other, vault)):
        one.replace_root()
        assert values(two, made, "phone") == {"phone": PHONE} and two.known([PHONE])
        assert values(one, kept(two, B), "phone") == {"phone": PHONE}
    other.destroy([A])
    assert gone(vault, made) and vault.find("phone", person()["phone"]) == (B,)
    other.close()


def test_keeping_goes_on_while_roots_are_replaced(databases, root, vault):
    other, made, failed = open_vault(databases, root), [], []

    def keep(by, part):
        for n in range(25):
            try:
                scope = Scope(f"V-{part}-{n % 5}", "register", "register")
                made.append(kept(by, scope, phone=f"139{part:04}{n:04}"))
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=keep, args=((vault, other)[part % 2], part)) for part in range(6)]
    for thread in threads:
        thread.start()
    replaced = [vault.replace_root().after for _ in range(4)]
    gone_scope = Scope("V-0-0", "register", "register")
    vault.destroy([gone_scope])
    for thread in threads:
        thread.join()
    failed = [error for error in failed if not isinstance(error, LogBusy)]
    assert failed == [] and len(set(replaced)) == 4
    vault.sweep(NOW + HOUR)
    assert vault.counts()["foreign"] == 0 and vault.counts()["pending"] == 0
    lost = [one for one in made if unread(other, one)]
    assert len(made) > len(lost) and vault.counts()["refs"] == len(made) - len(lost) and len(lost) <= 5
    assert all(vault.known([values(other, one, "phone")["phone"]]) for one in made if one not in lost)
    other.close()


def unread(vault, one) -> bool:
    try:
        vault.read([one], ["phone"])
    except Destroyed:
        return True
    return False


def test_what_a_restore_brought_is_left_to_a_person(databases, vault):
    held, orphan, late = kept(vault), ref(), ref()
    vault.keep(A, orphan, person(), NOW)
    quarantine(databases.at("vault"))
    vault.keep(A, late, person(), NOW)
    assert vault.sweep(NOW + 100 * HOUR) == (late,) and vault.counts()["quarantined"] == 1
    assert values(vault, orphan, "phone") and values(vault, held, "phone")
    vault.confirm([orphan])
    assert vault.counts()["quarantined"] == 0


def test_a_sealed_value_moved_elsewhere_does_not_open(databases, vault):
    first, second = kept(vault), kept(vault, phone="13900139000")
    db = databases.at("vault").connect()
    row = db.execute("SELECT sealed FROM entry WHERE ref = ? AND field = 'phone'", (first,)).fetchone()
    db.execute("UPDATE entry SET sealed = ? WHERE ref = ? AND field = 'phone'", (bytes(row[0]), second))
    db.close()
    assert values(vault, first, "phone") and unread(vault, second)
