"""Files of the node's key folder, which processes of several machines or containers may make at the same moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds, for its owner only. Of all who make it at once one is first, and all get what that one made."""
    while True:
        with suppress(FileNotFoundError):
            return path.read_bytes()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{token_hex(8)}")  # process ids repeat from container to container
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)  # whole, or not there
        finally:
            draft.unlink(missing_ok=True)
