"""The proof: people planted in a response are in no byte of a real node but sealed, and after their destruction nowhere at all."""

from __future__ import annotations

import base64
import gzip
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services.privacy.searching.looking import readable
from shared.sql.sqlite import Files
from shared.vault.vault import open_vault
from tests.privacy.response import OPENED, Listening, Response, planted
from tests.privacy.traces import Planted
from tests.support import ortoo, started

pytestmark = pytest.mark.timeout(240)
LOGS = ("alerts", "volunteers", "compensation", "privacy")  # the registry holds places


@dataclass
class Seen:
    """What was searched when, and what was found."""

    before: dict[str, set[str]] = field(default_factory=dict)
    after: dict[str, set[str]] = field(default_factory=dict)
    sealed: dict[str, set[str]] = field(default_factory=dict)  # what had been sealed, in what is left
    totals: list[Any] = field(default_factory=list)
    certificates: list[dict[str, Any]] = field(default_factory=list)
    readings: list[tuple[int, str]] = field(default_factory=list)
    restored: list[tuple[int, str]] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)  # of people, in what was answered after destruction
    opened: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def everything(home: Path, folder: Path, planted: Planted, heard: bytes, pages: bytes) -> dict[str, set[str]]:
    """The data folder, what the process said, its exports and backups, and what it told live."""
    of_each(folder, "export", lambda name: ("--to", str(home / f"{name}.jsonl")))
    hits = planted.found_in(home)
    return {name: found for name, found in {**hits, "live": planted.found(heard), "pages": planted.found(pages)}.items() if found}


def of_each(folder: Path, act: str, more: Callable[[str], tuple[str, ...]]) -> None:
    """`ortoo log export` or `verify` of every log; each must end well."""
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda name: ortoo(folder, "log", act, f"150000.{name}", *more(name)), LOGS))
    assert [one.returncode for one in told] == [0] * len(LOGS), [one.stderr for one in told]


def pages(response: Response) -> bytes:
    """What the process says of itself, to whoever may hear everything."""
    door = response.door
    token = {"Authorization": f"Bearer {response.session.token(*response.session.reader)}"}
    paths = ("/metrics", "/health/ready", "/openapi.json", "/api/node", "/api/alerts/board", "/api/events?limit=500", "/volunteer?lang=en")
    return b"".join(door.http.get(path, headers=token).content for path in paths)


def sealed_rows(folder: Path) -> list[bytes]:
    """The sealed bytes of every value in the vault."""
    with closing(sqlite3.connect(f"file:{folder / 'vault.db'}?mode=ro", uri=True)) as db:
        return [bytes(sealed)[:64] for (sealed,) in db.execute("SELECT sealed FROM entry")]


def refs_of(folder: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{folder / 'vault.db'}?mode=ro", uri=True)) as db:
        return [ref for (ref,) in db.execute("SELECT ref FROM reference")]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    home = tmp_path_factory.mktemp("traces")
    folder, backup, seen = home / "data", home / "data.backups" / "oldest", Seen()
    with started(folder, "--story-clock") as node:
        response = Response(node)
        live = Listening(node, response.session)
        response.load()
        response.play(OPENED)
        for act in (response.register, response.call_up, response.shelter, response.refuse, response.read, response.serve):
            act()
        sought = planted(response.kept)
        assert ortoo(folder, "backup", str(backup)).returncode == 0
        seen.before = everything(home, folder, sought, live.heard, pages(response))
        seen.totals.append(response.totals())
        rows, refs = sealed_rows(folder), refs_of(folder)
        assert len(rows) > 20 and len(refs) > 8 and live.heard
        root = home / "then.key"
        shutil.copy2(home / "data.root.key", root)
        response.end()
        response.destroy()
        seen.certificates = response.verify()
        seen.readings = response.readings()
        seen.totals.append(response.totals())
        assert ortoo(folder, "rebuild", "volunteers").returncode == 0
        seen.after = everything(home, folder, sought, live.close(), pages(response))
        at, people = response.at, response.people
        of_each(folder, "verify", lambda name: ())
    left = Planted({}, {})
    left.forms = [("sealed", "bytes", row) for row in rows]
    seen.sealed = left.found_in(folder)
    seen.opened["today"] = opened(folder, home / "data.root.key", refs, seen.counts)
    told = ortoo(home / "restored", "restore", str(backup))
    assert told.returncode == 0, told.stdout + told.stderr
    shutil.copytree(home / "restored", home / "thief")
    for name, key in (("restored", home / "data.root.key"), ("thief", root)):
        shutil.copy2(key, home / f"{name}.root.key")
        seen.opened[name] = opened(home / name, home / f"{name}.root.key", refs, {})
    with started(home / "restored", "--story-clock") as node:
        again = Response(node)
        again.at, again.people, again._keys = at, people, 10_000  # readings of their own
        seen.restored = again.readings()
    seen.shown = sought.found(str([*seen.readings, *seen.restored]).encode())
    yield seen


def opened(folder: Path, root: Path, refs: list[str], counts: dict[str, int]) -> int:
    """How many of the references a root key opens in a stopped node's vault."""
    with closing(open_vault(Files(folder), root)) as vault:
        counts |= vault.counts()
        return readable(vault, refs)


def test_the_search_finds_a_person_however_they_were_left(tmp_path: Path) -> None:
    """Or a clean search would show nothing."""
    sought = planted(b"kept" * 100)
    for n, (name, how, form) in enumerate(sought.forms):
        for m, left in enumerate((form, b"x" + form.hex().encode(), b64(b"a" * (n % 3) + form), quoted(form), gzipped(form))):
            (tmp_path / f"{n}-{m}").write_bytes(b"before " + left + b" after")
            assert f"{name} ({how})" in sought.found((tmp_path / f"{n}-{m}").read_bytes()), (name, how, m)
    assert len(sought.found_in(tmp_path)) == 5 * len(sought.forms)


def b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data)


def quoted(data: bytes) -> bytes:
    return "".join(f"%{byte:02X}" for byte in data).encode()


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data)


def test_nobody_is_in_any_byte_while_their_data_are_used(seen: Seen) -> None:
    assert seen.before == {}


def test_nobody_is_in_any_byte_after_destruction_nor_what_was_sealed_of_them(seen: Seen) -> None:
    assert seen.after == {}
    assert seen.sealed == {}


def test_every_destruction_is_certified_and_searched_by_the_node_itself(seen: Seen) -> None:
    assert len(seen.certificates) == 5 and {one["state"] for one in seen.certificates} == {"complete"}


def test_no_reading_shows_a_person_any_more(seen: Seen) -> None:
    assert {status for status, _ in seen.readings} == {410}, seen.readings


def test_neither_replay_nor_the_oldest_full_backup_opens_anything_with_the_root_of_today(seen: Seen) -> None:
    assert seen.opened["today"] == seen.opened["restored"] == 0
    assert seen.opened["thief"] > 8, "with the root of then it opens: so it was a backup worth the name"
    assert seen.counts["refs"] == seen.counts["pending"] == seen.counts["destroying"] == 0
    assert seen.restored and all(status >= 400 for status, _ in seen.restored), seen.restored
    assert seen.shown == set()


def test_hours_and_money_hold_and_every_chain_was_verified(seen: Seen) -> None:
    before, after = seen.totals
    assert before == after and after[1] == {"state": "paid", "decided": "120.00", "paid": "120.00"} and set(after[0].values()) == {"6.00"}
