"""Who may stand behind what is told to the public: kind by hazard by level, as rule data (domain table 2.16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.alerts.deciders.releases.commands import ApproveRelease
from services.alerts.events.release import ReleaseContent
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken


def require_competent(command: ApproveRelease, content: ReleaseContent, rules: Rules) -> str:
    """The rule under which the signer may; refused when the hazard, the kind or the grade is another's."""
    row = _row(content, rules)
    national = content.grade is not None and content.grade.value in row["national"]
    if national or not command.by.has(*row["roles"]) or command.by.level not in row["levels"]:
        raise NotAllowed(Failure(row["rule"], row["cure"]))
    if row["leave"] and not command.leave:
        raise RuleBroken(Failure(row["rule"], "name the leave of the head of the investigation", "leave"))
    rule: str = row["rule"]
    return rule


def _row(content: ReleaseContent, rules: Rules) -> Mapping[str, Any]:
    """The row with the longest prefix of the hazard; of two that of this kind: no kind gets round a hazard's organ."""
    rows: Sequence[Mapping[str, Any]] = rules.value("release.authority")
    fitting = [row for row in rows if not row["kinds"] or content.kind.value in row["kinds"]]
    return max(
        fitting, key=lambda row: (max((len(p) for p in row["hazards"] if content.hazard.startswith(p)), default=-1), bool(row["kinds"]))
    )
