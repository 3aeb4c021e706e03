"""The story of Hulunbuir through a real node and the real command line: every step that this release can show is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import ortoo, started

STORY = Path(__file__).resolve().parents[2] / "stories" / "hulunbuir-2021.yaml"
DAM, END = ("dam-01", "dam-02", "dam-07", "dam-08", "dam-10", "dam-11"), ("end-03", "end-04")
STEPS = (*(f"alert-{n:02}" for n in range(1, 22)), *DAM, *END)
LATER = {"alert-21"}  # its `then` is another release's
LINE = re.compile(r"^(shown|pending|failed)\s+(\S+)", re.MULTILINE)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A story node, its fixtures loaded, and what the player said of every step."""
    folder = tmp_path_factory.mktemp("acceptance") / "data"
    with started(folder, "--story-clock") as node:
        loaded = ortoo(folder, "story", "load", str(STORY), "--url", node.url, COLUMNS="200")
        only = [argument for step in STEPS for argument in ("--only", step)]
        said = ortoo(folder, "story", "play", str(STORY), "--url", node.url, *only, timeout=110, COLUMNS="200")
        yield loaded, said, node


def test_what_has_a_command_is_loaded_and_the_rest_is_named(played):
    loaded, _, _ = played
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    assert "failed" not in loaded.stdout, loaded.stdout
    for part in ("divisions", "hazard_sources", "recipients", "rule_pack"):
        assert re.search(rf"^(accepted|repeated)\s+{part}", loaded.stdout, re.MULTILINE), loaded.stdout
    assert "no command yet" in loaded.stdout


def test_every_step_is_shown_and_only_what_is_not_built_yet_is_pending(played):
    _, said, _ = played
    states = {step: state for state, step in LINE.findall(said.stdout)}
    assert [step for step, state in states.items() if state == "failed"] == [], said.stdout
    assert {step for step, state in states.items() if state == "pending"} <= LATER, said.stdout
    assert set(states) == set(STEPS)
    assert f"{len(STEPS) - len(LATER)} shown, {len(LATER)} pending, 0 failed" in said.stdout
    assert said.returncode == 0, said.stderr


def test_after_the_story_the_node_is_well_and_its_logs_are_whole(played):
    _, _, node = played
    assert node.get("/health/ready").status_code == 200, node.get("/health/ready").text
    assert '"what":"bug"' not in node.logged
    assert ortoo(node.folder, "log", "verify").returncode == 0
