"""Train one block of seeds of one method on one task."""

from pathlib import Path

from workflow.plan.plan import Run, seeds_of
from workflow.process.scripting import logged_job
from workflow.training.job import run_job

with logged_job(snakemake):
    run_job(Run.from_settings(snakemake.params.settings), seeds_of(snakemake.wildcards.block), Path(snakemake.output.run).parent)
