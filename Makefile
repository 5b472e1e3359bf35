# `make` prints this help. Everything runs from .venv; nothing is installed outside this directory.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-clock check lint types imports templates migrations bench browser chaos streams mutants changes clients invented hostile openapi pictures lock clean

BIN := .venv/bin
PYTHON := $(BIN)/python
SERVICES := $(PYTHON) -m plgcrm.demo.services
APPS := plgcrm accounts signals outreach
BROWSER ?= $(firstword $(wildcard /usr/bin/chromium /usr/bin/chromium-browser))
export PYTHONPATH := $(CURDIR)
export DJANGO_SETTINGS_MODULE := plgcrm.settings

help: ## this help
	@echo "make TARGET, for example:  make demo   or   make demo ARGS='--port 9000 --fresh'"
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: .venv/.installed ## make .venv from requirements.lock (skipped while that is unchanged)

.venv/.installed: requirements.lock
	@found=; for python in $(PYTHON3) python3 python3.11 python3.12 python3.13; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "PLGCRM needs Python 3.11 or newer. Install it, or name it: make setup PYTHON3=/path/to/python3.11" >&2; \
		exit 1; \
	fi; \
	echo "Making .venv with $$($$found --version)" >&2; \
	$$found -m venv .venv || { \
		echo "Python could not make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PYTHON) -c 'import pathlib, sysconfig; \
		pathlib.Path(sysconfig.get_path("purelib"), "plgcrm.pth").write_text("$(CURDIR)\n")'
	@touch $@

demo: setup ## start everything with a live sample company; Ctrl-C stops it (ARGS='--port 9000 --fresh ...')
	@$(PYTHON) manage.py demo $(ARGS)

test: setup ## all tests except the slow ones and those in a browser (ARGS='-k queue')
	@$(PYTHON) -m pytest -n 2 -m "not browser and not slow" $(ARGS)

test-clock: setup ## the same tests at ten moments, each in a random order; green ones are not run twice (ARGS=2026-03-29T00:59Z)
	@$(PYTHON) -m tests.clock $(ARGS)

check: lint types imports templates migrations ## lint, types, imports, templates, migrations

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	SECRET_KEY=check $(BIN)/mypy --strict $(APPS)

imports: setup
	$(BIN)/lint-imports

templates: setup
	find $(APPS) templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 --check {} +

migrations: setup
	SECRET_KEY=check $(SERVICES) sh -c '\
		$(PYTHON) manage.py makemigrations --check --dry-run && $(PYTHON) manage.py check'
	$(PYTHON) -m pytest tests/architecture/test_migrations.py

bench: setup ## the benchmarks, as lines of JSON
	@$(PYTHON) -m bench $(ARGS)

browser: setup ## the tests in a real browser; needs Debian's chromium
	@if [ -z "$(BROWSER)" ]; then \
		echo "The browser tests need Chromium. On Debian: apt-get install chromium" >&2; exit 1; \
	fi
	@$(PYTHON) -m pytest -m browser $(ARGS)

chaos: setup ## kill, flush and restart everything mid-stream, and count what is left
	@$(PYTHON) -m pytest -m slow -s tests/chaos $(ARGS)

streams: setup ## a whole real stream against a count by hand (PLGCRM_STREAMS names its folder)
	@$(PYTHON) -m pytest -m slow tests/flows/test_real_stream.py $(ARGS)

invented: setup ## hold sentences, messages and facts of 300 invented companies against the truth (make test: 60)
	@PLGCRM_INVENTED=300 $(PYTHON) -m pytest -n 2 tests/invented $(ARGS)

hostile: setup ## 500 streams with placeholders, stolen addresses, shared machines and swapped users against the truth (make test: 40)
	@PLGCRM_HOSTILE=500 $(PYTHON) -m pytest -n 2 tests/hostile $(ARGS)

mutants: setup ## make one module faulty in every way and see the tests notice (ARGS='access'); without ARGS, what is known
	@$(PYTHON) -m tests.mutants $(ARGS)

changes: setup ## make one small change of each sort in a copy, run its tests and print the files it takes (ARGS=guard)
	@$(PYTHON) -m tests.changes $(ARGS)

openapi: setup ## write docs/reference/openapi.yaml again
	@SECRET_KEY=openapi $(PYTHON) manage.py spectacular --validate --fail-on-warn --file docs/reference/openapi.yaml

pictures: setup ## take the pictures of every page from a running demo (ARGS='URL --user NAME --password WORD --admin NAME WORD')
	@$(PYTHON) manage.py screenshots $(ARGS)

clients: setup ## send with Segment's and RudderStack's own libraries to a separate demo (needs Node.js and npm)
	@$(PYTHON) tests/flows/clients/run.py $(ARGS)

lock: setup ## write requirements.lock again from pyproject.toml
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv
	$(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		--extra embedded --extra parquet --extra dev pyproject.toml -o requirements.lock

clean: ## remove .venv and everything the demo stored
	rm -rf .venv .plgcrm .mypy_cache .ruff_cache .pytest_cache .hypothesis
