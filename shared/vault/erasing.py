"""Destruction and sweeping, in steps that can each be the last before a crash: whoever opens the vault next goes on from there.

doomed (unreadable from now on) -> new index key -> content and index rows gone, the rest of the index keyed anew
-> keys gone and root replaced -> list of the doomed gone -> files truncated
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.sql.many import marks, parts
from shared.sql.pool import Pool
from shared.sql.ports import Database
from shared.vault.content import Content, Held, opened
from shared.vault.index import mac
from shared.vault.keyring import Keyring, RootReplaced
from shared.vault.scope import Scope

CHUNK = 500  # keys whose content goes in one commit
ANEW = 2_000  # rows of the index that are keyed anew in one commit
TABLES = ("lookup", "entry", "reference")
Progress = Callable[[int, int], None]
"""Told (done, of how many)."""


class Erasing:
    """The steps of a destruction over content and keyring."""

    def __init__(self, content: Content, keyring: Keyring, databases: Sequence[Database]) -> None:
        self._content, self._keyring, self._databases = content, keyring, databases

    @property
    def _pool(self) -> Pool:
        return self._content.pool

    def doom(self, scopes: Sequence[Scope]) -> int:
        """From the commit on nothing under these scopes is read, found or added to. How many keys that are."""
        keys = self._keyring.ids_of(scopes)
        rows = [(key, scope.subject, scope.register, scope.purpose, 1) for key, scope in sorted(keys.items())]
        named = [(scope.subject, scope.register, scope.purpose) for scope in sorted(set(scopes))]
        with self._pool.transaction() as db:
            db.executemany("INSERT INTO holder VALUES (?, ?, ?, ?, ?) ON CONFLICT (data_key) DO UPDATE SET doomed = 1", rows)
            db.executemany("UPDATE holder SET doomed = 1 WHERE subject = ? AND register = ? AND purpose = ?", named)
        return len(self.doomed())

    def doomed(self) -> list[str]:
        """Keys whose destruction was begun."""
        with self._pool.use() as db:
            return [key for (key,) in db.execute("SELECT data_key FROM holder WHERE doomed = 1 ORDER BY data_key").fetchall()]

    def finish(self, progress: Progress = lambda done, of: None) -> RootReplaced | None:
        """Everything that follows from being doomed, however much of it was done before; None when nothing is doomed."""
        keys = self.doomed()
        if not keys:
            return None
        *retired, _ = self._keyring.index_keys() if self._begun() else self._keyring.new_index_key()
        for start in range(0, len(keys), CHUNK):
            self._remove(keys[start : start + CHUNK])
            progress(min(start + CHUNK, len(keys)), len(keys))
        self.key_index_anew()
        replaced = self._keyring.replace_root(keys, retired)
        with self._pool.transaction() as db:
            db.executemany("DELETE FROM holder WHERE data_key = ? AND doomed = 1", [(key,) for key in keys])
        self.key_index_anew()  # what was kept with the old index key until just now
        self.scrub()
        return replaced

    def sweep(self, before: int) -> tuple[str, ...]:
        """Destroy what no event named until then, and keys that nothing lies under. What a restore brought is left to a person."""
        orphans = "pending IS NOT NULL AND pending < ? AND quarantined = 0"
        with self._pool.transaction() as db:
            refs = [ref for (ref,) in db.execute(f"SELECT ref FROM reference WHERE {orphans} ORDER BY ref", (before,)).fetchall()]
            for table in TABLES:
                db.executemany(f"DELETE FROM {table} WHERE ref = ?", [(ref,) for ref in refs])
        unused = self._keyring.unused(before)
        empty = [key for some in parts(unused) for key in sorted(set(some) - self._used(some))]
        if empty:
            self._keyring.forget_unused(empty, before)
            gone = [(key,) for key in set(empty) - self._keyring.there(empty)]
            with self._pool.transaction() as db:
                db.executemany("DELETE FROM holder WHERE data_key = ? AND doomed = 0", gone)
        self.key_index_anew()
        if refs or empty:
            self.scrub()
        return tuple(refs)

    def key_index_anew(self) -> None:
        """Every row of the index under its newest key: who has an old copy of the index cannot ask it with today's."""
        newest, key = list(self._keyring.index_keys().items())[-1]
        at: tuple[str, str] | None = ("", "")
        while at is not None:
            at = self._some_anew(at, newest, key)

    def scrub(self) -> None:
        """What was deleted is in no file any more, as far as the database can promise that."""
        for database in self._databases:
            database.scrub()

    def _begun(self) -> bool:
        """A destruction that stopped after it had made the new index key."""
        return len(self._keyring.index_keys()) > 1

    def _remove(self, keys: Sequence[str]) -> None:
        with self._pool.transaction() as db:
            refs = [ref for (ref,) in db.execute(f"SELECT ref FROM reference WHERE data_key IN ({marks(keys)}) ORDER BY ref", list(keys))]
            for table in TABLES:
                db.executemany(f"DELETE FROM {table} WHERE ref = ?", [(ref,) for ref in refs])

    def _used(self, keys: Sequence[str]) -> set[str]:
        with self._pool.use() as db:
            return {key for (key,) in db.execute(f"SELECT DISTINCT data_key FROM reference WHERE data_key IN ({marks(keys)})", list(keys))}

    def _some_anew(self, after: tuple[str, str], newest: str, key: bytes) -> tuple[str, str] | None:
        """Some rows of an older index key, from the values they were made of. Where it stopped; None when there are no more."""
        asked = """SELECT l.ref, l.field, e.text, e.sealed, h.data_key, h.subject, h.register, h.purpose FROM lookup l
            LEFT JOIN entry e ON e.ref = l.ref AND e.field = l.field LEFT JOIN reference r ON r.ref = l.ref
            LEFT JOIN holder h ON h.data_key = r.data_key
            WHERE (l.ref, l.field) > (?, ?) AND l.index_key <> ? ORDER BY l.ref, l.field LIMIT ?"""
        with self._pool.transaction() as db:
            rows = db.execute(asked, (*after, newest, ANEW)).fetchall()
            keys = self._keyring.opened([row[4] for row in rows if row[4] is not None])
            kept, lost = [], []
            for ref, field, text, sealed, id, *scope in rows:
                digest = None
                if id in keys and sealed is not None:
                    values = opened(ref, Held(Scope(*scope), id, {field: (bool(text), bytes(sealed))}), keys[id])
                    digest = mac(key, str(values[field].reveal())) if values else None
                if digest:
                    kept.append((newest, digest, ref, field))
                else:  # no key opens it any more
                    lost.append((ref, field))
            db.executemany("UPDATE lookup SET index_key = ?, mac = ? WHERE ref = ? AND field = ?", kept)
            db.executemany("DELETE FROM lookup WHERE ref = ? AND field = ?", lost)
        return (rows[-1][0], rows[-1][1]) if len(rows) == ANEW else None
