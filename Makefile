# make demo · make test · make check · make bench. Each makes its own virtual environment when there is none.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test check format bench bench-speed bench-always-on bench-quality faults e2e postgres clean

# torch first and pinned: it is needed once, to export the model, and resolves to a CPU build where one is offered.
$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check "torch==2.13.0"
	$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[dev]"
	$(BIN)/python -m compileall -q agent $$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])') >/dev/null 2>&1 || true
	touch $@

demo: $(STAMP)
	$(BIN)/closer demo

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: bench-speed bench-always-on bench-quality

bench-speed: $(STAMP)
	$(BIN)/python -m bench.speed

bench-always-on: $(STAMP)
	$(BIN)/python -m bench.always_on

# CLOSER_DATA names the folder of the public sets: see bench/writeside/README.md.
bench-quality: $(STAMP)
	$(BIN)/python -m bench.quality

# Heavier suites. Those that don't exist yet fail and say so.
faults: $(STAMP)
	KILLS=100 $(BIN)/python -m pytest tests/scenarios/test_kill.py tests/scenarios/test_durable.py tests/scenarios/test_worker.py tests/scenarios/test_full_disk.py tests/scenarios/test_gateway_outage.py tests/adapters/test_gateway_faults.py

e2e:
	@echo "there is no browser suite yet: closer has no page" >&2; exit 1

# What touches registry or engine, once more on a Postgres made for the run (Debian: apt-get install postgresql).
ON_POSTGRES := tests/postgres $(wildcard tests/adapters/test_registry*.py) tests/adapters/test_engine.py \
  tests/scenarios tests/interfaces/http tests/interfaces/test_cli.py tests/interfaces/test_mcp.py \
  tests/interfaces/test_backfill.py tests/interfaces/test_owner.py
postgres: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal --postgres $(ON_POSTGRES)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache dist build
