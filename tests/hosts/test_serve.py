"""`ortoo serve` as an operator meets it: one ready line, clear words when it cannot start, a clean end, and a log that tells on itself."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.support import AUTHOR, DUTY, ORTOO, READY, cap, draft, environment, half_open, ortoo, problem, started
from tests.waiting import PATIENCE_S, until
from tools.components import free_port

CAPBSET_DROP, DAC_OVERRIDE, DAC_READ_SEARCH = 24, 1, 2


def as_anybody():
    """Also root then meets the permissions of files: without these capabilities they hold for it too."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (DAC_OVERRIDE, DAC_READ_SEARCH):
        libc.prctl(CAPBSET_DROP, capability, 0, 0, 0)


def without_space():
    """No file may hold anything; pipes are not files."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def refused(folder, preexec_fn=None, words=("serve",), **settings):
    """Start a node that cannot start: its exit code and what it said."""
    done = subprocess.run(
        [ORTOO, *words],
        env=environment(folder, PYTHONDONTWRITEBYTECODE="1", **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=preexec_fn,
    )
    assert done.stdout == "" and "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A folder that a node has used."""
    folder = tmp_path_factory.mktemp("stopped") / "data"
    with started(folder) as node:
        for _ in range(1):
            assert node.post("/api/alerts/alerts", AUTHOR, draft()).status_code == 201
    return folder


def test_it_says_once_that_it_is_ready_and_where(tmp_path):
    port = str(free_port())
    with started(tmp_path / "elsewhere", ORTOO_HOST="127.0.0.2", ORTOO_PORT=port) as node:
        assert node.url == f"http://127.0.0.2:{port}"
        assert node.get("/health/ready").status_code == 200, "ready means ready"
        assert node.said == f"ortoo is ready at {node.url} with data in {tmp_path / 'elsewhere'}\n"
        assert (tmp_path / "elsewhere" / "logs" / "150000.alerts.db").exists()
        assert stat.S_IMODE((tmp_path / "elsewhere" / "keys" / "node.pem").stat().st_mode) == 0o600
        assert node.stop() in (0, -signal.SIGTERM)
        assert len(READY.findall(node.said)) == 1


def test_a_second_node_on_the_folder_is_refused_and_the_first_goes_on(node):
    code, said = refused(node.folder)
    assert code == 1 and "another node runs on" in said and "ORTOO_DATA" in said
    assert node.draft().status_code == 201


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, said = refused(tmp_path / "data", ORTOO_PORT=str(taken.getsockname()[1]))
    assert code == 1 and "is taken" in said and "ORTOO_PORT" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("ORTOO_PORT", "http"), ("ORTOO_PORT", "70000"), ("ORTOO_HOST", "no.such.host.invalid"), ("ORTOO_PROVINCE", "990000")],
)
def test_a_setting_that_means_nothing_is_named(tmp_path, name, value):
    code, said = refused(tmp_path / "data", **{name: value})
    assert code == 1 and name in said, said


def test_a_folder_that_cannot_be_written_is_named_with_its_cure(tmp_path, stopped):
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    for words in (("serve",), ("token", "--actor", "X", "--role", "EMD.duty")):
        code, said = refused(closed / "below", as_anybody, words)
        assert code == 1 and str(closed / "below") in said and "writable" in said
    ours = tmp_path / "ours"
    shutil.copytree(stopped, ours)
    for path in [*ours.rglob("*"), ours]:
        path.chmod(path.stat().st_mode & ~0o222)
    code, said = refused(ours, as_anybody)
    assert code == 1 and str(ours) in said and "writable" in said


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "data").write_text("not a folder")
    code, said = refused(tmp_path / "data")
    assert code == 1 and str(tmp_path / "data") in said


def test_no_space_at_the_start_is_told(tmp_path):
    code, said = refused(tmp_path / "data", without_space)
    assert code == 1 and "free some space" in said


def test_another_province_s_folder_is_refused(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "650000.alerts.db").touch()
    code, said = refused(tmp_path)
    assert code == 1 and "650000" in said and "ORTOO_PROVINCE" in said


def limit(node, size):
    """What the largest file of the node may hold from now on: the disk is full, or has room again."""
    resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def largest(node):
    return max(path.stat().st_size for path in node.folder.rglob("*") if path.is_file())


def test_a_full_disk_is_503_loses_nothing_answered_and_heals(tmp_path):
    with started(tmp_path / "data") as node:
        answered = [node.draft().json()["stream"]]
        limit(node, largest(node) + 300_000)
        text = "𠮷" * 10_000  # 40 kB, as long as a text may be
        for _ in range(60):
            sent = node.draft(cautions=text)
            if sent.status_code != 201:
                break
            answered.append(sent.json()["stream"])
        said = problem(sent, 503, "storage", "log.storage")
        assert "free disk space" in said["cure"]
        large = cap(event="x" * 3_000_000)
        problem(node.take(large), 503, "storage")
        assert node.get("/health/live").status_code == 200
        assert node.get("/api/alerts/alerts", DUTY).status_code == 200, "what is there can still be read"
        limit(node, resource.RLIM_INFINITY)
        made = node.draft(cautions=text)
        assert made.status_code == 201, made.text
        answered.append(made.json()["stream"])
        assert node.take(large).status_code == 201
        assert node.settle(made.headers["ortoo-position"], "/api/alerts/alerts", DUTY).status_code == 200
        kept = {event["streamid"] for event in everything(node)}
        assert set(answered) <= kept
        assert eventually_ready(node)
        assert node.stop() in (0, -signal.SIGTERM)
    assert ortoo(tmp_path / "data", "log", "verify").returncode == 0


def everything(node):
    found, after = [], ""
    while page := (answer := node.get("/api/events", DUTY, limit=2000, after=after)).json():
        found += page
        after = answer.headers["ortoo-vector"]
    return found


def eventually_ready(node):
    return until(lambda: node.get("/health/ready").status_code == 200, lambda: node.get("/health/ready").text)


def test_sigterm_under_load_ends_soon_and_what_was_answered_is_stored(tmp_path):
    answered: list[str] = []
    with started(tmp_path / "data") as node:
        node.token(AUTHOR)
        stopping = threading.Event()

        def client():
            while not stopping.is_set():
                try:
                    sent = node.draft()
                except httpx.TransportError:
                    return  # the node has gone
                if sent.status_code == 201:
                    answered.append(sent.json()["stream"])

        with node.http.stream("GET", "/api/events/stream", headers=node.signed(DUTY)):
            half = half_open(node)
            threads = [threading.Thread(target=client) for _ in range(8)]
            for thread in threads:
                thread.start()
            time.sleep(1.0)
            node.process.send_signal(signal.SIGTERM)
            stopping.set()
            assert node.process.wait(PATIENCE_S) in (0, -signal.SIGTERM), "those who listen and those who never finish do not hold it"
            for thread in threads:
                thread.join(10)
            half.close()
    out = ortoo(tmp_path / "data", "log", "export", "alerts")
    stored = [json.loads(line)["streamid"] for line in out.stdout.splitlines()]
    assert len(answered) > 50 and set(answered) <= set(stored) and len(set(stored)) == len(stored)
    assert ortoo(tmp_path / "data", "log", "verify").returncode == 0


def test_a_node_that_is_torn_down_says_where_it_was(tmp_path):
    with started(tmp_path / "data") as node:
        node.process.send_signal(signal.SIGSEGV)
        assert node.process.wait(PATIENCE_S) == -signal.SIGSEGV
        assert "Segmentation fault" in node.logged and "shared/runtime/threads.py" in node.logged, "every thread's place in the code"


def test_a_token_and_nothing_else(tmp_path):
    made = ortoo(tmp_path / "empty", "token", "--actor", "B.DUTY", "--role", "EMD.duty", "--division", "150722")
    token = made.stdout.strip()
    assert (made.returncode, made.stderr, made.stdout.count("\n"), token.count(".")) == (0, "", 1, 2)
    drill = ortoo(tmp_path / "empty", "token", "--actor", "B.DUTY", "--role", "EMD.duty", "--realm", "drill-1").stdout.strip()
    with started(tmp_path / "empty") as node:
        headers = {"Authorization": f"Bearer {token}"}
        assert node.http.get("/api/node", headers=headers).status_code == 200
        assert node.http.get("/api/me", headers=headers).json()["level"] == 3
        problem(node.http.get("/api/node", headers={"Authorization": f"Bearer {drill}"}), 403, "not_allowed", "exercise.isolation")


def test_all_threads_of_a_node_share_a_processor(tmp_path):
    """But those that draw or decode; one busy processor is worth more than two that hand the interpreter's lock to each other."""
    with started(tmp_path / "data") as node:
        assert node.post("/api/alerts/alerts", AUTHOR, draft()).status_code == 201

        def shared():
            tasks = [int(task.name) for task in Path(f"/proc/{node.process.pid}/task").iterdir()]
            masks = {tuple(os.sched_getaffinity(task)) for task in tasks}
            return len(tasks) > 10 and len(masks) == 1 and len(masks.pop()) == 1

        until(shared, "threads of one node on several processors")
