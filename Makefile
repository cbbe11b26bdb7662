# Two commands on a fresh machine with Python 3.11 or newer: `make demo` and `make test`.
# Everything goes into .venv; nothing is installed twice. Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
STEP := $(BIN)/python scripts/step.py
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# The locks name every package with the hashes of its files: what the registry hands out is what was locked, or nothing.
INSTALL := $(PIP) install --no-deps --no-compile
LOCKED := $(INSTALL) --require-hashes --only-binary=:all:
export PIP_USER := 0
# What is imported is compiled once and kept: without that each process compiles it again, Airflow and SciPy for 13 s.
unexport PYTHONDONTWRITEBYTECODE
# Two processes, each of which takes the next file of tests: what a file starts is started once.
TWO := -n 2 --dist loadfile --no-loadscope-reorder

# Each step leaves a stamp, so that a second run has nothing to do.
VENV := .venv/stamp.made
TOOLS := .venv/stamp.tools
DEMO := .venv/stamp.demo
THIRDS := $(addprefix .venv/stamp.demo.,0 1 2)
TEST := .venv/stamp.test
EDITABLE := .venv/stamp.editable
DECLARED := setup.cfg pyproject.toml sdk/setup.cfg sdk/pyproject.toml

.PHONY: help install packages demo demo-check test lint types lock chromium clean
.PHONY: screens bench-web bench-reports bench-decisions bench-claims bench-trends bench-stats soak-collector bench-pipeline bench-sdk soak-sdk types-sdk fuzz-api fuzz-web sbom audit-packages try-container soak-rollups
.DEFAULT_GOAL := help

help:
	@echo "make demo        install, fill a demonstration shop, serve it on http://127.0.0.1:8080"
	@echo "make demo-check  the same without a person: request every page, check the verdicts, stop"
	@echo "make test        install what the tests need and run them all; ARGS='-k name' for some"
	@echo "make lint types  ruff; mypy --strict"
	@echo "make bench-decisions  simulated fleets judged by our rule and by others'; writes docs/benchmarks/decisions.md"
	@echo "make bench-claims     what the pages claim, beside what simulation finds; docs/benchmarks/claims.md"
	@echo "make bench-trends     how often a steady effect is said to fade, and a fading one to be steady"
	@echo "make bench-stats      speed beside gbstats, tea-tasting, spotify-confidence, scipy; docs/benchmarks/stats.md"
	@echo "make soak-collector   the collector for a minute at 80 % of its rate, killed and restarted; nothing lost or doubled"
	@echo "make soak-rollups     roll-ups agree with raw events in 200 made-up worlds, 50 on PostgreSQL; three quarters of an hour"
	@echo "make bench-pipeline   collector, roll-ups, memory; minutes; ARGS='--only b' for one part; docs/benchmarks/pipeline.md"
	@echo "make bench-sdk        the SDK beside eight others: size, speed, delivery; docs/benchmarks/sdk.md"
	@echo "make soak-sdk         the SDK for ten minutes at 5,000 evaluations a second for a million users"
	@echo "make types-sdk        pyright on the SDK, beside mypy"
	@echo "make fuzz-api         Schemathesis over the REST API, longer than in make test"
	@echo "make fuzz-web         ten thousand hostile requests to the real server"
	@echo "make sbom audit-packages  what is installed, as CycloneDX; known faults of it (both need uv)"
	@echo "make try-container    each step of deploy/Containerfile, and what it starts, without a container engine"
	@echo "make bench-reports    the eight formats of a report, with pictures: seconds, bytes"
	@echo "make bench-web        every page with 1,000 experiments and 100,000 snapshots; docs/benchmarks/web.md"
	@echo "make screens      draw the main pages of the demonstration into docs/screens, once make demo has filled it"
	@echo "make lock        write requirements/*.lock anew from requirements/*.in (needs uv)"
	@echo "make clean       remove .venv and what tools left; data in var/ stays"

install: $(DEMO) $(EDITABLE)

# Both sets on two cores, which the larger one alone would not keep busy to the end: .ci/run begins with it.
packages:
	@$(MAKE) --no-print-directory -j2 $(TEST) $(THIRDS)
	@test $(DEMO) -nt requirements/demo.lock || touch $(DEMO)

demo: install
	@exec $(BIN)/keepers demo

demo-check: install
	@exec $(BIN)/keepers demo --check

test: $(TEST) $(EDITABLE) chromium
	$(BIN)/python -m pytest $(TWO) $(ARGS)

lint: $(TEST)
	$(BIN)/ruff check .

types: $(TEST) $(EDITABLE)
	$(BIN)/mypy

chromium:
	@scripts/install-chromium

$(VENV):
	@command -v $(PYTHON) >/dev/null || \
	  { echo "keepers needs Python 3.11 or newer, and '$(PYTHON)' was not found. Install it, or name another:" \
	         "make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "keepers needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
	         "Install a newer one, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "'$(PYTHON)' cannot make virtual environments: its venv module is missing." \
	         "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) scripts/step.py "Making .venv" $(PYTHON) -m venv .venv
	@touch $@

# PySpark is built with the setuptools of the lock, as an isolated build would fetch one that nothing vouches for.
$(TOOLS): requirements/demo.lock $(VENV)
	@awk '/^[^ ]/ {ours = /^setuptools==/} ours' $< > .venv/tools.lock
	@$(STEP) "Installing setuptools" $(LOCKED) -r .venv/tools.lock
	@touch $@

$(DEMO): requirements/demo.lock $(TOOLS)
	@$(STEP) "Installing the packages of $<" $(LOCKED) -r $<
	@touch $@

$(THIRDS): .venv/stamp.demo.%: requirements/demo.lock $(TOOLS)
	@awk '/^[^ ]/ {n++} n % 3 == $*' $< > .venv/third.$*.lock
	@$(STEP) "Installing a third of the packages of $<" $(LOCKED) -r .venv/third.$*.lock
	@touch $@

# What demo.lock has not. PySpark comes as source only: its 430 MB take half the time if they are packed without
# compressing them.
$(TEST): requirements/test.lock $(TOOLS)
	@grep -v '^-r ' $< > .venv/test.lock
	@$(STEP) "Installing the packages of $<" $(LOCKED) --no-binary=pyspark --no-build-isolation \
	  --config-settings=--build-option=--compression=stored -r .venv/test.lock
	@touch $@

$(EDITABLE): $(DECLARED) $(DEMO)
	@$(STEP) "Installing keepers itself" $(INSTALL) --no-build-isolation -e ./sdk -e .
	@$(PIP) check
	@touch $@

bench-decisions: install
	$(BIN)/python -m benchmarks.decisions $(ARGS)

bench-claims: install
	$(BIN)/python -m benchmarks.claims $(ARGS)

bench-trends: install
	$(BIN)/python -m benchmarks.trends $(ARGS)

# An environment of its own: peers need versions that the platform does not run on.
BENCH := .venv-bench/stamp

$(BENCH): requirements/bench.lock
	@$(PYTHON) scripts/step.py "Making .venv-bench" $(PYTHON) -m venv .venv-bench
	@$(PYTHON) scripts/step.py "Installing the packages of $<" \
	  .venv-bench/bin/python -m pip --disable-pip-version-check --no-input install --no-deps --require-hashes -r $<
	@touch $@

bench-stats: $(BENCH)
	.venv-bench/bin/python -m benchmarks.stats $(ARGS)

soak-collector: install
	$(BIN)/python -m benchmarks.soak $(ARGS)

bench-pipeline: $(TEST) $(EDITABLE) $(BENCH)
	$(BIN)/python -m benchmarks.pipeline $(ARGS)

UV ?= uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --generate-hashes

# test.lock holds what demo.lock does not: a package's lines are its first one and those that begin with a space.
lock:
	$(LOCK) requirements/demo.in -o requirements/demo.lock
	{ cat requirements/demo.lock; tail -n +2 requirements/test.lock; } > requirements/test.all
	$(LOCK) requirements/test.in -o requirements/test.all
	{ echo "-r demo.lock"; awk 'FNR == NR {demo[$$0]; next} /^[^ ]/ {new = !($$0 in demo)} new' \
	  requirements/demo.lock requirements/test.all; } > requirements/test.lock
	rm requirements/test.all
	$(LOCK) requirements/bench.in -o requirements/bench.lock

clean:
	rm -rf .venv .venv-bench .venv-bench-sdk build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov
	rm -rf keepers_platform.egg-info sdk/keepers.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Also by pyright; it fetches a part of itself the first time.
types-sdk: $(TEST) $(EDITABLE)
	$(BIN)/pyright --pythonpath $(BIN)/python --pythonversion 3.10 sdk/keepers

# Minutes; makes .venv-bench-sdk with an environment for each peer: docs/benchmarks/sdk.md.
bench-sdk: $(VENV)
	$(BIN)/python -m benchmarks.sdk $(ARGS)

# Ten minutes at 5,000 evaluations a second; ARGS='--seconds 20' for a look.
soak-sdk: install
	$(BIN)/python -m benchmarks.soak_sdk $(ARGS)

fuzz-api: $(TEST) $(EDITABLE)
	KEEPERS_FUZZ=300 $(BIN)/python -m pytest tests/web/test_openapi.py $(ARGS)

fuzz-web: $(TEST) $(EDITABLE)
	KEEPERS_FUZZ_WEB=10000 $(BIN)/python -m pytest tests/web/security/test_hostile.py $(ARGS)

# Tools that look at the packages stay out of the environment that they look at.
sbom: $(DEMO)
	$(UV) tool run --from cyclonedx-bom cyclonedx-py requirements requirements/demo.lock -o sbom.json

audit-packages:
	$(PYTHON) scripts/audit_packages.py requirements/demo.lock $(UV) tool run pip-audit --disable-pip --no-deps

# A minute, on Linux as root: no container engine is needed.
try-container:
	$(PYTHON) scripts/try_container.py

bench-reports: $(TEST) $(EDITABLE)
	$(BIN)/python -m benchmarks.reports $(ARGS)

# A quarter of an hour and 4 GB of room for temporary files; ARGS='--small' for a look.
bench-web: $(TEST) $(EDITABLE)
	$(BIN)/python -m benchmarks.web $(ARGS)

screens: $(TEST) $(EDITABLE) chromium
	$(BIN)/python scripts/screens.py var/demo

# Of two to four days, on the lake others each time; ARGS="-k lake" for one engine, KEEPERS_SOAK=20 for a look.
soak-rollups: $(TEST) $(EDITABLE)
	KEEPERS_SOAK=$${KEEPERS_SOAK:-200} $(BIN)/python -m pytest tests/warehouse/test_full.py $(ARGS)
