"""Whatever owners, officers and finance do, and in whatever order both services hear of it: no return is lost, and all can be closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.compensation.deciders.claims.commands import WithdrawClaim
from services.compensation.deciders.claims.state import WITHDRAWN
from services.compensation.events.ground import Ground
from services.resources.deciders.requisitions.commands import CorrectReturn, ReturnProperty
from services.resources.events.requisition import PropertyLost, PropertyReturned
from shared.kernel.errors import RuleBroken
from tests.compensation.both_sides import Both, finish, lent, walk
from tests.compensation.world import OFF, OWNER, Town, july, money, requisition
from tests.resources.requisitions.taken import ICP
from tests.resources.requisitions.test_returning import close
from tests.resources.world import HQ

WALKS = ((200, 30), (30, 80))  # so many, of so many steps


def _last_return(both: Both) -> str | None:
    """The id of the fact that it came back or was lost, unless it is out again, or there was nothing to claim for."""
    found = [(place, one) for place, one in enumerate(both.logs["resources"], 1) if isinstance(one, PropertyReturned | PropertyLost)]
    if not found or both.requisition.status not in ("returned", "lost", "closed"):
        return None
    place, last = found[-1]
    nothing = isinstance(last, PropertyReturned) and not last.tariff and not last.damage
    return None if nothing else f"150000.resources:{place}"


def judge(seed: int, steps: int, free: bool) -> bool:
    """A walk without a fault; whether more than one claim was open at its end."""
    both = walk(seed, steps, free)
    several = len(both.requisition.undecided) > 1
    assert set(both.requisition.undecided) == both.undecided(), (seed, both.requisition, both.claims())
    assert not both.shared(), (seed, both.shared())
    if (fact := _last_return(both)) is not None:
        assert any(fact in {proof for _, proof in one.heard} for one in both.claims()), (seed, both.claims())
    if both.requisition.status in ("returned", "lost", "closed"):
        assert not [one for one in both.claims() if one.doubt is Ground.NOT_BACK and one.status != WITHDRAWN], seed
    finish(both)
    if both.requisition.status != "closed":
        both.do("resources", close(now=both.now))
    assert both.requisition.status == "closed" and both.requisition.undecided == () and not both.shared(), seed
    return several


@pytest.mark.parametrize("free", [False, True])
def test_both_sides_agree_on_what_is_undecided_every_return_is_taken_up_once_and_all_can_be_closed(free: bool):
    several = [judge(seed, steps, free) for number, steps in WALKS for seed in range(number)]
    assert any(several), "the walks go where more than one claim is open"


def stuck() -> Both:
    """An older log: what was lent came back whole, and waits for a claim of which nobody will ever say anything."""
    both = Both({"resources": lent(), "compensation": Town()})
    said = "RE-1", "INC-1", "OW-1", 2, "good", (), money("0.00"), "", "CL-Z", july(18), july(20), "B.ICP", both.now
    both.towns["resources"].past["requisition-RE-1"].append(PropertyReturned(*said))
    both.settle()
    with pytest.raises(RuleBroken, match="CL-Z"):
        both.do("resources", close(now=both.now))
    return both


@pytest.mark.parametrize("free", [True, False])
def test_what_waits_for_a_claim_that_nobody_has_is_freed_as_the_manual_says(free: bool):
    both = stuck()
    if not free:
        both.do("compensation", requisition(by=replace(OWNER, actor="OW-2"), claimant="OW-2", item="RE-2", claim="CL-Z"))
    claim = "CL-Z" if free else "CL-OWN"
    both.do("compensation", requisition(by=OFF, on_behalf="the requisition waits for a claim nobody has", claim=claim))
    if not free:
        both.do("resources", CorrectReturn(by=ICP, cosigner=HQ, now=both.now, requisition="RE-1", reason="written down anew"))
        both.settle()
        both.do("resources", ReturnProperty(by=ICP, now=both.now, requisition="RE-1", condition="good"))
    both.settle()
    assert both.requisition.undecided == (claim,)
    both.do("compensation", WithdrawClaim(by=OFF, now=both.now, claim=claim, on_behalf="there is nothing to claim"))
    both.settle()
    both.do("resources", close(now=both.now))
    assert both.requisition.status == "closed"
