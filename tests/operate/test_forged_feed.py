"""A forged record that the filter received and gave: said once, dropped from the inbox, found in the feed, which is made anew."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace

import pytest

from shared.eventlog.chain import seal_all
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.handling.audiences import Audience
from shared.handling.feeding import Filter
from shared.handling.importer import Importer
from shared.kafka.topic import KafkaTopic
from shared.kernel.errors import LogFork
from shared.testing.facts import all_of
from tests.feeds.world import CENTRE, TREE, add, check, new, run_dry
from tests.handling.desk import dry
from tests.kafka.topics import put as put_on_topic
from tests.operate.site import LOG, Site, found_after

pytestmark = pytest.mark.cluster

RECEIVERS = ("front", "filter")


def received(site: Site, owner: str) -> None:
    with closing(Importer(KafkaTopic(site.bootstrap, LOG), PostgresInbox(site.dsn(owner), LOG))) as importer:
        dry(importer.step)


def gives(site: Site, audience: Audience) -> PostgresLog:
    """As a filter that has just been started; what it gave is on its topic."""
    inbox = PostgresInbox(site.dsn("filter"), LOG)
    feed = PostgresLog(site.dsn("filter"), audience.log("150000"))
    site.opened += [inbox, feed]
    run_dry(Filter(audience, [inbox], feed, lambda: TREE))
    site.relay(feed)
    return feed


def findings(site: Site, code: str) -> list[str]:
    return [line for line in site.ortoo("doctor", code=1).splitlines() if line.startswith(f"{code}  ")]


@pytest.fixture
def audience(site):
    """One whose topic nobody else has."""
    made = replace(CENTRE, id=os.urandom(4).hex())
    site.topics.make([made.log("150000")])
    yield made
    site.empty_topic(made.log("150000"), again=False)


def test_what_a_feed_gave_of_a_forged_record_is_found_said_and_made_anew(site, audience):
    name = audience.log("150000")
    alerts = site.log()
    add(alerts, "alert-1", "alert.published", count=2)
    site.relay(alerts)
    lie = new(LOG, "alert-1", 3, "alerts.alert.ended.v1", said="it is over")
    put_on_topic(site.bootstrap, LOG, seal_all(alerts.head(), [lie])[0].cloud_event())
    for owner in RECEIVERS:
        received(site, owner)
    gives(site, audience)
    [older] = findings(site, "log.older")
    assert f"log.older  {LOG}: the inbox of front goes to 3, the inbox of filter goes to 3, further than the log" in older

    add(alerts, "alert-1", "alert.published")
    add(alerts, "alert-2", "alert.published")
    site.empty_topic(again=True)
    site.relay(alerts)
    for owner in RECEIVERS:
        with pytest.raises(LogFork, match="position 3 is another event here"):
            received(site, owner)
    [stands] = [line for line in findings(site, "inbox.fault") if "is another event here" in line]
    assert stands.startswith(f"inbox.fault  {LOG} in front, filter: offset 2 of the topic {LOG}: position 3 is another event here; ")

    site.close()
    assert "there is nothing to drop" in site.ortoo("feed", "drop", audience.id, "--yes", code=1), "nobody knows yet"
    said = site.ortoo("inbox", "drop", "filter", LOG, "--yes")
    words = f"{name}: its event of position 3, alerts.alert.ended.v1, "
    assert f"feed.forged  {words}" in said and f"was given as {LOG}:3, and {LOG} does not hold it" in said
    [finding] = findings(site, "feed.forged")
    assert finding.startswith(f"feed.forged  {words}")
    site.ortoo("inbox", "drop", "front", LOG, "--yes")

    for owner in RECEIVERS:
        received(site, owner)
    with pytest.raises(LogFork, match=r"forged, or restored; the feed log is made anew: docs/operate\.md#feedforged"):
        gives(site, audience)

    drop = ("feed", "drop", audience.id)
    assert "stop the filter and its importer first" in site.ortoo(*drop, "--yes", code=1)
    site.close()
    assert f"the topic {name} holds it still" in site.ortoo(*drop, "--yes", code=1)
    site.empty_topic(name, again=True)
    assert f"{name} holds 3 events, and its event of position 3" in site.ortoo(*drop, code=1)
    assert f"{name} is gone" in site.ortoo(*drop, "--yes")
    assert f"there is no feed log {name} here" in site.ortoo(*drop, "--yes", code=1)

    feed, alerts = gives(site, audience), site.log()
    check(feed, [alerts])
    assert [(one.stream, one.version) for one in all_of(feed)] == [("alert-1", 1), ("alert-1", 2), ("alert-1", 3), ("alert-2", 1)]
    assert not {"feed.forged", "log.older", "inbox.fault"} & found_after(site)


def test_a_filters_inbox_of_which_no_feed_gave_anything_forged_marks_no_feed(site, audience):
    alerts = site.log()
    add(alerts, "alert-1", "alert.published", count=2)
    site.relay(alerts)
    lie = new(LOG, "alert-9", 1, "alerts.alert.drafted.v1", division="A1")
    put_on_topic(site.bootstrap, LOG, seal_all(alerts.head(), [lie])[0].cloud_event())
    received(site, "filter")
    gives(site, audience)
    site.empty_topic(again=True)
    site.relay(alerts)
    site.close()
    assert "feed.forged" not in site.ortoo("inbox", "drop", "filter", LOG, "--yes")
    alerts = site.log()
    add(alerts, "alert-1", "alert.published")
    site.relay(alerts)
    received(site, "filter")
    feed = gives(site, audience)
    assert [one.version for one in feed.stream("alert-1")] == [1, 2, 3]
    check(feed, [alerts])
    assert "feed.forged" not in found_after(site)
