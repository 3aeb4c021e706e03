from __future__ import annotations

import pytest

from tests.pages.conftest import browser, visit
from tests.support import started
from tests.volunteers.opening import opened
from tests.volunteers.pages.applicant import BEGINS, Applicant, person

__all__ = ["browser", "visit"]


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    """A node whose clock stands still until it is told."""
    with started(tmp_path_factory.mktemp("gate") / "data", "--story-clock") as running:
        Applicant.now = BEGINS
        assert running.get("/api/me", None).status_code == 200
        running.http.get("/api/me", headers={"Ortoo-At": BEGINS.isoformat()})
        early = Applicant(running.url)
        assert 'id="closed"' in early.form().text  # said before anybody fills it in
        said = early.send(person())
        early.close()
        assert said.status_code == 422 and "Registration is not open yet" in said.text, said.text
        assert "everything else was kept" not in said.text.lower()
        opened(running, Applicant.now.isoformat())
        yield running


@pytest.fixture
def people(gate):
    """Browsers that are closed in the end."""
    windows: list[Applicant] = []

    def another(language: str = "en") -> Applicant:
        windows.append(Applicant(gate.url, language))
        return windows[-1]

    yield another
    for each in windows:
        each.close()
