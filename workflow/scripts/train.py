"""Train one block of seeds of one method on one task."""

from pathlib import Path

from workflow.plan.plan import Run, seeds_of
from workflow.process.scripting import logged_job
from workflow.training.outcome import run_to_outcome

with logged_job(snakemake):
    folder = Path(snakemake.output.run).parent
    run_to_outcome(Run.from_settings(snakemake.params.settings), seeds_of(snakemake.wildcards.block), folder, Path())
