"""Measure what one of the papers' theorems says."""

from pathlib import Path

from workflow.jobs.measurement import run_experiment
from workflow.process.scripting import logged_job

with logged_job(snakemake):
    experiment, budget = snakemake.wildcards.experiment, snakemake.wildcards.budget
    run_experiment(experiment, budget, snakemake.params.runs, snakemake.params.native, Path(snakemake.output.table))
