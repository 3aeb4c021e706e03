from itertools import islice

import pytest

from services.client.openapi import Api
from services.client.session import Refused
from services.client.watch import follow, line

FILTERS = {"division": "150722", "type": None}


def test_a_stream_that_breaks_is_resumed_behind_the_last_event(node):
    node.append(*["alerts.alert.drafted.v1"] * 5)
    pauses = []
    with Api.connect(node.url) as api:
        events = follow(api, FILTERS, "t", broken=lambda why, pause_s: pauses.append(pause_s), sleep=lambda _: None)
        assert [event["position"] for event in islice(events, 5)] == [1, 2, 3, 4, 5]  # the node cuts after two
    assert [asked.get("last-event-id") for asked in node.asked] == [None, "a2", "a4"]
    assert node.asked[0]["division"] == "150722" and node.asked[0]["authorization"] == "Bearer t"
    assert pauses == [0.5, 0.5]  # what worked before is tried again at once


def test_a_node_that_is_away_is_asked_ever_more_slowly(node):
    class Enough(Exception):
        pass

    pauses: list[float] = []

    def sleep(seconds):
        pauses.append(seconds)
        if len(pauses) == 6:
            raise Enough

    with Api.connect(node.url) as api, pytest.raises(Enough):
        api.http.base_url = "http://127.0.0.1:1"
        next(follow(api, {}, sleep=sleep))
    assert pauses == [0.5, 1, 2, 5, 10, 10]


def test_what_happens_while_a_quiet_stream_is_broken_is_not_missed(node):
    node.append("alerts.alert.drafted.v1", "alerts.alert.approved.v1", "alerts.alert.published.v1")
    with Api.connect(node.url) as api:  # the stream begins at a2 and breaks before anything happened
        event = next(follow(api, {}, since="a2", sleep=lambda _: None))
        assert event["position"] == 3
        node.cut_after, node.feed = 0, []
        breaks = iter(range(2))

        def grow(_):
            if next(breaks, None) is None:
                node.cut_after = 2
                node.append("alerts.alert.drafted.v1")

        assert next(follow(api, {}, sleep=grow))["position"] == 1
    assert node.asked[-1]["last-event-id"] == "a0"  # the id that came alone was kept


def test_a_filter_the_stream_does_not_know_is_said(node):
    with Api.connect(node.url) as api, pytest.raises(Exception, match="no place for incident"):
        next(follow(api, {"incident": "INC-1"}))


def test_a_refusal_ends_the_watch(node):
    with Api.connect(node.url) as api:
        api.http.base_url = node.url + "/nowhere"
        with pytest.raises(Refused, match="404"):
            next(follow(api, {}))


def test_a_line_says_when_where_what_and_who(node):
    node.append("alerts.alert.drafted.v1", actor="B.MET1")
    parts = ("2021-07-18T02:20:00+08:00", "150000.alerts:1", "alerts.alert.drafted.v1", "alert-AL-1", "150722", "B.MET1")
    assert line(node.feed[0]) == "  ".join(parts)
