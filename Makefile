# make demo   the whole job on a synthetic corpus, from nothing, with a report at the end
# make test   every test, from nothing
# make lint   ruff, strict types on the pure rooms, import contracts
# make bench  speed, memory and quality beside the peers (minutes to hours: see bench/)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --progress-bar off -c constraints.txt
PYTEST_ARGS ?=

.PHONY: demo test lint bench clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info[:2] in ((3, 11), (3, 12)) else f"Undertone needs Python 3.11 or 3.12, not {sys.version.split()[0]}: make PYTHON=/path/to/python3.11 …")'
	@$(PYTHON) -m venv $(VENV)

# torch by itself and first: with it in place no other package pulls another build of it.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Undertone into $(VENV) (a few minutes the first time) ..."
	@$(PIP) torch==2.13.0
	@$(PIP) -e .
	@$(BIN)/python tools/fit_torchaudio.py
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the tests and checks need ..."
	@$(PIP) -e '.[dev]'
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	@$(PIP) -e '.[dev,bench]'
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/undertone demo

test: $(VENV)/.installed-dev
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.installed-bench
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) .undertone demo
