"""What the documents point at is there."""

from __future__ import annotations

import re

import pytest

from tests.architecture.house import ROOT, short, texts

PAGES = [path for path in texts() if path.suffix == ".md"]
RECORDS = sorted((ROOT / "docs/adr").glob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:services|shared|tests|tools|docs|bench)/[\w./-]+)`")
PARTS = ("Context", "Decision", "Consequences", "Alternatives", "Enforced by")


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_relative_link_leads_somewhere(page):
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link and not link.startswith("mailto:")]
    assert not [link for link in links if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", [path for path in PAGES if path.parts[-2] in {"docs", "adr"} or path.name == "README.md"], ids=short)
def test_every_file_a_page_names_exists(page):
    gone = [name for name in NAMED.findall(page.read_text(encoding="utf-8")) if not (ROOT / name).exists()]
    assert not gone


def test_decision_records_are_numbered_without_a_gap():
    assert RECORDS
    assert [path.name[:4] for path in RECORDS] == [f"{n:04}" for n in range(1, len(RECORDS) + 1)]


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.name)
def test_a_decision_record_is_one_page_with_its_five_parts(record):
    text = record.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(PARTS)
    assert len(text.splitlines()) <= 60
    enforced = text.partition("## Enforced by")[2]
    assert re.search(r"`(tests|tools)/[^`]+`|`pyproject.toml`|`make ", enforced), "names no check that enforces it"
