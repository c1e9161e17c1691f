# The two commands that matter: make demo, make test. `make` alone lists every verb.
SHELL := /bin/sh
PORT ?= 8000
SERVE ?= 1
PYTHON := .venv/bin/python
UV := .tools/bin/uv
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup scale demo serve test test-slow screenshots lint types quick migrations messages docs notebook lock clean

help: ## list the verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

setup: .venv/.ready ## prepare the environment in .venv

.venv/.ready: requirements/dev.txt requirements/tools.txt .python-version .ci/bootstrap
	@sh .ci/bootstrap
	@touch $@

scale: .venv-scale/.ready ## prepare Spark in .venv-scale, for data of any size (needs Java 17)

.venv-scale/.ready: .venv/.ready requirements/scale.txt
	@[ -x .venv-scale/bin/python ] || $(UV) venv --quiet --python $(PYTHON) .venv-scale
	@$(UV) pip sync --quiet --require-hashes --python .venv-scale/bin/python requirements/scale.txt
	@touch $@

demo: setup ## run a whole demonstration round and serve the site (PORT=8000, SERVE=0 to stop before serving)
	@$(PYTHON) manage.py demo --port $(PORT) $(if $(filter 0 no false,$(SERVE)),--no-serve)

serve: setup ## serve what is there: web and task worker together
	@$(PYTHON) manage.py serve --port $(PORT)

test: setup scale ## all checks and all tests, on PostgreSQL and the marked ones on SQLite
	@sh .ci/services
	@$(MAKE) --no-print-directory lint types
	@$(PYTHON) .ci/with_postgres.py $(PYTHON) -m pytest -n 2 --dist loadscope -m "not browser" $(ARGS)
	@$(PYTHON) .ci/with_postgres.py $(PYTHON) -m pytest -m browser $(ARGS)
	@SURVEY_DATABASE_URL=sqlite:///var/test.sqlite3 $(PYTHON) -m pytest -n 2 --dist loadscope -m sqlite $(ARGS)

quick: setup ## the tests on SQLite without a browser, for the loop of everyday work
	@SURVEY_DATABASE_URL=sqlite:///var/test.sqlite3 $(PYTHON) -m pytest -m "not browser and not connections" --reuse-db $(ARGS)

lint: setup ## style, architecture, spelling, templates, migrations, deployment settings
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/djlint --lint --quiet survey_site sampling questionnaires analysis
	@.venv/bin/codespell
	@$(PYTHON) manage.py makemigrations --check --dry-run
	@$(PYTHON) .ci/check_deploy.py

types: setup ## static types
	@.venv/bin/mypy survey_site sampling questionnaires analysis

migrations: setup ## write migrations for changed models
	@$(PYTHON) manage.py makemigrations

messages: setup ## collect texts into the catalogues and compile them
	@$(PYTHON) manage.py makemessages --locale vi --no-location --no-obsolete --ignore '.venv/*' --ignore '.venv-scale/*' --ignore '.tools/*' --ignore 'var/*' --ignore 'tests/*'
	@$(PYTHON) manage.py compilemessages --locale vi --locale en --ignore .venv --ignore .venv-scale --ignore .tools --ignore var

test-slow: setup ## simulations behind the promises, a national list in a browser, every page state by axe (about an hour and a half)
	@sh .ci/services
	@$(PYTHON) .ci/with_postgres.py $(PYTHON) -m pytest -m simulation $(ARGS)

screenshots: setup ## pictures of every kind of question on a phone, into var/screenshots (ARGS=--all for every feature)
	@sh .ci/services
	@$(PYTHON) .ci/with_postgres.py $(PYTHON) -m tests.browser.screenshots var/screenshots $(ARGS)

docs: setup ## build the pages of the statistical packages from their docstrings, into var/api
	@$(PYTHON) -m sphinx -q -W --keep-going -b html docs/api var/api
	@echo "Open var/api/index.html"

notebook: setup ## run the notebook for statisticians and store what it prints
	@$(PYTHON) .ci/notebook.py

lock: setup ## renew the hash-pinned requirements from requirements/*.in
	@for name in base dev scale tools; do \
	  $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.12 \
	    --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) \
	    requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

clean: ## remove what the project made: environment, database, caches
	@rm -rf .venv .venv-scale .tools var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
