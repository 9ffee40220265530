# Two commands do all the set-up: `make demo` and `make test`. Neither needs the other.
# Needed on the machine: Python 3.11 or newer, make, and a package registry that pip can reach.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.DEFAULT_GOAL := help
.PHONY: help demo sandbox test test-slow bench scale chaos screenshots check fix clean

help: ## Say what can be made here
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target words; do printf '%-16s %s\n' "$$target" "$$words"; done

demo: $(VENV)/.sandbox ## Play one enrollment from command to notification, on this machine alone
	@$(BIN)/python -m bot demo

sandbox: $(VENV)/.sandbox ## Open a workspace to try by hand in a browser: the whole bot, no account, until Ctrl-C
	@$(BIN)/python -m bot sandbox

test: $(VENV)/.dev ## Run the tests, less the slow ones
	@$(BIN)/python -m pytest -n 4 --dist worksteal -m "not slow"

# Some kill processes and say by when everything has to have ended, some print figures: they have the machine to themselves.
KILLS := tests/fault/test_kills.py
FIGURES := tests/browser/test_figures.py

test-slow: $(VENV)/.dev ## Run the slow tests and only these, the kills and the figures last
	@$(BIN)/python -m pytest -n 4 --dist worksteal -m slow --ignore $(KILLS) --ignore $(FIGURES)
	@$(BIN)/python -m pytest -m slow $(KILLS) $(FIGURES)

bench: $(VENV)/.dev ## Measure how fast the bot is, beside its peers; print it, and write it to bench.json (about eight minutes)
	@$(BIN)/python -m tests.bench --json bench.json

scale: $(VENV)/.dev ## Measure how the bot bears thousands of enrollments that wait (less than eight minutes)
	@$(BIN)/python -m tests.bench.scale

MINUTES ?= 10
SEED ?= $(shell date +%s)
chaos: $(VENV)/.dev ## Kill the bot at random for MINUTES (10), as SEED draws it, once over each database
	@CHAOS_MINUTES=$(MINUTES) CHAOS_SEED=$(SEED) $(BIN)/python -m pytest -m slow $(KILLS) -k "sqlite or many_processes"

screenshots: $(VENV)/.dev ## Take the pictures of README anew, in a browser (Debian's chromium)
	@$(BIN)/python -m tests.browser.pictures

check: $(VENV)/.dev ## Look without changing: format, lint, types, who imports whom
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fix: $(VENV)/.dev ## Change what a machine can: format, and the lint that repairs itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## Remove what was installed and cached; the data directory stays
	rm -rf $(VENV) .coverage htmlcov .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is %d.%d. Set PYTHON=…" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.sandbox: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what the sandbox needs into $(VENV) (once) …"
	@$(PIP) install --constraint constraints.txt --editable '.[sandbox]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what the tests need into $(VENV) (once) …"
	@$(PIP) install --constraint constraints.txt --editable '.[sandbox,dev]'
	@touch $@ $(VENV)/.sandbox
