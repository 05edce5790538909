"""Measure what one of the papers' theorems says."""

from pathlib import Path

from workflow.scripting import logged_job
from workflow.theory.job import run_experiment

with logged_job(snakemake.log[0]):
    run_experiment(snakemake.wildcards.experiment, snakemake.wildcards.budget, snakemake.params.runs, Path(snakemake.output[0]))
