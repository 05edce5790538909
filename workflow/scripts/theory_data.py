"""Take the table of an experiment into the data of a paper's report."""

from pathlib import Path

from reports.pipeline import take_theory
from workflow.process.scripting import logged_job

with logged_job(snakemake):
    take_theory(Path(snakemake.input.table), Path(snakemake.output.table))
