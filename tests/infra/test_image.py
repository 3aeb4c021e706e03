"""The Dockerfile: nothing to build with in what serves, not root, and only what it needs is sent to the builder."""

from __future__ import annotations

import json
import re

from tests.architecture.house import ROOT
from tests.infra.compose import WHOLE, ours

LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
STEPS = [line.split(" ", 1) for line in LINES if line and not line.startswith("#")]
STARTS = [n for n, (word, _) in enumerate(STEPS) if word == "FROM"]
BUILD, SERVE, OPERATE, DEFAULT = ([*map(tuple, STEPS[start:end])] for start, end in zip(STARTS, [*STARTS[1:], None], strict=True))


def test_all_stages_are_of_one_pinned_image_and_the_serving_one_is_the_default():
    base = re.match(r"python:3\.11\.\d+-slim-\w+", BUILD[0][1])
    assert base and SERVE[0] == ("FROM", f"{base[0]} AS serve")
    assert OPERATE[0] == ("FROM", "serve AS operate") and [*DEFAULT] == [("FROM", "serve")]
    assert {service["build"]["target"] for service in ours().values()} == {"serve", "operate"}


def test_the_product_is_installed_as_a_wheel_with_the_tested_versions():
    built = " ".join(rest for word, rest in BUILD if word == "RUN")
    assert "pip wheel" in built and "--constraint constraints.txt" in built and "--only-binary :all:" in built


def test_what_serves_has_nothing_to_build_with_and_is_not_root():
    copied = [rest for word, rest in SERVE if word == "COPY"]
    assert copied == ["--from=build /opt/ortoo /opt/ortoo"]
    run = " ".join(rest for word, rest in SERVE if word == "RUN")
    assert "pip uninstall" in run and not re.search(r"gcc|build-essential|-dev\b", run)
    assert re.findall(r"apt-get install \S+ \S+ ([^&]+?) &&", run) == ["fonts-noto-cjk"]  # what papers are set in
    words = [word for word, _ in SERVE]
    assert [rest for word, rest in OPERATE if word == "USER"][-1] == "ortoo"
    assert ("USER", "ortoo") in SERVE and words.index("USER") < words.index("ENTRYPOINT")
    assert ("ENTRYPOINT", '["ortoo"]') in SERVE


def test_image_and_compose_ask_for_health_alike():
    [health] = [rest for word, rest in SERVE if word == "HEALTHCHECK"]
    options, _, command = health.partition(" CMD ")
    declared = WHOLE["services"]["registry"]["healthcheck"]
    assert ["CMD", *json.loads(command)] == declared["test"]
    assert dict(re.findall(r"--([a-z-]+)=(\w+)", options)) == {
        name.replace("_", "-"): str(value) for name, value in declared.items() if name != "test"
    }


def test_the_builder_is_sent_what_it_copies_and_nothing_else():
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {path for word, rest in STEPS if word == "COPY" and not rest.startswith("--from") for path in rest.split()[:-1]}
    assert copied == sent and all((ROOT / path).exists() for path in sent)
    assert "*" in (ROOT / ".dockerignore").read_text().split()
