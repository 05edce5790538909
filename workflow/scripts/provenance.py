"""Write where the figures and results of a paper come from, and the checksums of all that its report shows."""

from pathlib import Path

from reports.pipeline import write_provenance
from workflow.process.scripting import logged_job

with logged_job(snakemake):
    write_provenance(
        snakemake.wildcards.paper,
        Path(snakemake.input.data[0]).parent,
        Path(snakemake.input.tables),
        Path(snakemake.input.figures[0]).parent,
        Path(snakemake.output[0]),
    )
