"""The broker of infra/docker-compose.yml with the door of infra/centres.yml, on this machine: two feeds, and a centre that may read one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.kafka.topics import Topics
from tests.infra.compose import services
from tools import acls
from tools.compose import INFRA, Places, read
from tools.programs import java
from tools.services import component

OVERRIDE = read({"CENTRES_HOST": "kafka"}, INFRA / "centres.yml")
CENTRE, FEED, OTHER, WORD = "centre-150724", "150000.to.150724", "150000.to.150725", "long-and-secret"
PROGRAMS = {
    "kafka-acls.sh": "org.apache.kafka.tools.AclCommand",
    "kafka-configs.sh": "kafka.admin.ConfigCommand",
    "kafka-console-consumer.sh": "org.apache.kafka.tools.consumer.ConsoleConsumer",
}


@dataclass(frozen=True, slots=True)
class Door:
    """Where the broker is reached: by our own processes and the administrator, and by centres, with what they trust."""

    inside: str
    centres: str
    ca: Path
    path: str  # with Kafka's programs on it

    @property
    def access(self) -> dict[str, Any]:
        """How a centre comes, as kafka-python wants it."""
        who = {"sasl_mechanism": "SCRAM-SHA-512", "sasl_plain_username": CENTRE, "sasl_plain_password": WORD}
        return {"bootstrap_servers": self.centres, "security_protocol": "SASL_SSL", "ssl_cafile": str(self.ca), **who}

    def run(self, script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """A shell script with Kafka's programs at hand."""
        env = {**os.environ, "PATH": self.path, **more}
        command = ["bash", "-euo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=100, check=False)


@contextmanager
def door(folder: Path, *topics: str) -> Iterator[Door]:
    """Started, with the feeds and these topics, the centre's password, and infra/acls.sh run on it."""
    (folder / "secrets").mkdir()
    key, signed = certificate()
    (folder / "secrets/centres").write_bytes(key + signed)
    (folder / "ca.pem").write_bytes(signed)
    kafka, added = services()["kafka"], OVERRIDE["services"]["kafka"]
    places = Places(folder, services())
    merged = {**kafka, "environment": {**kafka["environment"], **added["environment"]}, "secrets": added["secrets"]}
    server = component("kafka", merged, places, folder / "kafka")
    server.start()
    try:
        inside = f"127.0.0.1:{server.port}"
        made = Door(inside, f"127.0.0.1:{places.port('kafka', 9094)}", folder / "ca.pem", programs(folder / "bin"))
        Topics(inside).make([FEED, OTHER, *topics])
        user = f"--entity-type users --entity-name {CENTRE} --add-config 'SCRAM-SHA-512=[password={WORD}]'"
        script = f"kafka-configs.sh --bootstrap-server {inside} --alter {user}; sh {acls.SCRIPT}"
        done = made.run(script, folder, KAFKA_ACLS=f"kafka-acls.sh --bootstrap-server {inside}")
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        server.kill()


def programs(folder: Path) -> str:
    """A PATH with Kafka's programs and ours."""
    folder.mkdir()
    for name, main in PROGRAMS.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {" ".join(map(repr, java(main)))} "$@"\n')
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def certificate() -> tuple[bytes, bytes]:
    """A key, and a certificate for this machine that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    signed = made.sign(key, SHA256()).public_bytes(Encoding.PEM)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), signed
