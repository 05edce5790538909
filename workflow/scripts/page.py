"""Write the page of a paper."""

from pathlib import Path

from reports.pipeline import build_page
from workflow.process.scripting import logged_job

with logged_job(snakemake):
    data = Path(snakemake.input.data[0]).parent
    films = [Path(path) for path in snakemake.input.films]
    build_page(snakemake.wildcards.paper, data, Path(snakemake.input.tables), Path(snakemake.output[0]), films)
