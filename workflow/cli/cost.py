"""`python -m workflow cost`: what the trainings of a configuration take."""

from __future__ import annotations

import argparse

from records.sources import ROOT
from workflow.cli.values import add_config, pairs
from workflow.jobs.resources import Estimates, measurements, table
from workflow.plan.plan import make_plan

HELP = "what the trainings of a configuration take: jobs, files, core hours"
add_arguments = add_config


def command(options: argparse.Namespace) -> int:
    """Print the table of costs."""
    plan = make_plan(ROOT, pairs(options.config, "--config", "seeds=100"))
    print(table(plan, Estimates(measurements(ROOT))))
    return 0
