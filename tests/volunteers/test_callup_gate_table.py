"""The table of the departure gate in the docs is the rule data that decides. `make approve` writes it anew."""

from __future__ import annotations

import os

from services.volunteers.deciders.callups.gate import GATE
from tests.volunteers.callup_world import ROOT, RULES

PAGE = ROOT / "docs/departure-gate.md"
OF = {"volunteer": "volunteers", "force": "forces"}
HEAD = """# Who may set out

Nobody departs for a call-up with anything of this table standing against it. All failures are told at once, each with its article and
its cure: with the acceptance, by a fact after every cover, training and host acceptance (`volunteers.callup.eligibility_passed.v1`,
`…_failed.v1`), and again when somebody sets out (`DepartForHost`, `CheckInAtHost`). The rows are rule data (`callup.gate` in
`services/volunteers/rules/callups.toml`) in the order in which they are told; the code that looks is
`services/volunteers/deciders/callups/gate.py`. This page is written from them.

| check | 检查 | what is asked | article | of | only for | cure |
|---|---|---|---|---|---|---|
"""


def written() -> str:
    rows = []
    for row in RULES.value(GATE):
        of = " and ".join(OF[one] for one in row["of"])
        only = f"hazard `{row['hazard']}`" if "hazard" in row else "waited for, not theirs to cure" if row.get("waits") else ""
        if wanted := row.get("wanted"):
            each = ", ".join(f"{count} `{code}`" for code, count in wanted["each"].items())
            only = f"kinds {', '.join(f'`{kind}`' for kind in wanted['kinds'])}: {each} each"
        rows.append(f"| `{row['check']}` | {row['zh']} | {row['en']} | {row['rule']} | {of} | {only} | {row['cure']} |")
    return HEAD + "\n".join(rows) + "\n"


def test_the_page_says_what_decides():
    if os.environ.get("ORTOO_APPROVE") == "1":
        PAGE.write_text(written(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written(), "run `make approve`"
