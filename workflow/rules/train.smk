# Snakemake compares parameters by value: an edit of the sources is one whatever the files' dates say, and undone it is none.
rule train:
    output:
        episodes="results/{budget}/{task}/{method}/{variant}/{block}/episodes.parquet",
        policy="results/{budget}/{task}/{method}/{variant}/{block}/policy.npz",
        run="results/{budget}/{task}/{method}/{variant}/{block}/run.json",
    log:
        "logs/train/{budget}/{task}/{method}/{variant}/{block}.log",
    priority: trainings.priority
    group:
        trainings.pack
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=trainings.mebibytes,
        runtime=trainings.minutes,
    params:
        settings=trainings.settings,
        sources=trainings.sources,
    script:
        "../scripts/train.py"
