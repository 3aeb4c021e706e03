"""Blobs: kept once, read back as they were, and a changed one is noticed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.blobs.store import Blobs, digest
from shared.sql.ports import StorageFailed
from shared.sql.sqlite import File, connect


@pytest.fixture
def blobs(database):
    return Blobs(database)


def test_what_was_put_is_read_back_also_by_another_process(blobs, database):
    blobs.put_many({digest(b"one"): b"one", digest(b""): b""})
    again = Blobs(database)
    assert (again.get(digest(b"one")), again.get(digest(b"")), again.get(digest(b"none"))) == (b"one", b"", None)


def test_the_same_bytes_are_kept_once(blobs, database):
    for _ in range(2):
        blobs.put_many({digest(b"one"): b"one"})
    assert database.look().execute("SELECT count(*) FROM blob").fetchone()[0] == 1


def test_a_changed_blob_is_never_handed_out(blobs, database):
    blobs.put_many({digest(b"one"): b"one"})
    database.connect().execute("UPDATE blob SET body = ?", (b"two",))
    with pytest.raises(ValueError, match="changed"):
        blobs.get(digest(b"one"))


def test_of_a_batch_that_fails_nothing_is_kept(blobs):
    with pytest.raises(StorageFailed):
        blobs.put_many({digest(b"one"): b"one", digest(b"two"): object()})
    assert blobs.get(digest(b"one")) is None
    blobs.put_many({digest(b"one"): b"one"})
    assert blobs.get(digest(b"one")) == b"one"


def test_a_full_disk_is_said_and_breaks_nothing(tmp_path):
    def small(path, synchronous="FULL"):
        db = connect(path, synchronous)
        db.execute("PRAGMA max_page_count = 6")
        return db

    blobs = Blobs(File(tmp_path / "blobs.db", small))
    blobs.put_many({digest(b"one"): b"one"})
    large = b"x" * 100_000
    with pytest.raises(StorageFailed):
        blobs.put_many({digest(large): large})
    assert blobs.get(digest(b"one")) == b"one" and blobs.get(digest(large)) is None


def test_many_threads_may_put_and_get_at_once(blobs):
    def work(n):
        body = f"body {n % 20}".encode()
        blobs.put_many({digest(body): body})
        return blobs.get(digest(body)) == body

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(100)))
