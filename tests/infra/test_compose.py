"""infra/docker-compose.yml says only what exists: commands, settings, secrets, volumes, networks; and opens one door."""

from __future__ import annotations

import os
import re
import subprocess
from itertools import chain

import pytest
import typer

from services.cli import app
from services.start.cluster import ALL, IMPORTS
from services.start.settings import Settings
from services.wiring import SERVICES, VERSION
from tests.architecture.house import ROOT, sources
from tests.infra.compose import OURS, WHOLE, ours, services, staying
from tools.compose import COMPOSE, INFRA, environment_file, read

KEYS = {
    "image", "build", "command", "environment", "secrets", "volumes", "networks", "ports", "depends_on", "healthcheck", "restart", "init",
    "profiles", "stop_signal", "stop_grace_period", "shm_size", "read_only", "tmpfs", "security_opt", "cap_drop", "deploy",
}  # fmt: skip
HEALTH = {"disable", "test", "interval", "timeout", "retries", "start_period", "start_interval"}
EVERY = pytest.mark.parametrize("name", WHOLE["services"])
OWN = pytest.mark.parametrize("name", ours())
STORING = pytest.mark.parametrize("name", [name for name, service in ours().items() if "secrets" in service])


def test_the_file_has_only_the_parts_that_compose_knows():
    assert {key for key in WHOLE if not key.startswith("x-")} == {"name", "services", "networks", "volumes", "secrets"}
    for service in WHOLE["services"].values():
        assert set(service) <= KEYS and set(service["healthcheck"]) <= HEALTH
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


def test_what_a_service_names_is_declared_and_what_is_declared_is_named():
    every = WHOLE["services"].values()
    volumes = [v.split(":")[0] for s in every for v in s.get("volumes", ()) if not v.startswith(".")]
    for kind, named in {
        "secrets": list(chain.from_iterable(s.get("secrets", ()) for s in every)),
        "networks": list(chain.from_iterable(s["networks"] for s in every)),
        "volumes": volumes,
    }.items():
        assert set(named) == set(WHOLE[kind]), kind
    assert all(needed in WHOLE["services"] for s in every for needed in s.get("depends_on", ()))


def test_files_that_are_mounted_are_there():
    mounted = [v.split(":")[0] for s in WHOLE["services"].values() for v in s.get("volumes", ()) if v.startswith(".")]
    assert mounted and all((INFRA / path).exists() for path in mounted)
    assert all(os.access(INFRA / script, os.X_OK) for script in ("postgres/init.sh", "secrets.sh")), "sourced instead of run"


def test_every_variable_has_a_value_without_any_settings():
    assert "${" not in str(read({}))
    text = COMPOSE.read_text(encoding="utf-8")
    for name in environment_file(INFRA / "three-brokers.env"):
        assert name == "COMPOSE_PROFILES" or f"${{{name}:-" in text


@EVERY
def test_images_are_pinned(name):
    image, _, tag = WHOLE["services"][name]["image"].partition(":")
    assert re.match(r"v?\d+\.\d+", tag), image
    if image.startswith(OURS):
        assert tag == VERSION


def test_the_local_broker_is_of_the_version_of_the_image():
    [version] = re.findall("<kafka.version>(.+?)<", (INFRA / "kafka/pom.xml").read_text(encoding="utf-8"))
    assert WHOLE["services"]["kafka"]["image"] == f"apache/kafka:{version}"


@OWN
def test_a_command_is_one_of_ours_with_those_arguments(name):
    command, rest = typer.main.get_command(app), list(ours()[name]["command"])
    while groups := getattr(command, "commands", None):
        assert rest[0] in groups, f"no command {rest[0]} among {sorted(groups)}"
        command = groups[rest.pop(0)]
    command.make_context(command.name, rest)  # a usage error when it does not take them


def test_every_service_of_the_product_runs_and_has_a_database_of_its_own():
    served = {service["command"][-1] for service in ours().values() if service["command"][:2] == ["cluster", "serve"]}
    assert served == {service.name for service in SERVICES}
    roles = re.findall(r"postgresql://(\w+)@", str(ours()))
    [made] = re.findall(r"^for service in (.+); do$", (INFRA / "postgres/init.sh").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(roles) == {"postgres", *(f"ortoo_{name}" for name in made.split())}


@OWN
def test_every_setting_is_one_that_the_code_reads(name):
    known = set(re.findall(r'"(ORTOO_[A-Z_]+)"', "".join(path.read_text() for path in sources("services", "shared"))))
    assert set(ours()[name]["environment"]) <= known


@STORING
def test_a_role_comes_with_its_own_password(name):
    environment, secrets = ours()[name]["environment"], ours()[name]["secrets"]
    [role] = re.findall(r"postgresql://(\w+)@", environment["ORTOO_POSTGRES"])
    assert environment["ORTOO_POSTGRES_PASSWORD_FILE"] == f"/run/secrets/{role.replace('ortoo_', 'postgres_')}"
    assert role != "postgres" or name == "operate"
    files = {value.removeprefix("/run/secrets/") for key, value in environment.items() if key.endswith("_FILE")}
    assert files == set(secrets), "a service is given what it reads and nothing else"


def test_the_key_is_there_for_who_signs_and_for_nobody_else():
    holding = {name for name, service in ours().items() if "node:/data" in service.get("volumes", ())}
    assert holding == {*ALL, "alerts2", "front", "operate"}


def test_the_audiences_are_there_for_who_serves_them_and_for_who_looks_after_them():
    given = {name for name, service in ours().items() if "ORTOO_AUDIENCES" in service["environment"]}
    mounted = {name for name, service in ours().items() if any("audiences.toml" in volume for volume in service.get("volumes", ()))}
    assert given == mounted == {"filter", "topics", "operate"}


def test_who_opens_the_door_to_others_says_by_which_address_they_come(monkeypatch):
    for listen in ("0.0.0.0:8080", "10.0.0.7:80", "8080"):
        variables = {"ORTOO_LISTEN": listen}
        for name, service in read(variables)["services"].items():
            if service["image"].startswith(OURS):
                assert service["environment"]["ORTOO_LISTEN"] == listen, name
        monkeypatch.setenv("ORTOO_LISTEN", listen)
        with pytest.raises(ValueError, match="ORTOO_PUBLIC_URL must be set"):
            Settings.from_environment()
    monkeypatch.setenv("ORTOO_PUBLIC_URL", "https://ortoo.example/")
    assert Settings.from_environment().public_url == "https://ortoo.example"


@EVERY
def test_no_secret_stands_in_an_environment(name):
    for key, value in WHOLE["services"][name].get("environment", {}).items():
        assert not re.search("PASSWORD|SECRET|TOKEN", key) or (key.endswith("_FILE") and value.startswith("/run/secrets/")), key
        assert not re.search(r"://[^/]*:[^/]*@", str(value)), key


def test_the_secrets_are_made_once_for_their_owner_and_never_shown(tmp_path):
    made = tmp_path / "secrets"
    first = {}
    for _ in range(2):
        done = subprocess.run([INFRA / "secrets.sh", made], capture_output=True, check=True)
        assert not done.stdout + done.stderr
        first = first or {path.name: path.read_bytes() for path in made.iterdir()}
    assert {path.name: path.read_bytes() for path in made.iterdir()} == first
    assert set(first) == set(WHOLE["secrets"])
    passwords = [value for name, value in first.items() if name != "smtp"]
    assert len(set(passwords)) == len(passwords) and all(len(value) == 48 for value in passwords)
    assert made.stat().st_mode & 0o777 == 0o700
    assert f"/{(INFRA / 'secrets').relative_to(ROOT)}/" in (ROOT / ".gitignore").read_text().split()


@pytest.mark.parametrize("name", ["alerts", "privacy"])
def test_who_writes_to_people_is_given_the_mail_server(name):
    service = WHOLE["services"][name]
    assert service["environment"].keys() >= {"ORTOO_SMTP_HOST", "ORTOO_SMTP_FROM", "ORTOO_SMTP_PASSWORD_FILE", "ORTOO_PUBLIC_URL"}
    assert "smtp" in service["secrets"]


def test_nginx_is_the_only_door():
    assert [name for name, service in WHOLE["services"].items() if "ports" in service] == ["nginx"]
    assert WHOLE["networks"]["inside"] == {"internal": True}
    assert [name for name, service in WHOLE["services"].items() if service["networks"] == ["outside"]] == ["nginx"]
    assert services()["nginx"]["ports"] == ["127.0.0.1:8080:8080"], "opened to others by whoever says so"


def test_what_stays_serves_one_service_each_and_alerts_twice():
    commands = [" ".join(service["command"][1:]) for service in staying().values()]
    served = [f"serve {name}" for name in (*ALL, "alerts")]
    assert sorted(commands) == sorted(["filter", "front", *served, *(f"import {name}" for name in IMPORTS)])


@EVERY
def test_a_container_is_bounded_comes_back_and_may_nothing_special(name):
    service = WHOLE["services"][name]
    once = {"topics": "on-failure", "operate": "no"}  # they do one thing, and end
    assert service["restart"] == once.get(name, "unless-stopped")
    assert service["healthcheck"] == {"disable": True} if name in once else service["healthcheck"]["test"]
    assert "no-new-privileges:true" in service["security_opt"]
    if name != "postgres":  # its entrypoint changes the owner of its folder
        assert service["cap_drop"] == ["ALL"]
    if service["image"].startswith(OURS):
        assert service["read_only"] and service["init"]


def test_three_brokers_are_one_cluster_that_loses_one_without_loss():
    every = services(**environment_file(INFRA / "three-brokers.env"))
    brokers = {name: s["environment"] for name, s in every.items() if s["image"].startswith("apache/kafka")}
    assert len(brokers) == 3
    ids = {name: env["KAFKA_NODE_ID"] for name, env in brokers.items()}
    for name, env in brokers.items():
        assert env["KAFKA_CONTROLLER_QUORUM_VOTERS"] == ",".join(f"{n}@{host}:9093" for host, n in ids.items())
        assert env["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{name}:9092"
        assert (env["KAFKA_DEFAULT_REPLICATION_FACTOR"], env["KAFKA_MIN_INSYNC_REPLICAS"]) == ("3", "2")
    assert every["registry"]["environment"]["ORTOO_KAFKA"] == ",".join(f"{name}:9092" for name in brokers)
    assert [name for name in services() if name.startswith("kafka")] == ["kafka"]
