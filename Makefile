# The words people and machines use here: setup demo test check bench lock clean.
# Needs Python >= 3.11 and make, nothing else.

PYTHON ?= python3
# Three at a time on two cores: much of the suite waits for servers and for workers that were killed.
PYTEST_FLAGS ?= -n 3 --dist loadfile --no-loadscope-reorder --durations=15
LOCK_FLAGS ?=

BIN := .venv/bin
STAMP := .venv/.complete

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := setup
.DELETE_ON_ERROR:
.PHONY: setup demo test check bench lock clean

setup: $(STAMP)

# The stamp is written last. A first run that was interrupted has none and starts afresh; a later change
# of the lock installs over what is there, so that a running worker keeps its files.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	@test -e $@ || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	$(BIN)/lianyue demo

# -I: the current folder is not silently importable, tests see what is installed.
test: setup
	$(BIN)/python -Im pytest $(PYTEST_FLAGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m bench

# Of django-htmx the static files are served and nothing is imported, so that Django and its kin are left out.
# Keeps the pins that still fit; `make lock LOCK_FLAGS=--upgrade` moves them all.
lock:
	test -x .venv-lock/bin/uv || { $(PYTHON) -m venv --clear .venv-lock && .venv-lock/bin/python -m pip install --quiet 'uv>=0.5'; }
	@grep -v '^#' requirements.lock > .venv-lock/pins.txt || true
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --no-emit-find-links \
		--no-emit-package django --no-emit-package asgiref --no-emit-package sqlparse $(LOCK_FLAGS) \
		--output-file .venv-lock/pins.txt pyproject.toml
	@{ echo '# Written by `make lock`. Every package is pinned by hash; the file names no index, so any mirror serves.'; \
		cat .venv-lock/pins.txt; } > requirements.lock

clean:
	rm -rf .venv .venv-lock .lianyue build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
