# The words of this project: make run, make test, make check, make soak, make bench, make setup.
PYTHON ?= python3
PORT ?= 8000
MINUTES ?= 10
BIN := .venv/bin
# A virtual environment is rebuilt only when a lock file changes.
SETUP := .venv/.setup
SETUP_DEV := .venv/.setup-dev

.DEFAULT_GOAL := help
.PHONY: help setup run test check faults soak bench messages format

help:
	@echo "make run     serve the blog with demo content (PORT=8000)"
	@echo "make test    run every check and test"
	@echo "make check   style, types, migrations, catalogues, templates"
	@echo "make faults  break things on purpose, a few minutes of it"
	@echo "make soak    break things for MINUTES=10 and see that nothing is lost"
	@echo "make bench   measure it beside Node.js, under twenty minutes (QUICK=1: under two)"
	@echo "make setup   only make .venv"
	@echo "make messages  bring both language catalogues up to date (needs gettext)"
	@echo "make format  put code and templates in order"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Postroom needs Python 3.11 or newer; name one with PYTHON=…"; exit 1; }
	$(PYTHON) -m venv .venv

$(SETUP): requirements.lock | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(SETUP_DEV): requirements.lock requirements-dev.lock | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $(SETUP) $@

setup: $(SETUP)

run: $(SETUP)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo
	@exec $(BIN)/python manage.py serve --port $(PORT)

check: $(SETUP_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(BIN)/python -W error::DeprecationWarning manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0
	$(BIN)/pytest --quiet -n 0 tests/project/test_catalogues.py

# What breaks things on purpose also watches the clock: it has the machine to itself.
test: check
	$(BIN)/pytest -r s --ignore tests/faults
	$(BIN)/pytest -r s -n 0 tests/faults

faults: $(SETUP_DEV)
	$(BIN)/pytest -r s tests/faults

soak: $(SETUP_DEV)
	$(BIN)/python -m tests.faults.soak --minutes $(MINUTES)

bench: $(SETUP_DEV)
	$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

messages: $(SETUP_DEV)
	@rm -f config/locale/en/LC_MESSAGES/*.po  # made anew, or gettext would guess at what is similar
	$(BIN)/python manage.py makemessages --locale en --locale ko --no-wrap --no-location --ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*'
	$(BIN)/python manage.py makemessages --domain djangojs --locale en --locale ko --no-wrap --no-location --ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*' --ignore 'static/vendor/*'
	@for catalogue in config/locale/en/LC_MESSAGES/*.po; do msgen --no-wrap -o $$catalogue $$catalogue; done
	$(BIN)/python manage.py compilemessages --ignore '.venv/*'

format: $(SETUP_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')
