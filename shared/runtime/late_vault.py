"""A vault that may be away: opened as soon as it can be, and whatever only asks whether it knows a word goes on without it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from shared.sql.ports import LogBusy, StorageFailed
from shared.vault.vault import Vault


class LateVault:
    """The vault of a process whose work must not stop with it: a warning waits for no register (own default)."""

    def __init__(self, open: Callable[[], Vault]) -> None:
        self._open, self._away = open, False
        self.vault: Vault | None = None
        self.wake: Callable[[], None] = lambda: None  # of what steps this

    def known(self, words: Collection[str]) -> Collection[str]:
        """Those of these words that the vault knows; none while it is away, then a number is told by its form alone. One call waits for
        it at most."""
        if self.vault is None or self._away:
            return ()
        try:
            return self.vault.known(words)
        except (LogBusy, StorageFailed):
            self._away = True
            self.wake()
            return ()

    def step(self) -> bool:
        """Open it, or ask whether it is back. LogBusy and StorageFailed, which are shown as the fault they are, while it is not."""
        if self.vault is None:
            self.vault = self._open()
        elif self._away:
            self.vault.counts()
        self._away = False
        return False
