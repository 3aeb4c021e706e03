"""infra/centres.yml: a broker with a door for command centres, which takes nobody without a password and gives nobody another's feed."""

from __future__ import annotations

import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from shared.kafka.topics import Topics
from tests.infra.compose import WHOLE, services
from tools.compose import INFRA, Places, read
from tools.programs import java
from tools.services import component

pytestmark = pytest.mark.cluster

OVERRIDE = read({"CENTRES_HOST": "kafka"}, INFRA / "centres.yml")
FEED, OTHER, CENTRE, WORD = "150000.to.150724", "150000.to.150725", "centre-150724", "long-and-secret"


def test_it_adds_to_the_broker_and_takes_nothing_away():
    assert set(OVERRIDE) == {"services", "secrets"} and set(OVERRIDE["services"]) == {"kafka"}
    kafka, added = WHOLE["services"]["kafka"], OVERRIDE["services"]["kafka"]
    assert set(added) == {"environment", "ports", "networks", "secrets"}
    for name in ("KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS"):
        assert added["environment"][name].startswith(kafka["environment"][name] + ",CENTRES://")
    assert set(added["networks"]) <= set(WHOLE["networks"]) and set(added["secrets"]) == set(OVERRIDE["secrets"])


def certificate() -> bytes:
    """A key, and a certificate for this machine that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    signed = made.sign(key, SHA256()).public_bytes(Encoding.PEM)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """The broker of both files, two feeds with an event each, and what a client needs to read them."""
    folder = tmp_path_factory.mktemp("centres")
    (folder / "secrets").mkdir()
    pem = folder / "secrets/centres"
    pem.write_bytes(certificate())
    kafka, added = services()["kafka"], OVERRIDE["services"]["kafka"]
    places = Places(folder, services())
    merged = {**kafka, "environment": {**kafka["environment"], **added["environment"]}, "secrets": added["secrets"]}
    server = component("kafka", merged, places, folder / "kafka")
    server.start()
    try:
        inside = f"127.0.0.1:{server.port}"
        Topics(inside).make([FEED, OTHER])
        producer = KafkaProducer(bootstrap_servers=inside)
        for topic in (FEED, OTHER):
            producer.send(topic, b"{}").get(10)
        producer.close()
        admin("kafka.admin.ConfigCommand", inside, "--alter", "--add-config", f"SCRAM-SHA-512=[password={WORD}]",
              "--entity-type", "users", "--entity-name", CENTRE)  # fmt: skip
        admin("org.apache.kafka.tools.AclCommand", inside, "--add", "--allow-principal", f"User:{CENTRE}",
              "--operation", "Read", "--operation", "Describe", "--topic", FEED)  # fmt: skip
        yield {
            "bootstrap_servers": f"127.0.0.1:{places.port('kafka', 9094)}",
            "security_protocol": "SASL_SSL",
            "ssl_cafile": str(pem),
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": CENTRE,
            "sasl_plain_password": WORD,
        }
    finally:
        server.kill()


def admin(program: str, server: str, *arguments: str) -> None:
    done = subprocess.run([*java(program), "--bootstrap-server", server, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_centre_reads_its_own_feed_and_does_not_even_see_another(broker):
    with closing(KafkaConsumer(**broker, auto_offset_reset="earliest", consumer_timeout_ms=20_000)) as consumer:
        assert consumer.topics() == {FEED}
        consumer.assign([TopicPartition(FEED, 0)])
        assert next(consumer).value == b"{}"


@pytest.mark.parametrize(
    "wrong",
    [{"sasl_plain_password": "guessed"}, {"security_protocol": "SASL_PLAINTEXT"}, {"security_protocol": "PLAINTEXT"}, {"ssl_cafile": None}],
    ids=["another password", "not encrypted", "nobody", "a certificate nobody vouches for"],
)
def test_nobody_else_is_let_in(broker, wrong):
    with pytest.raises(KafkaError):
        KafkaConsumer(**{**broker, **wrong}, bootstrap_timeout_ms=3_000)
