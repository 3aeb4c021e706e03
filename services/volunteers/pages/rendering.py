"""Templates, words and the language of a page. Everything put into a template is escaped."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.kernel.errors import Failure
from shared.kernel.realm import REAL

HERE = Path(__file__).parent
WORDS: Mapping[str, Mapping[str, Any]] = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))
# What is shown is somebody's own, and nothing here needs a script. The node's own policy holds beside this one.
PRIVATE = {"Cache-Control": "no-store", "Content-Security-Policy": "script-src 'none'; object-src 'none'"}
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def language_of(request: Request) -> str:
    """As asked for, else the browser's, else Chinese."""
    asked = request.query_params.get("lang", "")
    if asked in WORDS:
        return asked
    return "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "zh"


def shown(template: str, language: str, realm: str, status: int = 200, **more: Any) -> HTMLResponse:
    """A page; one of a drill says so first."""
    words = WORDS[language]
    page = _ENVIRONMENT.get_template(template).render(w=words, lang=language, realm=None if realm == REAL else realm, **more)
    return HTMLResponse(page, status, headers=PRIVATE)


def faults_of(failures: Sequence[Failure], language: str) -> dict[str, list[str]]:
    """What is wrong, by field, in the words of the language. Nothing of it repeats what was typed."""
    known, found = WORDS[language]["errors"], dict[str, list[str]]()
    for failure in failures:
        said = found.setdefault(failure.field or "form", [])
        if (words := known.get(failure.rule, known["other"])) not in said:
            said.append(words)
    return found


@lru_cache
def text(kind: str, version: str) -> Mapping[str, Sequence[str]]:
    """A text that people accept, in both languages, exactly as this version has it."""
    return tomllib.loads((HERE / "texts" / kind / f"{version}.toml").read_text(encoding="utf-8"))
