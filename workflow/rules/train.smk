rule train:
    input:
        inputs.training_sources,
    output:
        episodes="results/{budget}/{task}/{method}/{variant}/{block}/episodes.parquet",
        policy="results/{budget}/{task}/{method}/{variant}/{block}/policy.npz",
        run="results/{budget}/{task}/{method}/{variant}/{block}/run.json",
    log:
        "logs/train/{budget}/{task}/{method}/{variant}/{block}.log",
    params:
        settings=inputs.settings,
    priority: inputs.priority
    threads: 1
    resources:
        mem_mb=1500,
    conda:
        "../../environment.yml"
    script:
        "../scripts/train.py"
