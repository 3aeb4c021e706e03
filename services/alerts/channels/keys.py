"""Secrets of the channels, in the node's key folder: one signs links, one for each webhook signs what it is sent."""

from __future__ import annotations

import os
import secrets
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

BYTES = 32
PREFIX = "whsec_"  # Standard Webhooks


class ChannelKeys:
    """Made when first needed; readable by the node's own user only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def link(self) -> bytes:
        """The key under which links are signed."""
        found = self._read("links.key")
        return found if found is not None else self._make("links.key")

    def webhook(self, recipient: str) -> bytes | None:
        """The secret shared with a recipient; None when none was given out."""
        return self._read(_name(recipient))

    def new_webhook(self, recipient: str) -> str:
        """A fresh secret, as it is told once to whoever sets up the other end. The one before is void."""
        self.forget_webhook(recipient)
        return PREFIX + b64encode(self._make(_name(recipient))).decode()

    def forget_webhook(self, recipient: str) -> None:
        """The recipient has no webhook any more."""
        (self._folder / _name(recipient)).unlink(missing_ok=True)

    def _read(self, name: str) -> bytes | None:
        try:
            return b64decode((self._folder / name).read_bytes(), validate=True)
        except FileNotFoundError:
            return None

    def _make(self, name: str) -> bytes:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = secrets.token_bytes(BYTES)
        draft = self._folder / f"{name}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(b64encode(made))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / name)  # whole, or not there
        return made


def _name(recipient: str) -> str:
    return f"webhook-{sha256(recipient.encode()).hexdigest()[:32]}.key"  # a handle may hold any character
