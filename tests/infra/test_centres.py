"""infra/centres.yml: a broker with a door for command centres, which takes nobody without a password and gives nobody another's feed."""

from __future__ import annotations

from contextlib import closing

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from tests.infra.centres import FEED, OTHER, OVERRIDE, door
from tests.infra.compose import WHOLE

pytestmark = pytest.mark.cluster


def test_it_adds_to_the_broker_and_takes_nothing_away():
    assert set(OVERRIDE) == {"services", "networks", "secrets"} and set(OVERRIDE["services"]) == {"kafka"}
    kafka, added = WHOLE["services"]["kafka"], OVERRIDE["services"]["kafka"]
    assert set(added) == {"environment", "ports", "networks", "secrets"}
    for name in ("KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS"):
        assert added["environment"][name].startswith(kafka["environment"][name] + ",CENTRES://")
    assert set(added["secrets"]) == set(OVERRIDE["secrets"])


def test_who_is_not_one_of_us_has_no_network_with_the_broker():
    """The listener without a password is on every network of the broker, and who comes over it may do everything."""
    kafka = {*WHOLE["services"]["kafka"]["networks"], *OVERRIDE["services"]["kafka"]["networks"]}
    assert kafka == {"inside", "centres"} and OVERRIDE["networks"] == {"centres": {}}
    beside = {name for name, service in WHOLE["services"].items() if kafka & set(service["networks"])}
    assert "nginx" not in beside and "centres" not in WHOLE["networks"], "nobody else is on it"


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """Two feeds with an event each, and what a client needs to read them."""
    with door(tmp_path_factory.mktemp("centres")) as made:
        producer = KafkaProducer(bootstrap_servers=made.inside)
        for topic in (FEED, OTHER):
            producer.send(topic, b"{}").get(10)
        producer.close()
        yield made.access


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
