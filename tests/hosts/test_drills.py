"""`ortoo drill`: a realm of its own, from which nothing gets out and into which nobody comes without its key."""

from __future__ import annotations

import json
import os
import shutil
import stat
from contextlib import closing
from datetime import datetime

import psycopg
import pytest

from shared.blobs.store import Blobs, digest
from shared.eventlog.chain import verbatim
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.sqlite import SqliteLog
from shared.sql.postgres import Schema
from shared.sql.sqlite import File
from shared.testing.facts import all_of
from shared.web.principals import Principals
from tests.alerts.channels.sinks import mail_sink, web_sink
from tests.hosts.drilling import Drill, events, own_warning
from tests.support import DUTY, OFFICER, Post, cap, commanded, problem, started
from tests.waiting import until

Z_OFF = Post("Z.OFF", "EMD.officer", "150783")
STOCK = "a drill cannot use real stock"


@pytest.fixture(scope="module")
def sinks():
    with mail_sink() as mail, web_sink() as web:
        yield mail, web


@pytest.fixture(scope="module")
def smtp(sinks):
    told = {"HOST": "127.0.0.1", "PORT": str(sinks[0].port), "FROM": "w@example.org", "SECURITY": "none"}
    return {f"ORTOO_SMTP_{name}": value for name, value in told.items()} | {"ORTOO_PUBLIC_URL": "http://127.0.0.1:1"}


@pytest.fixture(scope="module")
def real(tmp_path_factory, sinks, smtp):
    """A real node with a recipient of each channel that leaves it, a warning of its own and one of another."""
    with started(tmp_path_factory.mktemp("real") / "data", **smtp) as node:
        for recipient, address in (("TOWN.MAIL", {"mail": "town@example.org"}), ("TOWN.HOOK", {"webhook": sinks[1].url})):
            assert node.post(f"/api/alerts/contacts/{recipient}", OFFICER, address).status_code == 201
        recipients = [{"actor": f"TOWN.{who}", "channel": how} for who, how in (("MAIL", "mail"), ("HOOK", "webhook"), ("LINK", "link"))]
        assert node.post("/api/alerts/recipients/150722", OFFICER, {"recipients": recipients}).status_code == 201
        node.published()
        assert node.take(cap("EX-1")).status_code == 201
        until(lambda: sinks[0].got and sinks[1].got)
        yield node


@pytest.fixture(scope="module")
def drill(real, smtp):
    """The drill DR-1 that goes on from the real log, started beside it with the same mail server in its environment."""
    made = commanded(real.folder, "drill", "make", "DR-1", "--from-log")
    assert made.returncode == 0, made.stderr
    with started(real.folder, "serve", "DR-1", "--port", "0", command="drill", **smtp) as node:
        drilled = Drill(node.process, real.folder / "drills" / "DR-1", node._said, node._logged)
        yield drilled
        drilled.http.close()


def test_a_drill_is_a_folder_of_its_own_that_only_its_owner_reads(real, drill):
    below = {path.name for path in drill.folder.iterdir()}
    assert {"drill.json", "logs", "read", "keys", "blobs.db", "contacts.db", "node.lock"} <= below
    assert stat.S_IMODE(drill.folder.stat().st_mode) == stat.S_IMODE(drill.folder.parent.stat().st_mode) == 0o700
    assert {path.stem for path in (drill.folder / "logs").glob("*.db")} >= {"DR-1.150000.alerts", "DR-1.150000.registry"}
    assert (drill.folder / "keys" / "node.pem").read_bytes() != (real.folder / "keys" / "node.pem").read_bytes()
    assert any(b"town@example.org" in path.read_bytes() for path in real.folder.glob("contacts.db*"))
    assert not any(b"town@example.org" in path.read_bytes() for path in drill.folder.rglob("*") if path.is_file())
    assert commanded(drill.folder, "log", "verify").returncode == 0
    assert commanded(drill.folder, "lag").returncode == 0


def test_it_begins_with_what_really_happened(real, drill):
    mark = json.loads((drill.folder / "drill.json").read_text())
    of = mark["logs"]["DR-1.150000.alerts"]
    copied, first = events(drill.folder)[: of["position"]], events(real.folder)[: of["position"]]
    assert (of["log"], of["chain"]) == ("150000.alerts", first[-1]["chain"])
    assert [event["data"] for event in copied] == [event["data"] for event in first]
    assert [event["origin"] for event in copied] == [event["id"] for event in first]
    assert drill.get(f"/api/alerts/alerts/{own_warning(real)}", DUTY).json()["state"] == "published"
    assert drill.get("/api/alerts/alerts/EX-1/raw", DUTY).content == cap("EX-1").encode(), "what events name came along"


def test_everything_in_it_says_exercise_whoever_signs(drill):
    alert = drill.published()
    until(lambda: drill.get(f"/api/alerts/alerts/{alert}/cap").status_code == 200)
    for name in ("alerts", "registry"):
        assert events(drill.folder, name) and all(event["exercise"] for event in events(drill.folder, name))
    assert {"SYS.POLICY", "B.MET2"} <= {event["actor"] for event in events(drill.folder) if alert in event["streamid"]}
    assert drill.get("/pages.json").json()["realm"] == "DR-1"


def test_the_real_log_knows_nothing_of_it(real, drill):
    before = [log["chain"] for log in real.get("/api/node", DUTY).json()["logs"]]
    drill.published()
    assert [log["chain"] for log in real.get("/api/node", DUTY).json()["logs"]] == before
    assert not any("exercise" in event for event in events(real.folder))


def test_a_drill_with_a_mail_server_sends_nothing(drill, sinks):
    for recipient, address in (("TOWN.MAIL", {"mail": "player@example.org"}), ("TOWN.HOOK", {"webhook": sinks[1].url})):
        assert drill.post(f"/api/alerts/contacts/{recipient}", OFFICER, address).status_code == 201
    before = len(sinks[0].got), len(sinks[1].got)
    alert = drill.published()

    def acks():
        rows = drill.get(f"/api/alerts/alerts/{alert}/acks", DUTY).json().get("recipients", [])
        return {row["recipient"]: row for row in rows if row["state"] == "failed"}

    until(lambda: len(acks()) == 2)
    told = [event["data"] for event in events(drill.folder) if event["type"] == "alerts.alert.disseminated.v1"]
    assert {fact["detail"] for fact in told if fact["alert"] == alert and fact["state"] == "failed"} == {"a drill sends nothing out"}
    assert (len(sinks[0].got), len(sinks[1].got)) == before
    problem(drill.post(f"/api/alerts/alerts/{alert}/recipients/TOWN.LINK/link", OFFICER), 403, "not_allowed", "exercise.isolation")


def test_cap_from_a_drill_is_an_exercise_also_of_what_was_real(real, drill):
    own = drill.published()
    until(lambda: drill.get(f"/api/alerts/alerts/{own}/cap").status_code == 200)
    for alert, who in ((own, None), (own_warning(real), None), ("EX-1", DUTY)):
        body = drill.get(f"/api/alerts/alerts/{alert}/cap", who).text
        assert "<status>Exercise</status>" in body and "<note>演练 EXERCISE DR-1" in body, alert
    assert "<status>Actual</status>" in real.get(f"/api/alerts/alerts/{own_warning(real)}/cap").text
    feed = drill.get("/api/alerts/feed.atom").text
    assert "Exercise</status>" in feed and "Actual</status>" not in feed and "演练 EXERCISE DR-1】" in feed
    shown = drill.get("/api/alerts/alerts.geojson").json()["features"]
    assert {feature["properties"]["status"] for feature in shown} == {"Exercise"}
    printed = drill.get(f"/api/alerts/alerts/{own}/printout", DUTY)
    assert "演练 EXERCISE DR-1" in printed.text


def test_a_principal_of_a_drill_is_refused_by_the_real_node_and_the_other_way_round(real, drill):
    ask = "/api/node"
    own, foreign = drill.signed(Z_OFF), real.signed(Z_OFF)
    said = problem(real.http.get(ask, headers=own), 403, "not_allowed", "exercise.isolation")
    assert STOCK in said["cure"]
    said = problem(drill.http.get(ask, headers=foreign), 403, "not_allowed", "exercise.isolation")
    assert "DR-1" in said["cure"]
    named = Post("Z.OFF", "EMD.officer", "150783", "DR-1")  # as the story's player asks it: signed by the real key
    assert STOCK in problem(real.get(ask, named), 403, "not_allowed", "exercise.isolation")["cure"]
    assert drill.http.get(ask, headers=own).status_code == real.http.get(ask, headers=foreign).status_code == 200
    cosigned = {"Ortoo-Cosigner": own["Authorization"]}
    start = real.post("/api/alerts/drills/DR-X/start", Z_OFF, {"division": "150783", "exercise": True}, **cosigned)
    problem(start, 403, "not_allowed", "exercise.isolation")


def test_the_realm_is_looked_at_also_when_the_key_is_the_same(real, drill, tmp_path):
    copied = shutil.copytree(drill.folder / "keys", tmp_path / "keys")
    stolen = Principals(copied / "node.pem")  # the drill's key, taken for that of a real node
    of_real, of_drill = stolen.mint("Z.OFF", ("EMD.officer",), "150783"), stolen.mint("Z.OFF", ("EMD.officer",), "150783", realm="DR-1")
    problem(drill.http.get("/api/node", headers={"Authorization": f"Bearer {of_real}"}), 403, "not_allowed", "exercise.isolation")
    assert drill.http.get("/api/node", headers={"Authorization": f"Bearer {of_drill}"}).status_code == 200
    problem(real.http.get("/api/node", headers={"Authorization": f"Bearer {of_real}"}), 401, "unauthenticated")
    problem(real.http.get("/api/node", headers={"Authorization": f"Bearer {of_drill}"}), 403, "not_allowed", "exercise.isolation")


def test_tokens_come_from_the_key_of_the_realm(real, drill):
    said = ("token", "--actor", "Z.OFF", "--role", "EMD.officer", "--division", "150783")
    for made in (commanded(real.folder, *said, "--realm", "DR-1"), commanded(drill.folder, *said)):
        assert drill.http.get("/api/node", headers={"Authorization": f"Bearer {made.stdout.strip()}"}).status_code == 200
    other = commanded(drill.folder, *said, "--realm", "real")
    assert (other.returncode, other.stdout) == (1, "") and "signs for DR-1 only" in other.stderr


def test_sessions_of_both_live_side_by_side_in_one_browser(drill):
    link = drill.said[drill.said.index("http") :].split()[0]
    answer = drill.http.get(link)
    assert answer.status_code == 303 and answer.headers["set-cookie"].startswith("ortoo_session_DR-1=")


def test_its_events_are_of_no_use_to_the_real_log(real, drill, tmp_path):
    folder = tmp_path / "restored"
    (folder / "logs").mkdir(parents=True)
    of = SqliteLog(folder / "logs" / "150000.alerts.db", "150000.alerts")
    of.close()
    for name in ("DR-1.150000.alerts.db",):
        done = commanded(folder, "log", "heal", "alerts", "--from", str(drill.folder / "logs" / name))
        assert done.returncode == 1
    assert SqliteLog(folder / "logs" / "150000.alerts.db", "150000.alerts").head().position == 0
    done = commanded(drill.folder, "log", "copy", "--to", "postgresql://nobody@127.0.0.1:1")
    assert done.returncode == 1 and "a drill's" in done.stderr


def test_a_drill_that_runs_is_neither_dropped_nor_started_twice(real, drill):
    done = commanded(real.folder, "drill", "drop", "DR-1", "--yes")
    assert done.returncode == 1 and "runs: stop it first" in done.stderr and drill.folder.exists()
    again = commanded(real.folder, "drill", "serve", "DR-1", "--port", "0")
    assert again.returncode == 1 and "runs: stop it first" in again.stderr
    assert commanded(real.folder, "drill", "list").stdout.startswith("DR-1  runs  made ")


def test_master_data_alone_begins_an_empty_duty_room(real, smtp):
    made = commanded(real.folder, "drill", "make", "DR-2")
    assert made.returncode == 0 and "its master data" in made.stdout, made.stderr
    folder = real.folder / "drills" / "DR-2"
    with started(folder, **smtp) as node:  # whatever starts a node in a drill's folder, starts the drill
        assert node.get("/pages.json").json()["realm"] == "DR-2"
    assert {event["type"] for event in events(folder)} == {"alerts.recipients.set.v1"}
    assert commanded(real.folder, "drill", "drop", "DR-2", "--yes").returncode == 0 and not folder.exists()


def test_a_past_moment_is_gone_on_from(real):
    moment = events(real.folder)[2]
    assert commanded(real.folder, "drill", "make", "DR-3", "--from-log", "--at", "alerts:3").returncode == 0
    with started(folder := real.folder / "drills" / "DR-3") as node:
        gone_on = datetime.fromisoformat(node.get("/pages.json").json()["clock"]["now"]) - datetime.fromisoformat(moment["time"])
        assert 0 <= gone_on.total_seconds() < 600, "the clock goes on from there"
    begun = json.loads((folder / "drill.json").read_text())
    assert begun["begins"] == moment["time"] and begun["logs"]["DR-3.150000.alerts"]["position"] >= 3


def test_beside_a_cluster_it_begins_with_what_the_databases_hold(real, postgres_server, tmp_path):
    prefix = f"t{os.urandom(5).hex()}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as db:
        for service in ("registry", "alerts"):
            db.execute(f"CREATE DATABASE {prefix}_{service}")
            dsn, name = f"{postgres_server}/{prefix}_{service}", f"150000.{service}"
            here = SqliteLog(real.folder / "logs" / f"{name}.db", name, read_only=True)
            with closing(here), closing(PostgresLog(dsn, name)) as there, there.pen() as pen:
                pen.append([verbatim(recorded) for recorded in all_of(here)], time=here.head().time)
        with closing(Blobs(Schema(dsn, "blobs"))) as blobs:
            blobs.put_many({digest(cap("EX-1").encode()): cap("EX-1").encode()})
        settings = {"ORTOO_POSTGRES": postgres_server, "ORTOO_DATABASE": prefix, "ORTOO_KAFKA": "127.0.0.1:1"}
        done = commanded(tmp_path, "drill", "make", "DR-1", "--from-log", **settings)
        assert done.returncode == 0, done.stderr
        folder = tmp_path / "drills" / "DR-1"
        whole = events(real.folder)
        assert [event["origin"] for event in events(folder)] == [event["id"] for event in whole[: len(events(folder))]]
        with closing(Blobs(File(folder / "blobs.db"))) as kept:
            assert kept.get(digest(cap("EX-1").encode())) == cap("EX-1").encode()
        assert commanded(folder, "log", "verify", **settings).stdout.count("DR-1.150000.") == 2, "a drill's folder is never the cluster"
        for service in ("registry", "alerts"):
            db.execute(f"DROP DATABASE {prefix}_{service} WITH (FORCE)")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("make", "DR-1"), "there is a drill DR-1 already"),
        (("make", "../DR"), "no name of a drill"),
        (("make", "real"), "no name of a drill"),
        (("make", "DR-9", "--at", "alerts:3"), "give both"),
        (("make", "DR-9", "--from-log", "--at", "alerts:999999"), "has no position"),
        (("make", "DR-9", "--from-log", "--at", "alerts:0"), "has no position"),
        (("make", "DR-9", "--from-log", "--at", "yesterday"), "neither a moment"),
        (("make", "DR-9", "--from-log", "--at", "2190-01-01"), "not past yet"),
        (("serve", "DR-9"), "there is no drill DR-9"),
        (("drop", "DR-9"), "there is no drill DR-9"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(real, drill, words, why):
    done = commanded(real.folder, "drill", *words)
    assert done.returncode == 1 and why in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert not (real.folder / "drills" / "DR-9").exists() and not list((real.folder / "drills").glob(".DR-9*"))


def test_a_drill_of_a_drill_is_not_made(drill):
    done = commanded(drill.folder, "drill", "make", "DR-9")
    assert done.returncode == 1 and "itself the folder of a drill" in done.stderr


def test_a_drop_asks_first(real, drill):
    assert commanded(real.folder, "drill", "make", "DR-4").returncode == 0
    assert commanded(real.folder, "drill", "drop", "DR-4").returncode == 1
    assert (real.folder / "drills" / "DR-4").exists()


def test_a_drill_is_decided_about_at_the_real_node_and_seen_by_its_chain_alone(real):
    def ask(drill, step, **body):
        done = real.post(f"/api/alerts/drills/{drill}/{step}", Z_OFF, body)
        assert done.status_code == 201, done.text
        return done

    whole = dict.fromkeys(("execution", "workability", "coordination", "people", "gear", "improvement"), "good")
    assert ask("DR-1", "start", exercise=True, division="150783").json()["events"] == ["alerts.drill.started.v1"]
    ask("DR-1", "injects", inject="IN-1", text="the dam leaks", to=["Z.DUTY"])
    ask("DR-1", "findings", finding="F-1", text="no siren", owner="Z.OFF", due="2056-01-01T00:00:00+08:00")
    ask("DR-1", "end")
    lacking = real.post("/api/alerts/drills/DR-1/evaluation", Z_OFF, {"assessment": {"gear": "good"}})
    assert len(problem(lacking, 422, "rule_broken", "drill.evaluation")["failures"]) == 5
    shown = real.settle(ask("DR-1", "evaluation", assessment=whole).headers["ortoo-position"], "/api/alerts/drills/DR-1", Z_OFF).json()
    assert (shown["state"], shown["open_findings"], shown["assessment"], shown["injects"][0]["to"]) == ("evaluated", 1, whole, ["Z.DUTY"])
    assert shown["next_due"] and shown["positions"]
    ask("DR-2", "start", exercise=True, division="150783", previous="DR-1")
    ask("DR-2", "end")
    ask("DR-2", "evaluation", assessment=whole)
    until(lambda: real.get("/api/alerts/drills/DR-1", Z_OFF).json()["next_due"] is None)
    listed = real.get("/api/alerts/drills", Z_OFF, limit=1).json()
    assert [row["drill"] for row in listed["items"]] == ["DR-1"] and listed["next"]
    assert [row["drill"] for row in real.get("/api/alerts/drills", Z_OFF, before=listed["next"]).json()["items"]] == ["DR-2"]
    problem(real.get("/api/alerts/drills/DR-1", Post("A.OFF", "EMD.officer", "150721")), 404, "not_found")
    problem(real.post("/api/alerts/drills/DR-X/start", DUTY, {"exercise": True, "division": "150783"}), 403, "not_allowed")
