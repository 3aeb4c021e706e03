"""What deadlines are called: by their rule, and where a rule stands for several duties by the duty."""

from __future__ import annotations

from typing import Any

from services.alerts.deciders.incidents.state import BROUGHT_BY
from shared.kernel.decider import Rules
from shared.rules.packs import Resolved, UnknownRule

NAMES = "clock.names"  # of deadlines whose limits stand in rows of other rules, and of one duty among those of a rule


def named(rule: str, rules: Rules, key: str = "") -> dict[str, Any]:
    """What a deadline is called in both languages, its source and confidence; nothing for a rule that no pack in force has."""
    assert isinstance(rules, Resolved)
    names = rules.value(NAMES)
    duty = "report" if key.startswith("hop.") else key.partition(BROUGHT_BY)[0]
    for name in (f"{rule}.{duty}", rule):
        if name in names:
            return dict(names[name])
    try:
        found = rules.rule(rule)
    except UnknownRule:  # of another pack, whose values the deadline rests on
        return {"zh": rule, "en": rule, "source": None, "confidence": None}
    return {"zh": found.zh, "en": found.en, "source": found.source, "confidence": found.confidence}
