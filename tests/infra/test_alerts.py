"""Prometheus asks every process, its rules name numbers that exist, and every alert has a page that says what cures it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import typer

from services.cli import app
from services.start.feeding import audiences
from services.wiring import SERVICES
from shared.kafka.ports import BrokerAway, TopicFault, in_words
from shared.runtime.kinds import Kind
from shared.runtime.node_api import kind_of
from shared.sql.ports import LogBusy, NotReadable, StorageFailed
from shared.vault.root import RootRefused
from tests.architecture.house import ROOT, sources
from tests.infra.compose import staying, strictly
from tools.compose import INFRA

CONFIG = strictly((INFRA / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
[GROUP] = strictly((INFRA / "prometheus/alerts.yml").read_text(encoding="utf-8"))["groups"]
RULES = {rule["alert"]: rule for rule in GROUP["rules"]}
EVERY = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
PAGES = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))
MEASURED = set(re.findall(r'Sample\(\s*"(ortoo_\w+)"', "".join(path.read_text() for path in sources("services", "shared"))))


def test_every_process_that_stays_is_asked():
    [job] = CONFIG["scrape_configs"]
    [targets] = job["static_configs"]
    assert job["job_name"] == "ortoo"
    assert set(targets["targets"]) == {f"{name}:{s['environment']['ORTOO_PORT']}" for name, s in staying().items()}
    assert CONFIG["rule_files"] == ["alerts.yml"]


@EVERY
def test_a_rule_names_numbers_that_are_measured(rule):
    named = set(re.findall(r"\b(ortoo_\w+)", rule["expr"]))
    assert named <= MEASURED and (named or rule["expr"].startswith("up{"))


def test_every_service_and_every_audience_has_somebody_whose_turn_is_watched():
    told = " ".join(RULES["OrtooNobodysTurn"]["expr"].split()).split(" or ")
    services = [
        f'(absent(ortoo_relay_lag{{log=~".+[.]{service.name}"}}) unless on() ortoo_fault{{engine="{service.name}.relay"}})'
        for service in SERVICES
    ]
    feeds = [
        f'(absent(ortoo_{what}_lag{{log=~".+[.]to[.]{audience.id}"}}) '
        f'unless on() ortoo_fault{{engine=~"filter[.]{audience.id}-(filter|relay)"}})'
        for audience in audiences(INFRA / "audiences.toml")
        for what in ("relay", "feed")
    ]
    assert sorted(told) == sorted([*services, *feeds])


def test_the_first_request_that_fails_by_a_bug_is_an_increase():
    labels = (("status", "500"), ("code", "bug"))
    process = "import msgspec; from shared.web.problems import answered; print(msgspec.json.encode(list(answered.items())).decode())"
    fresh = subprocess.run([sys.executable, "-c", process], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert fresh.strip() == '[[[500,"bug"],0]]', "told as 0 before it happens"
    assert f'{labels[0][0]}="{labels[0][1]}"' in RULES["OrtooBug"]["expr"]


@EVERY
def test_a_rule_is_whole(rule):
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"\d+[sm]", rule.get("for", "0s"))
    assert rule["labels"]["severity"] in {"page", "look"}
    chinese, _, english = rule["annotations"]["summary"].partition(" / ")
    assert re.search(r"[一-鿿]", chinese) and english and not re.search(r"[一-鿿]", english)


@EVERY
def test_an_alert_has_a_page_that_says_what_it_means_how_to_look_and_what_cures_it(rule):
    path, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert path == "docs/runbook.md" and anchor == rule["alert"].lower()
    page = PAGES[rule["alert"]]
    assert re.findall(r"^\*\*(\w+)\.\*\* \S", page, re.MULTILINE) == ["Means", "Look", "Cure"]


def test_the_runbook_has_no_page_for_an_alert_that_nobody_raises():
    assert set(PAGES) == set(RULES)


def test_the_commands_of_the_runbook_are_ours():
    named = re.findall(r"`ortoo ([a-z]+(?: [a-z]+)?)", RUNBOOK)
    assert named
    for words in named:
        command = typer.main.get_command(app)
        for word in words.split():
            groups = getattr(command, "commands", None)
            if groups is None:
                break  # an argument
            assert word in groups, f"ortoo {words}"
            command = groups[word]


def test_the_runbook_explains_every_kind_of_fault_and_no_other():
    known = {BrokerAway, TopicFault, LogBusy, StorageFailed, NotReadable, RootRefused}
    words = {kind_of(in_words(error("x"))) for error in known}
    assert {Kind.AWAY, Kind.TOPIC} <= words, "the two that have words of their own"
    chain = {"fork", "gap", "unreadable"}
    [alert] = {kinds for kinds in re.findall(r'kind=~"([^"]+)"', str(RULES))}
    assert set(alert.split("|")) == chain | {"LogFork", "LogGap", "Unreadable"}
    assert all(f"`{kind}`" in PAGES["OrtooChainFault"] for kind in chain)
    rows = re.findall(r"^\| (`.*?) \|", PAGES["OrtooEngineInTrouble"], re.MULTILINE)
    told = {kind for row in rows for kind in re.findall(r"`([^`]+)`", row)} - {"bug ..."}
    assert told == (set(Kind) | words) - chain
