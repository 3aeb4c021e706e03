"""What an owner claimed beside the system, at a whole node: nothing is closed before it is decided, and then it can be (ERL-12)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.resources.node import Node, running
from tests.support import Post

API, CLAIMS = "resources/requisitions", "compensation/claims"
OFF, APP, GOV, FIN = Post("B.OFF", "EMD.officer"), Post("B.APP", "EMD.approver"), Post("B.GOV", "GOV"), Post("B.FIN", "FIN")
ICP, OWNER = Post("B.ICP", "ICP"), Post("OW-1", "CIT")
PROOF = [{"kind": "requisition_certificate", "document": "0" * 64}]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(tmp_path_factory.mktemp("node")) as made:
        made.done("alerts/incidents", Post("B.DUTY", "EMD.duty"), incident="INC-1", type="NAT.DAM", division="150722", known_at=made.at)
        yield made


def out(node: Node, requisition: str) -> None:
    """Taken on an oral order, and papered."""
    said = {"subject": "OW-1", "item": f"boat {requisition}", "incident": "INC-1", "value": 30000, "purpose": "requisition"}
    need = {"basis": "ERL-12", "ordered_by": "B.HQ", "necessity": "people on a roof, no other boat", "condition": "good"}
    node.done(f"{API}/oral", ICP, requisition=requisition, **said, **need)
    node.done(f"{API}/{requisition}/paper", APP)


def claim(node: Node, claim: str, requisition: str, **changed: object) -> None:
    said = {"claimant": "OW-1", "kind": "requisition", "item": requisition, "incident": "INC-1", "days": 1, "tariff": "requisition_boat"}
    node.done(CLAIMS, OWNER, claim=claim, **said | {"evidence": PROOF} | changed)


def paid(node: Node, claim: str) -> None:
    node.done(f"{CLAIMS}/{claim}/evidence", OWNER, account="cash")
    node.done(f"{CLAIMS}/{claim}/assessment", OFF)
    node.done(f"{CLAIMS}/{claim}/decision", APP)
    node.done(f"{CLAIMS}/{claim}/payment", FIN, reference="R-1")


def reconsidered(node: Node, claim: str) -> None:
    """By two, who let it stand."""
    mint = node.opened.host.principals.mint
    headers = {
        name: f"Bearer {mint(who.actor, (who.role,), who.division)}" for name, who in (("Authorization", APP), ("Ortoo-Cosigner", GOV))
    }
    path, body = f"/api/{CLAIMS}/{claim}/reconsideration", {"outcome": "stands", "reason": "what was paid is right"}
    made = node.client.request("POST", path, headers=headers | {"Ortoo-At": node.at}, json=body)
    assert made.status_code == 201, made.text
    node.opened.host.settle()


def test_what_was_paid_while_the_thing_was_out_is_looked_at_by_two_and_then_the_requisition_is_closed(node: Node):
    out(node, "RE-1")
    claim(node, "CL-OWN", "RE-1")
    paid(node, "CL-OWN")
    node.done(f"{API}/RE-1/return", ICP, condition="hull damaged", damage=650)
    for asked in ({"doubt": "figures"}, {"differs": True}):
        assert [row["claim"] for row in node.get(CLAIMS, OFF, **asked)["items"]] == ["CL-OWN"]
    shown = node.get(f"{CLAIMS}/CL-OWN", OWNER)
    assert shown["figures"]["damage"] == "0.00" and shown["otherwise"][0]["figures"]["damage"] == "650.00"
    told = node.get(f"{API}/RE-1", OWNER)
    assert (told["claim"], told["undecided"], told["decided"]) == ("CL-OWN", ["CL-OWN"], False)
    assert node.refused(f"{API}/RE-1/closing", APP) == (422, "ERL-12")
    reconsidered(node, "CL-OWN")
    for asked in ({"doubt": "figures"}, {"differs": True}):
        assert node.get(CLAIMS, OFF, **asked)["items"] == []
    node.done(f"{API}/RE-1/closing", APP)
    assert node.get(f"{API}/RE-1", OWNER)["decided"] is True


def test_a_second_claim_that_is_withdrawn_closes_nothing(node: Node):
    out(node, "RE-2")
    node.done(f"{API}/RE-2/return", ICP, condition="good", claim="CL-R2")
    claim(node, "CL-MORE", "RE-2", since="2021-07-01", until="2021-07-02")
    told = node.get(f"{API}/RE-2", OWNER)
    assert (told["claim"], told["undecided"]) == ("CL-R2", ["CL-R2", "CL-MORE"])
    node.done(f"{CLAIMS}/CL-MORE/withdrawal", OWNER)
    assert node.refused(f"{API}/RE-2/closing", APP) == (422, "ERL-12")
    paid(node, "CL-R2")
    node.done(f"{API}/RE-2/closing", APP)
