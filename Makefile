# make reproduce [SCALE=ci|quick|paper|extended] [PAPER=chung2021] [CORES=2]   reproduce, and say where the PDF is
# make test                                                                  run the whole test suite
# make regression                                                            does the ci scale still give what it gave?
# make verify                                                                are all results sound, and what would be made now?
# The other targets: proofs, lint, bench, rates, report, measured, sweep, schemas, lock, regression-accept, regression-times, regression-proof.

SCALE ?= quick
PAPER ?= all
CORES ?= all
WORKERS ?= 2
PYTHON ?=

VENV := .venv
BIN := $(VENV)/bin
FRESH := $(VENV)-fresh
PAPERS = $(if $(filter all,$(PAPER)),$(notdir $(patsubst %/,%,$(dir $(wildcard reports/*/runs.yaml)))),$(PAPER))
SEARCHED = $(foreach paper,$(PAPERS),$(if $(wildcard reports/$(paper)/sweep.yaml),$(paper)))
# It ends with the make that started it, even if that is killed: see workflow/process/orphans.py.
SNAKEMAKE = WORKFLOW_STARTED_BY=$$PPID $(BIN)/snakemake --cores $(CORES)

# One thread a process: parallelism is Snakemake's.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

# Snakemake keeps a cache in the user's home, or in this folder where nobody may write there.
ifneq (yes,$(shell test -w "$${XDG_CACHE_HOME:-$$HOME}" && echo yes))
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif

.DEFAULT_GOAL := reproduce
.PHONY: reproduce test proofs regression regression-accept regression-times regression-proof verify lint bench rates report measured sweep \
	schemas lock environment

reproduce: environment
	$(SNAKEMAKE) --config scale='$(SCALE)' papers='$(PAPER)'
	@for paper in $(PAPERS); do echo "The report: $(CURDIR)/results/reports/$$paper.pdf"; done

# Some tests run pipelines of two jobs at a time. tests/parallel.py shares them out.
test: environment
	$(BIN)/python -m pytest --numprocesses $(WORKERS)

# What would make the suite too long, or needs a machine of its own: two builds, other processors, kills of every kind, a real SLURM.
proofs: environment
	$(BIN)/python -m pytest -m proof

verify: environment
	@$(BIN)/python -m workflow verify

# The ci scale anew, in a folder of its own, against tests/regression/expected: fails where anything moved, warns of lost speed.
regression: environment
	$(BIN)/python -m tests.regression

# Shows the same, and expects from now on what came out.
regression-accept: environment
	$(BIN)/python -m tests.regression accept

# The speed alone.
regression-times: environment
	$(BIN)/python -m tests.regression times

# Small faults, one at a time, in a copy of the repository: does the gate catch each? Into tests/regression/mutations.md.
regression-proof: environment
	$(BIN)/python -m tests.regression.mutations --write

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

# Speed, as one table, into benchmarks/results.md.
bench: environment
	$(BIN)/python -m benchmarks

# How fast runs train that no paper's measured tables have yet, for a cluster's time limits; into benchmarks/rates.csv.
rates: environment
	$(BIN)/python -m benchmarks --rates

# Snakemake's own report, with figures, tables, settings and the time that each job took.
report: reproduce
	$(SNAKEMAKE) --config scale='$(SCALE)' papers='$(PAPER)' --report results/report.html
	@echo "Snakemake's report: $(CURDIR)/results/report.html"

# The small tables of the run that the verdicts rest on, and its main figure, for the repository. A paper's package says which.
measured: $(addprefix measured-,$(PAPERS))

measured-%: environment
	@$(MAKE) reproduce PAPER=$* SCALE=$$($(BIN)/python -m reports.measured scale $*)
	@$(BIN)/python -m reports.measured copy $*

# The open search for settings that a paper does not record; its table goes into the repository as well.
sweep: environment
	$(SNAKEMAKE) sweeps --config papers='$(PAPER)'
	@for paper in $(SEARCHED); do \
		mkdir -p reports/$$paper/measured && \
		cp results/sweeps/$$paper/sweep.csv results/sweeps/$$paper/sweep_provenance.json reports/$$paper/measured/ && \
		echo "Copied to reports/$$paper/measured"; \
	done

schemas: environment
	$(BIN)/python -m workflow schemas

# After a change of requirements.txt: the version of everything that a fresh installation of it brings along. Builds for other
# processors are left open: what they call a version ends in +cpu or the like, and what they bring along besides differs.
lock: environment
	@rm -rf $(FRESH) && $(BIN)/python -m venv $(FRESH)
	@$(FRESH)/bin/python -m pip install --requirement requirements.txt
	@{ echo "# Made by \`make lock\`: every package that those of requirements.txt need, at the version that results were made with."; \
		$(FRESH)/bin/python -m pip freeze --all --exclude pip | sed -E '/^(nvidia-|cuda-|triton)/d; s/\+[A-Za-z0-9.]+$$//'; } > constraints.txt
	@rm -rf $(FRESH)

# Makes .venv, installs anew where the requirements have changed since, and refuses what cannot work.
environment:
	@VENV='$(VENV)' PYTHON='$(PYTHON)' sh workflow/environment.sh
