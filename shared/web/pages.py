"""Pages made by the server, of use without any script: templates, words and the language of a service's own; places to choose from;
cookies. Everything put into a template is escaped."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shared.geo.divisions import Divisions
from shared.kernel.errors import Failure
from shared.kernel.realm import REAL

# What is shown is somebody's own, and nothing here needs a script. The node's own policy holds beside this one.
PRIVATE = {"Cache-Control": "no-store", "Content-Security-Policy": "script-src 'none'; object-src 'none'"}
_SHARED = Path(__file__).parent / "templates"


class Pages:
    """Those of one service: `words.toml` and `templates/` of its folder. Both languages have the same keys; errors are by rule."""

    def __init__(self, folder: Path) -> None:
        self.words: Mapping[str, Mapping[str, Any]] = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
        self._templates = Environment(
            loader=FileSystemLoader([folder / "templates", _SHARED]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def language_of(self, request: Request) -> str:
        """As asked for, else the browser's, else Chinese."""
        asked = request.query_params.get("lang", "")
        if asked in self.words:
            return asked
        return "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "zh"

    def shown(self, template: str, language: str, realm: str, status: int = 200, **more: Any) -> HTMLResponse:
        """A page; one of a drill says so first."""
        of = {"w": self.words[language], "lang": language, "realm": None if realm == REAL else realm}
        return HTMLResponse(self._templates.get_template(template).render(**of, **more), status, headers=PRIVATE)

    def faults_of(self, failures: Sequence[Failure], language: str) -> dict[str, list[str]]:
        """What is wrong, by field, in the words of the language. Nothing of it repeats what was typed."""
        known, found = self.words[language]["errors"], dict[str, list[str]]()
        for failure in failures:
            said = found.setdefault(failure.field or "form", [])
            if (words := known.get(failure.rule, known["other"])) not in said:
                said.append(words)
        return found


def places(divisions: Divisions, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Banners with the townships that are known, by league."""
    found = []
    for league in (unit for unit in divisions if unit.level == 2 and divisions.in_force(unit.code)):
        units = []
        for code in divisions.children(league.code):
            units.append((code, getattr(divisions.units[code], language)))
            units += [(inner, f"— {getattr(divisions.units[inner], language)}") for inner in divisions.children(code)]
        found.append((getattr(league, language), units))
    return found


def cookie_name(realm: str, name: str) -> str:
    """Cookies know no ports: a drill beside the real node has its own."""
    return name if realm == REAL else f"{name}_{realm}"


def give_cookie(answer: Response, request: Request, name: str, value: str, seconds: int, path: str) -> None:
    """A cookie of these pages: for no script, and sent along by no other site."""
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="strict", secure=secure)
