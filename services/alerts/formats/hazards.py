"""The table of Chinese hazards and colours, looked up by name, vendor number or colour."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard; `code` is the national event code where one is confirmed."""

    zh: str
    en: str
    categories: tuple[str, ...]
    confidence: str
    source: str
    code: str = ""
    qweather: str = ""
    caiyun: str = ""
    cma: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Colour:
    """A warning colour, its grade and the CAP severity practice gives it (the CMA's own CAP and QWeather agree)."""

    zh: str
    en: str
    level: str
    wording: str
    severity: str
    caiyun: str
    cma: str


@dataclass(frozen=True, slots=True)
class Headline:
    """What a Chinese headline says: who, what kind of message, which hazard, which colour."""

    issuer: str
    msg_type: str
    hazard: str  # as written, even when the table does not know it
    colour: Colour | None


@cache
def tables() -> tuple[tuple[Hazard, ...], tuple[Colour, ...]]:
    """The rows of `hazards.toml`."""
    data = tomllib.loads(Path(__file__).with_name("hazards.toml").read_text("utf-8"))
    listed = ("categories", "also")
    rows: list[dict[str, Any]] = [{key: tuple(value) if key in listed else value for key, value in row.items()} for row in data["hazards"]]
    return tuple(Hazard(**row) for row in rows), tuple(Colour(**row) for row in data["colours"])


@cache
def _by_number() -> dict[tuple[str, str], Hazard]:
    return {(key, getattr(row, key)): row for row in tables()[0] for key in ("code", "qweather", "caiyun", "cma") if getattr(row, key)}


@cache
def _names() -> tuple[tuple[str, Hazard], ...]:
    """Longer names first: 雷暴大风 holds 大风."""
    named = [(name, row) for row in tables()[0] for name in (row.zh, row.en.lower(), *row.also)]
    return tuple(sorted(named, key=lambda pair: -len(pair[0])))


def by_number(vendor: str, number: str) -> Hazard | None:
    """The hazard of a number of `code`, `qweather`, `caiyun` or `cma`."""
    return _by_number().get((vendor, number))


def by_name(text: str) -> Hazard | None:
    """The hazard whose name stands in the text, the longest first."""
    folded = text.lower()
    return next((row for name, row in _names() if name in folded), None)


def colour(text: str) -> Colour | None:
    """A colour by its Chinese (蓝色, 蓝) or English name, or its number with the vendor: `caiyun:01`, `cma:4`."""
    folded = text.lower().removesuffix("色")
    return next((row for row in tables()[1] if folded in (row.zh, row.en, "caiyun:" + row.caiyun, "cma:" + row.cma)), None)


# 预警信息发布中心 is an issuer, no verb
_VERB = re.compile(r"(?:变更|升级|降级|更新|继续)?发布(?!中心)|解除|取消|撤销|更新|继续|变更|升级|降级|将|由")
_CANCEL = re.compile(r"解除|取消|撤销")
_UPDATE = re.compile(r"更新|继续|变更|升级|降级|调整")
_COLOUR = re.compile(r"([红橙黄蓝])色")


def headline(text: str) -> Headline:
    """Read `扎鲁特旗气象台发布大风蓝色预警[IV级/一般]` and its like; of 由黄色升级为橙色 the last colour holds."""
    verb = _VERB.search(text)
    issuer, said = (text[: verb.start()], text[verb.start() :]) if verb else ("", text)
    colours = list(_COLOUR.finditer(said))
    name = said[len(verb.group()) if verb else 0 : colours[0].start()] if colours else ""
    kind = "Cancel" if _CANCEL.search(said) else "Update" if _UPDATE.search(said) else "Alert"
    return Headline(issuer.strip(), kind, name.strip(), colour(colours[-1][1]) if colours else None)
