"""Measure what one of the papers' theorems says."""

from pathlib import Path

from workflow.scripting import logged_job
from workflow.theory.job import run_experiment

with logged_job(snakemake):
    experiment, budget = snakemake.wildcards.experiment, snakemake.wildcards.budget
    run_experiment(experiment, budget, snakemake.params.runs, snakemake.params.native, Path(snakemake.output.table))
