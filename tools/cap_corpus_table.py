"""Write docs/cap-corpus.md: what became of each message of the corpus in ORTOO_CORPUS, counted by outcome and reason."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

from services.alerts.formats.model import Item, Message
from services.alerts.formats.read import read_messages
from services.alerts.formats.write import CannotWrite, write

ROOT = Path(__file__).parent.parent
HEAD = """# The reader against real messages

CAP messages and Chinese warnings of many senders, kept outside this repository, read by `services/alerts/formats`. `valid` passes the
OASIS schema, `invalid` breaks it, is signed wrongly, or is of an older version; `cn-warnings` is the JSON of Chinese feeds and CAP samples.
Refresh with: `ORTOO_CORPUS=<folder> python -m tools.cap_corpus_table`.

A message may have several faults, so reasons add up to more than messages. *Written again* counts the accepted messages that our writer
turned into CAP 1.2 that passes the schema.
"""


def files(folder: Path, kind: str) -> list[Path]:
    """The messages of one kind; the folder may hold the kinds itself, under `cap` or beside itself."""
    place = next((base / kind for base in (folder, folder / "cap", folder.parent) if (base / kind).is_dir()), None)
    return sorted(path for path in place.iterdir() if path.suffix in (".xml", ".json")) if place else []


def outcome(item: Item) -> str:
    """The word the import answers with."""
    if not isinstance(item, Message):
        return "quarantined"
    return "accepted_with_faults" if item.faults else "accepted"


def _writable(item: Item) -> bool:
    try:
        return isinstance(item, Message) and bool(write(item.alert))
    except CannotWrite:
        return False


def section(kind: str, paths: list[Path]) -> str:
    """The tables of one kind."""
    items = [item for path in paths for item in read_messages(path.read_bytes()).items]
    outcomes = Counter(outcome(item) for item in items)
    reasons: Counter[tuple[str, str]] = Counter()
    for item in items:
        codes = {fault.code for fault in item.faults} if isinstance(item, Message) else {item.code}
        reasons.update((outcome(item), code) for code in codes)
    lines = [f"\n## {kind}: {len(paths)} files, {len(items)} messages\n", "| outcome | messages |", "|---|---|"]
    lines += [f"| {name} | {count} |" for name, count in sorted(outcomes.items())]
    lines += [f"| *written again* | {sum(map(_writable, items))} |"]
    if reasons:
        lines += ["\n| outcome | reason | messages |", "|---|---|---|"]
        ordered = sorted(reasons.items(), key=lambda row: (row[0][0], -row[1], row[0][1]))
        lines += [f"| {name} | `{code}` | {count} |" for (name, code), count in ordered]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Read the corpus and write the page; 1 without a corpus."""
    folder = os.environ.get("ORTOO_CORPUS")
    if not folder:
        print("ORTOO_CORPUS names no folder with valid/ and invalid/", file=sys.stderr)
        return 1
    found = {kind: files(Path(folder), kind) for kind in ("valid", "invalid", "cn-warnings")}
    (ROOT / "docs" / "cap-corpus.md").write_text(HEAD + "".join(section(kind, paths) for kind, paths in found.items() if paths), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
