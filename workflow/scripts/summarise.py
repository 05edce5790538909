"""Reduce the results that a paper's report shows to a few small files."""

from pathlib import Path

from reports.pipeline import summarise_to_files
from workflow.process.scripting import logged_job

with logged_job(snakemake):
    summarise_to_files(
        snakemake.wildcards.paper,
        [Path(record).parent for record in snakemake.input.records],
        snakemake.params.seeds,
        Path(snakemake.output[0]).parent,
        allow_partial=snakemake.params.allow_partial,
        origins=snakemake.params.origins,
    )
