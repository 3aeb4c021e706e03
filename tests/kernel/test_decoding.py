"""What is learnt of a class to read it is learnt by one thread."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.architecture.house import PRODUCT, short, sources

# Built as the events of the product are: dataclasses within dataclasses, met for the first time by several threads at once.
RACE = """
import dataclasses, sys, threading
from shared.kernel.decoding import convert, read_json

sys.setswitchinterval(1e-6)


def made(nth):
    within = [dataclasses.make_dataclass(f"In{nth}_{k}", [(f"f{n}", "int | None", None) for n in range(10)]) for k in range(10)]
    fields = [(f"g{k}", cls | None, None) for k, cls in enumerate(within)]
    return dataclasses.make_dataclass(f"Out{nth}", [("a", int), *fields, ("z", int, 0)])


for nth in range(150):
    cls, start = made(nth), threading.Barrier(4)

    def reads(way):
        start.wait()
        assert way().z == 1

    ways = (lambda: read_json(b'{"a":1,"z":1}', cls), lambda: convert({"a": 1, "z": 1}, cls)) * 2
    threads = [threading.Thread(target=reads, args=(way,)) for way in ways]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
print("whole")
"""

TYPED = re.compile(r"msgspec\.json\.Decoder\(|msgspec\.convert\(|msgspec\.json\.decode\(.*\btype=")
ALONE = {"shared/kernel/decoding.py", "shared/paper/draw.py"}  # the one place; a process of one thread


def test_threads_that_meet_a_class_at_once_read_it_whole():
    done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "whole\n"), done.stderr


def test_nothing_else_prepares_to_read():
    lines = [(path, line) for path in sources(*PRODUCT) for line in path.read_text().splitlines()]
    assert not {f"{short(path)}: {line.strip()}" for path, line in lines if TYPED.search(line) and short(path) not in ALONE}
    assert len([line for path, line in lines if TYPED.search(line)]) == 3, "the pattern finds what it looks for"
