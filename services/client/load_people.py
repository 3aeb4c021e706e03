"""The people of a story's header: insurance, rescue forces, volunteers, zones. What the header does not say is visibly a stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.client.fixture import Fixture
from services.client.script import Story

RISK, AMOUNT = "rescue", "100000"  # the header names neither class nor sum
TRAINING = "basic"


def insurance(story: Story) -> Iterator[Fixture]:
    """Policies without anybody: whom they cover is linked once they are registered."""
    for policy in story.header["insurance"]:
        payer = story.actors.get(policy["payer"])
        terms = {"from": policy["from"], "to": policy["to"], "territory": policy["territory"], "payer": policy["payer"]}
        stand_in = {"insurer": f"{policy['id']} test insurer", "number": f"TEST-{policy['id']}", "risk": RISK, "amount": AMOUNT}
        where = payer.division if payer else policy["payer"]
        yield Fixture("insurance", policy["id"], "RecordPolicy", {"policy": policy["id"], **terms, **stand_in, "division": where})


def forces(story: Story) -> Iterator[Fixture]:
    """Filed with the department of their home, by one person and another, then insured."""
    for force in story.header["forces"]:
        name = force["id"]
        yield Fixture("forces", name, "ApplyFiling", _filing(force))
        proof = {"force": name, "number": f"TEST-{name}", "proof": f"{story.header['id']} header"}
        yield Fixture("forces", name, "AcceptFiling", proof, second=True)
        for policy in story.header["insurance"]:
            if policy["group"] == name:
                yield Fixture("forces", name, "LinkPersons", {"policy": policy["id"], "forces": [name]})


def _filing(force: Mapping[str, Any]) -> dict[str, Any]:
    members = [{"member": member, "adult": True, "trained": True} for member in force["members"]]
    filed = {"force": force["id"], "name": force["name"], "kind": force["kind"], "disciplines": [force["discipline"]]}
    bound = {"contract": force["contract"], **({"contract_with": force["contract_with"]} if force["contract"] else {})}
    stand_in = {"registration": f"TEST-{force['id']}", "self_sufficiency_days": 3, "contact_24h": True}
    return {**filed, **bound, **stand_in, "home": force["home"], "leader": force["leader"], "members": members}


def volunteers(story: Story) -> Iterator[Fixture]:
    """Registered by one person and taken on by another; trained and insured as the header says."""
    home = story.actors["VOL"].division
    for volunteer in story.header["volunteers"]:
        name = volunteer["id"]
        said = {key: volunteer[key] for key in ("name", "phone", "adult", "fit")}
        accepted = {"risk_text": 1, "notice": "register/2", "consent": True, "guardian": not volunteer["adult"]}
        yield Fixture("volunteers", name, "RegisterVolunteer", {"volunteer": name, "division": home, **said, **accepted})
        yield Fixture("volunteers", name, "VerifyIdentity", {"volunteer": name, "adult": volunteer["adult"]}, second=True)
        yield Fixture("volunteers", name, "ReviewVolunteer", {"volunteer": name}, second=True)
        if volunteer["trained"]:
            yield Fixture("volunteers", name, "RecordTraining", {"volunteer": name, "training": TRAINING})
    for policy in story.header["insurance"]:
        if isinstance(policy["group"], list):
            yield Fixture("volunteers", policy["id"], "LinkPersons", {"policy": policy["id"], "group": policy["group"]})


def zones(story: Story) -> Iterator[Fixture]:
    """Zones of work lie where the incident does."""
    where = story.header["incident"]["division"]
    for zone in story.header["zones"]:
        yield Fixture("zones", zone["id"], "RegisterZone", {"zone": zone["id"], "cap": zone["cap"], "division": where})
