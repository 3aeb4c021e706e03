"""The goods of a story's header: catalogue, norms, stores, what lies in them, vehicles, agreements; and who may raise funds."""

from __future__ import annotations

from collections.abc import Iterator

from services.client.fixture import Fixture
from services.client.script import Story

SIGNER = "STORY.LOADER"  # where the header names no post of the division


def items(story: Story) -> Iterator[Fixture]:
    """The catalogue: ids of the story, codes of the local extension."""
    for item in story.header["items"]:
        fields = {"item": item["id"], **{name: item[name] for name in ("code", "unit", "zh", "reusable")}}
        yield Fixture("items", item["id"], "RegisterItem", {**fields, "en": item["id"].capitalize()})


def norms(story: Story) -> Iterator[Fixture]:
    """For the whole province."""
    for item, norm in story.header["norms"].items():
        yield Fixture("norms", item, "SetNorm", {"item": item, "division": story.root, **norm, "source": f"{story.header['id']} header"})


def warehouses(story: Story) -> Iterator[Fixture]:
    """Stores with their keepers and positions; a forward point comes after its parent."""
    for store in sorted(story.header["warehouses"], key=lambda one: "parent" in one):
        fields = {name: store[name] for name in ("owner", "place", "custodian", "kind", "parent", "positions") if name in store}
        yield Fixture(
            "warehouses", store["id"], "RegisterWarehouse", {"store": store["id"], **fields}, signer=(SIGNER, "RSV", store["owner"])
        )


def lots(story: Story) -> Iterator[Fixture]:
    """What was there when the books were opened."""
    keepers = {store["id"]: (store["custodian"], "WHK", store["owner"]) for store in story.header["warehouses"]}
    for lot in story.header["lots"]:
        where = {"store": lot["at"], "item": lot["item"], "lot": lot["id"], "qty": lot["qty"], "position": lot["position"]}
        best = {"expires": lot["expires"]} if lot["expires"] else {}
        books = {"source": "opening", "cause": f"{story.header['id']} header"}
        yield Fixture("lots", lot["id"], "ReceiveLot", {**where, **best, **books}, signer=keepers[lot["at"]])


def vehicles(story: Story) -> Iterator[Fixture]:
    """Vehicles of the divisions."""
    for vehicle in story.header["vehicles"]:
        fields = {name: vehicle[name] for name in ("plate", "owner")}
        yield Fixture("vehicles", vehicle["id"], "RegisterVehicle", {"vehicle": vehicle["id"], **fields})


def agreements(story: Story) -> Iterator[Fixture]:
    """Contracts with firms; what the header does not say of them is visibly a stand-in."""
    named = ("item", "with", "owner", "capacity_per_day", "lead_days", "price", "pay_days", "valid_to")
    for agreement in story.header["agreements"]:
        fields = {name: agreement[name] for name in named}
        stand_in = {"standard": f"TEST-{agreement['id']}", "breach": agreement["source"]}
        signer = (SIGNER, "EMD.approver", agreement["owner"])
        yield Fixture("agreements", agreement["id"], "SignAgreement", {"agreement": agreement["id"], **fields, **stand_in}, signer=signer)


def households(story: Story) -> Iterator[Fixture]:
    """Their names and accounts go into the vault."""
    for household in story.header["households"]:
        fields = {"household": household["id"], **{name: household[name] for name in ("village", "persons")}}
        values = {name: household[name] for name in ("name", "account")}
        yield Fixture("households", household["id"], "RegisterHousehold", {**fields, "values": values})


def fund_raisers(story: Story) -> Iterator[Fixture]:
    """Organisations that are qualified for public fund-raising."""
    for actor in story.header["actors"]:
        if actor.get("qualified"):
            proof = {"certificate": f"TEST-{actor['id']}", "valid_until": f"{int(story.steps[0].at[:4]) + 1}-12-31"}
            signer = (SIGNER, "CIV", actor["division"])
            yield Fixture("actors", actor["id"], "RecordQualification", {"fund_raiser": actor["id"], **proof}, signer=signer)


def relief_tariffs(story: Story) -> Iterator[Fixture]:
    """What a household gets, for the year of the story."""
    year = int(story.steps[0].at[:4])
    for name, said in story.header["tariffs"].items():
        if "per_household" in said:
            holds = {"division": said["payer"], "kind": name, "year": year, "amount": said["per_household"], "source": said["source"]}
            yield Fixture("tariffs", name, "SetReliefTariff", holds, signer=(SIGNER, "FIN", said["payer"]))
