"""A paper as small as one can be: the template of a new one, with one rule on one task."""

from __future__ import annotations

from pathlib import Path

from workflow.cli.new import write_new

NAME = "tiny2099"
"""It must not be the name of a paper that there is."""

<<<<<<< ours
_FILES = {
    "__init__.py": '''
"""tiny2099: a paper of one run."""

FIGURES = ("curve",)
TABLES = ("verdicts", "verdict_summary", "single_step", "differences", "searches", "hyperparameters", "runs")
WINDOWS = {"episodic": 1, "single_step": 5}
CHECKPOINTS = (20,)
METHODS = ("reinforce",)
OWN_VARIANTS = ("tiny2099",)
EXPERIMENTS = {}
SINGLE_STEP = {"Multiplexer-v0": "Small multiplexer"}
EPISODIC = {}
TASKS = {**SINGLE_STEP, **EPISODIC}
THRESHOLDS = {}
MEASURED = {}
LOOKS = {("reinforce", "tiny2099"): ("#123456", "-")}
VERDICT_SCALE = "paper"
MAIN_FIGURE = "curve"
CHOICES = ("here",)
''',
    "figures.py": '''
"""The figure of tiny2099."""

from matplotlib.figure import Figure

from reports.figures.layouts import single_step_rewards
from reports.runs.load import ReportData
from reports.tiny2099 import METHODS, SINGLE_STEP, WINDOWS


def curve(data: ReportData) -> Figure:
    """Reward by update."""
    return single_step_rewards(data, SINGLE_STEP, METHODS, WINDOWS["single_step"])
''',
    "tables.py": '"""tiny2099 has no tables of its own."""\n',
    "facts.py": '''
"""The single numbers of the report on tiny2099."""

from reports.claims.read import read_claims
from reports.tables.facts import common_facts
from reports.tables.searches import resting_on_searches


def facts(data, tables, scale):
    """Numbers by name."""
    searched = resting_on_searches(read_claims("tiny2099"), tables["searches"])
    return common_facts("tiny2099", data, tables, scale) | {"searched": searched}
''',
    "runs.yaml": """
title: A paper of one run
seeds: 2
methods:
  reinforce: {label: REINFORCE}
tasks:
  Multiplexer-v0:
    updates: 40
    batch_size: 4
    options: {address_bits: 1}
    hyperparameters: {hidden_sizes: [4], actor_variances: [0.3, 0.3], actor_learning_rates: [0.1, 0.1]}
runs:
  - {tasks: [Multiplexer-v0], methods: [reinforce]}
""",
    "claims.yaml": """
claims:
  - {kind: value, id: reward, text: Half of the answers are right, artefact: Figure 1, page: 1, shown: single_step,
     task: Multiplexer-v0, method: reinforce, variant: tiny2099, n: 2, quantity: mean_return, value: 0, margin: 5}
""",
    "choices.yaml": "- {topic: The number of updates, here: So few that a test can wait for them.}\n",
    "report.typ": """
#import "template.typ": *
#import "results.typ": *
#import "experiments.typ": *
#import "record.typ": *

#let facts = json("facts.json")
#let provenance = json("provenance.json")
#let enabled = sys.inputs.at("watermark", default: "") == ""

#show: report.with(title: [A paper of one run], running: [A paper of one run])

#verdict-counts(facts)
#verdict-summary(facts)
#verdict-table(rows("verdicts"), facts, enabled)
#differing-section(facts)
#environments-table(facts)
#picture("curve", provenance)[Reward by update.]
#single-step-table(facts, enabled)[Rewards.]
#choices-table(yaml("choices.yaml"), (here: ([Here], 1fr)), [Choices.])
#search-section(facts, [None.])
#provenance-section(provenance, facts)
""",
}

=======
>>>>>>> theirs

def write_paper(root: Path) -> Path:
    """Add the paper to a copy of the repository; returns its folder."""
    write_new("paper", NAME, root)
    return root / "reports" / NAME
