"""chung2021: MAP Propagation Algorithm: Faster Learning with a Team of Reinforcement Learning Agents (NeurIPS 2021).

Only what the workflow must know before anything is computed: which figures (functions of `figures.py`) and which
tables (functions of `tables.py`) the report has. Nothing heavy is imported here.
"""

FIGURES = (
    *("figure_1", "figure_2", "across_tasks", "survival", "figure_4", "figure_5"),
    *(
        "ablation_steps",
        "ablation_curves",
        "follow_ups",
        "follow_ups_reinforce",
        "theory_alignment",
        "theory_unbiasedness",
        "theory_variance",
    ),
)
TABLES = (
    *("verdicts", "verdict_summary", "table_1", "orderings", "first_perfect", "solved", "goal", "single_step"),
    *("differences", "ablations", "alignment_by_steps", "bias_by_rule", "variance_by_layer"),
    *("searches", "hyperparameters", "runs"),
)

WINDOWS = {"episodic": 100, "single_step": 10}
"""Trailing window of the running means: episodes (Figures 2 and 4) and updates (Figure 1)."""
CHECKPOINTS = (5_000, 10_000)
"""Updates at which single-step rewards are read off, beside the last one."""
OWN_VARIANTS = ("chung2021", "chung2021-supervised")
"""What the paper itself ran; its figures and tables show nothing else."""
STEPS = "Steps of the ascent"
ABLATIONS = {
    STEPS: ("steps",),
    "Order of the ascent": ("sequential",),
    "Feedback weights": ("random-feedback",),
    "Adam's bias correction": ("bias-correction",),
    "Slip of a sign in MountainCar": ("unslipped",),
    "Variance of the output in MountainCar": ("larger-variance",),
    "Annealing": ("constant-rates",),
    "Activation function of backprop": ("relu",),
}
FOLLOW_UPS = {
    "Settings as printed": ("printed",),
    "The baselines at MAP propagation's rates": ("map-rates",),
    "The baselines at lower rates": ("slow", "still"),
    "Time limits": ("terminal-limit",),
    "Version of LunarLander": ("gymnasium",),
    "Chance of exploring": ("eighth",),
    "Draw of the target network": ("target",),
}
EXPERIMENTS = {**ABLATIONS, **FOLLOW_UPS}
"""Groups of the other variants, and how their names go on after that of the variant they depart from and a hyphen."""
METHODS = ("map_propagation", "reinforce", "reinforce_thomas", "backprop_traces")
"""In the order of Table 1 and of every legend."""
SINGLE_STEP = {"Multiplexer-v0": "Multiplexer", "ScalarRegression-v0": "Scalar regression"}
"""The paper's names of its tasks, in its order."""
EPISODIC = {
    "Acrobot-v1": "Acrobot",
    "CartPole-v1": "CartPole",
    "LunarLander-v2": "LunarLander",
    "MountainCarContinuous-v0": "MountainCar",
}
TASKS = {**SINGLE_STEP, **EPISODIC}
ANCHORS = {
    "Acrobot-v1": (-500.0, -120.0),
    "CartPole-v1": (20.0, 500.0),
    "LunarLander-v2": (-180.0, 200.0),
    "MountainCarContinuous-v0": (-33.0, 90.0),
}
"""Returns scored 0 and 1 where tasks are taken together: what uniformly drawn actions give, rounded, and what solves the task."""
THRESHOLDS = {"Acrobot-v1": -120.0, "CartPole-v1": 500.0, "LunarLander-v2": 200.0, "MountainCarContinuous-v0": 90.0}
"""Return of a perfect score, and mean over 100 episodes that solves the task: the paper states one number for both."""
MEASURED: dict[tuple[str, str, str], object] = {}
LOOKS: dict[tuple[str, str], tuple[str, str]] = {}
VERDICT_SCALE = "extended"
MAIN_FIGURE = "figure_2"
CHOICES = ("printed", "released", "here")
"""What choices.yaml says of each point, as the report shows it."""
