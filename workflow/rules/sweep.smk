localrules:
    sweep_table,
    sweeps,


rule sweep:
    output:
        table=f"{SWEEPS}/{{paper}}/{{sweep}}.csv",
        record=f"{SWEEPS}/{{paper}}/{{sweep}}.json",
    log:
        "logs/sweeps/{paper}/{sweep}.log",
    priority: searches.priority
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=searches.mebibytes,
        runtime=searches.minutes,
    params:
        settings=searches.settings,
        sources=searches.sources,
    script:
        "../scripts/sweep.py"


rule sweep_table:
    input:
        tables=searches.tables,
        records=searches.records,
        file=searches.file,
    output:
        table=f"{SWEEPS}/{{paper}}/sweep.csv",
        record=f"{SWEEPS}/{{paper}}/sweep_provenance.json",
    log:
        "logs/sweeps/{paper}/sweep_table.log",
    conda:
        "../../environment.yml"
    script:
        "../scripts/sweep_table.py"


# Asked for by name, as no report needs it anew: `snakemake sweeps`.
rule sweeps:
    input:
        searches.targets(),
