"""A story file (`ortoo-story/1`) as values: who acts, what is sent, what is expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

FORMAT = "ortoo-story/1"
PARTS = {"play": dict, "rule_pack": dict, "divisions": list, "actors": list, "recipients": dict, "steps": list}


class BadStory(Exception):
    """The file is no story; every fault is listed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A role of the story. `role` is None for who signs nothing."""

    id: str
    role: str | None
    division: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to send: the actor, the second person, and the arguments of one entry of `each`."""

    key: str  # step id, with -n for the n-th of several
    actor: str
    cosigner: str | None
    arguments: Mapping[str, Any]
    events: Sequence[str] | None = None  # its own, where the entries of a step append different ones


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a command (`do`) or a query (`read`), its entries and what is expected of each."""

    id: str
    at: str
    actor: str
    do: str | None
    read: str | None
    realm: str
    entries: tuple[Entry, ...]
    expect: Mapping[str, Any]
    shows: Mapping[str, Any]

    def chosen(self, only: Sequence[str]) -> bool:
        """Named by id or prefix; everything is chosen when nothing is named."""
        return not only or any(self.id == one or self.id.startswith(one.rstrip("*")) for one in only)


@dataclass(frozen=True, slots=True)
class Story:
    """Header and steps."""

    header: Mapping[str, Any]
    actors: Mapping[str, Actor]
    steps: tuple[Step, ...]

    @property
    def root(self) -> str:
        """The division without a parent: whoever reads there sees the whole story."""
        return str(next(d["code"] for d in self.header["divisions"] if d.get("parent") is None))

    def actor(self, name: str) -> Actor:
        """The actor of the header; a volunteer or claimant acts under the header's `VOL`."""
        return self.actors[name]


def read_story(path: Path) -> Story:
    """Read and check a story file; `BadStory` lists every fault."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadStory(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadStory(f"{path}: `format` must be {FORMAT}")
    if faults := list(_faults(document)):
        raise BadStory("\n".join(f"{path}: {fault}" for fault in faults))
    actors = {one["id"]: Actor(one["id"], _role(one["role"]), one.get("division")) for one in document["actors"]}
    header = {key: value for key, value in document.items() if key not in ("steps", "expected")}
    return Story(header, actors, tuple(_step(raw) for raw in document["steps"]))


def _faults(document: Mapping[str, Any]) -> Iterator[str]:
    wrong = [f"`{part}` must be a {kind.__name__}" for part, kind in PARTS.items() if not isinstance(document.get(part), kind)]
    if wrong:
        yield from wrong
        return
    if all(division.get("parent") is not None for division in document["divisions"]):
        yield "one division must have no parent"
    names, last = {one["id"] for one in document["actors"]}, None
    for step_id, times in Counter(step.get("id") for step in document["steps"] if isinstance(step, dict)).items():
        if times > 1:
            yield f"step {step_id} appears {times} times"
    for step in document["steps"]:
        if not isinstance(step, dict):
            yield f"a step is no mapping: {step!r}"
            continue
        missing = {"id", "at", "actor", "expect"} - set(step)
        if missing or not ({"do", "read"} & set(step)):
            yield f"step {step.get('id')}: {', '.join(sorted(missing)) or 'do or read'} is missing"
            continue
        try:
            at = datetime.fromisoformat(step["at"])
        except (TypeError, ValueError):
            yield f"step {step['id']}: `at` is no time in quotes"
            continue
        if at.tzinfo is None:
            yield f"step {step['id']}: `at` has no offset"
            continue
        if last and at < last:
            yield f"step {step['id']}: `at` goes back"
        last = at
        for who in {step["actor"], *(one.get("actor", step["actor"]) for one in step.get("each", ()))} - names:
            yield f"step {step['id']}: unknown actor {who}"


def _role(role: str) -> str | None:
    return None if role == "none" else role


def _step(raw: Mapping[str, Any]) -> Step:
    entries = raw.get("each") or [{}]
    return Step(
        id=raw["id"],
        at=raw["at"],
        actor=raw["actor"],
        do=raw.get("do"),
        read=raw.get("read"),
        realm=raw.get("realm", "real"),
        entries=tuple(_entry(raw, entry, f"-{n}" if "each" in raw else "") for n, entry in enumerate(entries, 1)),
        expect=raw["expect"],
        shows=raw.get("shows", {}),
    )


def _entry(raw: Mapping[str, Any], entry: Mapping[str, Any], suffix: str) -> Entry:
    merged = {**raw.get("with", {}), **entry}
    actor, cosigner = merged.pop("actor", raw["actor"]), merged.pop("cosigner", raw.get("cosigner"))
    return Entry(raw["id"] + suffix, actor, cosigner, merged, merged.pop("expect", {}).get("events"))
