"""How we speak to Kafka: bounded waits, and its errors in our words."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from kafka.admin import KafkaAdminClient
from kafka.errors import (
    AuthorizationError,
    InvalidRecordError,
    InvalidTimestampError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    UnknownTopicOrPartitionError,
    for_code,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket

from shared.kafka.ports import BrokerAway, TopicFault, TopicMissing
from shared.sql.ports import StorageFailed

C = TypeVar("C")
REQUEST_MS = 4_000  # a broker that does not answer one request in this time is away
DIRECT = "direct"
WAITS: dict[str, Any] = {"request_timeout_ms": REQUEST_MS, "bootstrap_timeout_ms": REQUEST_MS, "reconnect_backoff_max_ms": 1_000}


async def _connect(self: Any, net: Any, sock: socket.socket, *at: Any, **until: Any) -> Any:
    """As its clients do, but closing what did not connect: left to the collector of garbage, that piles up while a broker is away."""
    try:
        return await KafkaNetSocket.sock_connect(self, net, sock, *at, **until)
    except BaseException:
        sock.close()
        raise


type("Direct", (KafkaNetSocket,), {"SCHEMES": (DIRECT,), "sock_connect": _connect})  # found by its scheme, as if it were a proxy


def demand() -> None:
    """Refuse to start without what makes the client fast enough: checksums in pure Python hold it to 2 MB/s."""
    try:
        import crc32c  # noqa: F401
    except ImportError:
        raise TopicFault("the package crc32c is missing: install the wheel with what it requires, `pip install ortoo`") from None
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what it finds is raised, and told once by us


def connected(make: Callable[..., C], bootstrap: str, **settings: object) -> C:
    """A client of kafka-python's. BrokerAway; a client that cannot reach its broker would leave sockets and a thread behind."""
    _reach(bootstrap)
    begun: list[KafkaNetClient] = []

    def begin(**configs: object) -> KafkaNetClient:
        begun.append(KafkaNetClient(**configs))
        return begun[-1]

    try:
        return make(bootstrap_servers=bootstrap, kafka_client=begin, proxy_url=f"{DIRECT}://", **WAITS, **settings)
    except BaseException:
        for client in begun:
            client.close()
        raise


def _reach(bootstrap: str) -> None:
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        with suppress(OSError, ValueError), socket.create_connection((host.strip("[]"), int(port)), REQUEST_MS / 1000):
            return
    raise BrokerAway(f"nobody listens at {bootstrap}: see whether Kafka runs there and ORTOO_KAFKA names it")


@contextmanager
def spoken(bootstrap: str, topic: str) -> Iterator[None]:
    """Kafka's errors as BrokerAway or TopicFault."""
    try:
        yield
    except UnknownTopicOrPartitionError as error:
        raise TopicFault(str(missing(topic))) from error  # of one broker, which may not have heard of it yet
    except AuthorizationError as error:
        raise denied(topic) from error
    except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
        raise TopicFault(
            f"topic {topic}: the broker finds an event too large: set max.message.bytes as shared/kafka/topics.toml says"
        ) from error
    except (InvalidTimestampError, InvalidRecordError) as error:  # of one record, of several: nothing else of ours can be invalid
        raise TopicFault(
            f"topic {topic}: the broker refuses the time of a record: set the clocks of this machine and the broker's by NTP, and "
            f"message.timestamp.before.max.ms and message.timestamp.after.max.ms as shared/kafka/topics.toml says"
        ) from error
    except KafkaTimeoutError as error:
        raise BrokerAway(f"Kafka at {bootstrap} does not answer: see whether it runs and ORTOO_KAFKA names it") from error
    except (KafkaError, OSError) as error:
        raise BrokerAway(f"Kafka at {bootstrap}: {type(error).__name__}") from error


def missing(topic: str) -> TopicFault:
    return TopicMissing(f"there is no topic {topic}: `ortoo cluster topics` makes it")


def unknown(bootstrap: str, topic: str) -> StorageFailed:
    """Why a client knows no partition of a topic. TopicMissing only when the broker itself says that it is not there."""
    admin = connected(KafkaAdminClient, bootstrap)
    try:
        (told,) = admin.describe_topics([topic])
    finally:
        admin.close()
    refused = for_code(told["error_code"])
    if refused is UnknownTopicOrPartitionError:
        return missing(topic)
    if issubclass(refused, AuthorizationError):
        return denied(topic)
    return BrokerAway(f"Kafka at {bootstrap} does not say where the topic {topic} lies")


def denied(topic: str) -> TopicFault:
    return TopicFault(f"topic {topic}: the broker does not allow it: grant its ACLs, see infra/")
