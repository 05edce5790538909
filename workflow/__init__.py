"""From what a paper needs to results on disk: configuration, the training loop and the glue that Snakemake calls."""
