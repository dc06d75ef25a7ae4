# make serve [PORT=8000] [HOST=127.0.0.1]   everything that is needed, the index, and the server in the foreground
# make test  [PYTEST="-m 'not slow'"]        the same, the test tools, and every test
# PYTHON=python3.12 names another Python; PIP_ARGS="--extra-index-url …" is passed to pip (constraints.txt says what for).

PORT ?= 8000
HOST = 127.0.0.1
PYTHON ?= python3
PIP_ARGS ?=
PYTEST ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -q -c constraints.txt $(PIP_ARGS)

HAS_CHROMIUM := { command -v chromium || command -v chromium-browser; } >/dev/null

.PHONY: serve test lint build voikko chromium clean
.DEFAULT_GOAL := serve
.NOTPARALLEL:

# One process brings the index up to date and serves, so that the model is loaded once. Ctrl-C reaches it directly (exec),
# and because it then ends with 0, make has no error to report.
serve: .venv/installed voikko
	@exec $(BIN)/assistant serve --build --host "$(HOST)" --port "$(PORT)"

build: .venv/installed voikko
	@$(BIN)/assistant build

test: .venv/installed-dev voikko chromium
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(PYTEST) \
	    $$($(HAS_CHROMIUM) || echo "--ignore-glob=tests/test_browser_*")

lint: .venv/installed-dev
	@$(BIN)/ruff check assistant tests training benchmarks hatch_build.py
	@$(BIN)/mypy assistant

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$$($(PYTHON) -V) is too old: name a Python 3.11 or newer, as in \`make serve PYTHON=python3.12\`."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || scripts/system-packages python3-venv || \
	    { echo "Python's venv module is missing: run \`apt install python3-venv\` as root and try again."; exit 1; }
	@echo "Making the virtual environment .venv…"
	@$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt hatch_build.py | .venv/bin/python
	@echo "Installing the Python packages (some minutes the first time)…"
	@$(PIP) -e .
	@touch $@

.venv/installed-dev: pyproject.toml constraints.txt hatch_build.py | .venv/bin/python
	@echo "Installing the Python packages and the test tools (some minutes the first time)…"
	@$(PIP) -e '.[dev]'
	@touch .venv/installed $@

# A failed try is remembered in .venv, so that a machine without the right or the network is not kept waiting each time.
voikko: .venv/installed
	@$(BIN)/python -c 'import sys; from assistant.finnish import analyser; sys.exit(analyser().name != "voikko")' || \
	{ test ! -e .venv/no-voikko && scripts/system-packages libvoikko1 voikko-fi; } || \
	{ touch .venv/no-voikko; \
	  echo "NOTE: Voikko is not installed, so Finnish words are read with simplemma: compounds are not parted and answers are"; \
	  echo "      found somewhat less often. To mend it: \`apt install libvoikko1 voikko-fi\` as root, then \`make\` again."; }

chromium:
	@$(HAS_CHROMIUM) || \
	{ test ! -e .venv/no-chromium && scripts/system-packages chromium; } || \
	{ touch .venv/no-chromium; \
	  echo "NOTE: Chromium is not installed, so the tests in a browser are left out. To mend it: \`apt install chromium\` as root."; }

clean:
	rm -rf .venv index build dist .pytest_cache .mypy_cache .ruff_cache
