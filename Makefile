# ivpipe: `make demo` and `make test` are all a newcomer needs; each makes the environment it wants.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# A test process per processor, each with its own servers; a file's tests stay together, in the files' order.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# The demo, the flows and the tests start many processes: let Python keep what it has compiled, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint check bench format clean

demo: $(VENV)/.demo            ## the whole pipeline on this machine, with three partner sites; Ctrl-C ends it
	$(BIN)/ivpipe demo

test: $(VENV)/.dev             ## the whole test suite
	$(BIN)/pytest $(SIDE_BY_SIDE)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint                    ## what to run while developing: under a minute; SQLite only
	$(BIN)/pytest tests/unit -m "not slow" -k "not postgresql" $(SIDE_BY_SIDE)

bench: $(VENV)/.bench          ## speed and quality, side by side with others; prints tables
	$(BIN)/pytest tests/benchmarks --override-ini addopts="-q --strict-markers --import-mode=importlib" -s

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ivpipe needs Python 3.11 or later; say which with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq python3-venv; } || \
	  { echo "Python's venv module is missing; on Debian: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[firefox]' || \
	  $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.demo dev-requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -r dev-requirements.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev bench-requirements.txt
	$(BIN)/pip install --quiet --upgrade 'pip>=24.1'  # older ones stumble over an extra that both peers ask for
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -r bench-requirements.txt
	@touch $@
