"""Typeset the report of a paper."""

from pathlib import Path

from reports.pipeline import build_report
from workflow.process.scripting import logged_job

with logged_job(snakemake):
    build_report(
        snakemake.wildcards.paper,
        Path(snakemake.input.figures[0]).parent,
        Path(snakemake.input.tables),
        Path(snakemake.input.provenance),
        Path(snakemake.output[0]),
        snakemake.params.scale,
    )
