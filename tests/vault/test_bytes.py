"""Nothing of a person is in any byte of any file; after destruction not even what was sealed. What old copies can tell: nothing."""

from __future__ import annotations

import shutil
from base64 import b64encode
from contextlib import closing
from typing import Any

import pytest

from shared.kernel.errors import Destroyed
from shared.sql.sqlite import Files
from shared.vault.personal import Personal
from shared.vault.vault import open_vault
from tests.vault.vaults import CALLED, ID, NOW, PHONE, A, B, gone, kept, person, ref, values

PHOTO = b"\xff\xd8planted photo" + bytes(range(256)) * 300
PLANTED: dict[str, Any] = {"name": "Плантед Иванов", "id_number": ID, "phone": PHONE, "health": "asthma since childhood", "photo": PHOTO}


def needles() -> list[bytes]:
    """Every planted value as somebody might have written it."""
    found = []
    for value in PLANTED.values():
        raw = value.encode() if isinstance(value, str) else value[:64]
        found += [raw, raw.hex().encode(), b64encode(raw)[:-4]]
        if isinstance(value, str):
            found += [value.encode("utf-16-le"), value.encode("unicode_escape")]
    return found


def hits(folder, wanted) -> list[str]:
    return [f"{path.name}: {one[:20]!r}" for path in folder.rglob("*") if path.is_file() for one in wanted if one in path.read_bytes()]


@pytest.fixture
def home(tmp_path):
    return tmp_path / "node"


@pytest.fixture
def stores(home):
    return Files(home / "data")


@pytest.fixture
def key(home):
    return home / "root.key"


def copied(stores, to):
    """A backup as `ortoo backup` makes it."""
    to.mkdir(parents=True)
    for name in ("vault", "keyring"):
        with closing(stores.at(name).look()) as db:
            db.execute("VACUUM INTO ?", (str(to / f"{name}.db"),))
    return Files(to)


def sealed(stores) -> list[bytes]:
    """What lies in the tables: wrapped keys, ciphertexts, rows of the index."""
    found = []
    for name, asked in (
        ("vault", "SELECT sealed FROM entry UNION ALL SELECT mac FROM lookup"),
        ("keyring", "SELECT wrapped FROM data_key UNION ALL SELECT wrapped FROM index_key"),
    ):
        with closing(stores.at(name).look()) as db:
            found += [bytes(row[0])[:48] for row in db.execute(asked)]
    return found


def test_no_planted_value_is_in_a_file_at_any_time(stores, key, home):
    vault = open_vault(stores, key)
    made = kept(vault, **PLANTED)
    assert hits(home, needles()) == []
    vault.correct(made, {"phone": Personal("13900139000"), "health": Personal("asthma since childhood, and more")})
    vault.copy(A, CALLED, ref(), ["phone", "photo"], NOW)
    assert hits(home, needles()) == []
    vault.destroy([A])
    assert hits(home, needles()) == []
    vault.close()
    assert hits(home, needles()) == []


def test_what_was_sealed_is_in_no_file_after_destruction(stores, key, home):
    vault = open_vault(stores, key)
    kept(vault, **PLANTED)
    before, old_root = sealed(stores), key.read_bytes()
    assert len(hits(home, before)) >= len(before)  # the search finds them while they are there
    other = kept(vault, B, phone="13900139000", id_number="")
    vault.destroy([A])
    assert hits(home, [*before, old_root]) == []
    assert values(vault, other, "phone") == {"phone": "13900139000"}
    vault.close()


def test_what_was_corrected_swept_or_rewrapped_is_in_no_file(stores, key, home):
    vault = open_vault(stores, key)
    made = kept(vault, **PLANTED)
    vault.keep(B, ref(), person(phone="13900139000"), NOW)
    before = sealed(stores)
    vault.correct(made, {name: Personal(value) for name, value in PLANTED.items()})
    vault.sweep(NOW.replace(year=2022)), vault.replace_root()
    still = sealed(stores)
    assert hits(home, [one for one in before if one not in still]) == []
    vault.close()


def test_the_oldest_backup_with_todays_root_shows_nothing(stores, key, tmp_path):
    vault = open_vault(stores, key)
    first, second = kept(vault, **PLANTED), kept(vault, B, phone="13900139000")
    oldest, old_root = copied(stores, tmp_path / "backup"), tmp_path / "kept-against-the-rules.key"
    shutil.copy2(key, old_root)
    vault.destroy([A])
    shutil.copytree(tmp_path / "backup", tmp_path / "again")
    restored = open_vault(oldest, shutil.copy2(key, tmp_path / "today.key"))
    assert gone(restored, first) and gone(restored, second) and restored.counts()["foreign"] == 2
    assert restored.find("phone", Personal(PHONE)) == () == restored.find("id", Personal(ID)) and not restored.known([PHONE])
    with pytest.raises(Destroyed):
        restored.copy(A, CALLED, ref(), ["phone"], NOW)
    third = kept(restored)
    assert values(restored, third, "phone") == {"phone": PHONE}  # it can be worked on with
    restored.close()
    proof = open_vault(Files(tmp_path / "again"), old_root)  # the test has teeth: what was destroyed is the root
    assert values(proof, first, "phone") == {"phone": PHONE}
    proof.close()
    vault.close()


def test_old_content_beside_todays_keys_shows_nothing_of_who_was_destroyed(stores, key, tmp_path):
    vault = open_vault(stores, key)
    first, second = kept(vault, **PLANTED), kept(vault, B, phone="13900139000", id_number="")
    copied(stores, tmp_path / "backup")
    vault.destroy([A])
    vault.close()
    mixed = copied(stores, tmp_path / "mixed")
    shutil.copy2(tmp_path / "backup" / "vault.db", tmp_path / "mixed" / "vault.db")
    restored = open_vault(mixed, shutil.copy2(key, tmp_path / "today.key"))
    assert gone(restored, first) and restored.find("phone", Personal(PHONE)) == () and not restored.known([ID])
    assert values(restored, second, "phone") == {"phone": "13900139000"}
    restored.close()


def test_a_root_that_comes_back_opens_what_it_wrapped(stores, key, tmp_path):
    vault = open_vault(stores, key)
    made = kept(vault)
    vault.close()
    other = open_vault(Files(tmp_path / "other"), tmp_path / "other.key")
    other.close()
    mistaken = open_vault(stores, shutil.copy2(tmp_path / "other.key", tmp_path / "copy.key"))
    assert gone(mistaken, made)
    mistaken.close()
    again = open_vault(stores, key)
    assert values(again, made, "phone") == {"phone": PHONE}
    again.close()


def test_nobody_else_reads_its_files(stores, key, home):
    vault = open_vault(stores, key)
    kept(vault)
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in home.rglob("*") if path.is_file()} == dict.fromkeys(
        ("vault.db", "vault.db-wal", "vault.db-shm", "keyring.db", "keyring.db-wal", "keyring.db-shm", "root.key"), "0o600"
    )
    vault.close()
