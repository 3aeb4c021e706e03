"""A node for a benchmark: opened in the benchmark's own process, or served by one of its own."""

from __future__ import annotations

from pathlib import Path

from services.start.settings import Settings
from services.wiring import Node, open_node
from shared.kernel.commands import Signature

PROVINCE = "150000"
PLACE = "150722"
DUTY = Signature("DUTY.1", ("EMD.duty", "EMD.officer"), PLACE, 3)


def opened(place: Path) -> Node:
    """A node with its divisions, permissions and rules, and no thread running."""
    return open_node(Settings(place / "node", PROVINCE))
