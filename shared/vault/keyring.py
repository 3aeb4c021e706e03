"""The keyring: one data key for each scope and one for the index, wrapped by the root. In a database of its own."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_bytes, token_hex

from shared.sql.many import marks, parts
from shared.sql.pool import Pool
from shared.sql.ports import Connection, Database, LogBusy
from shared.vault.chance import chance
from shared.vault.root import KEY, Root, RootFile, RootRefused
from shared.vault.scope import Scope

SCHEMA = """
CREATE TABLE IF NOT EXISTS root (one INTEGER PRIMARY KEY, id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS data_key (id TEXT PRIMARY KEY, subject TEXT NOT NULL, register TEXT NOT NULL, purpose TEXT NOT NULL,
  root TEXT NOT NULL, wrapped BLOB NOT NULL, used INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS data_key_scope ON data_key (subject, register, purpose, root);
CREATE TABLE IF NOT EXISTS index_key (id TEXT PRIMARY KEY, number INTEGER NOT NULL, root TEXT NOT NULL, wrapped BLOB NOT NULL)
"""
USED_MS = 30 * 60_000  # a key that was used later than so long ago is noted as used anew: nobody sweeps it meanwhile
CHUNK = 5_000  # keys wrapped anew between two words to the server


@dataclass(frozen=True, slots=True)
class RootReplaced:
    """One root took another's place; `keys` were wrapped anew. Both ids are public."""

    before: str
    after: str
    keys: int


class Keyring:
    """Opens what today's root wrapped; what another root wrapped (an older backup) is not there."""

    def __init__(self, database: Database, file: RootFile) -> None:
        self._file, self._place = file, database.place
        self._pool = Pool(lambda: database.connect(private=True))
        with self._pool.use() as db:
            db.executescript(SCHEMA)
        self._root = self._settled()
        self._index: tuple[list[tuple[str, bytes]], dict[str, bytes]] = [], {}
        self._looked = 0.0  # when the index's keys were last seen to be these

    def data_keys(self, scopes: Sequence[Scope], now: int) -> dict[Scope, tuple[str, bytes]]:
        """The key of each scope, made where there is none; noted as used."""
        with self._pool.use() as db:
            root = self._current(db)
            known = self._of_scopes(db, scopes, root)
            stale = [id for id, _, used in known.values() if used < now - USED_MS]
            if len(known) == len(set(scopes)) and not stale:
                return {scope: (id, key) for scope, (id, key, _) in known.items()}
            with self._locked(db) as root:  # nobody makes a key or replaces the root now
                db.executemany("UPDATE data_key SET used = ? WHERE id = ?", [(now, id) for id in stale])
                known = self._of_scopes(db, scopes, root)
                made = self._make(db, [scope for scope in dict.fromkeys(scopes) if scope not in known], root, now)
        return {scope: (id, key) for scope, (id, key, _) in known.items()} | made

    def opened(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The data keys of these ids that are there."""
        found: dict[str, bytes] = {}
        with self._pool.use() as db:
            root = self._current(db)
            for some in parts(ids):
                rows = db.execute(f"SELECT id, wrapped FROM data_key WHERE id IN ({marks(some)})", some).fetchall()
                found |= {id: key for id, wrapped in rows if (key := root.unwrap(id, wrapped)) is not None}
        return found

    def there(self, ids: Iterable[str]) -> set[str]:
        """Which of these ids the keyring holds, whichever root wrapped them."""
        with self._pool.use() as db:
            return {id for some in parts(ids) for (id,) in db.execute(f"SELECT id FROM data_key WHERE id IN ({marks(some)})", some)}

    def ids_of(self, scopes: Sequence[Scope]) -> dict[str, Scope]:
        """Every key of these scopes, whichever root wrapped it."""
        found: dict[str, Scope] = {}
        wanted = set(scopes)
        with self._pool.use() as db:
            for some in parts(scope.subject for scope in scopes):
                asked = f"SELECT id, subject, register, purpose FROM data_key WHERE subject IN ({marks(some)})"
                rows = db.execute(asked, some).fetchall()
                found |= {id: scope for id, *named in rows if (scope := Scope(*named)) in wanted}
        return found

    def unused(self, before: int) -> list[str]:
        """Keys that nobody asked for since, to look whether anything lies under them."""
        with self._pool.use() as db:
            return [id for (id,) in db.execute("SELECT id FROM data_key WHERE used < ?", (before,)).fetchall()]

    def forget_unused(self, ids: Sequence[str], before: int) -> None:
        """Delete these keys unless somebody asked for them meanwhile."""
        with self._pool.transaction() as db:
            db.executemany("DELETE FROM data_key WHERE id = ? AND used < ?", [(id, before) for id in ids])

    def index_keys(self, within_s: float = 0.0) -> dict[str, bytes]:
        """The index's keys, the newest last: two while it is being keyed anew. What is as before is not opened again; `within_s`: those
        seen so short a time ago will do, unless this process changed them."""
        now = time.monotonic()
        if now < self._looked + within_s:
            return self._index[1]
        asked = "SELECT k.id, k.wrapped FROM root r JOIN index_key k ON k.root = r.id WHERE r.one = 1 ORDER BY k.number"
        with self._pool.use() as db:
            rows = [(id, bytes(wrapped)) for id, wrapped in db.execute(asked).fetchall()]
            known, keys = self._index
            if rows == known and keys:
                self._looked = now
                return keys
            root = self._current(db)
            if found := _index_keys(db, root):
                if len(found) == len(rows):
                    self._index = rows, found
                return found
        return self.new_index_key(first=True)

    def new_index_key(self, *, first: bool = False) -> dict[str, bytes]:
        """Another key for the index, beside the one in force; `first`: only when there is none."""
        with self._pool.use() as db, self._locked(db) as root:
            known = _index_keys(db, root)
            if not (first and known):
                id, last = token_hex(16), db.execute("SELECT coalesce(max(number), 0) FROM index_key").fetchone()[0]
                db.execute("INSERT INTO index_key VALUES (?, ?, ?, ?)", (id, last + 1, root.id, root.wrap(id, token_bytes(KEY))))
            found = _index_keys(db, root)
        self._looked = 0.0
        return found

    def replace_root(self, destroyed: Sequence[str] = (), retired: Sequence[str] = ()) -> RootReplaced:
        """In one transaction these data keys and index keys are gone, and all others wrapped by a new root; then the file is replaced."""
        with self._pool.use() as db:
            with self._locked(db) as before:
                after = self._file.stage(self._place)
                db.executemany("DELETE FROM data_key WHERE id = ?", [(id,) for id in destroyed])
                db.executemany("DELETE FROM index_key WHERE id = ?", [(id,) for id in retired])
                keys = sum(_wrap_anew(db, table, before, after) for table in ("data_key", "index_key"))
                db.execute("UPDATE root SET id = ? WHERE one = 1", (after.id,))
            self._root, self._looked = self._settled(), 0.0
        return RootReplaced(before.id, after.id, keys)

    def root(self) -> str:
        """The id of the root in force."""
        with self._pool.use() as db:
            return self._current(db).id

    def counts(self) -> Mapping[str, int]:
        """Keys by today's root, and those of another one, which nobody can open here."""
        with self._pool.use() as db:
            id = self._current(db).id
            ours, foreign = db.execute(
                "SELECT coalesce(sum(CASE WHEN root = ? THEN 1 ELSE 0 END), 0), count(*) FROM data_key", (id,)
            ).fetchone()
        return {"keys": int(ours), "foreign": foreign - int(ours)}

    def close(self) -> None:
        self._pool.close()

    @staticmethod
    def _make(db: Connection, scopes: Sequence[Scope], root: Root, now: int) -> dict[Scope, tuple[str, bytes]]:
        made, rows = {}, []
        for scope in scopes:
            id, key = f"{now:x}-{chance(12).hex()}", chance(KEY)  # those of one time lie together
            made[scope] = id, key
            rows.append((id, scope.subject, scope.register, scope.purpose, root.id, root.wrap(id, key), now))
        db.executemany("INSERT INTO data_key VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        return made

    @staticmethod
    def _of_scopes(db: Connection, scopes: Sequence[Scope], root: Root) -> dict[Scope, tuple[str, bytes, int]]:
        found, wanted = {}, set(scopes)
        for some in parts(scope.subject for scope in scopes):
            asked = f"SELECT id, wrapped, used, subject, register, purpose FROM data_key WHERE subject IN ({marks(some)}) AND root = ?"
            for id, wrapped, used, *named in db.execute(asked, [*some, root.id]).fetchall():
                if (scope := Scope(*named)) in wanted and (key := root.unwrap(id, wrapped)) is not None:
                    found[scope] = (id, key, used)
        return found

    def _current(self, db: Connection) -> Root:
        """The root in force. Another process may have replaced the one we hold."""
        id = db.execute("SELECT id FROM root WHERE one = 1").fetchone()[0]
        if id != self._root.id:
            self._root = self._file.named(id) or self._settled()
        return self._root

    @contextmanager
    def _locked(self, db: Connection) -> Iterator[Root]:
        """A transaction in which nobody else makes a key or replaces the root."""
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute("UPDATE root SET id = id WHERE one = 1")  # PostgreSQL locks the row, SQLite is locked already
            yield self._current_under_lock(db)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _current_under_lock(self, db: Connection) -> Root:
        id = db.execute("SELECT id FROM root WHERE one = 1").fetchone()[0]
        if id != self._root.id:
            if (root := self._file.named(id)) is None:
                raise LogBusy(f"the root {id} that the keyring names is not there: look at {self._file.path}")
            self._root = root
        return self._root

    def _settled(self) -> Root:
        """The root in force, a half replacement finished or undone: what the keyring names decides."""
        with self._pool.transaction() as db:
            db.execute("UPDATE root SET id = id WHERE one = 1")
            row = db.execute("SELECT id FROM root WHERE one = 1").fetchone()
            self._file.refuse(self._place)
            file = self._file.current()
            if row is not None and (file is None or file.id != row[0]):
                self._file.promote(row[0])
                file = self._file.current()
            if file is None:
                if row is not None and db.execute("SELECT 1 FROM data_key LIMIT 1").fetchone():
                    raise RootRefused(
                        f"the keyring needs the root {row[0]}, and {self._file.path} is not there: ORTOO_ROOT_KEY names the file"
                    )
                file = self._file.make(self._place)
            if row is None:
                db.execute("INSERT INTO root VALUES (1, ?) ON CONFLICT (one) DO NOTHING", (file.id,))
            elif row[0] == file.id:
                self._file.undo()
            else:  # an older backup: what its root wrapped stays shut, and is opened again should that root come back
                db.execute("UPDATE root SET id = ? WHERE one = 1", (file.id,))
            self._file.claim(self._place)
            return file


def _wrap_anew(db: Connection, table: str, before: Root, after: Root) -> int:
    rows = db.execute(f"SELECT id, wrapped FROM {table} WHERE root = ?", (before.id,)).fetchall()
    for start in range(0, len(rows), CHUNK):
        fresh = []
        for id, wrapped in rows[start : start + CHUNK]:
            if (key := before.unwrap(id, wrapped)) is not None:  # a damaged one stays as it is: it must not stand against destruction
                fresh.append((after.wrap(id, key), after.id, id))
        db.executemany(f"UPDATE {table} SET wrapped = ?, root = ? WHERE id = ?", fresh)
    return len(rows)


def _index_keys(db: Connection, root: Root) -> dict[str, bytes]:
    rows = db.execute("SELECT id, wrapped FROM index_key WHERE root = ? ORDER BY number", (root.id,)).fetchall()
    return {id: key for id, wrapped in rows if (key := root.unwrap(id, wrapped)) is not None}
