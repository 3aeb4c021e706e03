"""A feed log that cannot be written to, such as one put back from a backup, holds up its own audience and no other."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from services.registry.directory import Directory
from services.registry.provinces import province
from services.wiring import SERVICES
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.kafka.ports import BrokerAway
from shared.rules.loading import load_packs
from shared.runtime.clock import RealClock
from shared.runtime.filtering import Fed, Filtering
from shared.runtime.kinds import Kind
from shared.runtime.node_api import samples
from shared.web.permissions import Permissions
from shared.web.principals import Principals
from tests.architecture.house import ROOT
from tests.feeds.world import CENTRE, FEED

WHY = "restored from a backup: heal it"


def away(*_: object) -> list[str]:
    raise BrokerAway("no broker here")


@pytest.fixture
def opens() -> dict[str, bool]:
    """Whether the first audience's log can be opened."""
    return {FEED: False}


@pytest.fixture
def filtering(pg, tmp_path, opens):
    own = province("150000")
    clock = RealClock(own.zone)
    directory = Directory(own.root, load_packs(*sorted((ROOT / "services").glob("*/rules"))), Permissions([]), lambda: clock.now().date())
    inboxes = {service.name: PostgresInbox(pg, f"150000.{service.name}") for service in SERVICES}
    audiences = [replace(CENTRE, logs=("alerts",)), replace(CENTRE, id="A")]

    def open_log(name: str) -> PostgresLog:
        if not opens.get(name, True):
            raise ValueError(WHY)
        return PostgresLog(pg, name)

    principals = Principals(tmp_path / "node.pem", level_of=directory.level)
    made = Filtering(SERVICES, own.root, directory, clock, principals, inboxes, pg, audiences, open_log, away, away)
    with closing(made):
        yield made


def test_one_audience_waits_for_a_person_and_the_other_is_served(filtering, opens):
    refused, served = filtering.fed
    assert not any([refused.give(), refused.relay(), served.give()])
    assert refused.lacks == f"{Kind.CLOSED}: {WHY}" and "division" in str(served.lacks)
    assert [log["name"] for log in filtering.logs()] == ["150000.to.A"]
    opens[FEED] = True
    refused.give()
    assert "division" in str(refused.lacks)


def test_how_far_a_feed_is_behind_each_of_its_sources_is_measured(filtering, monkeypatch):
    monkeypatch.setattr(Fed, "read", lambda fed: {"150000.alerts": 30} if fed.name == FEED else {})
    monkeypatch.setattr(filtering, "heads", lambda: {"150000.alerts": 37, "150000.registry": 1})
    lags = [sample for sample in samples(filtering) if sample.name == "ortoo_feed_lag"]
    assert [(dict(lag.labels), lag.value) for lag in lags] == [({"log": FEED, "source": "150000.alerts"}, 7)]
