"""Begin an await at once, so that what need not wait costs no task (as asyncio's eager tasks do from Python 3.12 on)."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Coroutine, Generator
from typing import Any


def begin(work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
    """Run `work` up to its first wait. None when it ended without one, otherwise the task that does the rest."""
    try:
        waits_for = work.send(None)
    except StopIteration:
        return None
    return asyncio.ensure_future(_rest(_resumed(work, waits_for)))


async def _rest(resumed: Awaitable[None]) -> None:
    await resumed


@types.coroutine
def _resumed(work: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    try:
        yield waits_for  # what `work` asked its task to wait for; it was told to us, who are none
        yield from work
    finally:
        work.close()
