"""Draw one figure of a paper."""

from pathlib import Path

from reports.pipeline import draw_figures
from workflow.process.scripting import logged_job

with logged_job(snakemake):
    names = [snakemake.wildcards.figure]
    draw_figures(snakemake.wildcards.paper, Path(snakemake.input.data[0]).parent, Path(snakemake.output.svg).parent, names)
