rule summarise:
    input:
        logs=inputs.logs,
        records=inputs.records,
        sources=inputs.summary_sources,
    output:
        inputs.data_files(),
    log:
        "logs/{paper}/summarise.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=inputs.summary_mebibytes,
        runtime=inputs.summary_minutes,
    params:
        seeds=inputs.seeds,
        allow_partial=inputs.plan.configuration.allow_partial,
    script:
        "../scripts/summarise.py"


# On a cluster all that a paper's report is made of goes together as one job. Its summary does not: Snakemake would count the inputs of
# a whole group, which are all trainings, anew after every training.
rule figure:
    input:
        data=inputs.data_files(),
        theory=experiments.data_files,
        sources=inputs.figure_sources,
    output:
        svg=f"{REPORTS}/{{paper}}/figures/{{figure}}.svg",
        png=report(
            f"{REPORTS}/{{paper}}/figures/{{figure}}.png",
            caption="../report/figure.rst",
            category="{paper}",
            subcategory="Figures",
            labels={"figure": "{figure}"},
        ),
    log:
        "logs/{paper}/figures/{figure}.log",
    group:
        "report_of_{paper}"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=inputs.shown_mebibytes,
    script:
        "../scripts/figure.py"


rule tables:
    input:
        data=inputs.data_files(),
        theory=experiments.data_files,
        sources=inputs.table_sources,
    output:
        report(
            directory(f"{REPORTS}/{{paper}}/tables"),
            patterns=["{table}.csv"],
            caption="../report/table.rst",
            category="{paper}",
            subcategory="Tables",
            labels={"table": "{table}"},
        ),
    log:
        "logs/{paper}/tables.log",
    group:
        "report_of_{paper}"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=inputs.shown_mebibytes,
    params:
        scale=inputs.plan.configuration.scale,
    script:
        "../scripts/tables.py"


rule provenance:
    input:
        data=inputs.data_files(),
        theory=experiments.data_files,
        tables=f"{REPORTS}/{{paper}}/tables",
        figures=inputs.pictures,
        sources=inputs.figure_sources,
    output:
        f"{REPORTS}/{{paper}}/provenance.json",
    log:
        "logs/{paper}/provenance.log",
    group:
        "report_of_{paper}"
    conda:
        "../../environment.yml"
    params:
        commit=inputs.commit,
    script:
        "../scripts/provenance.py"


rule report:
    input:
        figures=inputs.figures,
        tables=f"{REPORTS}/{{paper}}/tables",
        provenance=f"{REPORTS}/{{paper}}/provenance.json",
        texts=inputs.report_texts,
        sources=inputs.summary_sources,
    output:
        report(
            f"{REPORTS}/{{paper}}.pdf",
            caption="../report/report.rst",
            category="{paper}",
            labels={"report": "{paper}"},
        ),
    log:
        "logs/{paper}/report.log",
    group:
        "report_of_{paper}"
    conda:
        "../../environment.yml"
    params:
        scale=inputs.plan.configuration.scale,
    script:
        "../scripts/report.py"
