"""Templates, words and texts of these pages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from shared.web.pages import PRIVATE, Pages

__all__ = ["HERE", "PRIVATE", "WORDS", "faults_of", "language_of", "shown", "text", "text_if_any"]

HERE = Path(__file__).parent
_PAGES = Pages(HERE)
WORDS, language_of, shown, faults_of = _PAGES.words, _PAGES.language_of, _PAGES.shown, _PAGES.faults_of


@lru_cache
def text(kind: str, version: str) -> Mapping[str, Sequence[str]]:
    """A text that people accept, in both languages, exactly as this version has it."""
    return tomllib.loads((HERE / "texts" / kind / f"{version}.toml").read_text(encoding="utf-8"))


def text_if_any(kind: str, version: str, language: str) -> Sequence[str] | None:
    """A text in one language; None when there is none of this version here."""
    return text(kind, version)[language] if (HERE / "texts" / kind / f"{version}.toml").is_file() else None
