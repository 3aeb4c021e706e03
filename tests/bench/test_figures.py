"""The benchmarks produce their figures; how good they are is not for a test to say, since the machine is shared."""

from __future__ import annotations

import importlib

import pytest

from bench.__main__ import NAMES, table, write
from bench.cluster.__main__ import NAMES as CLUSTER_NAMES
from bench.figures import Figure, Scale, rates

QUICK = Scale(quick=True, runs=1)
SHORT = {"commands", "loading"}  # those of a cluster that need no whole cluster; `make bench-cluster` runs all
MODULES = [*(f"bench.{name}" for name in NAMES), *(f"bench.cluster.{name}" for name in CLUSTER_NAMES if name in SHORT)]


@pytest.mark.timeout(600)  # stores and whole clusters come up
@pytest.mark.parametrize("module", MODULES)
def test_every_benchmark_produces_its_figures(module):
    figures = importlib.import_module(module).run(QUICK)
    assert figures
    assert all(figure.ours > 0 and (figure.raw is None or figure.raw > 0) for figure in figures), figures
    assert any(figure.bound for figure in figures)
    assert table(figures).count("\n") == len(figures) + 1


def test_a_ratio_is_taken_pair_by_pair():
    assert rates("x", "1/s", [(10.0, 20.0), (30.0, 30.0), (1.0, 4.0)], 0.5).ratio == 0.5


def test_a_bound_that_is_missed_shows():
    assert Figure("x", "1/s", 40, 100, "ratio >= 0.5", 0.4).met is False
    assert Figure("x", "ms", 40, None, "ours <= 100").met is True
    assert Figure("x", "MB", 40, None, "").met is None


def test_the_table_of_a_doc_is_replaced_and_nothing_around_it(tmp_path):
    doc = tmp_path / "doc.md"
    doc.write_text("before\n<!-- begin -->\nold\n<!-- end of figures -->\nafter\n")
    for value in (40.0, 50.0):
        figures = [Figure("x", "ms", value, None, "")]
        write(figures, doc, "<!-- begin -->")
        assert doc.read_text() == f"before\n<!-- begin -->\n{table(figures)}\n<!-- end of figures -->\nafter\n"
