"""`ortoo story load`: the header of a story through ordinary commands, at the story's fixture time. Repeats add nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.client import load_money, load_people, load_privacy, load_stock
from services.client.expect import described
from services.client.fixture import Fixture
from services.client.openapi import Unfit
from services.client.script import Story
from services.client.session import Session

LOADER = ("STORY.LOADER", "EMD.officer")  # signs at the root division, so that everything below may be loaded
REVIEWER = ("STORY.REVIEWER", "EMD.approver")  # the second person, where one enters and another decides
FIRST, LAST = "divisions", "recipients"  # the header's fixtures, as its `play.fixtures` says
BY_TOKEN = "actors"  # need no command: every token says who acts and where


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a fixture: accepted, repeated (nothing new in it), failed, by token, or no command yet."""

    part: str
    entry: str
    outcome: str
    detail: str = ""


def fixture_time(story: Story) -> str:
    """The time named in the header's `play.fixtures`."""
    found = re.search(r"\d{4}-\d\d-\d\dT\S+", story.header["play"]["fixtures"])
    return found[0] if found else story.steps[0].at


def is_loaded(session: Session, story: Story) -> bool:
    """Whether anything happened at the node since the story's fixtures; who has no such query is believed."""
    at = fixture_time(story)
    node = session.query("GetNode", {}, at=at) if session.api.knows("GetNode") else None
    times = [log["time"] for log in node.body.get("logs", ()) if log["time"]] if node is not None and node.accepted else None
    return times is None or any(datetime.fromisoformat(time) >= datetime.fromisoformat(at) for time in times)


def load_story(session: Session, story: Story) -> Iterator[Loaded]:
    """Load what has a command and name the rest."""
    at = fixture_time(story)
    for part in parts(story):
        if part == BY_TOKEN:
            yield Loaded(part, "", "by token", "every token says who acts and where")
        elif part not in BUILDERS:
            yield Loaded(part, "", "no command yet")
        for fixture in BUILDERS[part](story) if part in BUILDERS else ():
            yield _load(session, fixture, at, session.token(*signer(fixture, story)))


def signer(fixture: Fixture, story: Story) -> tuple[str, str, str]:
    """Who signs its command: actor, role and division."""
    if fixture.second:
        return (*REVIEWER, story.root)
    return fixture.signer or (*LOADER, story.root)


def parts(story: Story) -> list[str]:
    """The rule pack, then the header's fixtures in the order of the file."""
    names = list(story.header)
    return ["rule_pack", *names[names.index(FIRST) : names.index(LAST) + 1]]


def _load(session: Session, fixture: Fixture, at: str, token: str) -> Loaded:
    if not session.api.knows(fixture.command):
        return Loaded(fixture.part, fixture.entry, "no command yet", fixture.command)
    try:
        answer = session.command(fixture.command, fixture.arguments, at=at, key=fixture.key, token=token)
    except Unfit as error:
        return Loaded(fixture.part, fixture.entry, "failed", str(error))
    if not answer.accepted:
        return Loaded(fixture.part, fixture.entry, "failed", described(answer))
    return Loaded(fixture.part, fixture.entry, "accepted" if answer.status == 201 and answer.get("events") else "repeated")


def _rule_pack(story: Story) -> Iterator[Fixture]:
    pack = story.header["rule_pack"]["id"]
    yield Fixture("rule_pack", pack, "AdoptRulePack", {"division": story.root, "pack": pack})


def _divisions(story: Story) -> Iterator[Fixture]:
    units = [{**unit, "level": int(str(unit["level"]).removeprefix("L"))} for unit in story.header["divisions"]]
    yield Fixture("divisions", story.root, "LoadDivisions", {"root": story.root, "units": units})


def _hazard_sources(story: Story) -> Iterator[Fixture]:
    for source in story.header["hazard_sources"]:
        fields = {key: value for key, value in source.items() if key != "id"}
        where = story.actors[source["manager"]].division
        yield Fixture("hazard_sources", source["id"], "RegisterHazardSource", {"hazard_source": source["id"], **fields, "division": where})


def _plans(story: Story) -> Iterator[Fixture]:
    """A plan of a division is activated by the post the header names; one of an authority outside is only recorded."""
    for plan in story.header["plans"]:
        outside = plan["type"] == "external"
        levels: list[dict[str, Any]] = [{"level": level} for level in plan["levels"]]
        if not outside:
            activator = story.actors[plan["activates"]]
            levels = [{**level, "authority": {"roles": [activator.role], "division": activator.division}} for level in levels]
        fields = {"plan": plan["id"], "type": plan["type"], "hazard": plan["hazard"], "levels": levels}
        owner = {"outside" if outside else "owner": plan["owner"]}
        yield Fixture("plans", plan["id"], "AdoptPlan", {**fields, **owner, "reference": plan.get("source", story.header["id"])})


def _recipients(story: Story) -> Iterator[Fixture]:
    for alert, actors in story.header["recipients"].items():
        recipients = [{"actor": actor, "channel": "in_app"} for actor in actors]
        for name in _lists_of(story, alert):
            yield Fixture("recipients", name, "SetRecipients", {"list": name, "recipients": recipients})


def _tariffs(story: Story) -> Iterator[Fixture]:
    yield from load_money.tariffs(story)
    yield from load_stock.relief_tariffs(story)


def _lists_of(story: Story, alert: str) -> list[str]:
    """A warning goes to the lists of its areas, a dam alarm to that of its dam; the step that creates it says which."""
    for step in story.steps:
        for entry in step.entries:
            if entry.arguments.get("alert") == alert:
                if source := entry.arguments.get("hazard_source"):
                    return [source]
                if areas := entry.arguments.get("areas"):
                    return list(areas)
    return []


BUILDERS: Mapping[str, Callable[[Story], Iterator[Fixture]]] = {
    "rule_pack": _rule_pack,
    "divisions": _divisions,
    "hazard_sources": _hazard_sources,
    "actors": load_stock.fund_raisers,
    "plans": _plans,
    "items": load_stock.items,
    "norms": load_stock.norms,
    "warehouses": load_stock.warehouses,
    "lots": load_stock.lots,
    "vehicles": load_stock.vehicles,
    "agreements": load_stock.agreements,
    "assessments": load_privacy.assessments,
    "insurance": load_people.insurance,
    "forces": load_people.forces,
    "volunteers": load_people.volunteers,
    "households": load_stock.households,
    "zones": load_people.zones,
    "tariffs": _tariffs,
    "recipients": _recipients,
}
