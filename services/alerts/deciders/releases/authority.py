"""Who may stand behind what is told to the public: kind by hazard by level, as rule data (domain table 2.16)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.alerts.deciders.releases.commands import ApproveRelease
from services.alerts.events.release import ReleaseContent
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken


def require_competent(command: ApproveRelease, content: ReleaseContent, rules: Rules, lasts: bool = False) -> str:
    """The rule under which the signer may; refused when the hazard, the kind or the grade is another's, or another's while it lasts."""
    fitting = [row for row in rules.value("release.authority") if not row["kinds"] or content.kind.value in row["kinds"]]
    row = max(fitting, key=lambda each: (_closeness(each, content), bool(each["kinds"])))
    national = content.grade is not None and content.grade.value in row["national"]
    roles = row.get("while_it_lasts", row["roles"]) if lasts else row["roles"]
    if national or not command.by.has(*roles) or command.by.level not in row["levels"]:
        raise NotAllowed(Failure(row["rule"], row["cure"]))
    leave = next((each["rule"] for each in fitting if each["leave"] and _closeness(each, content) >= 0), None)
    if leave and not command.leave:  # whichever organ it is
        raise RuleBroken(Failure(leave, "name the leave of the head of the investigation", "leave"))
    rule: str = row["rule"]
    return rule


def _closeness(row: Mapping[str, Any], content: ReleaseContent) -> int:
    """The length of the row's longest prefix of the hazard, -1 when it has none. Of two as close that of this kind is the one: no kind
    gets round a hazard's organ."""
    return max((len(prefix) for prefix in row["hazards"] if content.hazard.startswith(prefix)), default=-1)
