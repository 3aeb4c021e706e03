"""Papers drawn beside the process that was asked for them: drawing is work of a second, and the requests of everybody else go on."""

from __future__ import annotations

import subprocess
import sys
from threading import Semaphore

import msgspec

from shared.kernel.errors import Failure, WrongState
from shared.kernel.processor import apart
from shared.paper import font
from shared.paper.sheet import Paper

AT_ONCE = 2
LONGEST_S = 60
_turns = Semaphore(AT_ONCE)


def printed(paper: Paper) -> bytes:
    """The PDF. Blocks: call it from a thread. WrongState where the machine has no font for it."""
    if font.found() is None:
        raise WrongState(Failure("paper.font", f"this server has no font with Chinese: install {font.PACKAGE}; all else works without"))
    with _turns, apart():
        done = subprocess.run(
            [sys.executable, "-m", "shared.paper.draw"],
            input=msgspec.json.encode(paper),
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"a paper could not be drawn: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout
