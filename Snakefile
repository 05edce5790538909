# Reproduces the papers in reports/: `snakemake`, or `snakemake --config scale=paper papers=chung2021`.


include: "workflow/Snakefile"


# A Snakefile that only includes others schedules nothing: it needs a rule of its own.
rule default:
    default_target: True
    input:
        rules.all.input,
