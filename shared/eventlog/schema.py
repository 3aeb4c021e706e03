"""The tables of a log in SQLite, and the triggers that make it append-only for every program that opens the file."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
  position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
  record BLOB NOT NULL, chain BLOB NOT NULL, UNIQUE (stream, version));
CREATE TABLE IF NOT EXISTS command (
  id BLOB PRIMARY KEY, fingerprint BLOB NOT NULL, outcome TEXT NOT NULL, position INTEGER NOT NULL, answer BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempt (
  n INTEGER PRIMARY KEY, at TEXT NOT NULL, command TEXT NOT NULL, actor TEXT NOT NULL, division TEXT,
  code TEXT NOT NULL, rule TEXT NOT NULL, stream TEXT);
CREATE TABLE IF NOT EXISTS head (
  log TEXT PRIMARY KEY, position INTEGER NOT NULL, chain BLOB NOT NULL, time TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursor (
  reader TEXT NOT NULL, log TEXT NOT NULL, position INTEGER NOT NULL, chain BLOB NOT NULL, PRIMARY KEY (reader, log)) WITHOUT ROWID;
"""
IMMUTABLE = ("event", "command", "attempt")
GUARDS = tuple((table, verb) for table in IMMUTABLE for verb in ("update", "delete"))
# REPLACE would take a row away without asking a DELETE trigger; the head never goes back, so that a cut tail shows.
TAKEN = (
    "NEW.position <= (SELECT coalesce(max(position), 0) FROM event) "
    "OR EXISTS (SELECT 1 FROM event WHERE stream = NEW.stream AND version = NEW.version)"
)
ONLY_FORWARD = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {what} BEGIN SELECT RAISE(ABORT, '{why}'); END"
    for name, what, why in (
        ("event_no_replace", f"INSERT ON event WHEN {TAKEN}", "the log is append-only"),
        ("command_no_replace", "INSERT ON command WHEN EXISTS (SELECT 1 FROM command WHERE id = NEW.id)", "the log is append-only"),
        ("head_no_return", "UPDATE ON head WHEN NEW.position < OLD.position", "the head only goes forward"),
        ("head_no_delete", "DELETE ON head", "the head only goes forward"),
    )
)
NAMES = (*(f"{table}_no_{verb}" for table, verb in GUARDS), "event_no_replace", "command_no_replace", "head_no_return", "head_no_delete")


def statements() -> list[str]:
    """Everything that makes the tables and their guards; what is there already stays."""
    tables = [statement for statement in SCHEMA.split(";") if statement.strip()]
    refused = "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    never = [f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} {refused}" for table, verb in GUARDS]
    return [*tables, *never, *ONLY_FORWARD]
