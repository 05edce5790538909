"""Gather all searches of a paper in one table."""

from pathlib import Path

from workflow.process.scripting import logged_job
from workflow.training.search import gather

with logged_job(snakemake):
    gather(
        [Path(path) for path in snakemake.input.tables],
        [Path(path) for path in snakemake.input.records],
        Path(snakemake.input.file),
        Path(snakemake.output.table),
        Path(snakemake.output.record),
    )
