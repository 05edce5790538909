"""kungl2021: Deep reinforcement learning for time-continuous substrates (a poster at the NICE conference, 2021).

Only what the workflow must know before anything is computed: which figures (functions of `figures.py`) and which
tables (functions of `tables.py`) the report has. Nothing heavy is imported here.
"""

FIGURES = (
    *("accuracy", "angle_by_depth", "angle_by_presentation", "bandit_blocks", "bandit_delayed", "hill_climbing", "residual"),
    *("returns", "rewards", "conditions", "mountain_car"),
)
TABLES = (
    *("verdicts", "verdict_summary", "accuracies", "cosines", "presentations", "bandits", "climbing", "residuals"),
    *("last_quarter", "orderings", "differences", "ablations", "hyperparameters", "runs"),
)

WINDOWS = {"episodic": 20, "single_step": 50}
"""Trailing window of the running means; the poster shows no such curve."""
CHECKPOINTS = ()
"""The poster has no single-step task of the suite."""
STANDARD = "kungl2021"
SUPERVISED = "kungl2021-supervised"
OWN_VARIANTS = (STANDARD, SUPERVISED)
"""The methods as the suite compares them; the poster names none of its tasks."""
QUIET, NOISE_ONLY = "kungl2021-quiet", "kungl2021-noise-only"
FROZEN, NO_TRACE = "kungl2021-frozen-hidden", "kungl2021-no-trace"
FEEDBACK = ("kungl2021-random-feedback", "kungl2021-learned-feedback")
EXPERIMENTS = {
    "What the noise earns": ("quiet", "noise-only"),
    "A hidden layer that does not learn": ("frozen-hidden",),
    "No trace": ("no-trace",),
    "Feedback weights": ("random-feedback", "learned-feedback"),
}
"""Groups of the other variants, and how their names go on after that of the variant they depart from and a hyphen."""
METHODS = ("least_action", "least_action_critic")
"""In the order of every legend."""
SINGLE_STEP = {"Multiplexer-v0": "Multiplexer", "ScalarRegression-v0": "Scalar regression"}
EPISODIC = {
    "CartPole-v1": "CartPole",
    "Acrobot-v1": "Acrobot",
    "LunarLander-v2": "LunarLander",
    "MountainCarContinuous-v0": "MountainCar",
}
"""Names of the suite's tasks, in its order."""
TASKS = {**SINGLE_STEP, **EPISODIC}
THRESHOLDS: dict[str, float] = {}
"""It counts no task as solved."""
LOOKS = {
    (METHODS[0], STANDARD): ("#0072B2", "-"),
    (METHODS[0], SUPERVISED): ("#009E73", "-."),
    (METHODS[0], FROZEN): ("#666666", ":"),
    (METHODS[0], NO_TRACE): ("#E69F00", ":"),
    (METHODS[0], FEEDBACK[0]): ("#CC79A7", "--"),
    (METHODS[0], FEEDBACK[1]): ("#56B4E9", "-."),
    (METHODS[1], STANDARD): ("#D55E00", "--"),
    (METHODS[1], QUIET): ("#009E73", "-"),
    (METHODS[1], NOISE_ONLY): ("#666666", ":"),
    (METHODS[1], FROZEN): ("#999999", ":"),
    (METHODS[1], FEEDBACK[0]): ("#CC79A7", "-."),
    (METHODS[1], FEEDBACK[1]): ("#56B4E9", ":"),
}
"""Colour and line of everything that is run."""
TWIN = {1: -0.07, 2: 0.64, 3: 0.96, 4: 0.99, 5: 0.98, 20: 1.0}
"""Mean reward of the released rate-free twin by block of 150 trials (docs/kungl2021.md#the-rate-free-twin)."""
VERDICT_SCALE = "paper"
MAIN_FIGURE = "returns"
"""Curves of both methods on the tasks with episodes."""
CHOICES = ("printed", "released", "here")
"""What choices.yaml says of each point, as the report shows it."""
