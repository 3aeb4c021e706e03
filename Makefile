# `make` alone prints the targets. Settings of `make run`: ORTOO_HOST (127.0.0.1), ORTOO_PORT (8000), ORTOO_DATA (./data).

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNS ?= 100
ROUNDS ?= 3
SECONDS ?= 600
MOVEMENTS ?= 1000000
FUZZ ?= 200000
CLUSTER ?= data/cluster
BROKERS ?= 1
CODE := services shared tools tests bench
marked = $(shell grep -rl --include='test_*.py' 'pytest.mark.$(1)' tests)  # to look at them alone: collecting all of them takes a while
CHECKED := tests/architecture/test_imports.py tests/architecture/test_tidy.py tests/architecture/test_names.py

# Hundreds of tests start Python: what it compiled is kept, also where the environment says otherwise.
unexport PYTHONDONTWRITEBYTECODE

# The first Python of 3.11 or later that can make an environment; 3.11 first, since constraints.txt was tested with it.
FIND_PYTHON = for p in $(PYTHON) python3.11 python3 python3.12 python3.13 python3.14; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done

.DEFAULT_GOAL := help
.PHONY: help setup dev system run cluster cluster-down test test-cluster check bench bench-cluster kill faults simulate movements fuzz approve constraints clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.runtime ## make .venv with the `ortoo` command (needs Python 3.11+ only)

dev: .venv/.dev ## setup, and what tests and checks need

run: .venv/.runtime ## start a node and print a one-time link to it
	@exec $(BIN)/ortoo run

cluster: .venv/.runtime ## start infra/docker-compose.yml as local processes; BROKERS=3; its folder is CLUSTER (data/cluster)
	@$(BIN)/python -m tools.system cluster
	@$(BIN)/python -m tools.cluster up $(CLUSTER) $(BROKERS)

cluster-down: .venv/.runtime ## end them
	@$(BIN)/python -m tools.cluster down $(CLUSTER)

test: .venv/.dev system check ## system packages, check, and all tests that need no whole cluster
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "not alone and not cluster" $(CHECKED:%=--ignore=%)
	$(BIN)/python -m pytest -q -m alone $(call marked,alone)

test-cluster: .venv/.dev ## what needs whole clusters as processes: hosts, parity of the story, importers, feeds, operating, a short run of faults
	@$(BIN)/python -m tools.system
	$(BIN)/python -m pytest -q -m cluster $(call marked,cluster)

check: .venv/.dev ## ruff, mypy --strict, import contracts, tidy tests
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/python -m pytest -q $(CHECKED)

bench: .venv/.dev ## measure against raw limits and write docs/benchmarks.md
	$(BIN)/python -m bench

bench-cluster: .venv/.dev ## measure PostgreSQL, Kafka and a whole cluster; write docs/benchmarks-cluster.md
	@$(BIN)/python -m tools.system cluster
	$(BIN)/python -m bench.cluster

kill: .venv/.dev ## kill -9 a loaded node RUNS times (100)
	$(BIN)/python -m tests.hosts.kill --runs $(RUNS)

faults: .venv/.dev ## break a running cluster in every way, ROUNDS times (3)
	@$(BIN)/python -m tools.system cluster
	$(BIN)/python -m tests.faults --rounds $(ROUNDS)

simulate: .venv/.dev ## simulated histories with crashes for SECONDS (600)
	$(BIN)/python -m tests.hosts.simulate --seconds $(SECONDS)

movements: .venv/.dev ## MOVEMENTS (1000000) random movements of goods: nothing appears or vanishes
	$(BIN)/python -m tests.resources.stock.histories --movements $(MOVEMENTS)

fuzz: .venv/.dev ## FUZZ (200000) broken CAP bodies
	ORTOO_FUZZ=$(FUZZ) $(BIN)/python -m pytest -q -o timeout=0 tests -k fuzz

approve: .venv/.dev ## accept the present stored events and permissions as approved
	ORTOO_APPROVE=1 $(BIN)/python -m pytest -q tests/architecture/test_events_approved.py tests/web/test_permissions_matrix.py tests/volunteers/test_callup_gate_table.py

constraints: .venv/.dev ## write constraints.txt from what is installed
	$(BIN)/python -m tools.constraints

clean: ## remove what was built (never ./data)
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

system:
	@$(BIN)/python -m tools.system

.venv/bin/python:
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then echo "Ortoo needs Python 3.11 or later with venv (on Debian: apt-get install python3 python3-venv), or: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
	echo "making .venv with $$python"; $$python -m venv .venv || { rm -rf .venv; exit 1; }

.venv/.runtime: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing the product into .venv"
	@$(PIP) install -c constraints.txt -e .
	@touch $@

.venv/.dev: .venv/.runtime tools/no-deps.txt
	@echo "installing what tests and checks need into .venv"
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@$(PIP) install --no-deps -r tools/no-deps.txt
	@touch $@
