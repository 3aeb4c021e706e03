"""The purposes as rule data: what may be collected for what, and who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, RuleBroken

Purpose = Mapping[str, Any]
UNDECLARED = "PIPL-6"


def purpose_of(name: str | None, rules: Rules) -> Purpose:
    """The declared purpose of this name; RuleBroken without one, or when there is none such."""
    if not name:
        raise RuleBroken(Failure(UNDECLARED, "name the purpose", "purpose"))
    found: Purpose | None = next((row for row in rules.value("privacy.purposes") if row["purpose"] == name), None)
    if found is None:
        declared = ", ".join(row["purpose"] for row in rules.value("privacy.purposes"))
        raise RuleBroken(Failure(UNDECLARED, f"{name} is no declared purpose: {declared}", "purpose"))
    return found
