# Everything a newcomer needs; `make help` lists it. Needs Python 3.11 or newer and nothing else.

PYTHON ?= python3
VENV   := .venv
BOOKS  := .venv-books
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench soak clean translations lock

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(VENV)/.runtime $(VENV)/.front  ## install what is needed to run, and leave .venv/bin/plaudit

# A stamp is newer than its lock file exactly when the virtual environment matches it.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Plaudit needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Plaudit into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.front: front/package-lock.json front/gather.py | $(VENV)/.runtime
	@echo "Gathering what the pages use from npm ..."
	@$(BIN)/python front/gather.py
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime $(VENV)/.front
	@echo "Installing what the tests and checks need ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# Beancount is GPL: a program that tests run, in an environment of its own, never a part of ours.
$(BOOKS)/.ready: requirements-books.lock | $(VENV)/bin/python
	@echo "Installing Beancount, which reads our books in the tests, into $(BOOKS) ..."
	@$(PYTHON) -m venv $(BOOKS)
	@$(BOOKS)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-books.lock
	@touch $@

demo: $(VENV)/.runtime $(VENV)/.front  ## everything set up, seeded and running (FRESH=1 starts over)
	@$(BIN)/plaudit demo $(if $(FRESH),--fresh)

test: $(VENV)/.dev $(BOOKS)/.ready  ## set everything up and run all tests
	@$(BIN)/coverage erase
	@$(BIN)/python -m tests.halves
	@$(BIN)/coverage combine --quiet
	@$(BIN)/python -m tests.coverage_bar

check: $(VENV)/.dev  ## format, lint, types, layers, tidy
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.tidy

bench: $(VENV)/.runtime  ## measure, beside an alternative, in one run
	@$(BIN)/plaudit bench ledger
	@$(BIN)/plaudit bench http
	@$(BIN)/plaudit bench settle
	@$(BIN)/plaudit bench fanout --all

soak: $(VENV)/.dev $(BOOKS)/.ready  ## the long runs: more steps, more crashes
	@PLAUDIT_SOAK=1 $(BIN)/python -m pytest -m "soak or not soak" tests/soak tests/ledger tests/story tests/simulation

clean:  ## remove what was built (the data directory stays)
	rm -rf front/node_modules src/plaudit/web/pages/static/vendor
	rm -rf $(VENV) $(BOOKS) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage*

translations: $(VENV)/.dev  ## bring the pages' catalogues up to date
	@$(BIN)/python -m tests.translations

lock:  ## write the lock files anew (needs uv)
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --group build -o requirements.lock
	uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header \
	  -c requirements.lock -o requirements-dev.lock
	printf "beancount>=3.2\n" | uv pip compile -q - --universal --python-version 3.11 --generate-hashes --no-header \
	  -o requirements-books.lock
