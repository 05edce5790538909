rule summarise:
    input:
        logs=reports.logs,
        records=reports.records,
    output:
        reports.data_files(),
    log:
        "logs/{paper}/summarise.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=reports.summary_mebibytes,
        runtime=reports.summary_minutes,
    params:
        sources=reports.summary_sources,
        seeds=reports.seeds,
        origins=reports.origins,
        allow_partial=plan.configuration.allow_partial,
    script:
        "../scripts/summarise.py"


# On a cluster all that a paper's report is made of goes together as one job. Its summary does not: Snakemake would count the inputs of
# a whole group, which are all trainings, anew after every training.
rule figure:
    input:
        data=reports.data_files(),
        theory=experiments.data_files,
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
        mem_mb=reports.shown_mebibytes,
    params:
        sources=reports.figure_sources,
    script:
        "../scripts/figure.py"


rule tables:
    input:
        data=reports.data_files(),
        theory=experiments.data_files,
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
        mem_mb=reports.shown_mebibytes,
    params:
        sources=reports.table_sources,
        scale=plan.configuration.scale,
    script:
        "../scripts/tables.py"


rule provenance:
    input:
        data=reports.data_files(),
        theory=experiments.data_files,
        tables=f"{REPORTS}/{{paper}}/tables",
        figures=reports.pictures,
    output:
        f"{REPORTS}/{{paper}}/provenance.json",
    log:
        "logs/{paper}/provenance.log",
    group:
        "report_of_{paper}"
    conda:
        "../../environment.yml"
    params:
        sources=reports.figure_sources,
        commit=reports.commit,
    script:
        "../scripts/provenance.py"


rule report:
    input:
        figures=reports.figures,
        tables=f"{REPORTS}/{{paper}}/tables",
        provenance=f"{REPORTS}/{{paper}}/provenance.json",
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
        sources=reports.report_sources,
        scale=plan.configuration.scale,
    script:
        "../scripts/report.py"


rule film:
    input:
        data=reports.data_files(),
        policies=reports.policies,
    output:
        f"{REPORTS}/{{paper}}/films/{{task}}/{{method}}/{{variant}}.json",
    log:
        "logs/{paper}/films/{task}/{method}/{variant}.log",
    group:
        "report_of_{paper}"
    conda:
        "../../environment.yml"
    threads: 1
    params:
        sources=reports.film_sources,
        most_bytes=reports.film_bytes,
    script:
        "../scripts/film.py"


rule page:
    input:
        data=reports.data_files(),
        tables=f"{REPORTS}/{{paper}}/tables",
        films=reports.films,
    output:
        report(
            f"{REPORTS}/{{paper}}.html",
            caption="../report/page.rst",
            category="{paper}",
            labels={"page": "{paper}"},
        ),
    log:
        "logs/{paper}/page.log",
    group:
        "report_of_{paper}"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=reports.shown_mebibytes,
    params:
        sources=reports.page_sources,
    script:
        "../scripts/page.py"
