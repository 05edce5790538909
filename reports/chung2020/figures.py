"""The figures of chung2020, under the paper's numbers, and two that it does not have."""

from __future__ import annotations

from dataclasses import replace

from matplotlib.figure import Figure

from reports.chung2020 import EPISODIC, METHODS, OWN_VARIANTS, PRINTED_VARIANTS, SINGLE_STEP, WINDOWS
from reports.figures.layouts import returns, single_step_rewards, survival_by_task
from reports.runs.load import ReportData
from reports.runs.variants import own_runs


def figure_1(data: ReportData) -> Figure:
    """Multiplexer and scalar regression: reward, running mean over 10 updates, mean ± SD over the runs."""
    return single_step_rewards(own_runs(data, PRINTED_VARIANTS), SINGLE_STEP, METHODS, WINDOWS["single_step"])


def figure_2(data: ReportData) -> Figure:
    """CartPole and LunarLander: return, running mean over 100 episodes, mean ± SD over the runs, as far as all of them go."""
    return returns(own_runs(data, PRINTED_VARIANTS), EPISODIC, METHODS, WINDOWS["episodic"], "sd")


def survival(data: ReportData) -> Figure:
    """Share of runs without a perfect score (top) and without having solved the task (bottom), by episode."""
    return survival_by_task(own_runs(data, OWN_VARIANTS), EPISODIC, METHODS)


def entropy(data: ReportData) -> Figure:
    """The baseline with and without entropy regularisation: return as in Figure 2."""
    own = own_runs(data, OWN_VARIANTS)
    baseline = replace(own, curves=own.curves[own.curves["method"] == "backprop_traces"])
    return returns(baseline, EPISODIC, METHODS, WINDOWS["episodic"], "sd")
