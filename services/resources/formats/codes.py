"""What is printed on labels, as QR and Code 128, and read by scanners: what it is of, its id, and a check.

`OR/L/MD-WATER-1/K7`: a lot. `OR/P/WH-MD/A-01/3M`: a position of a store. `OR/W/WH-MD/..`: a store. `OR/S/SH-1/..`: a shipment.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from shared.kernel.errors import Failure, RuleBroken

MARK = "OR"
LOT, POSITION, STORE, SHIPMENT = "L", "P", "W", "S"
PARTS = {LOT: ("lot",), POSITION: ("store", "position"), STORE: ("store",), SHIPMENT: ("shipment",)}
WORDS = {LOT: "lot", POSITION: "position", STORE: "store", SHIPMENT: "shipment"}
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32, none that is taken for another
RULE = "scan.code"


@dataclass(frozen=True, slots=True)
class Code:
    """What a label says."""

    kind: str
    ids: tuple[str, ...]

    @property
    def named(self) -> dict[str, str]:
        """The ids under their names."""
        return dict(zip(PARTS[self.kind], self.ids, strict=True))

    @property
    def text(self) -> str:
        """As it is printed."""
        said = "/".join((MARK, self.kind, *self.ids))
        return f"{said}/{check(said)}"


def check(said: str) -> str:
    """Two letters that a misread code would hardly have by chance (one in a thousand)."""
    number = int.from_bytes(sha256(said.encode()).digest()[:2], "big")
    return _LETTERS[number >> 5 & 31] + _LETTERS[number & 31]


def parsed(text: str) -> Code:
    """What the label says. RuleBroken when it is none of ours, or was misread."""
    said, _, letters = text.strip().rpartition("/")
    mark, _, rest = said.partition("/")
    kind, _, ids = rest.partition("/")
    if mark != MARK or kind not in PARTS:
        raise RuleBroken(Failure(RULE, "this is no label of a lot, position, store or shipment: scan another code", "code"))
    if letters != check(said):
        raise RuleBroken(Failure(RULE, "the code was misread or damaged: scan it again, or enter the id by hand", "code"))
    parts = tuple(ids.split("/", len(PARTS[kind]) - 1))
    if len(parts) != len(PARTS[kind]) or not all(parts):
        raise RuleBroken(Failure(RULE, "the code says less than it should: print the label again", "code"))
    return Code(kind, parts)
