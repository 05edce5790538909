localrules:
    theory_data,


rule theory:
    input:
        policies=inputs.theory_policies,
        sources=inputs.theory_sources,
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
        runs=inputs.theory_runs,
    script:
        "../scripts/theory.py"


rule theory_data:
    input:
        inputs.theory_table,
    output:
        f"{REPORTS}/{{paper}}/data/theory_{{experiment}}.parquet",
    log:
        "logs/{paper}/theory_{experiment}.log",
    conda:
        "../../environment.yml"
    shell:
        "cp {input} {output} 2> {log}"
