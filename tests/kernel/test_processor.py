"""Which processor a process runs on, and who of it runs anywhere."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from shared.kernel.processor import choose

# In a process of its own: threads are gathered for as long as it lives.
APART = """
import json, os, subprocess, sys, threading, time
from shared.kernel.processor import apart, stay_apart, together

everywhere, asked = os.sched_getaffinity(0), (sys.executable, "-c", "import os; print(len(os.sched_getaffinity(0)))")
gathered = 1

def started():
    return int(subprocess.check_output(asked))

def settled(wanted):
    end = time.monotonic() + 60
    while (found := len(os.sched_getaffinity(0))) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    return found

def pool():
    stay_apart()
    with apart():
        pass
    time.sleep(2.5)  # two looks of the watch
    found.append(len(os.sched_getaffinity(0)))

found = []
together()
found.append(settled(gathered))
with apart():
    time.sleep(2.5)
    found.append(started())
found.append(settled(gathered))
thread = threading.Thread(target=pool)
thread.start()
thread.join()
print(json.dumps([len(everywhere), found]))
"""


@pytest.mark.parametrize(
    ("taken", "chosen"),
    [
        ({0: 0.0, 1: 0.0}, 0),
        ({0: 0.9, 1: 0.9}, 0),
        ({0: 0.3, 1: 0.1}, 0),  # not worth it
        ({0: 0.9, 1: 0.1}, 1),
        ({0: 0.9, 1: 0.5, 2: 0.2}, 2),
    ],
)
def test_a_process_moves_where_others_need_its_processor_much_more(taken: dict[int, float], chosen: int) -> None:
    assert choose(0, taken) == chosen


def test_threads_are_gathered_but_those_apart_and_what_these_start() -> None:
    everywhere, found = json.loads(subprocess.check_output((sys.executable, "-c", APART), timeout=120))
    assert found == [1, everywhere, 1, everywhere]
