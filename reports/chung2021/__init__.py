"""chung2021: MAP Propagation Algorithm: Faster Learning with a Team of Reinforcement Learning Agents (NeurIPS 2021).

Only what the workflow must know before anything is computed: which figures (functions of `figures.py`) and which
tables (functions of `tables.py`) the report has. Nothing heavy is imported here.
"""

FIGURES = ("figure_1", "figure_2", "survival", "figure_4", "figure_5")
TABLES = ("table_1", "orderings", "first_perfect", "solved", "goal", "single_step", "hyperparameters", "runs")

WINDOWS = {"episodic": 100, "single_step": 10}
"""Trailing window of the running means: episodes (Figures 2 and 4) and updates (Figure 1)."""
CHECKPOINTS = (5_000, 10_000)
"""Updates at which single-step rewards are read off, beside the last one."""
METHODS = ("map_propagation", "reinforce", "reinforce_thomas", "backprop_traces")
"""In the order of Table 1 and of every legend."""
TASKS = {
    "Multiplexer-v0": "Multiplexer",
    "ScalarRegression-v0": "Scalar regression",
    "Acrobot-v1": "Acrobot",
    "CartPole-v1": "CartPole",
    "LunarLander-v2": "LunarLander",
    "MountainCarContinuous-v0": "MountainCar",
}
"""The paper's names, in its order."""
