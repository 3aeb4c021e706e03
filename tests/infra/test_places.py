"""A cluster on this machine comes back on the ports where it was, however many of its services start at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from tools.compose import Places

NAMES = [f"service{n}" for n in range(40)]


def test_ports_are_kept_and_those_given_go_first(tmp_path):
    first = Places(tmp_path, NAMES).port("service1", 8000)
    again = Places(tmp_path, NAMES, {"nginx:8080": 8080})
    assert (again.port("service1", 8000), again.port("nginx", 8080)) == (first, 8080)


def test_who_starts_at_once_gets_another_port_each_and_all_are_kept(tmp_path):
    places = Places(tmp_path, NAMES)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda name: places.port(name, 8000), NAMES * 2))
    assert got[:40] == got[40:] and len(set(got)) == 40
    assert json.loads((tmp_path / "ports.json").read_text()) == dict(zip((f"{name}:8000" for name in NAMES), got, strict=False))
    assert [path.name for path in tmp_path.iterdir()] == ["ports.json"]


def test_named_volumes_are_there_before_who_looks_into_them(tmp_path):
    service = {"volumes": ["node:/data", "backups:/backups:ro", "./audiences.toml:/etc/ortoo/audiences.toml:ro"]}
    for _ in range(2):
        Places(tmp_path, NAMES).make_volumes(service)
    assert sorted(path.name for path in (tmp_path / "volumes").iterdir()) == ["backups", "node"]
