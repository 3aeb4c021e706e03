"""The numbers and codes that follow from a form of registration, and the key under which it is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from secrets import token_bytes

from shared.web.keyfiles import kept
from shared.web.sealing import Seals

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read for another
KEY = 32


class Forms(Seals):
    """Under a key of the node's own, made when first used. Replacing it makes open forms lapse, and every code."""

    def __init__(self, file: Path) -> None:
        super().__init__(lambda: kept(file, lambda: token_bytes(KEY)))

    def number(self, nonce: str) -> str:
        """The public number of whoever registers with it."""
        return "V-" + self._letters("number", nonce, 2)

    def code(self, nonce: str) -> str:
        """The confirmation code that goes with the number: nobody guesses one of 30^12."""
        return self._letters("code", nonce, 3)

    def _letters(self, kind: str, nonce: str, groups: int) -> str:
        return _grouped([LETTERS[byte % len(LETTERS)] for byte in self.mac(kind, nonce)[: groups * 4]])


def plain(code: str) -> str:
    """A code as it is compared: however it was typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum())[:40]


def _grouped(letters: Sequence[str]) -> str:
    return "-".join("".join(letters[start : start + 4]) for start in range(0, len(letters), 4))
