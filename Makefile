# The menu. Every command sets up what it needs first; nothing outside this folder is touched.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
DATA ?=
ARGS ?=
WORKERS ?= 2
SERVERS := $(BIN)/python -m deploy.local --
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet

##@ Use it

help: ## Show this menu
	@awk -f scripts/help.awk $(MAKEFILE_LIST)

demo: setup ## Run example complaints through the whole platform (ARGS=--exit ends it afterwards)
	@$(BIN)/amends demo $(ARGS)

run: setup ## Start the platform, empty at first (DATA=folder ARGS="--port 8000")
	@$(BIN)/amends up $(if $(DATA),--data "$(DATA)") $(ARGS)

compose: compose-secret ## Start every service in Docker, with Kafka and PostgreSQL (ARGS=--detach)
	@docker compose up --build $(ARGS)

compose-secret: ## Make the keys and passwords that docker-compose.yml mounts, in .secrets
	@scripts/compose-secret

setup: $(VENV)/.installed ## Create .venv with everything that running needs

##@ Work on it

test: lint types imports unit postgres ## Run every check and every test but `make crash`, as CI does

lint: setup-dev ## Check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup-dev ## Format, and mend what can be mended safely
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup-dev ## Check types, strictly
	@$(BIN)/mypy

imports: setup-dev ## Check who may import whom
	@$(BIN)/lint-imports

unit: setup-dev browser kafka ## Run the tests (ARGS="-k word" for some) and hold the domains to full coverage
	@$(BIN)/coverage erase
	@$(SERVERS) $(BIN)/pytest -n $(WORKERS) --dist worksteal $(if $(ARGS),$(ARGS),-m "not long" --cov --cov-report=)
	@$(if $(ARGS),,$(BIN)/coverage report --fail-under=100)

postgres: setup-dev kafka ## Run integration tests and crossings again, with every store on PostgreSQL
	@AMENDS_TEST_STORE=postgres $(SERVERS) $(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not long" \
	  tests/crossings tests/integration --ignore=tests/integration/migrations \
	  --ignore=tests/integration/distributed --ignore=tests/integration/test_topics.py $(ARGS)

crash: setup-dev kafka ## Kill and hang processes of the distributed platform under load (some minutes)
	@$(BIN)/pytest -m long tests/crash $(ARGS)

browser: ## Make sure there is a browser for the page tests
	@scripts/browser

kafka: ## Fetch the real Kafka broker that tests use into .kafka (needs Java 17 and Maven)
	@scripts/kafka-jars

bench: setup-dev ## Measure (ARGS="filing latency" for some, DATA=folder with real data sets)
	@$(BIN)/python -m bench $(if $(DATA),--data "$(DATA)") $(ARGS)

docs: setup-dev ## Write events.md, asyncapi.yaml and schemas in docs/ from the event definitions
	@$(BIN)/python -m scripts.write_docs

golden: setup-dev ## Write the golden JSON of event versions that have none yet
	@$(BIN)/python -m tests.contract.golden_files

lock: setup-dev ## Pin dependencies anew after a change in pyproject.toml (ARGS=--upgrade for newer ones)
	@$(COMPILE) $(ARGS) --output-file=requirements.txt pyproject.toml
	@$(COMPILE) $(ARGS) --extra=dev --constraint=requirements.txt \
	  --output-file=requirements-dev.txt pyproject.toml

setup-dev: $(VENV)/.installed-dev ## Create .venv with everything that testing needs

clean: ## Remove .venv and what tools left behind
	@rm -rf $(VENV) .kafka build *.egg-info .*_cache .coverage .hypothesis

$(VENV)/.installed: requirements.txt pyproject.toml scripts/setup
	@scripts/setup requirements.txt $@

$(VENV)/.installed-dev: requirements-dev.txt pyproject.toml scripts/setup
	@scripts/setup requirements-dev.txt $@

.PHONY: help demo run compose compose-secret setup test lint format types imports unit postgres \
  crash browser kafka bench docs golden lock setup-dev clean
