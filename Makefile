# Everything a developer or CI runs. `make` alone prepares the environment.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.installed

# What Python has compiled is kept, whatever the environment says: tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: install demo test test-long lint bench drain simulate simulate-mutants crash-matrix screenshots currencies lock sbom audit

install: $(READY)

# Dependencies exactly as locked, then the project itself in place.
$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: install
	$(BIN)/trueup demo

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -n 4 --dist worksteal -m "not long"

test-long: install
	$(BIN)/pytest -n 2 -m long

# How fast TrueUp is, each figure beside a reference measured in the same run.
bench: install
	$(BIN)/python tests/bench/run.py

# Catching up after six hours without the back office, on a virtual clock: make drain [ORDERS=108000]. About 20 ms of
# processor time per order.
ORDERS ?= 108000
drain: install
	$(BIN)/python -m tests.simulation.drain.run --orders $(ORDERS)

# The engine in simulated worlds under faults, one seed after the other: make simulate SEEDS=1000 [FROM=1] [WORKERS=1]
SEEDS ?= 20
FROM ?= 1
WORKERS ?= 1
simulate: install
	$(BIN)/python -m tests.simulation.simulate --seeds $(SEEDS) --from $(FROM) --workers $(WORKERS)

# Deliberate faults in the engine, each to be found by the simulation; writes the table into docs/simulation.md.
simulate-mutants: install
	$(BIN)/python -m tests.simulation.hunt --workers $(WORKERS)

# The engine dies at every point it has, by exception and by SIGKILL; writes the table into docs/crash-matrix.md.
crash-matrix: install
	$(BIN)/python -m tests.crash.matrix --workers $(WORKERS)

# Pictures of every screen, as SVG into docs/screenshots.
screenshots: install
	$(BIN)/python -m console.screenshots

# Decimals of every currency, into engine/model/currencies.py.
currencies: install
	$(BIN)/python -m tests.orders.currency_table

# What is installed, as CycloneDX JSON, and whether it is what the lock file says; neither needs a network. With
# ADVISORIES=folder (OSV's export of the Python ecosystem, unpacked) known vulnerabilities are looked up too.
sbom: install
	$(BIN)/python -m tests.supply.bill sbom sbom.json

audit: install
	$(BIN)/python -m tests.supply.bill audit $(ADVISORIES)

lock:
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --extra dev \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--output-file requirements.lock pyproject.toml
