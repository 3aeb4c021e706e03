"""The README's first five minutes, done as written: each `sh` block runs, and the `text` block after it is what comes out.

A `…` in a `text` block stands for anything. The node listens on a free port; everything else is as a reader would type it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from tests.architecture.house import ROOT
from tests.waiting import PATIENCE_S, until
from tools.components import free_port

BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORT = "8000"


def chapter(title: str) -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a shell beside a running node."""
    port = str(free_port())
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    url = f"http://127.0.0.1:{port}"
    settings = {
        **os.environ,
        "ORTOO_PORT": port,
        "ORTOO_HOST": "127.0.0.1",
        "ORTOO_DATA": str(tmp_path / "data"),
        "ORTOO_URL": url,
        "PATH": path,
    }
    with (tmp_path / "node.log").open("w") as log:
        node = subprocess.Popen(["ortoo", "serve"], cwd=ROOT, env=settings, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/health/ready", node, tmp_path / "node.log")
            yield settings
        finally:
            node.send_signal(signal.SIGTERM)
            assert node.wait(PATIENCE_S) in (0, -signal.SIGTERM)  # uvicorn stops cleanly and then ends by the signal it was sent


def wait_until_ready(url: str, node: subprocess.Popen[bytes], log: Path) -> None:
    def answers() -> bool:
        with suppress(OSError):  # not there yet, or slow to answer
            urllib.request.urlopen(url, timeout=2).close()
            return True
        return False

    until(lambda: answers() or node.poll() is not None, log.read_text)
    assert node.poll() is None, log.read_text()


def as_pattern(expected: str) -> str:
    return ".*".join(re.escape(part) for part in expected.strip().split("…"))


def test_the_first_five_minutes_go_as_the_readme_says(surroundings):
    blocks = BLOCK.findall(chapter("The first five minutes"))
    assert len([kind for kind, _ in blocks if kind == "sh"]) >= 5
    marked = [script + f"\necho '=== {n}'" for n, (kind, script) in enumerate(blocks) if kind == "sh"]
    script = "\n".join(["set -euo pipefail", *marked]).replace(f":{PORT}/", f":{surroundings['ORTOO_PORT']}/")
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(zip([n for n, (kind, _) in enumerate(blocks) if kind == "sh"], re.split(r"=== \d+\n", done.stdout), strict=False))
    for (n, (kind, _)), (_, (after, expected)) in pairwise(enumerate(blocks)):
        if (kind, after) == ("sh", "text"):
            assert re.search(as_pattern(expected), said[n], re.DOTALL), f"expected:\n{expected}\nsaid:\n{said[n]}"


def test_the_two_commands_the_readme_names_exist():
    commands = re.findall(r"^make (\w+)", chapter("Start"), re.MULTILINE)
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert len(commands) >= 2 and set(commands) <= set(targets)
