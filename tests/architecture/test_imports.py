"""Imports look down only, and what decides is pure."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.house import ROOT, module, short, sources, tree

PURE = ("events", "deciders", "formats", "blocks", "kernel")
IMPURE_METHODS = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "token_hex", "token_urlsafe", "perf_counter"}
IMPURE_BUILTINS = {"open", "input", "print"}


def test_every_import_contract_is_kept():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--config", ROOT / "pyproject.toml", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_is_under_every_contract_of_services():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = [set(modules) for contract in contracts for modules in contract.values() if isinstance(modules, list)]
    held = [modules for modules in named if {"services.alerts", "services.registry"} <= modules]
    services = {f"services.{path.parent.name}" for path in (ROOT / "services").glob("*/service.py")}
    assert services and len(held) == 4 and all(services <= modules for modules in held)


def test_what_decides_has_no_clock_no_chance_and_no_files_inside():
    found = []
    for path in sources("services", "shared"):
        if not set(PURE) & set(module(path).split(".")[1:3]):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and (name := _impure(node.func)):
                found.append(f"{short(path)}:{node.lineno} calls {name}()")
    assert not found, "\n".join(found)


def _impure(function: ast.expr) -> str | None:
    if isinstance(function, ast.Attribute):
        return function.attr if function.attr in IMPURE_METHODS else None
    return function.id if isinstance(function, ast.Name) and function.id in IMPURE_METHODS | IMPURE_BUILTINS else None
