# `make run` does everything, from a bare checkout to the page. `make help` lists the rest.

PORT ?= 7860
DOSSIER ?= dossier
# The Python to set up with; found when not given.
PYTHON ?=

VENV := .venv
PY := $(VENV)/bin/python
RECOUPE := $(VENV)/bin/recoupe
READY := $(VENV)/.installed

# What packages are built with is pinned too: by the first for pip before 25.3, else by the second.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Whether a Python is of a version that Recoupe runs on.
suits = $(1) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null

.DEFAULT_GOAL := help
.PHONY: help run test eval acceptance retrieval bench bench-answer-json screenshots lint \
    clean models starter

help:
	@echo "make run         set up, then open the page on http://127.0.0.1:$(PORT) (PORT=… DOSSIER=…)"
	@echo "make test        set up, then run every test, those with the real models included (ARGS=…)"
	@echo "make eval        the quick suite, held against eval/baseline.json (ARGS=…)"
	@echo "make acceptance  ask the acceptance questions and report"
	@echo "make retrieval   measure what retrieval finds"
	@echo "make bench       measure how fast everything is, in half an hour (ARGS=--quick, ARGS=PART…)"
	@echo "make bench-answer-json  how long answers take, in three minutes; ends with a line of JSON"
	@echo "make screenshots pictures of every state of the page, in docs/screenshots (ARGS=--fake)"
	@echo "make lint        format, rules and types"
	@echo "make clean       remove what set-up and tests made, except models and dossiers"

run: starter
	@$(RECOUPE) serve --dossier "$(DOSSIER)" --port "$(PORT)"

test: $(READY) models
	@$(PY) -m pytest $(ARGS)

eval: $(READY) models
	@$(RECOUPE) eval --suite quick --check $(ARGS)

acceptance: $(READY) models
	@$(PY) -m eval.acceptance

retrieval: $(READY) models
	@$(PY) -m eval.retrieval

bench: $(READY) models
	@$(PY) -m eval.speed $(ARGS)

bench-answer-json: $(READY) models
	@$(PY) -m eval.answer_speed $(ARGS)

screenshots: $(READY) starter
	@$(PY) -m tests.screenshots --dossier "$(DOSSIER)" $(ARGS)

lint: $(READY)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

clean:
	rm -rf $(VENV) build dist *.egg-info tests/output .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find rag eval tests -name __pycache__ -type d -prune -exec rm -rf {} +

models: $(READY)
	@$(RECOUPE) models pull

# Only where there is no dossier yet. The mark is there while the seeds are being added, so that
# an interrupted first run is finished by the next one.
starter: models
	@if [ ! -f "$(DOSSIER)/dossier.db" ] || [ -f "$(DOSSIER)/.starting" ]; then \
	    echo "Building the starter dossier in $(DOSSIER)" && \
	    mkdir -p "$(DOSSIER)" && touch "$(DOSSIER)/.starting" && \
	    $(RECOUPE) add seeds --dossier "$(DOSSIER)" && \
	    rm "$(DOSSIER)/.starting"; \
	fi

# What is missing is said now, not by pip after minutes.
$(READY): pyproject.toml constraints.txt
	@need() { echo "Recoupe cannot be set up: $$1" >&2; exit 1; }; \
	python="$(PYTHON)"; \
	for candidate in python3 python3.13 python3.12 python3.11; do \
	    [ -z "$$python" ] && $(call suits,$$candidate) && python=$$candidate; \
	done; \
	[ -n "$$python" ] && $(call suits,"$$python") || \
	    need "it needs Python 3.11, 3.12 or 3.13. Install one, or name it: PYTHON=/path/to/python3"; \
	"$$python" -c 'import venv, ensurepip' 2>/dev/null || \
	    need "$$python has no venv module. Install it (Debian, Ubuntu: apt install python3-venv)."; \
	command -v "$${CXX:-c++}" >/dev/null || command -v g++ >/dev/null || \
	    command -v clang++ >/dev/null || \
	    need "it needs a C++ compiler (Debian, Ubuntu: apt install g++; macOS: xcode-select --install)."; \
	command -v cmake >/dev/null || \
	    need "it needs CMake (Debian, Ubuntu: apt install cmake; macOS: brew install cmake)."; \
	echo "Installing the requirements in $(VENV). The engine of the language model is compiled for"; \
	echo "this processor: about four minutes on two cores, once."; \
	$(call suits,$(PY)) && $(PY) -m pip --version >/dev/null 2>&1 || \
	    "$$python" -m venv --clear $(VENV)
	@$(PY) -m pip install -c constraints.txt -e '.[dev]'
	@touch $@
