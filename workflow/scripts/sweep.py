"""Train every candidate of one search for settings."""

from pathlib import Path

from workflow.scripting import logged_job
from workflow.search import run_search
from workflow.sweep import Search

with logged_job(snakemake):
    run_search(Search.from_settings(snakemake.params.settings), Path(snakemake.output.table))
