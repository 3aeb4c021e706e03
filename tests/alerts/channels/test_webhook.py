"""Webhooks: signed so that the other end can be sure, sent to the one address that was set, and nowhere else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.alerts.channels.contacts import Contact, Contacts
from services.alerts.channels.keys import ChannelKeys
from services.alerts.channels.webhook import Webhook
from services.alerts.events.reach import Delivery
from services.alerts.formats.read import read_messages
from shared.sql.sqlite import File
from tests.alerts.channels.office import BULLETIN, LETTER
from tests.alerts.channels.sinks import web_sink
from tests.alerts.world import IDENTIFIER, NOW


@pytest.fixture
def sink():
    with web_sink() as running:
        yield running


@pytest.fixture
def keys(tmp_path):
    return ChannelKeys(tmp_path / "keys")


@pytest.fixture
def hook(tmp_path, keys):
    """To the address, with the secret; the second is what the other end was told."""

    def to(url, trust=None):
        contacts = Contacts(File(tmp_path / "contacts.db"))
        contacts.keep(Contact("T.XW", "150722", webhook=url), "B.OFF", NOW)
        return Webhook(contacts, keys, lambda: NOW, trust), keys.new_webhook("T.XW")

    return to


def test_the_other_end_can_check_who_sent_what_and_when(sink, hook):
    webhook, told = hook(sink.url)
    assert webhook.deliver(LETTER, BULLETIN).state is Delivery.DELIVERED
    [(headers, body)] = sink.got
    secret = base64.b64decode(told.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert int(headers["webhook-timestamp"]) == int(NOW.timestamp())
    assert "authorization" not in headers and "cookie" not in headers


def test_what_is_posted_is_a_cloud_event_holding_the_cap(sink, hook):
    hook(sink.url)[0].deliver(LETTER, BULLETIN)
    [(headers, body)] = sink.got
    event = json.loads(body)
    assert headers["content-type"] == "application/cloudevents+json"
    assert (event["specversion"], event["id"], event["subject"]) == ("1.0", LETTER.event, "T.XW")
    assert event["source"] == "urn:ortoo:150000.alerts" and headers["webhook-id"] == LETTER.event
    [message] = read_messages(event["data"]["cap"].encode(), None).items
    assert message.alert.identifier == IDENTIFIER and not message.faults


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, Delivery.DELIVERED),
        (302, Delivery.FAILED),
        (404, Delivery.FAILED),
        (410, Delivery.FAILED),
        (429, Delivery.QUEUED),
        (500, Delivery.QUEUED),
        (503, Delivery.QUEUED),
    ],
)
def test_an_answer_counts_for_what_it_says(sink, hook, status, state):
    sink.status = status
    outcome = hook(sink.url)[0].deliver(LETTER, BULLETIN)
    assert outcome.state is state
    assert len(sink.got) == 1, "no redirect is followed"
    assert state is Delivery.DELIVERED or outcome.detail == f"webhook answered {status}"


def test_nobody_there_is_tried_again_and_the_address_is_not_told(hook):
    with web_sink() as gone:
        url = gone.url
    outcome = hook(url)[0].deliver(LETTER, BULLETIN)
    assert (outcome.state, outcome.detail) == (Delivery.QUEUED, "webhook not reached (ConnectError)")


def test_without_address_or_secret_nothing_is_sent(sink, hook, keys):
    webhook, _ = hook(sink.url)
    keys.forget_webhook("T.XW")
    outcome = webhook.deliver(LETTER, BULLETIN)
    assert outcome.state is Delivery.FAILED and "SetContact" in outcome.detail
    assert sink.got == []


def test_a_new_secret_voids_the_old(sink, hook, keys):
    webhook, old = hook(sink.url)
    new = keys.new_webhook("T.XW")
    webhook.deliver(LETTER, BULLETIN)
    [(headers, body)] = sink.got
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body

    def checks(told):
        mac = hmac.digest(base64.b64decode(told.removeprefix("whsec_")), content, hashlib.sha256)
        return headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"

    assert checks(new) and not checks(old)


def test_a_server_that_cannot_prove_its_name_gets_nothing(hook, tmp_path):
    pem = tmp_path / "own.pem"
    pem.write_bytes(certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with web_sink(context) as sink:
        assert hook(sink.url)[0].deliver(LETTER, BULLETIN).state is Delivery.QUEUED
        assert sink.got == []
        trusted = ssl.create_default_context(cafile=str(pem))
        assert hook(sink.url, trusted)[0].deliver(LETTER, BULLETIN).state is Delivery.DELIVERED


def certificate() -> bytes:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
