# Everything a developer does here, one target each. `make` alone lists them.

PYTHON ?=
VENV ?= .venv
VENV_PROTOS ?= .venv-protos
DOCUMENT ?= examples/cartpole.yml
PYTEST_ARGS ?=
CHAOS_ARGS ?=

BIN := $(VENV)/bin
BUF := node_modules/.bin/buf
PIP := -m pip install --quiet --disable-pip-version-check
PROFILE := build/profile.svg

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# -- what people ask for ---------------------------------------------------------------------------------------------

.PHONY: run
run: $(VENV)/.runtime ## Set up what is missing, then play examples/cartpole.yml (DOCUMENT=... for another)
	@$(BIN)/sparring run $(DOCUMENT)

.PHONY: test
test: $(VENV)/.dev ## Run the tests (PYTEST_ARGS=... for some of them)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: heavy
heavy: $(VENV)/.dev ## Run the tests that take minutes or the whole machine (PYTEST_ARGS=... for some of them)
	@$(BIN)/python -m pytest -m heavy $(or $(PYTEST_ARGS),tests/heavy)

.PHONY: chaos
chaos: $(VENV)/.dev ## Kill 200 processes in the middle of episodes, and compare every bit (CHAOS_ARGS="--kills N --seed N", or --freeze)
	@$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

.PHONY: obligations
obligations: $(VENV)/.dev ## Run the tests of what a Majordomo broker owes; prints row, test, result
	@$(BIN)/python -m pytest -p tests.unit.broker.obligations_report --quiet --no-header -rN \
		tests/unit/broker tests/unit/client tests/unit/host tests/integration/broker tests/integration/hosts/test_sessions.py

.PHONY: check
check: lint types imports buf protos-check ## Run every check that runs no test: lint, types, layers, protos, generated code

.PHONY: format
format: $(VENV)/.dev $(BUF) ## Put Python and protos into the one format, and mend what lint can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BUF) format --write

.PHONY: bench
bench: $(VENV)/.dev ## Measure, side by side with what we compare against; writes build/bench.json
	@$(BIN)/python -m tests.benchmarks

.PHONY: bench-peers
bench-peers: build/peers/.ready ## Install what make bench compares sessions with (palaestrai), into build/peers

.PHONY: profile
profile: $(VENV)/.dev ## Profile a run with all its processes; writes a flame graph to build/profile.svg
	@mkdir -p $(dir $(PROFILE))
	@$(BIN)/py-spy record --subprocesses --rate 200 --output $(PROFILE) -- $(BIN)/python $(BIN)/sparring run $(DOCUMENT)
	@echo "Open $(PROFILE) in a browser."

VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' services/sparring/__init__.py)
SERVICES := broker store governor simulation environment agent

.PHONY: images
images: ## Build the container images sparring-service and sparring-store
	@docker build --target service --build-arg VERSION=$(VERSION) --tag sparring-service .
	@docker build --target store --build-arg VERSION=$(VERSION) --tag sparring-store .

.PHONY: up
up: deploy/secrets/token ## Start every service in a container of its own, from the images; ends once all are healthy
	@docker compose up --detach --wait $(SERVICES)

.PHONY: down
down: ## Remove the containers of make up; their results stay, in the volume sparring_data
	@docker compose down

# Readable to the user of the containers; nobody else gets into its folder.
deploy/secrets/token:
	@mkdir -p -m 700 $(@D)
	@od -An -tx1 -N16 /dev/urandom | tr -d ' \n' > $@
	@chmod 444 $@

.PHONY: protos
protos: $(VENV_PROTOS)/.ready ## Generate services/sparring/api from protos/
	@$(VENV_PROTOS)/bin/python protos/generate.py

.PHONY: setup
setup: $(VENV)/.dev $(VENV_PROTOS)/.ready $(BUF) ## Set up every environment now (the other targets do it when they need it)

.PHONY: clean
clean: ## Remove what can be made again: environments, caches, build output (not sparring-data/)
	@rm -rf $(VENV) $(VENV_PROTOS) node_modules build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find services tests protos -name __pycache__ -type d -prune -exec rm -rf {} +

# -- the parts of check ----------------------------------------------------------------------------------------------

.PHONY: lint types imports buf protos-check
lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo

buf: $(BUF)
	@$(BUF) lint
	@$(BUF) format --diff --exit-code

protos-check: $(VENV_PROTOS)/.ready
	@$(VENV_PROTOS)/bin/python protos/generate.py --check

# -- environments: made once, renewed when what they are made from changes --------------------------------------------

$(VENV)/bin/python:
	@.ci/make-venv $(VENV) $(PYTHON)

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once; about a minute)"
	@$(BIN)/python $(PIP) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV) for development (once; about a minute)"
	@$(BIN)/python $(PIP) --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

$(VENV_PROTOS)/bin/python:
	@.ci/make-venv $(VENV_PROTOS) $(PYTHON)

$(VENV_PROTOS)/.ready: protos/requirements.txt | $(VENV_PROTOS)/bin/python
	@$(VENV_PROTOS)/bin/python $(PIP) --requirement protos/requirements.txt
	@touch $@

build/peers/.ready: tests/benchmarks/peers.txt
	@.ci/make-venv build/peers $(PYTHON)
	@build/peers/bin/python $(PIP) --requirement tests/benchmarks/peers.txt
	@touch $@

$(BUF): package.json
	@command -v npm >/dev/null || { echo "buf comes from npm, which is missing here (Debian, Ubuntu: apt-get install nodejs npm)." >&2; exit 1; }
	@npm install --no-save --no-progress --loglevel=error >/dev/null
	@touch $@
