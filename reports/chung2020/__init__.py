"""chung2020: An Alternative to Backpropagation in Deep Reinforcement Learning (arXiv 2010.07893, first version).

Only what the workflow must know before anything is computed: which figures (functions of `figures.py`) and which
tables (functions of `tables.py`) the report has. Nothing heavy is imported here.
"""

FIGURES = ("figure_1", "figure_2", "survival", "entropy")
TABLES = (
    *("verdicts", "verdict_summary", "table_1", "orderings", "first_perfect", "solved", "single_step"),
    *("differences", "ablations", "searches", "hyperparameters", "runs"),
)

WINDOWS = {"episodic": 100, "single_step": 10}
"""Trailing window of the running means: episodes (Figure 2) and updates (Figure 1)."""
CHECKPOINTS = (1_000, 5_000)
"""Updates at which single-step rewards are read off, beside the last one."""
PRINTED_VARIANTS = ("chung2020", "chung2020-supervised")
"""What the paper's own figures and its table show."""
OWN_VARIANTS = (*PRINTED_VARIANTS, "chung2020-no-entropy")
"""These, and what its text says that it tried."""
EXPERIMENTS = {
    "Stochastic hidden units of the baseline": ("stochastic-units",),
    "Monte Carlo in place of the mean": ("monte-carlo",),
    "The draft's settings": ("draft",),
    "Weight of the entropy": ("light-entropy",),
    "The baseline at MAP propagation's rates": ("map-rates",),
}
"""Groups of the other variants, and how their names go on after that of the variant they depart from and a hyphen."""
METHODS = ("map_propagation", "backprop_traces", "reinforce")
"""In the order of every legend."""
SINGLE_STEP = {"Multiplexer-v0": "Multiplexer", "ScalarRegression-v0": "Scalar regression"}
"""The paper's names of its tasks, in its order."""
EPISODIC = {"CartPole-v1": "CartPole", "LunarLander-v2": "LunarLander"}
TASKS = {**SINGLE_STEP, **EPISODIC}
THRESHOLDS = {"CartPole-v1": 500.0, "LunarLander-v2": 200.0}
"""Return of a perfect score, and mean over 100 episodes that solves the task: the paper states one number for both."""
MEASURED: dict[tuple[str, str, str], object] = {}
LOOKS: dict[tuple[str, str], tuple[str, str]] = {}
VERDICT_SCALE = "extended"
MAIN_FIGURE = "figure_2"
CHOICES = ("printed", "source", "here")
"""What choices.yaml says of each point, as the report shows it."""
