"""Make the films of one cell of a page."""

import json
from pathlib import Path

from records.files import write_text
from workflow.playback.cell import films_of_cell
from workflow.process.scripting import logged_job

with logged_job(snakemake):
    wanted = snakemake.wildcards
    data, folders = Path(snakemake.input.data[0]).parent, [Path(path).parent for path in snakemake.input.policies]
    films = films_of_cell(data, folders, (wanted.task, wanted.method, wanted.variant), snakemake.params.most_bytes)
    write_text(Path(snakemake.output[0]), json.dumps(films) + "\n")
