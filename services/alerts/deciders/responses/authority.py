"""Who may decide on a response: whom the plan names for the level, or the superior that took command (ERL art. 17, 71, 72)."""

from __future__ import annotations

from collections.abc import Mapping

from services.alerts.deciders.responses.state import Response
from services.alerts.events.plan_content import Authority
from services.alerts.events.scales import ResponseLevel
from shared.kernel.commands import Signature
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed

RULE = "ERL-72.1"


def is_of(by: Signature, authority: Authority) -> bool:
    """One of its roles, in its division; an enterprise only if it is the one named."""
    stranger = by.has("ENT") and by.organ != authority.organ
    return by.division == authority.division and by.has(*authority.roles) and not stranger


def require_authority(by: Signature, authority: Authority, plan: str) -> None:
    """Refuse unless the signer is who activates this level of the plan."""
    if not is_of(by, authority):
        raise NotAllowed(Failure(RULE, f"{plan} is activated by {authority}"))


def require_commander(by: Signature, response: Response, act: str, rules: Rules, level: ResponseLevel | None = None) -> None:
    """Refuse unless the signer commands the response at its level, or at the one named; `act` says what it wanted to do."""
    commander = response.commanded_by(level or response.level)
    if commander is None or is_of(by, commander):
        return  # without a level nothing runs, which its state says
    if by.division == commander.division:
        raise NotAllowed(Failure(RULE, f"{commander} decides on level {(level or response.level).value} of {response.plan}"))
    names: Mapping[str, str] = rules.value("response.level_names")
    whose = f"a response of {commander.division}: it is not commanded in {by.division}; a superior takes command first (HandOverCommand)"
    raise NotAllowed(Failure(RULE, f"a {names.get(str(by.level), 'stranger')} cannot {act} {whose}"))
