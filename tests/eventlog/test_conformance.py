"""The suite itself: every test of it can fail, and none of it can be left out."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from shared.testing import conformance, conformance_feed, conformance_inbox
from shared.testing.conformance import StoreConformance
from shared.testing.conformance_feed import FeedConformance
from shared.testing.conformance_inbox import InboxConformance
from tests.eventlog import test_inbox, test_postgres, test_sqlite

HERE = Path(__file__).parent
WAY_OUT = re.compile(r"\bs[k]ip|x[f]ail|import[o]rskip|pytest\.mark\.(?!parametrize)")


def test_a_store_that_honours_nothing_fails_every_test(tmp_path):
    report = tmp_path / "report.xml"
    run = [sys.executable, "-m", "pytest", HERE / "nothing.py", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    done = subprocess.run(run, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout[-2000:]
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    passed = [case.get("name") for case in cases if not [part for part in case if part.tag == "failure"]]
    assert not passed
    assert not [case.get("name") for case in cases if case.find("error") is not None], "a test that never began proves nothing"
    named = {str(case.get("name")).partition("[")[0] for case in cases}
    assert named == {
        name for kind in (FeedConformance, StoreConformance, InboxConformance) for name in vars(kind) if name.startswith("test_")
    }


def test_no_test_of_the_suite_can_be_left_out():
    for suite in (conformance, conformance_feed, conformance_inbox):
        assert not WAY_OUT.findall(inspect.getsource(suite))


def test_every_adapter_takes_the_suite_as_it_is():
    for adapter, kind in (
        (test_sqlite.TestSqliteLog, StoreConformance),
        (test_sqlite.TestSqliteFeed, FeedConformance),
        (test_postgres.TestPostgresLog, StoreConformance),
        (test_postgres.TestPostgresFeed, FeedConformance),
        (test_inbox.TestSqliteInbox, InboxConformance),
        (test_inbox.TestPostgresInbox, InboxConformance),
        (test_inbox.TestInboxFeed, FeedConformance),
    ):
        assert issubclass(adapter, kind)
        changed = [name for name in vars(adapter) if name.startswith("test_") and hasattr(kind, name)]
        assert not changed
