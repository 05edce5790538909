localrules:
    theory_data,


rule theory:
    input:
        policies=experiments.policies,
        sources=experiments.sources,
    output:
        "results/theory/{budget}/{experiment}.parquet",
    log:
        "logs/theory/{budget}/{experiment}.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        runs=experiments.runs,
    script:
        "../scripts/theory.py"


rule theory_data:
    input:
        experiments.table,
    output:
        f"{REPORTS}/{{paper}}/data/theory_{{experiment}}.parquet",
    log:
        "logs/{paper}/theory_{experiment}.log",
    conda:
        "../../environment.yml"
    shell:
        "cp {input} {output} 2> {log}"
