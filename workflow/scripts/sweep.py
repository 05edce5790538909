"""Train every candidate of one search for settings."""

from pathlib import Path

from workflow.plan.sweep_file import Search
from workflow.process.scripting import logged_job
from workflow.training.search import run_search

with logged_job(snakemake):
    run_search(Search.from_settings(snakemake.params.settings), Path(snakemake.output.table))
