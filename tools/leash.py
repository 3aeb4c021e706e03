"""End a process as soon as another has ended, however it ended: nothing started for a test outlives the test run."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
GRACE_S = 10.0


def leash(owner: int, process: int, sign: signal.Signals, folder: Path | None) -> None:
    """Bind a process, the leader of its group, to the life of another; with it goes its folder, if one is named."""
    command = [sys.executable, "-S", "-m", "tools.leash", str(owner), str(process), sign.name, str(folder or "")]
    subprocess.run(command, cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    """Wait for either, in the background. A handle, unlike a number, is never another process's."""
    owner, process, sign, folder = sys.argv[1:]
    if os.fork():
        os._exit(0)
    with suppress(ProcessLookupError):
        kept = os.pidfd_open(int(process))
        with suppress(ProcessLookupError):  # the owner was gone before we looked
            if kept in _ended([os.pidfd_open(int(owner)), kept]):
                return
        signal.pidfd_send_signal(kept, signal.Signals[sign])
        if not _ended([kept], GRACE_S):
            os.killpg(int(process), signal.SIGKILL)
            _ended([kept])
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def _ended(handles: list[int], within_s: float | None = None) -> list[int]:
    return select.select(handles, [], [], within_s)[0]


if __name__ == "__main__":
    main()
