"""What stands on a paper, as data: it goes to another process to be drawn."""

from __future__ import annotations

import msgspec


class Table(msgspec.Struct, frozen=True):
    """Rows under a heading; `widths` are shares; columns named in `right` hold numbers."""

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    right: tuple[int, ...] = ()
    title: str = ""


class Sheet(msgspec.Struct, frozen=True, tag=True):
    """A4: a title with the code of what it is about, what is known of it, tables, notes, places to sign."""

    title: str
    subtitle: str
    number: str
    issuer: str
    printed: str  # when and by whom, at the foot
    page: str  # "Page {page} of {pages}"
    code: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    unshown: str = ""  # said where a sign could not be shown
    unbarred: str = ""  # said where a code has no bars


class Label(msgspec.Struct, frozen=True):
    """One label: its code, what it is, and a few lines."""

    code: str
    title: str
    lines: tuple[str, ...]
    unshown: str = ""
    unbarred: str = ""


class Labels(msgspec.Struct, frozen=True, tag=True):
    """A4 with two columns of five labels."""

    labels: tuple[Label, ...]


Paper = Sheet | Labels
