"""Random bytes that are drawn many at once: nobody gets what another got."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from shared.vault.chance import AT_ONCE, chance


def test_every_draw_is_as_long_as_asked_and_none_comes_twice():
    with ThreadPoolExecutor(8) as threads:
        drawn = list(threads.map(chance, [12] * (3 * AT_ONCE // 12)))
    assert {len(one) for one in drawn} == {12} and len(set(drawn)) == len(drawn)
    assert len(chance(2 * AT_ONCE)) == 2 * AT_ONCE and chance(0) == b""


def test_a_copy_of_the_process_draws_others():
    chance(1)
    out, into = os.pipe()
    if (child := os.fork()) == 0:
        os.write(into, chance(32))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(out, 32) != chance(32)
    os.close(out)
    os.close(into)
