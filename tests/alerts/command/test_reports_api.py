"""Reports at the edge: anybody may report, the words stay out of the log, what came back is a number; and the tree as others see it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from services.alerts.api import reports
from services.alerts.api.intake import place_of
from shared.geo.divisions import Divisions
from shared.geo.units import Unit
from shared.kernel.errors import Behind, Failure
from shared.sql.ports import NotReadable
from shared.web.limiting import ADDRESSES, Buckets
from tests.support import Post, problem, started
from tests.waiting import until

DUTY, CITY, REGION = Post("B.DUTY", "EMD.duty"), Post("C.DUTY", "EMD.duty", "150700"), Post("R.DUTY", "EMD.duty", "150000")
NEIGHBOUR, TOWN, VOLUNTEER = Post("A.DUTY", "EMD.duty", "150721"), Post("T.XW", "L4.office", "150722106"), Post("V-1", "VOL")
FORM = {"place": "莫力达瓦达斡尔族自治旗", "text": "water over the road, call 13912345678"}


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with started(tmp_path_factory.mktemp("reports") / "data", "--story-clock") as running:
        running.post("/api/alerts/reports", None, FORM, Ortoo_At="2021-07-18T13:50:00+08:00")
        yield running


def send(node, path, who, body, at):
    return node.post(f"/api/alerts{path}", who, body, Ortoo_At=f"2021-07-{at}:00+08:00")


def words(node, report, who=DUTY):
    """What a finder wrote, read as what is held of a person: noted first, given once."""
    body = {"subject": report, "purpose": "report.words"}

    def read():
        told = node.post("/api/privacy/readings", who, body)
        return told if told.status_code == 201 else None

    return json.loads(until(read).json()["words"])


def first(node, report, at="18T14:05", **said):
    body = {
        "kind": "FIRST",
        "to": "150700",
        "known_at": "2021-07-18T13:50:00+08:00",
        "type": "NAT.DAM",
        "figures": {"dead": 0, "missing": 0},
    }
    return send(node, f"/reports/{report}/hops", DUTY, body | said, at)


def test_anybody_reports_without_a_token_and_gets_a_number(node):
    made = node.post("/api/alerts/reports", None, FORM)
    assert made.status_code == 201, made.text
    number = made.json()["report"]
    assert number.startswith("P-") and len(number) == 16
    receipt = node.settle(made.headers["Ortoo-Position"], f"/api/alerts/receipts/{number}", None)
    assert {name: receipt.json()[name] for name in ("report", "status")} == {"report": number, "status": "being_verified"}
    assert set(receipt.json()) == {"report", "status", "received", "positions"}
    problem(node.get("/api/alerts/receipts/P-AAAA-AAAA-AAAA"), 404, "not_found", "reference")
    problem(node.post("/api/alerts/reports", None, FORM | {"report": "RP-99"}), 400, "malformed", "schema")


def test_the_words_are_kept_as_written_and_are_in_no_event(node):
    made = node.post("/api/alerts/reports", None, FORM).json()
    assert words(node, made["report"]) == {"place": FORM["place"], "text": FORM["text"], "type": None}
    said = problem(node.get(f"/api/alerts/reports/{made['report']}/text", DUTY), 422, "rule_broken", "ERL-84")
    assert "ReadPersonalData" in said["cure"]
    asked = {"subject": made["report"], "purpose": "report.words"}
    problem(node.post("/api/privacy/readings", NEIGHBOUR, asked), 403, "not_allowed", "ERL-84")
    problem(node.get(f"/api/alerts/reports/{made['report']}/text", VOLUNTEER), 403, "not_allowed", "PIPL-5")
    problem(node.get(f"/api/alerts/reports/{made['report']}/text", NEIGHBOUR), 404, "not_found", "reference")
    raw = node.get("/api/events", REGION, limit=500).text
    assert "alerts.report.received.v1" in raw
    assert "13912345678" not in raw and "water over the road" not in raw


def test_the_same_key_again_is_the_same_report(node):
    once, again = (node.post("/api/alerts/reports", None, FORM, Idempotency_Key="page-1") for _ in range(2))
    assert (once.status_code, again.status_code) == (201, 200)
    assert once.json()["report"] == again.json()["report"]


def test_a_place_nobody_knows_is_looked_at_by_the_region(node):
    made = node.post("/api/alerts/reports", DUTY, FORM | {"place": "behind the old mill", "report": "RP-M"}).json()
    assert made["flags"] == ["Q-TRIAGE"]
    waiting = node.settle(f"150000.alerts:{made['position']}", "/api/alerts/triage", CITY).json()["items"]
    assert any(item["triage"] == "public.150722.any.20210718T0500" for item in waiting)


def test_a_report_goes_up_and_everybody_in_its_chain_sees_the_tree(node):
    numbers = {"dead": 0, "missing": 0, "evacuated": None, "loss_yuan": {"value": 12.5, "unit": "10000 yuan", "source": "grid 4"}}
    made = first(node, "RP-1", figures=numbers, blocks={"place": "below the dam"}, grade="LARGER")
    assert (made.status_code, made.json()["flags"], made.json()["missing"]) == (201, ["A-INCOMPLETE"], ["evacuated"])
    send(node, "/reports/RP-1/acknowledgement", CITY, {"hop": 1}, "18T14:12")
    onward = {"kind": "FIRST", "hop": 2, "to": "150000", "known_at": "2021-07-18T14:05:00+08:00"}
    assert send(node, "/reports/RP-1/hops", CITY, onward, "18T14:40").json()["flags"] == []
    second = {
        "kind": "FOLLOW",
        "to": "150700",
        "supersedes": "RP-1",
        "figures": {"dead": 0, "dams_failed": 2},
        "unknown": {"evacuated": "counted"},
    }
    last = send(node, "/reports/RP-2/hops", DUTY, second, "18T16:10")
    assert last.status_code == 201, last.text
    tree = node.http.get("/api/alerts/reports/RP-2/tree", headers=node.signed(REGION, Ortoo_At="2021-07-18T16:11:00+08:00")).json()
    assert [(each["report"], each["superseded_by"]) for each in tree["versions"]] == [("RP-1", "RP-2"), ("RP-2", None)]
    hops = tree["versions"][0]["hops"]
    assert [(hop["to"], hop["minutes_used"], hop["acknowledged_by"]) for hop in hops] == [("150700", 15, "C.DUTY"), ("150000", 35, None)]
    assert {metric: (one["value"], one["report"]) for metric, one in tree["standing"].items()} == {
        "dead": (0, "RP-2"),
        "missing": (0, "RP-1"),
        "loss_yuan": (12.5, "RP-1"),
        "dams_failed": (2, "RP-2"),
    }
    words = node.get("/api/alerts/reports/RP-1/text", REGION).json()
    assert words["blocks"] == {"place": "below the dam"}
    problem(node.get("/api/alerts/reports/RP-1/tree", NEIGHBOUR), 404, "not_found", "reference")
    problem(node.get("/api/alerts/reports/RP-1/tree"), 401, "unauthenticated")


def test_what_is_overdue_is_seen_by_the_level_above(node):
    first(node, "RP-5", "18T17:00", known_at="2021-07-18T16:50:00+08:00")
    node.get("/api/alerts/reports", CITY)
    moved = node.http.get("/api/alerts/reports", params={"overdue": True}, headers=node.signed(CITY, Ortoo_At="2021-07-19T09:00:00+08:00"))
    late = {item["report"]: item for item in moved.json()["items"]}
    assert [(clock["rule"], clock["overdue"]) for clock in late["RP-5"]["clocks"]] == [("K-17", True)]
    assert "RP-1" not in late  # superseded in time
    assert node.get("/api/alerts/reports", NEIGHBOUR, overdue=True).json()["items"] == []
    tree = node.get("/api/alerts/reports/RP-5/tree", CITY).json()
    assert [(one["report"], one["rule"]) for one in tree["overdue"]] == [("RP-5", "K-17")]
    assert "chase-RP-5.K-17" in node.get("/api/events", CITY, type="alerts.task.assigned", limit=500).text


def test_nothing_is_backdated_and_who_may_not_does_not(node):
    first(node, "RP-7", "19T10:00")
    body = {"set": {"submitted_at": "2021-07-20T08:59:00+08:00"}}
    said = problem(send(node, "/reports/RP-7/correction", DUTY, body, "19T10:01"), 403, "not_allowed", "ERL-61.2")
    assert said["cure"] == "lateness is computed; a report is never backdated"
    problem(send(node, "/reports/RP-7/correction", VOLUNTEER, body, "19T10:01"), 403, "not_allowed", "ERL-61.2")
    problem(send(node, "/reports/RP-7/correction", NEIGHBOUR, body, "19T10:01"), 403, "not_allowed", "ERL-61.2")
    done = send(node, "/reports/RP-7/correction", DUTY, {"set": {"dead": 1}, "reason": "one was found"}, "19T10:02")
    shown = node.settle(done.headers["Ortoo-Position"], "/api/alerts/reports/RP-7", DUTY).json()
    told = shown["corrections"][0]
    assert (told["reason"], told["figures"][0]["before"]["value"], told["figures"][0]["after"]["value"]) == ("one was found", 0, 1)


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "RUMOUR"},
        {"figures": {"dead": -1}},
        {"figures": {"dead": "many"}},
        {"figures": {"Dead!": 1}},
        {"hop": 0},
        {"known_at": "2021-07-18T13:50:00"},
        {"submitted_at": "2021-07-18T13:50:00+08:00"},
        {"line": []},
    ],
)
def test_a_malformed_report_is_told_so_at_once(node, said):
    problem(first(node, "RP-8", "19T10:05", **said), 400, "malformed", "schema")


def test_reasons_with_personal_values_are_covered_and_never_refused(node):
    made = first(node, "RP-9", "19T10:10", figures={"dead": 0, "missing": None}, unknown={"missing": "ask 13912345678"})
    assert made.status_code == 201
    shown = node.settle(made.headers["Ortoo-Position"], "/api/alerts/reports/RP-9", DUTY).json()
    assert [one["reason"] for one in shown["figures"] if one["metric"] == "missing"] == ["ask •••"]


def test_strangers_with_the_same_key_and_other_words_are_two_reports(node):
    one, other = (node.post("/api/alerts/reports", None, FORM | {"text": text}, Idempotency_Key="1") for text in ("a", "b"))
    assert (one.status_code, other.status_code) == (201, 201)
    assert one.json()["report"] != other.json()["report"]


def test_a_number_nobody_can_read_refuses_no_report(node):
    made = node.post("/api/alerts/reports", DUTY, FORM | {"subject": "张三", "report": "RP-S"})
    assert made.status_code == 201, made.text
    assert words(node, "RP-S")["subject"] == "张三"


def test_a_receipt_says_what_was_found_of_that_report(node):
    hail, matter = FORM | {"type": "NAT.HAIL"}, "public.150722.NAT.HAIL.20210719T0200"
    found = ({"finding": "confirmed"}, {"finding": "refuted", "reason": "a hoax"})
    for n, said in enumerate(found):
        assert send(node, "/reports", DUTY, hail | {"report": f"RP-R{n}"}, f"19T10:1{2 * n}").status_code == 201
        done = send(node, f"/triage/{matter}/resolution", DUTY, said, f"19T10:1{2 * n + 1}")  # the clock moves once the policies ran
        assert done.status_code == 201, done.text
    seen = [node.settle(done.headers["Ortoo-Position"], f"/api/alerts/receipts/RP-R{n}", DUTY).json()["status"] for n in (0, 1)]
    assert seen == ["confirmed", "refuted"]


def test_who_sends_too_often_without_a_token_is_told_when_to_come_back(node):
    answers = [node.post("/api/alerts/reports", None, FORM) for _ in range(12)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    said = json.loads(refused.content)
    assert (said["code"], said["rule"]) == ("too_many", "report.intake_rate")
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 7
    assert node.post("/api/alerts/reports", TOWN, FORM).status_code == 201  # who signs is not counted


def test_a_bucket_refills_with_time_and_each_line_has_its_own():
    buckets = Buckets()
    assert [buckets.wait_s("1.2.3.4", 2, 6, 0.0) for _ in range(3)] == [0, 0, 10]
    assert buckets.wait_s("1.2.3.5", 2, 6, 0.0) == 0
    assert [buckets.wait_s("1.2.3.4", 2, 6, now) for now in (9.0, 10.1)] == [1, 0]
    assert [buckets.wait_s("1.2.3.4", 2, 6, 1000.0) for _ in range(3)] == [0, 0, 10]  # never more than the burst
    home = ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
    assert [buckets.wait_s(address, 1, 6, 0.0) > 0 for address in home] == [False, True, False]
    assert [buckets.wait_s("", 1, 6, 0.0) > 0 for _ in range(2)] == [False, True]


def test_the_memory_of_addresses_has_an_end():
    buckets = Buckets()
    for n in range(ADDRESSES + 1):
        buckets.wait_s(f"host-{n}", 1, 6, 0.0)
    assert buckets.wait_s("host-0", 1, 6, 0.0) == 0  # the longest silent was forgotten
    assert buckets.wait_s(f"host-{ADDRESSES}", 1, 6, 0.0) > 0


def test_a_place_is_understood_by_its_code_or_a_name_of_its_own():
    tree = Divisions([Unit("1", "区", "Region", 1), Unit("12", "镇", "Town", 4, "1"), Unit("13", "镇", "Twin", 4, "1")])
    assert [place_of(said, tree) for said in ("12", " region ", "TOWN", "镇", "mill", "")] == ["12", "1", "12", None, None, None]


def test_a_place_is_found_in_free_words_by_the_longest_name_that_one_division_has():
    units = (Unit("1", "莫旗", "Morin", 3), Unit("12", "尼尔基镇", "Nirji", 4, "1"), Unit("13", "西瓦镇", "Xi", 4, "1"))
    tree = Divisions([*units, Unit("14", "团结村", "Unity", 5, "12"), Unit("15", "团结村", "Unity", 5, "13")])
    said = {"莫旗尼尔基镇大桥边": "12", "near NIRJI, by the mill": "12", "莫旗 河边": "1"}
    said |= dict.fromkeys(("Nirjiville", "团结村着火", "河边"))
    assert {words: place_of(words, tree) for words in said} == said
    assert place_of("x" * 501 + "尼尔基镇", tree) is None


def test_unlocated_reports_wait_each_for_themselves_and_one_senders_repeats_together(node):
    waiting = []
    for by, words in ((TOWN, "fire in a barn"), (TOWN, "fire in a barn"), (TOWN, "fire in a mill"), (DUTY, "fire in a barn")):
        sent = node.post("/api/alerts/reports", by, {"text": words, "type": "ACC.FIRE"})
        waiting.append(sent.json()["cluster"])
    assert waiting[0] == waiting[1] and len(set(waiting)) == 3
    assert not any("barn" in cluster for cluster in waiting)


def test_a_first_report_that_nobody_made_is_overdue_for_the_level_above(node):
    made = node.post("/api/alerts/incidents", NEIGHBOUR, {"incident": "INC-OWED", "type": "NAT.FLOOD", "division": "150721"})
    assert made.status_code == 201, made.text
    asked = "/api/alerts/reports?overdue=true&incident=INC-OWED"
    assert node.settle(made.headers["Ortoo-Position"], asked, CITY).json()["owed"] == []
    later = datetime.fromisoformat(node.get("/api/alerts/incidents/INC-OWED", NEIGHBOUR).json()["known_at"])
    at = (later + timedelta(hours=3)).isoformat()
    (owed,) = node.http.get(asked, headers=node.signed(CITY, Ortoo_At=at)).json()["owed"]
    assert (owed["incident"], owed["division"], owed["rule"]) == ("INC-OWED", "150721", "K-16")
    assert datetime.fromisoformat(owed["due_at"]) == later + timedelta(hours=2)
    theirs = node.get("/api/alerts/reports", DUTY, overdue="true", incident="INC-OWED").json()
    assert theirs.get("owed") == [], theirs
    assert "owed" not in node.get("/api/alerts/reports", CITY).json()


def test_the_only_incident_is_meant_by_a_report_of_its_type_or_of_none(node):
    known = {"incident": "INC-T", "type": "NAT.DAM", "at_place": None, "division": "150722"}
    made = node.post("/api/alerts/incidents", DUTY, {name: value for name, value in known.items() if value})
    assert made.status_code == 201, made.text
    for report, type, incident in (("RT-1", "NAT.DAM", "INC-T"), ("RT-2", "ACC.MINE", None), ("RT-3", None, "INC-T")):
        sent = node.post(
            f"/api/alerts/reports/{report}/hops", DUTY, {"kind": "FIRST", "to": "150700", "type": type, "figures": {"dead": 0}}
        )
        shown = node.settle(sent.headers["Ortoo-Position"], f"/api/alerts/reports/{report}", DUTY).json()
        assert shown["incident"] == incident, report


def test_a_report_is_taken_while_nothing_can_be_shown(node, monkeypatch):
    for failure in (Behind(Failure("incident", "ask again", "incident")), NotReadable("it is being built")):

        def broken(*_, failure=failure):
            raise failure

        monkeypatch.setattr(reports, "_incident", broken)
        name = f"RB-{type(failure).__name__}"
        sent = node.post(f"/api/alerts/reports/{name}/hops", DUTY, {"kind": "FIRST", "to": "150700", "figures": {"dead": 0}})
        assert sent.status_code == 201, sent.text
