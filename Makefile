# Two commands: `make demo` shows the main job on the example estate, `make test` passes the tests. Each makes its own
# virtual environment, so neither needs anything but Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint examples bench clean

demo: $(VENV)/.run
	@$(BIN)/drpolicy lose ap-northeast-2 examples/before --as-of 2026-11-01
	@# The gate fails on this estate, as it should: exit code 1, and nothing else.
	@$(BIN)/drpolicy check examples/before --as-of 2026-11-01; test $$? -eq 1

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n auto

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check drpolicy tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

examples: $(VENV)/.dev
	$(BIN)/drpolicy policy test

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/run.py

$(VENV)/.run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build
