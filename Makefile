# What a developer types. Every target sets up what it needs, and is quick when nothing changed.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.set-up
CATALOGUES := $(wildcard src/paidan/locale/*/LC_MESSAGES/*.po)
COMPILED := $(CATALOGUES:.po=.mo)
COMPILE := $(BIN)/pip-compile --quiet --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	--no-emit-options --strip-extras --annotation-style=line

# Options for `make demo`, for example DEMO_ARGS=--no-serve.
DEMO_ARGS ?=
# Options for pytest, for example TEST_ARGS="-k ratio".
TEST_ARGS ?= -n logical --dist worksteal
# Which rows of the bench to run; all by default.
ROWS ?=

.PHONY: help setup browser chromium demo test ci lint dev fix bench messages lock clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP) browser $(COMPILED) ## virtual environment, locked dependencies and browser packages, compiled translations

$(STAMP): requirements-dev.lock pyproject.toml scripts/set_up.py
	@$(PYTHON) scripts/set_up.py
	@touch $@

browser: | $(STAMP)
	@$(BIN)/python scripts/browser_packages.py

$(COMPILED): $(CATALOGUES) | $(STAMP)
	@$(BIN)/python scripts/messages.py compile

demo: setup ## real orders, allocated, with the reasons (DEMO_ARGS=--no-serve ends without the pages)
	@scripts/demo $(DEMO_ARGS)

test: setup ## all tests, on a real PostgreSQL (TEST_ARGS= for pytest)
	@$(BIN)/python -m pytest $(TEST_ARGS)

pictures: setup ## renew the screenshots in docs/ by the browser tests
	@PAIDAN_PICTURES=1 $(BIN)/python -m pytest tests/browser

lint: setup ## style, types, layers, translations, Django's checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/lint-imports
	$(BIN)/python scripts/messages.py check
	scripts/check_deployment

ci: export PAIDAN_BROWSER := required
ci: chromium test lint ## everything that must hold before a change goes in

chromium:
	@scripts/chromium

dev: setup ## the web application with reloading, in .dev/ or PAIDAN_DATA
	@PAIDAN_DEBUG=1 PAIDAN_DATA="$${PAIDAN_DATA:-$(CURDIR)/.dev}" sh -c \
		'$(BIN)/python manage.py migrate && exec $(BIN)/python manage.py runserver'

fix: setup ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## the speed table (ROWS= picks rows)
	@$(BIN)/python -m bench $(ROWS)

messages: setup ## bring the translation files up to date with the sources
	@$(BIN)/python scripts/messages.py update

lock: setup ## resolve the dependencies anew within pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) -o requirements.lock pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean: ## stop the servers of demo, development and tests, and remove their data
	@for folder in .demo .dev .test-db .test-db/check; do \
		test ! -d $$folder/postgres || $(BIN)/python -m paidan.kit.postgres stop $$folder/postgres || exit 1; done
	rm -rf .demo .dev .test-db
