# Reproduces the papers in reports/: `snakemake`, or `snakemake --config scale=paper papers=chung2021`.
include: "workflow/Snakefile"


# Without a rule of its own, a Snakefile that only includes another one schedules nothing, and says nothing.
rule default:
    default_target: True
    input:
        rules.all.input,
