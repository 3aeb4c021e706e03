"""Which processor a process runs on, and who of it runs anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest

from shared.kernel.processor import apart, choose

ASKED = (sys.executable, "-c", "import json, os; print(json.dumps(sorted(os.sched_getaffinity(0))))")


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


def test_what_is_started_apart_runs_on_every_processor() -> None:
    everywhere, found = sorted(os.sched_getaffinity(0)), list[object]()

    def started() -> None:
        os.sched_setaffinity(0, everywhere[:1])  # as `together` leaves a thread
        for free in (False, True):
            if free:
                with apart():
                    found.append(json.loads(subprocess.check_output(ASKED)))
            else:
                found.append(json.loads(subprocess.check_output(ASKED)))

    thread = threading.Thread(target=started)
    thread.start()
    thread.join()
    assert found == [everywhere[:1], everywhere]
