"""Whatever owners, officers and finance do, and in whatever order both services hear of it: no return is lost, and all can be closed."""

from __future__ import annotations

from services.compensation.deciders.claims.state import WITHDRAWN
from services.compensation.events.ground import Ground
from services.resources.events.requisition import PropertyLost, PropertyReturned
from tests.compensation.both_sides import Both, finish, walk
from tests.resources.requisitions.test_returning import close

WALKS = ((300, 30), (60, 80))  # so many, of so many steps


def _last_return(both: Both) -> str | None:
    """The id of the fact that it came back or was lost, unless it is out again."""
    found = [place for place, one in enumerate(both.logs["resources"], 1) if isinstance(one, PropertyReturned | PropertyLost)]
    return f"150000.resources:{found[-1]}" if found and both.requisition.status in ("returned", "lost", "closed") else None


def test_both_sides_agree_on_what_is_undecided_every_return_is_taken_up_and_all_can_be_closed():
    several = 0
    for seed, both in ((seed, walk(seed, steps)) for number, steps in WALKS for seed in range(number)):
        several += len(both.requisition.undecided) > 1
        assert set(both.requisition.undecided) == both.undecided(), (seed, both.requisition, both.claims())
        if (fact := _last_return(both)) is not None:
            assert any(fact in {proof for _, proof in one.heard} for one in both.claims()), (seed, both.claims())
            assert not [one for one in both.claims() if one.doubt is Ground.NOT_BACK and one.status != WITHDRAWN], seed
        finish(both)
        if both.requisition.status != "closed":
            both.do("resources", close(now=both.now))
        assert both.requisition.status == "closed" and both.requisition.undecided == (), seed
    assert several, "the walks go where more than one claim is open"
