"""The cluster host: any number of processes decide, one at a time reads and reacts, and whatever goes away and comes back is survived."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from services.start.cluster import ALL, IMPORTS
from shared.eventlog.verify import verify
from shared.kafka.topic import KafkaTopic
from shared.kafka.topics import Topics
from tests.hosts.clustered import processes
from tests.support import DUTY, problem
from tests.waiting import until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]  # several processes start, and wait for one another

ELSEWHERE = Path(__file__).parents[1] / "registry" / "province-65"
ENGINES = {"ListParked", "ListAttempts", "ReplayParked"}  # of a service: each answers for itself
RELAY = {"alerts.relay": "broker away"}
AWAY = {f"front.{name}-topic": "broker away" for name in ALL}
"""These clusters have no broker: what would relay says so, and nothing else is wrong."""


@pytest.fixture
def cluster(postgres_server, tmp_path):
    with processes(postgres_server, tmp_path) as made:
        yield made


@pytest.fixture
def pair(cluster):
    """Two processes of alerts, to be broken."""
    return two(cluster)


@pytest.fixture(scope="module")
def steady(postgres_server, tmp_path_factory):
    """A cluster whose processes go on from test to test, and two of its processes."""
    with processes(postgres_server, tmp_path_factory.mktemp("steady")) as made:
        yield made, two(made)


def two(cluster):
    """Two processes of alerts, with the divisions of the registry."""
    cluster.start("serve", "registry").stop()
    cluster.carry("registry", "alerts")
    first, second = cluster.begin("serve", "alerts"), cluster.begin("serve", "alerts")
    return first(), second()


def shown(process, alert):
    """What a reader of alerts knows of a warning; None before it was read."""
    answer = process.get(f"/api/alerts/alerts/{alert}", DUTY)
    return answer.json() if answer.status_code == 200 else None


def checklist_opened(process, alert):
    """By a policy, once it was published."""
    found = shown(process, alert)
    return found is not None and found["checklists"]


def held_up(process):
    """By a database that is away."""
    return "StorageFailed" in process.faults().values()


def all_opened(process, alerts):
    return all(checklist_opened(process, alert) for alert in alerts)


def test_the_province_is_loaded_once_however_many_begin_at_once(cluster):
    for answers in [cluster.begin("serve", "registry") for _ in range(3)]:
        process = answers()
        assert process.get("/api/registry/divisions/150722").json()["level"] == 3
    assert cluster.log("registry").head().position == 1


def test_alerts_wait_for_the_divisions_and_go_on_by_themselves(cluster):
    alerts = cluster.start("serve", "alerts")
    assert alerts.faults()["alerts.directory"] == "waiting for registry"
    problem(alerts.draft(), 503, "not_ready", "registry")
    assert alerts.get("/health/live").status_code == 200
    cluster.start("serve", "registry").stop()
    cluster.carry("registry", "alerts")
    until(lambda: alerts.faults() == RELAY)
    assert alerts.draft().status_code == 201


def test_alerts_start_and_warn_without_the_vault_and_take_reports_once_it_is_there(cluster):
    root = cluster.folder / "root.key"
    root.write_bytes(b"no root key")
    root.chmod(0o600)
    cluster.start("serve", "registry").stop()
    cluster.carry("registry", "alerts")
    alerts = cluster.start("serve", "alerts")
    until(lambda: alerts.faults() == RELAY | {"alerts.vault": "RootRefused"})
    assert alerts.draft(cautions="call 0470-8223344").status_code == 201
    report = {"text": "Water at the school in the village"}
    problem(alerts.post("/api/alerts/reports", None, report), 503, "behind", "vault")
    root.unlink()
    until(lambda: alerts.faults() == RELAY)
    assert alerts.post("/api/alerts/reports", None, report).status_code == 201


def test_every_process_decides_and_the_log_has_one_order(steady):
    cluster, pair = steady
    before = cluster.log("alerts").head().position
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: pair[n % 2].draft(), range(60)))
    assert sorted(answer.json()["position"] for answer in answers) == list(range(before + 1, before + 61))
    verdict = verify(cluster.log("alerts"))
    assert (verdict.fault, verdict.position) == (None, before + 60)


def test_a_command_sent_again_to_another_process_gets_the_first_answer(steady):
    _, (first, second) = steady
    body = {"headers": {"Idempotency-Key": "once"}, "alert": "AL-ONCE"}
    made, again = first.draft(**body), second.draft(**body)
    assert (made.status_code, again.status_code, again.json()["outcome"]) == (201, 200, "repeated")
    assert again.json()["position"] == made.json()["position"]


def test_what_one_process_answered_the_other_shows_at_the_position_named(steady):
    _, (first, second) = steady
    for writer, reader in ((first, second), (second, first)):
        made = writer.draft()
        read = reader.settle(made.headers["ortoo-position"], f"/api/alerts/{made.json()['stream'].replace('-', 's/', 1)}", DUTY)
        assert read.status_code == 200 and read.json()["state"] == "drafted", read.text


def test_a_position_of_the_registry_is_waited_for_and_of_nobody_is_refused(steady):
    _, (alerts, _) = steady
    assert alerts.settle("150000.registry:1", "/api/alerts/alerts", DUTY).status_code == 200
    problem(alerts.read_at("150000.registry:2", "/api/alerts/alerts", DUTY), 503, "behind")
    problem(alerts.settle("150000.nobody:1", "/api/alerts/alerts", DUTY), 400, "malformed")


def test_every_process_that_cannot_reach_the_broker_says_so(steady):
    _, pair = steady
    until(lambda: [process.faults() for process in pair] == [RELAY, RELAY])


def test_when_one_is_killed_the_other_reads_and_reacts(cluster, pair):
    killed, stays = pair
    for _ in range(2):
        killed.kill()
        alert = stays.published()
        until(partial(checklist_opened, stays, alert))
        killed, stays = stays, cluster.start("serve", "alerts")


def test_who_is_frozen_loses_the_turn_and_what_follows_counts_once(cluster, pair):
    """Each of the two is frozen in its turn, whichever of them has it, and comes back while the other goes on."""
    alerts = []
    for frozen, other in (pair, pair[::-1]):
        frozen.pause()
        alerts += [other.published() for _ in range(3)]
        until(partial(all_opened, other, alerts))
        frozen.resume()
        alerts += [frozen.published() for _ in range(3)]
    until(partial(all_opened, pair[0], alerts))
    opened = [event.stream for event in cluster.log("alerts").read(0, 5000) if event.type == "alerts.checklist.opened.v1"]
    assert len(opened) == len(set(opened)) == len(alerts)
    assert verify(cluster.log("alerts")).fault is None
    until(lambda: [process.faults() for process in pair] == [RELAY, RELAY])


def test_without_a_broker_commands_go_on_and_what_waited_is_sent_when_it_is_back(postgres_server, own_broker, tmp_path):
    Topics(own_broker.bootstrap).make([f"150000.{name}" for name in ALL])
    with processes(postgres_server, tmp_path, own_broker.bootstrap) as cluster:
        cluster.start("serve", "registry")
        cluster.carry("registry", "alerts")
        alerts, front = cluster.start("serve", "alerts"), cluster.start("front")
        until(lambda: "registry-importer" in str(front.faults()))  # nobody receives what the topic has
        cluster.carry("registry", "front")
        until(lambda: alerts.faults() == front.faults() == {})
        own_broker.stop()
        assert [alerts.draft().status_code for _ in range(3)] == [201, 201, 201]
        until(lambda: alerts.faults() == RELAY and front.faults() == AWAY)
        told = cluster.ortoo("cluster", "status")
        assert told.returncode == 1 and "alerts.relay: broker away" in told.stdout, told.stdout + told.stderr
        own_broker.start()
        until(lambda: alerts.faults() == {})
        with closing(KafkaTopic(own_broker.bootstrap, "150000.alerts")) as topic:
            until(lambda: topic.bounds()[1] == 3)
        cluster.carry("alerts", "front")
        until(lambda: front.faults() == {})
        assert [event["position"] for event in front.get("/api/events", DUTY, type="alerts.alert.drafted.v1").json()] == [1, 2, 3]
        told = cluster.ortoo("cluster", "status")
        ready = re.findall(r"^(\w+) +127\.0\.0\.1:\d+ +ready$", told.stdout, re.MULTILINE)
        absent = re.findall(r"^(\w+(?: \w+)?) +does not run: ", told.stdout, re.MULTILINE)
        assert set(ready) == {"alerts", "front", "registry"}, told.stdout
        assert told.returncode == 1 and set(absent) == {"filter", *ALL, *(f"import {name}" for name in IMPORTS)} - set(ready), told.stdout
        assert re.findall(r"^150000\.to\.150724 (\w+) nobody has this turn$", told.stdout, re.MULTILINE) == ["filter", "relay"]


def test_sigterm_ends_a_process_in_order_even_while_it_waits_for_a_broker(pair):
    for process in pair:
        assert process.stop() == 0
        assert '"what":"bug"' not in process.logged


def test_after_the_database_came_back_everything_goes_on_by_itself(own_postgres, tmp_path):
    with processes(own_postgres.dsn, tmp_path) as cluster:
        registry = cluster.start("serve", "registry")
        cluster.carry("registry", "alerts")
        alerts, front = cluster.start("serve", "alerts"), cluster.start("front")
        before = alerts.published()
        until(lambda: checklist_opened(alerts, before))
        own_postgres.stop()
        problem(alerts.draft(), 503, "storage")
        assert alerts.get("/api/alerts/alerts", DUTY).status_code == 503
        for process in (registry, alerts, front):
            assert process.get("/health/live").status_code == 200
            until(partial(held_up, process))
            assert process.get("/metrics").status_code == 200
        own_postgres.start()
        cluster.carry("registry", "front")
        until(lambda: alerts.faults() == RELAY)
        after = alerts.published()
        until(lambda: checklist_opened(alerts, after))
        assert registry.get("/api/registry/divisions/150722").status_code == 200
        until(lambda: front.faults() == AWAY)


def test_a_process_that_cannot_start_says_what_would_cure_it(cluster):
    cluster.start("serve", "alerts").stop()
    for variables, words in (
        ({"ORTOO_POSTGRES": "postgresql://127.0.0.1:9"}, "PostgreSQL"),
        ({"ORTOO_POSTGRES": "nonsense"}, "ORTOO_POSTGRES"),
        ({"ORTOO_DATABASE": "nobody_made"}, "ORTOO_DATABASE"),
        ({"ORTOO_KAFKA": ""}, "ORTOO_KAFKA"),
        ({"ORTOO_PROVINCE": str(ELSEWHERE)}, "ORTOO_PROVINCE"),
    ):
        with pytest.raises(AssertionError) as failed:
            cluster.start("serve", "alerts", **variables)
        assert words in str(failed.value) and "Traceback" not in str(failed.value)


def test_the_front_describes_the_whole_origin_and_signs_in(cluster, node):
    front = cluster.start("front", "--link")
    assert front.get("/asyncapi.json").json() == node.get("/asyncapi.json").json()
    described, alone = operations(front), operations(node)
    assert {name: alone[name] for name in alone.keys() - ENGINES} == described
    [code] = re.findall(r"/enter/(\S+)", front.said)
    assert front.http.get(f"/enter/{code}").status_code == 303
    me = front.http.get("/api/me").json()
    assert (me["actor"], me["division"]) == ("DUTY.1", "150000")
    assert front.http.get(f"/enter/{code}").status_code == 401, "it works once"


def operations(process):
    """Where each operation is."""
    paths = process.get("/openapi.json").json()["paths"]
    return {operation["operationId"]: (method, path) for path, item in paths.items() for method, operation in item.items()}
