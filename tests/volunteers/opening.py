"""Registration is open once the register's impact assessment is approved; what a node needs before anybody registers."""

from __future__ import annotations

from tests.support import Node, Post
from tests.waiting import until

DPO, GOV = Post("B.DPO", "DPO"), Post("B.GOV", "GOV")
PARTS = {"lawfulness": "stand-in", "risks": "stand-in", "protection": "stand-in"}
PATH = "/api/privacy/modules/register/assessments"


def opened(node: Node, at: str) -> None:
    """Drafted by one, approved by another, and known to the reception desk."""
    for path, who, body in ((PATH, DPO, {"assessment": "PIA-1", **PARTS}), (f"{PATH}/PIA-1/approval", GOV, {})):
        made = node.post(path, who, body, Ortoo_At=at)
        assert made.status_code == 201, made.text
    until(lambda: register(node, at).status_code != 422, "the approval never reached the desk")


def register(node: Node, at: str):
    """The first of all, by an officer of another district than the tests look at."""
    said = {"volunteer": "V-FIRST", "division": "150702", "name": "Visibly First", "phone": "13800100001", "adult": True, "fit": True}
    accepted = {"risk_text": 1, "notice": "register/1", "consent": True}
    return node.post("/api/volunteers/volunteers", Post("D.OFF", "EMD.officer", "150702"), {**said, **accepted}, Ortoo_At=at)
