"""The door's template, rendered as `make cluster` renders it, is one that nginx takes."""

from __future__ import annotations

import re
import subprocess

from services.start.cluster import ALL
from tests.infra.compose import services, staying
from tools.compose import INFRA, Places
from tools.programs import nginx_program
from tools.services import component

TEMPLATE = (INFRA / "nginx/ortoo.conf.template").read_text(encoding="utf-8")


def test_nginx_takes_the_rendered_template(tmp_path):
    nginx = component("nginx", services()["nginx"], Places(tmp_path, services()), tmp_path)
    program = nginx_program()
    assert program is not None
    checked = subprocess.run([program, "-t", "-p", f"{tmp_path}/", "-c", "nginx.conf", "-e", "stderr"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    rendered = (tmp_path / "ortoo.conf").read_text()
    assert "${" not in rendered and f"listen 127.0.0.1:{nginx.port};" in rendered
    assert not re.search(rf"server (?:{'|'.join(services())}):", rendered), "a host of the containers is left"


def test_the_template_asks_for_nothing_that_the_container_does_not_set():
    asked = set(re.findall(r"\$\{(\w+)\}", TEMPLATE))
    environment = services()["nginx"]["environment"]
    assert "NGINX_ENTRYPOINT_LOCAL_RESOLVERS" in environment, "it makes the image set NGINX_LOCAL_RESOLVERS"
    assert asked <= {"NGINX_LOCAL_RESOLVERS", *environment}


def test_every_service_behind_the_door_is_one_of_the_file():
    behind = set(re.findall(r"^\s*server ([\w-]+):8000 ", TEMPLATE, re.MULTILINE))
    assert behind == {name for name, service in staying().items() if "outside" in service["networks"]}
    led = re.findall(r"^    location /api/(\w+)/ \{\n        proxy_pass http://(\w+);", TEMPLATE, re.MULTILINE)
    assert dict(led) == {name: name for name in ALL}


def test_bodies_that_are_passed_on_as_they_come_are_counted_and_may_not_stand_still():
    passed_on = [
        block for block in re.findall(r"location [^{]+\{\n(.*?)\n    \}", TEMPLATE, re.DOTALL) if "proxy_request_buffering off" in block
    ]
    assert passed_on
    for block in passed_on:
        assert {"client_body_timeout", "limit_conn"} <= set(re.findall(r"^ +(\w+) ", block, re.MULTILINE))
    zones = set(re.findall(r"limit_conn_zone \$\w+ zone=(\w+):", TEMPLATE))
    assert zones == set(re.findall(r"limit_conn (\w+) \d+;", TEMPLATE))
