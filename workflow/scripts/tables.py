"""Write the tables of a paper, its verdicts among them."""

from pathlib import Path

from reports.pipeline import write_tables
from workflow.process.scripting import logged_job

with logged_job(snakemake):
    data = Path(snakemake.input.data[0]).parent
    write_tables(snakemake.wildcards.paper, data, Path(snakemake.output[0]), snakemake.params.scale)
