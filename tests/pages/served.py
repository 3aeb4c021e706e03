"""A node as people start it: a process on a free port with a data folder of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx

from tests.waiting import PATIENCE_S

BEIJING = timezone(timedelta(hours=8))
ORTOO = Path(sys.executable).with_name("ortoo")


class Served:
    """`ortoo serve` on a data folder; may be stopped and started again on the same port."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder, self.port = folder, port
        self.start()

    def start(self) -> None:
        environment = self.environment() | {"ORTOO_HOST": "127.0.0.1", "ORTOO_PORT": str(self.port)}
        with (self.folder.parent / "stderr.txt").open("ab") as errors:
            self.process = subprocess.Popen([ORTOO, "serve"], env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"ready at (http://127\.0\.0\.1:(\d+))", line):
                self.url, self.port = found[1], int(found[2])
                return
        raise AssertionError((self.folder.parent / "stderr.txt").read_text())

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def environment(self) -> dict[str, str]:
        return os.environ | {"ORTOO_DATA": str(self.folder)}

    def token(self, role: str, division: str) -> str:
        asked = [ORTOO, "token", "--actor", "TEST.1", "--role", role, "--division", division]
        return subprocess.run(asked, env=self.environment(), check=True, capture_output=True, text=True).stdout.strip()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=headers, timeout=PATIENCE_S)

    def imports(self, token: str, identifier: str, headline: str, area: str = "150722") -> int:
        """Take in a warning in force for the next hour; its position."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cap+xml"}
        message = cap(identifier, headline, area).encode()
        answer = httpx.post(f"{self.url}/api/alerts/imports", headers=headers, content=message, timeout=PATIENCE_S)
        assert answer.status_code == 201, answer.text
        return int(answer.headers["Ortoo-Position"].rpartition(":")[2])

    def drafts(self, token: str, alert: str, headline: str, area: str) -> None:
        """Draft a warning, which is nobody else's business yet."""
        body = {"alert": alert, "headline": headline, "areas": [area]}
        self.says(token, "alerts", body)

    def says(self, token: str, where: str, body: Mapping[str, object]) -> None:
        """Give a command of the alerts service."""
        answer = httpx.post(f"{self.url}/api/alerts/{where}", headers={"Authorization": f"Bearer {token}"}, json=body, timeout=PATIENCE_S)
        assert answer.status_code == 201, answer.text


def cap(identifier: str, headline: str, area: str) -> str:
    """A CAP message; texts are put in as they are, so that they may be hostile."""
    now = datetime.now(BEIJING).replace(microsecond=0)
    ends = now + timedelta(hours=1)
    return f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier><sender>test@example.org</sender>
<sent>{now.isoformat()}</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><language>en</language>
<category>Met</category><event>Gale</event><urgency>Expected</urgency><severity>Moderate</severity><certainty>Likely</certainty>
<expires>{ends.isoformat()}</expires><headline>{headline}</headline>
<area><areaDesc>somewhere</areaDesc><geocode><valueName>GB/T 2260</valueName><value>{area}</value></geocode></area></info></alert>"""
