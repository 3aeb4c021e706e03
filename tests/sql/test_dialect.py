"""What becomes of a statement on its way to PostgreSQL."""

from __future__ import annotations

import pytest

from shared.sql.dialect import translated


@pytest.mark.parametrize(
    ("said", "text", "names"),
    [
        ("SELECT a FROM t WHERE a = ? AND b > ?", "SELECT a FROM t WHERE a = $1 AND b > $2", ()),
        ("SELECT :a, :b_c, :a", "SELECT $1, $2, $1", ("a", "b_c")),
        ("SELECT '?:a''?' , \"?:a\", x::text, ?", "SELECT '?:a''?' , \"?:a\", x::text, $1", ()),
        ("SELECT '100 %', 'TEXT' WHERE TEXT = ?", "SELECT '100 %', 'TEXT' WHERE TEXT = $1", ()),
        ("BEGIN IMMEDIATE", "BEGIN", ()),
        (
            "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT 'TEXT', c BLOB, d REAL) WITHOUT ROWID",
            "CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT COLLATE \"C\" NOT NULL DEFAULT 'TEXT', c BYTEA, d DOUBLE PRECISION) ",
            (),
        ),
    ],
)
def test_a_statement_is_said_as_postgresql_reads_it(said, text, names):
    assert translated(said) == (text, names)
