import pytest
import typer
import yaml
from typer.testing import CliRunner

from services.client import commands
from tests.client.node import accepts
from tests.client.test_story import step

app = typer.Typer()
app.add_typer(commands.story, name="story")
app.add_typer(commands.imports, name="import")
app.command("watch")(commands.watch)


def run(node, *arguments):
    minting = lambda data: lambda actor, role, division, realm="real": f"{data}/{actor}"  # noqa: E731
    return CliRunner().invoke(app, [*arguments, "--url", node.url, "--data", "keys"], obj=minting)


def story_file(tmp_path, *steps):
    document = {
        "format": "ortoo-story/1",
        "play": {"fixtures": "loaded first, at 2021-07-17T08:00:00+08:00"},
        "rule_pack": {"id": "cn-2024-11"},
        "divisions": [{"code": "150000", "zh": "内蒙古自治区", "level": "L1", "parent": None}],
        "actors": [{"id": "B.MET1", "role": "SECT.weather", "division": "150722"}],
        "recipients": {},
        "steps": list(steps),
    }
    path = tmp_path / "story.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return str(path)


def test_playing_counts_and_ends_well_when_nothing_failed(node, tmp_path):
    node.answers["DraftAlert"] = accepts(node, "alerts.alert.drafted.v1")
    result = run(node, "story", "play", story_file(tmp_path, step("s-1"), step("s-2", do="CloseIncident")))
    assert result.exit_code == 0, result.output
    assert "1 shown, 1 pending, 0 failed" in result.output and "no command CloseIncident yet" in result.output
    assert node.calls[0].token == "keys/B.MET1"


def test_playing_ends_with_1_when_a_step_failed(node, tmp_path):
    result = run(node, "story", "play", story_file(tmp_path, step("s-1")))
    assert result.exit_code == 1 and "0 shown, 0 pending, 1 failed" in result.output


@pytest.mark.parametrize(("time", "loaded"), [(None, 1), ("1970-01-01T00:00:00Z", 1), ("2021-07-17T00:00:00Z", 0)])
def test_a_node_where_nothing_happened_yet_gets_the_header_first(node, tmp_path, time, loaded):
    node.shown["node"] = {"logs": [{"time": None}, {"time": time}]}
    node.answers["LoadDivisions"] = accepts(node, "registry.divisions.loaded.v1")
    run(node, "story", "play", story_file(tmp_path, step("s-1")))
    assert [call.name for call in node.calls].count("LoadDivisions") == loaded


def test_asking_for_a_step_that_does_not_exist_is_said(node, tmp_path):
    assert run(node, "story", "play", story_file(tmp_path, step("s-1")), "--only", "x-9").exit_code == 2


def test_loading_names_what_has_no_command(node, tmp_path):
    node.answers["LoadDivisions"] = accepts(node, "registry.divisions.loaded.v1")
    result = run(node, "story", "load", story_file(tmp_path))
    assert result.exit_code == 0, result.output
    assert "AdoptRulePack" in result.output and "1 no command yet, 1 accepted, 1 by token" in result.output


def test_importing_a_folder_prints_a_summary(node, tmp_path):
    (tmp_path / "a.xml").write_text("<alert/>")
    result = run(node, "import", "cap", str(tmp_path))
    assert result.exit_code == 0 and "accepted" in result.output
    assert node.calls[0].token == "keys/CLI.IMPORT"


def test_importing_ends_with_1_when_a_request_failed(node, tmp_path):
    (tmp_path / "a.xml").write_text("<alert/>")
    node.answers["ImportAlert"] = lambda call: (401, {"code": "no_token", "cure": "sign in"})
    result = run(node, "import", "cap", str(tmp_path))
    assert result.exit_code == 1 and "a.xml" in result.output and "sign in" in result.output


def test_watching_prints_one_line_per_event(node):
    node.append("alerts.alert.drafted.v1", "alerts.alert.approved.v1")
    result = run(node, "watch", "--division", "150722", "--count", "2")
    assert result.exit_code == 0 and [line.split("  ")[2] for line in result.output.splitlines()] == [e["type"] for e in node.feed]


def test_no_node_is_one_clear_line(tmp_path):
    class Nowhere:
        url = "http://127.0.0.1:1"

    result = run(Nowhere, "watch")
    assert result.exit_code == 2 and "no answer from http://127.0.0.1:1" in result.stderr
