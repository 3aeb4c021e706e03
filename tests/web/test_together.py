"""Requests that wait together are worked off together, and each is told of its own item."""

from __future__ import annotations

import asyncio
import threading

import pytest

from shared.web.together import Together
from tests.waiting import PATIENCE_S


def test_what_waits_is_done_in_one_go():
    batches, gate = [], threading.Event()

    def double(items):
        batches.append(list(items))
        gate.wait(PATIENCE_S)
        return [2 * item for item in items]

    async def ask():
        together = Together(double)
        first = asyncio.ensure_future(together(0))
        while not batches:
            await asyncio.sleep(0)
        others = [asyncio.ensure_future(together(n)) for n in range(1, 6)]
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(first, *others)

    assert asyncio.run(ask()) == [0, 2, 4, 6, 8, 10]
    assert batches == [[0], [1, 2, 3, 4, 5]]


def test_one_that_fails_fails_nobody_elses():
    def picky(items):
        if 3 in items:
            raise ValueError("three")
        return list(items)

    async def ask():
        together = Together(picky)
        return await asyncio.gather(*[together(n) for n in range(6)], return_exceptions=True)

    told = asyncio.run(ask())
    assert isinstance(told.pop(3), ValueError) and told == [0, 1, 2, 4, 5]


def test_who_hung_up_holds_nobody_up():
    gate = threading.Event()

    def slow(items):
        gate.wait(PATIENCE_S)
        return list(items)

    async def ask():
        together = Together(slow)
        gone, stays = asyncio.ensure_future(together(1)), asyncio.ensure_future(together(2))
        await asyncio.sleep(0)
        gone.cancel()
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await stays, await together(3)

    assert asyncio.run(ask()) == (2, 3)


def test_another_loop_goes_on_with_it():
    together = Together(lambda items: [-item for item in items])
    assert [asyncio.run(together(n)) for n in (1, 2)] == [-1, -2]
