# Everything needs only git, make and Python 3.11 with venv. Each target says what it does: `make help`.
PYTHON := $(shell command -v python3.11 || command -v python3)
BIN := $(CURDIR)/.venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install -qq --require-hashes
PORT ?= 8000
STATUS_PORT ?= $(shell expr $(PORT) + 1)
export PATH := $(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help serve test check bench stack requirements messages sounds bundle clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.venv/base.stamp: requirements/base.txt
	@echo "Installing what the portal runs on (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) -r requirements/base.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt
	@echo "Installing what the tests and checks need (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) -r requirements/dev.txt
	@touch .venv/base.stamp $@

serve: .venv/base.stamp  ## the demo on http://127.0.0.1:8000 (PORT=… for another), data under var/; Ctrl-C ends it
	@$(BIN)/python portal/demo_environment.py --port $(PORT) --status-port $(STATUS_PORT)
	@set -a && . var/demo.env && CA_KEY_DIR="$$SIGNING_KEYS" CA_KEY_PASSPHRASE_FILE="$$SIGNING_PASSPHRASE" \
		STATUS_KEY_DIR="$$STATUS_KEYS" STATUS_KEY_PASSPHRASE_FILE="$$STATUS_PASSPHRASE" \
		MAIL_KEY_DIR="$$MAIL_KEYS" MAIL_KEY_PASSPHRASE_FILE="$$MAIL_PASSPHRASE" \
		$(BIN)/python manage.py demo --var $(CURDIR)/var
	@exec $(BIN)/honcho --env var/demo.env start

test: .venv/dev.stamp  ## the whole suite, on SQLite and on a real PostgreSQL started by the tests
	@$(BIN)/python -m tests.run

check: .venv/dev.stamp  ## style, types, import contracts, translations, bundle, pinned requirements
	@$(BIN)/python -m tests.check

bench: .venv/dev.stamp  ## measure orders, status answers and pages on this machine, and print a table
	@$(BIN)/python -m tests.bench

stack: .venv/dev.stamp  ## the full set of processes on Debian's PostgreSQL, Redis and nginx; Ctrl-C ends it
	@exec $(BIN)/python -m deploy.stack

requirements: .venv/dev.stamp  ## pin the versions and hashes of requirements/*.in anew
	@cd requirements && $(BIN)/pip-compile $(COMPILE) base.in -o base.txt && $(BIN)/pip-compile $(COMPILE) dev.in -o dev.txt
COMPILE := --quiet --upgrade --strip-extras --allow-unsafe --generate-hashes \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

messages: .venv/dev.stamp  ## collect and compile the translations in locale/
	@$(BIN)/python -m tests.check --write texts

sounds:  ## speak the picture digits anew (needs espeak-ng and sox)
	@bash static/sounds/make.sh

bundle: .venv/dev.stamp  ## build static/app.js and static/app.css from frontend/
	@$(BIN)/python -m tests.check --write bundle

clean:  ## forget the demo's data and the virtual environment
	rm -rf var .venv .cache
