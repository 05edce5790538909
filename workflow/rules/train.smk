rule train:
    input:
        inputs.training_stamp,
    output:
        episodes="results/{budget}/{task}/{method}/{variant}/{block}/episodes.parquet",
        policy="results/{budget}/{task}/{method}/{variant}/{block}/policy.npz",
        run="results/{budget}/{task}/{method}/{variant}/{block}/run.json",
    log:
        "logs/train/{budget}/{task}/{method}/{variant}/{block}.log",
    priority: inputs.priority
    group:
        inputs.pack
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=inputs.mebibytes,
        runtime=inputs.minutes,
    params:
        settings=inputs.settings,
    script:
        "../scripts/train.py"
