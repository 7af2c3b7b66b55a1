# Each target sets up what it needs and is quick the second time. Needs Python 3.11+ and make, nothing else.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PIP := python -m pip --quiet --disable-pip-version-check install --no-deps --require-hashes --use-pep517
# The two environments that most targets need are made at the same time.
MAKEFLAGS += --jobs=2

# The first interpreter that is new enough and can make a virtual environment.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)

.PHONY: demo docs pictures test long quick matrix live deployed chaos bench check format schema lock release clean

demo: $(VENV)/.sandbox-installed .venv-snowflake/.installed
	@$(BIN)/python manage.py demo

# Two processes, since most tests wait for PostgreSQL or Snowflake; with ARGS, one. What is marked as long is left out.
test: $(VENV)/.dev-installed .venv-snowflake/.installed
	$(BIN)/python -m pytest -m "not long" $(or $(ARGS),--numprocesses 2 --dist worksteal)

# What `make test` leaves out: further cases of what it tries, some minutes.
long: $(VENV)/.dev-installed .venv-snowflake/.installed
	$(BIN)/python -m pytest -m long $(or $(ARGS),--numprocesses 2 --dist worksteal)

# What needs no Snowflake, no browser, no process and no database of its own: for every change, before `make test`.
quick: $(VENV)/.dev-installed
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(ARGS) \
		-m "not (browser or chaos or installation or long or process or property or snowflake)"

# The ends of the ranges that pyproject.toml has: other connectors, Djangos and Pythons. See tests/matrix.py.
matrix: $(VENV)/.dev-installed .venv-snowflake/.installed
	@$(BIN)/python -m tests.matrix $(ARGS)

# Against a real Snowflake account, which LIVE_ACCOUNT and others name: docs/operations.md. It says first what it will cost.
live: $(VENV)/.dev-installed .venv-snowflake/.installed
	@LIVE=true $(BIN)/python -m pytest tests/live -p no:randomly -W default --tb=short $(ARGS)

# Containers, systemd and Kubernetes as documented, with Debian's packages: see tests/deploy. Root, and some minutes.
deployed: $(VENV)/.dev-installed .venv-snowflake/.installed
	@DEPLOYED=true $(BIN)/python -m pytest tests/deploy -p no:randomly --timeout 1800 $(ARGS)

# The long run: CHAOS_SEED repeats one. See tests/chaos/test_random.py.
chaos: $(VENV)/.dev-installed .venv-snowflake/.installed
	CHAOS_EXECUTIONS=$${CHAOS_EXECUTIONS:-10000} CHAOS_WORKERS=$${CHAOS_WORKERS:-4} CHAOS_OUTAGE=$${CHAOS_OUTAGE:-30} \
		$(BIN)/python -m pytest tests/chaos --timeout 7200 -s $(ARGS)

bench: $(VENV)/.dev-installed .venv-snowflake/.installed .venv-bench/.installed
	$(BIN)/python -m benchmarks $(ARGS)

# The documentation as a site, in build/site. A page that leads nowhere fails it; nothing of it is asked for elsewhere.
docs: .venv-docs/.installed
	.venv-docs/bin/zensical build --strict --clean

# The documentation's pictures, of the demo as it is: look at them, and commit what changed.
pictures: $(VENV)/.dev-installed .venv-snowflake/.installed
	$(BIN)/python -m tests.pictures

check: $(VENV)/.dev-installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	DEBUG=true $(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/.dev-installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The schemas of the API and of files of rules; commit what it writes.
schema: $(VENV)/.dev-installed
	DEBUG=true $(BIN)/python manage.py spectacular --fail-on-warn --validate --file docs/openapi.yaml
	DEBUG=true $(BIN)/python manage.py sync_rules schema > docs/rules.schema.json

# Compiles the hash-locked requirements from pyproject.toml; commit what it writes.
lock: $(VENV)/.dev-installed
	@export UV_CUSTOM_COMPILE_COMMAND="make lock"; \
	lock() { $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links "$$@"; }; \
	lock pyproject.toml --extra sandbox --extra traces --extra dev -o requirements/dev.txt && \
	lock pyproject.toml --extra sandbox -c requirements/dev.txt -o requirements/sandbox.txt && \
	lock pyproject.toml -c requirements/dev.txt -o requirements/production.txt && \
	lock pyproject.toml --extra traces -c requirements/dev.txt -o requirements/traces.txt && \
	lock pyproject.toml --extra bench -c requirements/dev.txt -o requirements/bench.txt && \
	lock --group snowflake -o requirements/snowflake.txt && \
	lock --group docs -o requirements/docs.txt

# What is published of the commit that is checked out: an archive of the source, what it is made of, and their checksums.
release: $(VENV)/.dev-installed
	@test -z "$$(git status --porcelain)" || { echo "Commit first: a release is what is committed."; exit 1; }
	@rm -rf build/release && mkdir -p build/release
	@name=universal-snowflake-sync-$$(sed -n 's/^version = "\(.*\)"$$/\1/p' pyproject.toml); \
	git archive --prefix=$$name/ --output=build/release/$$name.tar.gz HEAD && \
	$(BIN)/python -W ignore -m cyclonedx_py requirements requirements/production.txt --pyproject pyproject.toml --output-reproducible \
		--output-file build/release/$$name.cdx.json && \
	cd build/release && sha256sum $$name.* | tee SHA256SUMS

clean:
	rm -rf $(VENV) .venv-* .sandbox build

$(BIN)/python .venv-bench/bin/python .venv-docs/bin/python .venv-snowflake/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with the venv module is needed: on Debian and Ubuntu, apt-get install python3-venv."; exit 1; }
	@echo "Making a virtual environment with $$($(PYTHON) --version) in $(@D:/bin=)/ …"
	@$(PYTHON) -m venv $(@D:/bin=)

# The local Snowflake, and the peers to measure against: what they need is in nobody else's way.
.venv-%/.installed: requirements/%.txt | .venv-%/bin/python
	@echo "Installing $(<:requirements/%.txt=%) into $(@D)/ …"
	@$(@D)/bin/$(PIP) -r $<
	@touch $@

$(VENV)/.sandbox-installed: requirements/sandbox.txt | $(BIN)/python
	@echo "Installing what the sandbox needs (a minute, the first time) …"
	@$(BIN)/$(PIP) -r $<
	@touch $@

$(VENV)/.dev-installed: requirements/dev.txt | $(BIN)/python
	@echo "Installing what the tests need (two minutes, the first time) …"
	@$(BIN)/$(PIP) -r $<
	@touch $@ $(VENV)/.sandbox-installed
