"""One command that loads one entry of a story's header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Fixture:
    """One command to load one entry of the header; `second`: signed by another person than the rest, who reviews what was entered.
    `signer`: actor, role and division where a province-wide officer may not sign."""

    part: str
    entry: str
    command: str
    arguments: Mapping[str, Any]
    second: bool = False
    signer: tuple[str, str, str] | None = None

    @property
    def key(self) -> str:
        """Stable for the same content; changed content is another command."""
        digest = sha256(json.dumps(self.arguments, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        return f"load-{self.part}-{self.entry}-{digest[:12]}"
