"""The content: sealed values under references, what the index knows of them, and which keys are being destroyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.sql.many import marks, parts
from shared.sql.pool import Pool
from shared.sql.ports import Connection, Database, LogBusy
from shared.vault.chance import chance
from shared.vault.index import kind_of, mac
from shared.vault.personal import Personal
from shared.vault.root import NONCE
from shared.vault.scope import Scope

SCHEMA = """
CREATE TABLE IF NOT EXISTS holder (data_key TEXT PRIMARY KEY, subject TEXT NOT NULL, register TEXT NOT NULL, purpose TEXT NOT NULL,
  doomed INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS holder_scope ON holder (subject, register, purpose);
CREATE INDEX IF NOT EXISTS holder_doomed ON holder (data_key) WHERE doomed = 1;
CREATE TABLE IF NOT EXISTS reference (ref TEXT PRIMARY KEY, data_key TEXT NOT NULL, kept INTEGER NOT NULL, pending INTEGER,
  quarantined INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reference_key ON reference (data_key);
DROP INDEX IF EXISTS reference_pending;
CREATE INDEX IF NOT EXISTS reference_waiting ON reference (pending) WHERE pending IS NOT NULL;
CREATE TABLE IF NOT EXISTS entry (ref TEXT NOT NULL, field TEXT NOT NULL, text INTEGER NOT NULL, sealed BLOB NOT NULL,
  PRIMARY KEY (ref, field)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lookup (ref TEXT NOT NULL, field TEXT NOT NULL, index_key TEXT NOT NULL, kind TEXT NOT NULL,
  mac BLOB NOT NULL, PRIMARY KEY (ref, field)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lookup_mac ON lookup (mac)
"""
Value = Personal[str] | Personal[bytes]
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Sealing:
    """The key of a scope, and of the index, for what is written now."""

    scope: Scope
    id: str
    key: bytes
    index: tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Content on its way in: what belongs under one reference. `pending` is None when it is confirmed at once."""

    ref: str
    values: Values
    kept: int
    pending: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """A reference that is here: its scope, its key's id, and its sealed values by field."""

    scope: Scope
    data_key: str
    sealed: dict[str, tuple[bool, bytes]]


class Content:
    """Rows of one database. Everything here is sealed but references, scopes, names of fields and times."""

    def __init__(self, database: Database) -> None:
        self._pool = Pool(lambda: database.connect(private=True))
        with self._pool.use() as db:
            db.executescript(SCHEMA)

    def keep(self, items: Sequence[tuple[Keeping, Sealing]]) -> None:
        """Store them together. What is here already stays; what is still pending is as new. LogBusy when a key is being destroyed."""
        with self._pool.transaction() as db:
            known = _known(db, [item.ref for item, _ in items])
            again = [(item.pending, item.ref) for item, _ in items if item.ref in known and item.pending is not None]
            db.executemany("UPDATE reference SET pending = ? WHERE ref = ? AND pending IS NOT NULL", again)
            fresh = {item.ref: (item, under) for item, under in items if item.ref not in known}
            _hold(db, {under.id: under.scope for _, under in fresh.values()})
            rows = [(item.ref, under.id, item.kept, item.pending, 0) for item, under in fresh.values()]
            db.executemany("INSERT INTO reference VALUES (?, ?, ?, ?, ?)", rows)
            _write(db, [(item.ref, item.values, under) for item, under in fresh.values()])

    def confirm(self, refs: Sequence[str] | Mapping[str, str]) -> None:
        """An event names them: they are no orphans. A mapping says of which subject each is."""
        named = "UPDATE reference SET pending = NULL, quarantined = 0 WHERE ref = ?"
        with self._pool.transaction() as db:
            if isinstance(refs, Mapping):
                whose = f"{named} AND data_key IN (SELECT data_key FROM holder WHERE subject = ?)"
                db.executemany(whose, list(refs.items()))
            else:
                db.executemany(named, [(ref,) for ref in refs])

    def forget(self, fields: Sequence[tuple[str, str]]) -> None:
        """What these (reference, field) hold is gone; the reference stays."""
        with self._pool.transaction() as db:
            for table in ("lookup", "entry"):
                db.executemany(f"DELETE FROM {table} WHERE ref = ? AND field = ?", list(fields))

    def drop(self, keys: Sequence[str]) -> None:
        """Everything that lies under these keys, which open nothing."""
        with self._pool.transaction() as db:
            for some in parts(keys):
                refs = db.execute(f"SELECT ref FROM reference WHERE data_key IN ({marks(some)}) ORDER BY ref", some).fetchall()
                for table in ("lookup", "entry", "reference"):
                    db.executemany(f"DELETE FROM {table} WHERE ref = ?", refs)
                db.executemany("DELETE FROM holder WHERE data_key = ?", [(key,) for key in some])

    def correct(self, ref: str, values: Values, under: Sealing) -> bool:
        """Put these values in place of what the fields held. False when the reference is not here any more."""
        with self._pool.transaction() as db:
            _hold(db, {under.id: under.scope})
            found = db.execute("UPDATE reference SET data_key = data_key WHERE ref = ? AND data_key = ?", (ref, under.id))
            if not found.rowcount:
                return False
            db.executemany("DELETE FROM lookup WHERE ref = ? AND field = ?", [(ref, field) for field in values])
            db.executemany("DELETE FROM entry WHERE ref = ? AND field = ?", [(ref, field) for field in values])
            _write(db, [(ref, values, under)])
            return True

    def held(self, refs: Sequence[str], fields: Sequence[str]) -> dict[str, Held]:
        """What is here of these references, and of these fields of them."""
        found: dict[str, Held] = {}
        with self._pool.use() as db:
            for some in parts(refs):
                asked = f"""SELECT r.ref, r.data_key, h.subject, h.register, h.purpose FROM reference r
                    JOIN holder h ON h.data_key = r.data_key WHERE r.ref IN ({marks(some)}) AND h.doomed = 0"""
                found |= {ref: Held(Scope(*scope), key, {}) for ref, key, *scope in db.execute(asked, some).fetchall()}
                if not fields:
                    continue
                asked = f"SELECT ref, field, text, sealed FROM entry WHERE ref IN ({marks(some)}) AND field IN ({marks(fields)})"
                for ref, field, text, sealed in db.execute(asked, [*some, *fields]).fetchall():
                    if ref in found:
                        found[ref].sealed[field] = (bool(text), bytes(sealed))
        return found

    def refs_of(self, scope: Scope) -> list[str]:
        """What was kept under a scope and named by an event, the oldest first."""
        asked = """SELECT r.ref FROM holder h JOIN reference r ON r.data_key = h.data_key
            WHERE h.subject = ? AND h.register = ? AND h.purpose = ? AND h.doomed = 0
            AND r.pending IS NULL ORDER BY r.kept, r.ref"""
        with self._pool.use() as db:
            return [ref for (ref,) in db.execute(asked, (scope.subject, scope.register, scope.purpose)).fetchall()]

    def found(self, macs: Sequence[bytes], kind: str) -> list[Scope]:
        """The scopes in which the index knows a value as of this kind, and an event names it."""
        asked = f"""SELECT DISTINCT h.subject, h.register, h.purpose FROM lookup l JOIN reference r ON r.ref = l.ref
            JOIN holder h ON h.data_key = r.data_key WHERE l.mac IN ({marks(macs)}) AND l.kind = ? AND h.doomed = 0
            AND r.pending IS NULL ORDER BY 1, 2, 3"""
        with self._pool.use() as db:
            return [Scope(*row) for row in db.execute(asked, [*macs, kind]).fetchall()]

    def found_all(self, macs: Sequence[bytes]) -> dict[tuple[bytes, str], list[Scope]]:
        """As `found`, by digest and kind."""
        known: dict[tuple[bytes, str], list[Scope]] = {}
        with self._pool.use() as db:
            for some in parts(macs):
                asked = f"""SELECT l.mac, l.kind, h.subject, h.register, h.purpose FROM lookup l JOIN reference r ON r.ref = l.ref
                    JOIN holder h ON h.data_key = r.data_key WHERE l.mac IN ({marks(some)}) AND h.doomed = 0 AND r.pending IS NULL"""
                for digest, kind, *scope in db.execute(asked, some).fetchall():
                    known.setdefault((bytes(digest), kind), []).append(Scope(*scope))
        return known

    def known(self, macs: Sequence[bytes]) -> set[bytes]:
        """Those of these that the index knows at all."""
        found: set[bytes] = set()
        if not macs:
            return found
        with self._pool.use() as db:
            for some in parts(macs):
                found.update(bytes(mac) for (mac,) in db.execute(f"SELECT mac FROM lookup WHERE mac IN ({marks(some)})", some).fetchall())
        return found

    def lying(self, refs: Sequence[str]) -> int:
        """Of how many of these references there is any row, a sealed value or one of the index included."""
        found: set[str] = set()
        with self._pool.use() as db:
            for some in parts(refs):
                for table in ("reference", "entry", "lookup"):
                    found.update(ref for (ref,) in db.execute(f"SELECT ref FROM {table} WHERE ref IN ({marks(some)})", some).fetchall())
        return len(found)

    def counts(self) -> Mapping[str, int]:
        """References, and those of them that no event was seen for."""
        with self._pool.use() as db:
            every = db.execute("SELECT count(*), count(pending), coalesce(sum(quarantined), 0) FROM reference").fetchone()
            doomed = db.execute("SELECT count(*) FROM holder WHERE doomed = 1").fetchone()[0]
        return {"refs": every[0], "pending": every[1], "quarantined": int(every[2]), "destroying": doomed}

    def close(self) -> None:
        self._pool.close()

    @property
    def pool(self) -> Pool:
        """For what destroys and sweeps, beside this in `erasing.py`."""
        return self._pool


def opened(ref: str, held: Held, key: bytes) -> dict[str, Value] | None:
    """The values of a reference; None when the key does not open them."""
    cipher, found = AESGCM(key), dict[str, Value]()
    try:
        for field, (text, sealed) in held.sealed.items():
            value = cipher.decrypt(sealed[:NONCE], sealed[NONCE:], _bound(ref, held.scope, field, text))
            found[field] = Personal(value.decode()) if text else Personal(value)
    except InvalidTag:
        return None
    return found


def _known(db: Connection, refs: Sequence[str]) -> set[str]:
    return {
        row[0] for some in parts(refs) for row in db.execute(f"SELECT ref FROM reference WHERE ref IN ({marks(some)})", some).fetchall()
    }


def _hold(db: Connection, keys: Mapping[str, Scope]) -> None:
    """Take the keys' rows until the commit: whoever destroys one waits for us, or we see that it is being destroyed."""
    rows = [(key, scope.subject, scope.register, scope.purpose, 0) for key, scope in sorted(keys.items())]
    taken = "INSERT INTO holder VALUES (?, ?, ?, ?, ?) ON CONFLICT (data_key) DO UPDATE SET subject = excluded.subject"
    db.executemany(taken, rows)
    for some in parts(keys):
        if db.execute(f"SELECT 1 FROM holder WHERE data_key IN ({marks(some)}) AND doomed = 1 LIMIT 1", some).fetchone():
            raise LogBusy("what was kept under this purpose is being destroyed now: send it again when that is done")


def _write(db: Connection, items: Sequence[tuple[str, Values, Sealing]]) -> None:
    sealed, known = [], []
    for ref, values, under in items:
        cipher = AESGCM(under.key)
        for field, value in values.items():
            plain = value.reveal()
            text = isinstance(plain, str)
            nonce = chance(NONCE)
            bytes_ = plain.encode() if isinstance(plain, str) else plain
            sealed.append((ref, field, int(text), nonce + cipher.encrypt(nonce, bytes_, _bound(ref, under.scope, field, text))))
            if isinstance(plain, str) and (kind := kind_of(field, plain)) and (digest := mac(under.index[1], plain)):
                known.append((ref, field, under.index[0], kind, digest))
    db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", sealed)
    db.executemany("INSERT INTO lookup VALUES (?, ?, ?, ?, ?)", known)


def _bound(ref: str, scope: Scope, field: str, text: bool) -> bytes:
    """What a sealed value is bound to: moved to another reference, scope, field or type it does not open."""
    parts = (ref, scope.subject, scope.register, scope.purpose, field, "text" if text else "bytes")
    return "".join(f"{len(part)}:{part}" for part in parts).encode()
