# Two commands: `make demo` and `make test`. Everything is installed into .venv, pinned by requirements.lock.
PYTHON ?= python3
PORT ?= 8700
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
# faiss-cpu and faiss-gpu own the same folder, so exactly one of them is installed.
FAISS := $(shell (nvidia-smi -L 2>/dev/null | grep -q GPU) && echo faiss-gpu==1.15.1 || echo faiss-cpu==1.15.1)

.PHONY: demo test install lint bench clean

demo: $(RUNTIME)
	@$(BIN)/chipwire demo --port $(PORT)

test: $(DEVELOPMENT)
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: $(DEVELOPMENT)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

install: $(RUNTIME)

bench: $(RUNTIME)
	$(BIN)/python bench/speed.py

$(RUNTIME): requirements.lock pyproject.toml
	@test -d $(VENV) || { echo "Making $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Chipwire needs Python 3.11 or newer: make PYTHON=python3.12 …" >&2; rm -rf $(VENV); exit 1; }
	@echo "Installing $$(grep -c == requirements.lock) pinned packages and $(FAISS); PyTorch is the large one …"
	@$(call pip-install,-r requirements.lock $(FAISS))
	@$(PIP) install -q --no-deps -e .
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.lock
	@echo "Installing the tools for tests …"
	@$(call pip-install,-r requirements-dev.lock)
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info

# pip's own output is hundreds of lines: one line that moves is enough on a terminal, and none when piped.
define pip-install
set -e; log=$$(mktemp); status=$$(mktemp); \
{ $(PIP) install --progress-bar off $(1) 2>&1 || echo $$? > $$status; } | tee $$log | \
awk -v tty="$$(test -t 2 && echo 1)" '/^Collecting|^Installing/ { n++; if (tty) { printf "\r  %3d  %-60.60s", n, $$1 " " $$2; fflush() } } END { if (tty) printf "\r%70s\r", "" }'; \
if [ -s $$status ]; then tail -20 $$log >&2; rm -f $$log $$status; echo "The packages could not be installed (see above)." >&2; exit 1; fi; rm -f $$log $$status
endef
