localrules:
    theory_data,


rule theory:
    input:
        policies=experiments.policies,
    output:
        table="results/theory/{budget}/{experiment}.parquet",
        record="results/theory/{budget}/{experiment}.json",
    log:
        "logs/theory/{budget}/{experiment}.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=experiments.mebibytes,
        runtime=experiments.minutes,
    params:
        runs=experiments.runs,
        sources=experiments.sources,
        native=plan.configuration.native,
    script:
        "../scripts/theory.py"


rule theory_data:
    input:
        table=experiments.table,
        record=experiments.record,
    output:
        table=f"{REPORTS}/{{paper}}/data/theory_{{experiment}}.parquet",
        record=f"{REPORTS}/{{paper}}/data/theory_{{experiment}}.json",
    log:
        "logs/{paper}/theory_{experiment}.log",
    conda:
        "../../environment.yml"
    script:
        "../scripts/theory_data.py"
