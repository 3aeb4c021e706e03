"""Secrets of the channels, in the node's key folder: one signs links, one for each webhook signs what it is sent."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

from shared.web.keyfiles import kept

BYTES = 32
PREFIX = "whsec_"  # Standard Webhooks


class ChannelKeys:
    """Made when first needed; readable by the node's own user only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def link(self) -> bytes:
        """The key under which links are signed."""
        return self._kept("links.key")

    def webhook(self, recipient: str) -> bytes | None:
        """The secret shared with a recipient; None when none was given out."""
        return self._read(_name(recipient))

    def new_webhook(self, recipient: str) -> str:
        """A fresh secret, as it is told once to whoever sets up the other end. The one before is void."""
        self.forget_webhook(recipient)
        return PREFIX + b64encode(self._kept(_name(recipient))).decode()

    def forget_webhook(self, recipient: str) -> None:
        """The recipient has no webhook any more."""
        (self._folder / _name(recipient)).unlink(missing_ok=True)

    def _read(self, name: str) -> bytes | None:
        try:
            return b64decode((self._folder / name).read_bytes(), validate=True)
        except FileNotFoundError:
            return None

    def _kept(self, name: str) -> bytes:
        return b64decode(kept(self._folder / name, lambda: b64encode(token_bytes(BYTES))), validate=True)


def _name(recipient: str) -> str:
    return f"webhook-{sha256(recipient.encode()).hexdigest()[:32]}.key"  # a handle may hold any character
